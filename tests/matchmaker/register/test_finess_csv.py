"""The historical layouts of FINESS: real lines, spellings of every year, and lines that are broken."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from matchmaker.register import finess_csv, source_file
from matchmaker.register.records import OutOfScope, Record, Refusal
from matchmaker.register.source_file import UnusableFileError
from tests.matchmaker.register.writing import (
    HEAD,
    HISTORICAL,
    REAL_LINES,
    historical,
    oracle,
    point,
    structure,
)

LAMBERT_OF_2026 = "1,ATLASANTE,97,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)"
ANTILLES_OF_2026 = "1,ATLASANTE,97,BAN,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)"


def _read(path: Path) -> tuple[dict[str, Record], list[Refusal], list[OutOfScope]]:
    items = list(finess_csv.items(source_file.examine(path), {}))
    records = {item.finess_et: item for item in items if isinstance(item, Record)}
    refusals = [item for item in items if isinstance(item, Refusal)]
    return records, refusals, [item for item in items if isinstance(item, OutOfScope)]


def test_the_derived_file_says_what_another_program_read() -> None:
    records, refusals, outside = _read(HISTORICAL)
    expected = oracle()
    assert records.keys() == expected.keys()
    assert (refusals, outside) == ([], [])
    for number, record in records.items():
        row = expected[number]
        assert (record.finess_ej, record.category, record.champ) == (
            row["finess_ej"],
            row["categorie"],
            row["public_programme"],
        )
        assert record.region == (row["code_region"] if row["code_region"] not in ("977", "978") else "01")
        if row["source_position"] == "ban":
            assert record.lat == pytest.approx(float(row["lat"]), abs=2e-6), number
            assert record.lon == pytest.approx(float(row["lon"]), abs=2e-6), number
        else:
            assert record.lat is None


def test_real_lines_of_overseas() -> None:
    records, refusals, outside = _read(REAL_LINES)
    assert refusals == []
    assert len(outside) == 9  # hospitals, PMI, dialysis, Wallis-et-Futuna
    assert {number: (r.commune, r.departement, r.region) for number, r in records.items()} == {
        "970210126": ("97207", "972", "02"),
        "970302287": ("97302", "973", "03"),
        "970405767": ("97410", "974", "04"),
        "970216057": ("97209", "972", "02"),
    }
    assert records["970302287"].postal_code == "97306"


@pytest.mark.parametrize(
    ("departement", "commune", "expected"),
    [
        ("9A", "123", ("97701", "971", "01")),  # Saint-Barthélemy
        ("9A", "127", ("97801", "971", "01")),  # Saint-Martin
        ("9F", "611", ("97611", "976", "06")),
        ("2A", "004", ("2A004", "2A", "94")),
        ("75", "112", ("75112", "75", "11")),  # Paris 12e
        ("01", "018", ("01033", "01", "84")),  # a commune that merged
    ],
)
def test_communes_as_finess_writes_them(
    tmp_path: Path, departement: str, commune: str, expected: tuple[str, str, str]
) -> None:
    path = historical(tmp_path / "f.csv", structure(departement=departement, commune=commune))
    records, refusals, _ = _read(path)
    record = records["010000001"]
    assert (record.commune, record.departement, record.region) == expected
    assert refusals == []


@pytest.mark.parametrize(
    ("source", "departement", "commune", "x", "y", "lat", "lon"),
    [
        ("1,ATLASANTE,97,BD_ADRESSE,V2.2,LAMBERT_93", "75", "112", "655000", "6861000", 48.847, 2.387),
        ("1,ATLASANTE,97,BAN,L93_METROPOLE", "75", "112", "655000", "6861000", 48.847, 2.387),
        (LAMBERT_OF_2026, "75", "112", "655000", "6861000", 48.847, 2.387),
        ("", "75", "112", "655000", "6861000", 48.847, 2.387),
        ("1,ATLASANTE,97,BD_ADRESSE,V2.2,UTM_N20", "9B", "209", "707000", "1617000", 14.619, -61.078),
        (ANTILLES_OF_2026, "9B", "209", "707000", "1617000", 14.619, -61.078),
        ("", "9B", "209", "707000", "1617000", 14.619, -61.078),
        ("1,ATLASANTE,97,BD_ADRESSE,V2.2,UTM_N22", "9C", "302", "354000", "545000", 4.930, -52.317),
        ("", "9C", "302", "354000", "545000", 4.930, -52.317),
        ("1,ATLASANTE,97,BD_ADRESSE,V2.2,UTM_S40", "9D", "411", "339000", "7689000", -20.894, 55.453),
        ("", "9D", "411", "339000", "7689000", -20.894, 55.453),
        ("1,ATLASANTE,97,BD_ADRESSE,V2.2,UTM_S38", "9F", "611", "524500", "8586500", -12.789, 45.226),
        ("", "9F", "611", "524500", "8586500", -12.789, 45.226),
        ("1,MANUEL,97,EPSG:4326", "75", "112", "2.387", "48.847", 48.847, 2.387),
    ],
)  # fmt: skip
def test_positions_in_every_projection_and_spelling(
    tmp_path: Path, source: str, departement: str, commune: str, x: str, y: str, lat: float, lon: float
) -> None:
    line = f"geolocalisation;010000001;{x};{y};{source};2026-01-31"
    path = historical(tmp_path / "f.csv", structure(departement=departement, commune=commune), line)
    records, refusals, _ = _read(path)
    assert refusals == []
    record = records["010000001"]
    assert record.lat == pytest.approx(lat, abs=0.003)
    assert record.lon == pytest.approx(lon, abs=0.003)


@pytest.mark.parametrize("head", [HEAD, "finess;finess-plus;v1.0.0;convertisseur;2026-01-31", "finess;x"])
def test_any_first_line_of_finess_is_accepted(tmp_path: Path, head: str) -> None:
    records, refusals, _ = _read(historical(tmp_path / "f.csv", structure(), head=head))
    assert list(records) == ["010000001"]
    assert refusals == []


def test_a_file_without_first_line_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(structure() + "\n", encoding="utf-8")
    assert list(_read(tmp_path / "f.csv")[0]) == ["010000001"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso8859-15"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, compressed: bool, ending: str) -> None:
    text = ending.join([HEAD, structure(rs="MAISON DU SACRÉ-CŒUR"), point()]) + ending
    data = text.encode(encoding)
    path = tmp_path / "f.csv"
    path.write_bytes(gzip.compress(data) if compressed else data)
    records, refusals, _ = _read(path)
    assert records["010000001"].name == "MAISON DU SACRÉ-CŒUR"
    assert records["010000001"].lat is not None
    assert refusals == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('EHPAD "LES LILAS"', 'EHPAD "LES LILAS"'),
        ('"EHPAD ""LES LILAS"""', 'EHPAD "LES LILAS"'),
        ('"EHPAD ; LES LILAS"', "EHPAD ; LES LILAS"),
        ('"LES LILAS', '"LES LILAS'),
        ('LES LILAS"', 'LES LILAS"'),
        ("=2+2", "=2+2"),
    ],
)
def test_quotes_in_names_never_swallow_the_next_line(tmp_path: Path, written: str, name: str) -> None:
    path = historical(tmp_path / "f.csv", structure(rs=written), structure("010000002"))
    records, refusals, _ = _read(path)
    assert refusals == []
    assert records["010000001"].name == name
    assert "010000002" in records


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("structureet;010000009;court", "structureet", "3 champs"),
        (structure("010000009", rs="UN;DEUX"), "structureet", "33 champs"),
        (structure("01000000"), "nofinesset", "01000000"),
        (structure("010000009", nofinessej=""), "nofinessej", ""),
        (structure("010000009", rs="", rslongue=""), "rs", ""),
        (structure("010000009", categetab="ABC"), "categetab", "ABC"),
        (structure("010000009", departement="ZZ"), "departement", "ZZ"),
        (structure("010000009", commune="999", ligneacheminement="01000 X"), "commune", "01999 01000 X"),
        ("n'importe quoi", "section", "n'importe quoi"),
        (HEAD, "section", HEAD),
        (point("010000001", x="douze"), "coordxet", "douze"),
        (point("010000001", y="nan"), "coordyet", "nan"),
        (point("010000077"), "nofinesset", "010000077"),
        ("geolocalisation;010000001;1", "geolocalisation", "3 champs"),
        (point("é"), "nofinesset", "é"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named_and_loses_no_other(tmp_path: Path, line: str, field: str, value: str) -> None:
    path = historical(tmp_path / "f.csv", structure(), line, structure("010000002"))
    records, refusals, _ = _read(path)
    assert list(records) == ["010000001", "010000002"]
    assert [(r.place, r.field, r.value) for r in refusals] == [("ligne 3", field, value)]
    assert refusals[0].expected


def test_two_positions_for_one_establishment(tmp_path: Path) -> None:
    path = historical(tmp_path / "f.csv", structure(), point(), point(x="1"))
    records, refusals, _ = _read(path)
    assert records["010000001"].lat == pytest.approx(46.2, abs=0.1)
    assert [r.place for r in refusals] == ["ligne 4"]


def test_a_home_keeps_only_its_commune(tmp_path: Path) -> None:
    path = historical(tmp_path / "f.csv", structure(categetab="462"), point())
    record = _read(path)[0]["010000001"]
    assert (record.address, record.lat, record.commune) == ("", None, "01053")


def test_layouts_and_dates(tmp_path: Path) -> None:
    with_points = source_file.examine(HISTORICAL)
    without = source_file.examine(REAL_LINES)
    assert (finess_csv.layout(with_points), finess_csv.layout(without)) == ("cs1100507", "cs1100502")
    assert finess_csv.stated_date(with_points) == dt.date(2026, 8, 13)
    named = historical(tmp_path / "etalab-cs1100502-stock-20240307-0339.csv", structure(), head="finess;x")
    assert finess_csv.stated_date(source_file.examine(named)) == dt.date(2024, 3, 7)
    unnamed = historical(tmp_path / "f.csv", structure(), head="finess;x;2024-02-31")
    assert finess_csv.stated_date(source_file.examine(unnamed)) is None


def test_a_file_of_organismes_is_not_one_of_establishments(tmp_path: Path) -> None:
    line = "structureej;010000999;ASSO;ASSOCIATION DES LILAS" + ";" * 19
    path = historical(tmp_path / "f.csv", line)
    file = source_file.examine(path)
    with pytest.raises(UnusableFileError, match="cs1100501"):
        finess_csv.layout(file)
    assert finess_csv.organisme_names(file) == {"010000999": "ASSOCIATION DES LILAS"}
    with pytest.raises(UnusableFileError, match="aucune ligne « structureej »"):
        finess_csv.organisme_names(source_file.examine(historical(tmp_path / "g.csv", structure())))
