"""The two commands on both databases: what is counted, written, kept, and never half done."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from matchmaker import journal
from matchmaker.database import Database
from matchmaker.register import directory
from matchmaker.register.commands import import_etablissements, import_finess
from matchmaker.register.tables import Etablissement, Import, ImportRefusal, Organisme
from tests.matchmaker.geocoding.ban import Ban, feature, serving
from tests.matchmaker.register.writing import (
    ELDERLY_CARE,
    FINESS_PLUS,
    HISTORICAL,
    ege,
    historical,
    oracle,
    pmej,
    point,
    structure,
)

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call a command as a user would, on the test's database; fails on a traceback."""
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", database_url)
    monkeypatch.delenv("MATCHMAKER_GEOCODER", raising=False)

    def call(path: Path, *options: str, command: str = "finess") -> Result:
        target = import_finess if command == "finess" else import_etablissements
        result = CliRunner().invoke(target, [str(path), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def _rows(database: Database) -> dict[str, Etablissement]:
    with database.reading() as session:
        rows = {row.finess_et: row for row in session.scalars(select(Etablissement))}
        session.expunge_all()  # the end of the session would empty them
        return rows


def _last(database: Database) -> Import:
    with database.reading() as session:
        last = directory.imports(session)[0]
        session.expunge_all()
        return last


def _counts(database: Database) -> tuple[int, int, int, int]:
    last = _last(database)
    return last.added, last.changed, last.unchanged, last.refused


def _size(database: Database) -> list[int]:
    with database.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Etablissement, Organisme, Import, ImportRefusal)
        ]


def test_a_dry_run_counts_and_writes_nothing(run: Run, database: Database) -> None:
    result = run(HISTORICAL, "--dry-run")
    assert result.exit_code == 0
    assert "Essai à blanc, rien n'est écrit" in result.stdout
    assert "570 ajoutés" in result.stdout
    assert _size(database) == [0, 0, 0, 0]


def test_an_import_then_the_same_one(run: Run, database: Database) -> None:
    assert run(HISTORICAL).exit_code == 0
    assert _counts(database) == (570, 0, 0, 0)
    before = {number: (row.import_id, row.lat, row.name) for number, row in _rows(database).items()}
    assert "570 inchangés" in run(HISTORICAL, "--dry-run").stdout
    run(HISTORICAL)
    assert _counts(database) == (0, 0, 570, 0)
    assert {number: (row.import_id, row.lat, row.name) for number, row in _rows(database).items()} == before
    last = _last(database)
    assert (last.source, last.layout, last.snapshot_date) == ("finess", "cs1100507", dt.date(2026, 8, 13))
    assert last.file_name == HISTORICAL.name
    assert len(last.sha256) == 64
    with database.reading() as session:
        acts, _ = journal.entries(session)
    assert [(act.action, act.label) for act in acts] == [("registre.importer", HISTORICAL.name)] * 2


def test_the_three_real_sources_one_after_the_other(run: Run, database: Database) -> None:
    with gzip.open(ELDERLY_CARE, "rt", encoding="utf-8", newline="") as file:
        listed = {
            row["finess_et"] for row in csv.DictReader(file) if row["categorie_deduite"] not in ("", "362")
        }
    shared = len(listed & oracle().keys())
    assert shared > 50
    run(ELDERLY_CARE, command="list")
    assert _counts(database) == (10_282, 0, 0, 20)
    run(FINESS_PLUS)
    added, changed, unchanged, _ = _counts(database)
    assert added + changed == 570
    assert (changed, unchanged) == (shared, 0)  # known from the list, now with their FINESS juridique
    rows = _rows(database)
    with database.reading() as session:
        croix_rouge = session.scalars(select(Organisme).where(Organisme.finess_ej == "750721334")).one()
        assert directory.esms_totals(session, [croix_rouge.id])[croix_rouge.id] == directory.EsmsTotal(
            441, False
        )
        assert not croix_rouge.provisional
        regions = {r.region: r for r in directory.region_counts(session)}
    assert len(rows) == 10_282 + 570 - shared
    closed = [number for number, row in rows.items() if row.closed_on]
    assert len(closed) == 1  # the list still held one that FINESS says is closed
    assert sum(r.total for r in regions.values()) == len(rows) - len(closed)
    assert set(regions) == {row.region for row in rows.values()}
    run(ELDERLY_CARE, command="list")
    assert _last(database).kept == shared + len(closed)  # FINESS prevails
    assert _counts(database)[:3] == (0, 0, 10_282 - shared - len(closed))


def test_a_surveyed_position_survives_a_source_without_any(
    run: Run, database: Database, tmp_path: Path
) -> None:
    run(_short_list(tmp_path), command="list")
    known = _rows(database)["010002228"]
    line = structure("010002228", commune=known.commune[2:])
    run(historical(tmp_path / "f.csv", line))
    after = _rows(database)["010002228"]
    assert after.source == "finess"
    assert (after.lat, after.lon, after.position_origin) == (known.lat, known.lon, "surveyed")
    assert after.capacity == known.capacity == 60
    run(tmp_path / "f.csv")
    assert _counts(database) == (0, 0, 1, 0)


def _short_list(folder: Path) -> Path:
    """The first 300 establishments of the real list."""
    lines = gzip.decompress(ELDERLY_CARE.read_bytes()).decode("utf-8").splitlines(keepends=True)
    path = folder / "liste-2025-07-01.csv"
    path.write_text("".join(lines[:301]), encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return historical(tmp_path / "small.csv", structure(), structure("010000002"), point())


def test_what_changed_is_changed(run: Run, database: Database, small: Path, tmp_path: Path) -> None:
    run(small)
    later = historical(
        tmp_path / "later.csv",
        structure(rs="EHPAD RENOMMÉ", nofinessej="010000888"),
        structure("010000002"),
        structure("010000003"),
        point(),
        head="finess;etalab;98;2026-02-28",
    )
    assert "1 ajoutés" in run(later, "--dry-run").stdout
    run(later)
    assert _counts(database) == (1, 1, 1, 0)
    row = _rows(database)["010000001"]
    assert row.name == "EHPAD RENOMMÉ"
    with database.reading() as session:
        organisme = session.get_one(Organisme, row.organisme_id)
        assert (organisme.finess_ej, organisme.name) == ("010000888", "Organisme 010000888")
    # seen again unchanged: the day follows
    assert _rows(database)["010000002"].snapshot_date == dt.date(2026, 2, 28)


def test_an_older_file_never_undoes_a_newer_one(
    run: Run, database: Database, small: Path, tmp_path: Path
) -> None:
    run(small)
    older = historical(
        tmp_path / "older.csv", structure(rs="ANCIEN NOM"), point(), head="finess;etalab;98;2022-01-03"
    )
    run(older)
    assert _last(database).kept == 1
    assert _rows(database)["010000001"].name == "EHPAD LES LILAS"
    assert _rows(database)["010000001"].snapshot_date == dt.date(2026, 1, 31)


def test_names_of_organismes_come_from_their_own_file(
    run: Run, database: Database, small: Path, tmp_path: Path
) -> None:
    run(small)
    organismes = historical(
        tmp_path / "ej.csv", "structureej;010000999;ASSO LILAS;ASSOCIATION DES LILAS" + ";" * 19
    )
    run(small, "--organismes", str(organismes))
    with database.reading() as session:
        assert session.scalars(select(Organisme.name)).all() == ["ASSOCIATION DES LILAS"]
    run(small)  # a file without names does not take it away
    with database.reading() as session:
        assert session.scalars(select(Organisme.name)).all() == ["ASSOCIATION DES LILAS"]


def test_closed_establishments_are_left_out_or_closed(run: Run, database: Database, tmp_path: Path) -> None:
    def flow(name: str, day: str, *members: object) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"generatedAt": f"{day}T00:00:00Z", "pmej": [pmej(*members)]}), "utf-8")
        return path

    closed = ege("010000002", etatObjet="I")
    closed["informationsGeneralesEGE"]["dateFermeture"] = "2025-12-31"
    run(flow("a.json", "2026-01-01", ege("010000001"), closed))
    assert list(_rows(database)) == ["010000001"]
    now_closed = ege("010000001", etatObjet="I")
    now_closed["informationsGeneralesEGE"]["dateFermeture"] = "2026-01-15"
    run(flow("b.json", "2026-02-01", now_closed))
    assert _rows(database)["010000001"].closed_on == dt.date(2026, 1, 15)
    with database.reading() as session:
        assert directory.region_counts(session) == []
    run(flow("c.json", "2026-03-01", ege("010000001")))  # open again
    assert _rows(database)["010000001"].closed_on is None
    assert _counts(database) == (0, 1, 0, 0)


def test_a_complete_file_closes_what_it_no_longer_holds(
    run: Run, database: Database, small: Path, tmp_path: Path
) -> None:
    run(small)
    run(_short_list(tmp_path), command="list")
    rest = historical(tmp_path / "rest.csv", structure("010000002"), head="finess;etalab;98;2026-03-01")
    run(rest)
    assert _rows(database)["010000001"].closed_on is None  # a file may be partial
    assert "1 absents" in run(rest, "--complete", "--dry-run").stdout
    run(rest, "--complete")
    closed = {number: row.closed_on for number, row in _rows(database).items() if row.closed_on}
    assert closed == {"010000001": dt.date(2026, 3, 1)}  # and nothing of the other list
    run(rest, "--complete")
    assert _last(database).absent == 0


def test_a_position_far_from_its_commune_gives_way_and_says_so(
    run: Run, database: Database, tmp_path: Path
) -> None:
    path = historical(tmp_path / "f.csv", structure(), point(x="655000", y="6861000"))  # Paris
    result = run(path)
    row = _rows(database)["010000001"]
    assert (row.position_origin, round(row.lat, 1), round(row.lon, 1)) == ("commune", 46.2, 5.2)
    assert "de Bourg-en-Bresse : centre de la commune retenu" in row.position_note
    assert "dont 1 invraisemblables" in result.stdout
    run(path)
    assert _counts(database) == (0, 0, 1, 0)


def test_a_drawn_establishment_is_never_touched(run: Run, database: Database, small: Path) -> None:
    run(small)
    with database.writing() as session:
        row = session.get_one(Etablissement, "010000001")
        row.fictitious, row.name, row.snapshot_date, row.import_id = True, "Fictif", None, None
    run(small)
    assert _rows(database)["010000001"].name == "Fictif"
    assert _last(database).kept == 1


def test_refusals_are_kept_shown_and_written(run: Run, database: Database, tmp_path: Path) -> None:
    path = historical(
        tmp_path / "f.csv", structure(), structure(), "=cmd|calc", structure("010000003", categetab="ABC")
    )
    report = tmp_path / "rapport.csv"
    result = run(path, "--report", str(report))
    assert result.exit_code == 0
    assert _counts(database) == (1, 0, 0, 3)
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0] == ["emplacement", "champ", "valeur", "attendu"]
    assert [row[:3] for row in rows[1:]] == [
        ["ligne 3", "finess", "010000001"],
        ["ligne 4", "section", "'=cmd|calc"],
        ["ligne 5", "categetab", "ABC"],
    ]
    with database.reading() as session:
        kept = directory.refusals(session, directory.imports(session)[0].id)
        stored = [(r.place, r.value) for r in kept]
    assert stored == [
        ("ligne 3", "010000001"),
        ("ligne 4", "=cmd|calc"),
        ("ligne 5", "ABC"),
    ]
    shown = run(path)
    assert "ligne 5, categetab : « ABC » ; attendu :" in shown.stderr
    dry = tmp_path / "essai.csv"
    run(path, "--dry-run", "--report", str(dry))
    assert dry.read_bytes() == report.read_bytes()


def _broken_files(folder: Path) -> Iterator[tuple[Path, str]]:
    whole = FINESS_PLUS.read_bytes()
    text = gzip.decompress(whole)
    for name, content, message in (
        ("tronque.json.gz", whole[:-20_000], "tronqué"),
        ("tronque.json", text[: len(text) * 9 // 10], "mal formé ou tronqué"),
        ("queue.json", text.rstrip()[:-1], "mal formé ou tronqué"),
        ("image.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "binaire"),
        ("vide.csv", b"", "vide"),
        ("blanc.csv", b"\n \n", "vide"),
        ("page.html", b"<html><body>404</body></html>", "ni un CSV FINESS"),
        ("sans.csv", b"finess;etalab;98;2026-01-01\n", "aucune ligne"),
    ):
        (folder / name).write_bytes(content)
        yield folder / name, message


def test_a_broken_file_leaves_the_register_as_it_was(
    run: Run, database: Database, small: Path, tmp_path: Path
) -> None:
    run(small)
    before = _size(database)
    for path, message in _broken_files(tmp_path):
        result = run(path)
        assert result.exit_code == 1, path.name
        assert message in result.stderr, path.name
        assert "Rien n'a été importé." in result.stderr
        assert _size(database) == before, path.name


def test_days_are_asked_for_or_said(run: Run, database: Database, tmp_path: Path) -> None:
    path = historical(tmp_path / "f.csv", structure(), head="finess;x")
    assert "ne dit pas de quel jour" in run(path).stderr
    run(path, "--snapshot-date", "2024-05-06")
    assert _last(database).snapshot_date == dt.date(2024, 5, 6)
    future = run(path, "--snapshot-date", "2062-01-01")
    assert future.exit_code == 1
    assert "dans le futur" in future.stderr
    assert "données du 01/07/2025" in run(ELDERLY_CARE, "--dry-run", command="list").stdout


@pytest.fixture
def ban() -> Iterator[Ban]:
    with serving() as server:
        yield server


def test_missing_positions_are_geocoded_when_asked_for(
    run: Run, database: Database, small: Path, ban: Ban, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHMAKER_GEOCODER", ban.url)
    ban.default = [feature(46.21, 5.23, "01053")]
    run(small, "--dry-run")
    assert ban.asked == []
    result = run(small)
    assert "Adresses cherchées : 1 (1 trouvées)" in result.stdout
    rows = _rows(database)
    assert (rows["010000001"].position_origin, rows["010000002"].position_origin) == ("surveyed", "address")
    assert (rows["010000002"].lat, rows["010000002"].lon) == (46.21, 5.23)
    assert ban.queries == ["12 R DE L EGLISE 01000 Bourg-en-Bresse"]
    monkeypatch.delenv("MATCHMAKER_GEOCODER")
    run(small)  # the answer is kept: neither asked again nor lost
    assert len(ban.asked) == 1
    assert _counts(database) == (0, 0, 2, 0)


def test_a_silent_geocoder_leaves_the_centre_of_the_commune(
    run: Run, database: Database, small: Path, ban: Ban, monkeypatch: pytest.MonkeyPatch
) -> None:
    ban.default = [feature(48.8, 2.3, "75112")]  # another commune
    monkeypatch.setenv("MATCHMAKER_GEOCODER", ban.url)
    assert run(small).exit_code == 0
    assert _rows(database)["010000002"].position_origin == "commune"
