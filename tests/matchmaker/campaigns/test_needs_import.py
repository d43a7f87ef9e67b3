"""A needs file confronted with a campaign, imported, refused, exported and read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from matchmaker import journal
from matchmaker.campaigns import answers, leaving, needs_file, needs_import, needs_template
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.commands import import_besoins
from matchmaker.campaigns.needs_check import Report
from matchmaker.campaigns.needs_import import ChangedSinceError
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.tables import CampaignEsms, CampaignSolution
from matchmaker.database import Database

FILE = """\
finess;besoin;dui_actuel;dui_acceptes;hebergements_acceptes;lot;peut_etre_porteur
480000101;Renouvellement;dui b;DUI A | DUI B;chez un tiers (GCS, GIP), sur site;;non
480000103;;;;;;
480000104;;;;tous;;
480000105;MONTEE DE VERSION;DUI A;;SaaS;;
480000106;acquisition;;toutes;aucun;;
"""


def answer_of(database: Database, campaign_id: int, code: str) -> Answer:
    with database.reading() as session:
        solutions = session.scalars(select(CampaignSolution))
        codes = {solution.id: solution.code for solution in solutions}
        row = session.scalars(
            select(CampaignEsms).where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == code)
        ).one()
        return answers.of_row(row, codes)


def imported(database: Database, campaign_id: int, text: str, expected: int | None = None) -> Report:
    with database.writing() as session:
        return needs_import.apply(
            session, campaign_id, "besoins.csv", text.encode(), actor="local", expected=expected
        )


def checked(database: Database, campaign_id: int, text: str) -> Report:
    with database.reading() as session:
        return needs_import.check_content(session, campaign_id, "besoins.csv", text.encode())


def test_a_dry_run_counts_and_writes_nothing(database: Database, campaign_id: int) -> None:
    """Tests the four counts on a sound file."""
    before = [answer_of(database, campaign_id, f"48000010{n}") for n in range(1, 7)]
    report = checked(database, campaign_id, FILE)
    counts = [report.count(outcome) for outcome in ("added", "changed", "unchanged", "refused")]
    assert (counts, report.refusals) == ([1, 3, 1, 0], ())
    assert [answer_of(database, campaign_id, f"48000010{n}") for n in range(1, 7)] == before


def test_an_import_keeps_what_the_file_says(database: Database, campaign_id: int) -> None:
    """Tests words, lists, empty cells (which change nothing) and what a montée de version implies."""
    imported(database, campaign_id, FILE, expected=4)
    assert answer_of(database, campaign_id, "480000101") == Answer(
        "renouvellement", "dui-b", ("dui-a", "dui-b"), ("on_premise", "shared"), None, can_be_porteur=False
    )
    assert answer_of(database, campaign_id, "480000103") == Answer("aucun")
    assert answer_of(database, campaign_id, "480000104").accepted_hosting == "any"
    assert answer_of(database, campaign_id, "480000105") == Answer(
        "montee_de_version", "dui-a", ("dui-a",), ("saas",)
    )
    assert answer_of(database, campaign_id, "480000106").accepted_hosting == ()
    again = imported(database, campaign_id, FILE)
    assert (again.count("unchanged"), len(again.to_import)) == (5, 0)
    with database.reading() as session:
        acts, _total = journal.entries(session)
    assert acts[1].action == "besoins.importer"
    assert acts[1].detail == {"added": 1, "changed": 3, "unchanged": 1, "refused": 0}


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("480000199;aucun;;;;;", "finess", "n’est pas dans la campagne"),
        ("48000010;aucun;;;;;", "finess", "n’est pas dans la campagne"),
        ("4800;aucun;;;;;", "finess", "9 caractères"),
        (";aucun;;;;;", "finess", "est attendu"),
        ("3,1E+08;aucun;;;;;", "finess", "Texte"),
        ("480000101;achat;;;;;", "besoin", "acquisition, renouvellement, montée de version, aucun"),
        ("480000101;;DUI Z;;;;", "dui_actuel", "DUI A, DUI B"),
        ("480000101;;;DUI A | DUI Z;;;", "dui_acceptes", "« DUI Z »"),
        ("480000101;;;;nuage;;", "hebergements_acceptes", "sur site"),
        ("480000101;;;;;" + "x" * 81 + ";", "lot", "80 caractères"),
        ("480000101;;;;;;peut-être", "peut_etre_porteur", "oui ou non"),
        ("480000101;montée de version;DUI A;DUI B;;;", "dui_acceptes", "doit être parmi"),
        ("480000101;aucun;;;;;;surplus", "(ligne)", "plus de cellules"),
    ],
)
def test_a_wrong_line_is_refused_alone(
    database: Database, campaign_id: int, line: str, column: str, expected: str
) -> None:
    """Tests line, column, value and what is expected; the line beside it is imported."""
    header = FILE.splitlines()[0]
    report = imported(database, campaign_id, f"{header}\n{line}\n480000105;aucun;;;;;\n")
    (refusal,) = report.refusals
    assert (refusal.line, refusal.column) == (2, column)
    assert expected in refusal.expected
    assert report.count("refused") == 1
    assert answer_of(database, campaign_id, "480000105").need == "aucun"
    assert answer_of(database, campaign_id, "480000101").need == "acquisition"


def test_two_wrong_cells_are_one_refused_line(database: Database, campaign_id: int) -> None:
    report = checked(database, campaign_id, "finess;besoin;lot;peut_etre_porteur\n480000101;x;;y\n")
    assert [refusal.column for refusal in report.refusals] == ["besoin", "peut_etre_porteur"]
    assert report.count("refused") == 1


def test_the_same_esms_twice_keeps_the_first_line(database: Database, campaign_id: int) -> None:
    report = checked(database, campaign_id, "finess;besoin\n480000105;aucun\n480000105;acquisition\n")
    assert [(r.line, "ligne 2" in r.expected) for r in report.refusals] == [(3, True)]
    assert report.count("added") == 1


def test_what_was_agreed_to_is_what_is_written(database: Database, campaign_id: int) -> None:
    """Tests that nothing is written when the campaign changed since the check."""
    with pytest.raises(ChangedSinceError):
        imported(database, campaign_id, FILE, expected=5)
    assert answer_of(database, campaign_id, "480000105") == Answer()


def test_an_upload_is_kept_until_another_one_comes(database: Database, campaign_id: int) -> None:
    with database.writing() as session:
        first = needs_import.keep_upload(session, campaign_id, "a.csv", FILE.encode(), actor="local")
        second = needs_import.keep_upload(session, campaign_id, "b.csv", FILE.encode(), actor="local")
    with database.reading() as session:
        assert needs_import.upload(session, campaign_id, second).content == FILE.encode()
        with pytest.raises(NotInCampaignError):
            needs_import.upload(session, campaign_id, first)
        with pytest.raises(NotInCampaignError):
            needs_import.upload(session, campaign_id + 1, second)


def test_refused_lines_can_be_opened_without_running_a_formula(database: Database, campaign_id: int) -> None:
    report = checked(database, campaign_id, 'finess;besoin\n480000101;"=CMD(1)"\n+33;aucun\n')
    text = needs_import.refusals_csv(report.refusals).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0] == ["ligne", "champ", "valeur", "attendu"]
    assert [row[2] for row in rows[1:]] == ["'=CMD(1)", "'+33"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_given_back_untouched_changes_nothing(
    database: Database, campaign_id: int, kind: str
) -> None:
    """Tests the round trip, with a lot and a name that a spreadsheet would take for formulas."""
    with database.writing() as session:
        row = session.scalars(select(CampaignEsms).where(CampaignEsms.code == "480000102")).one()
        row.lot, row.name = "=1+1", "@Les Tilleuls"
    with database.reading() as session:
        rows = needs_template.rows(session, campaign_id)
        as_xlsx = needs_template.as_xlsx(session, campaign_id, rows)
        content = as_xlsx if kind == "xlsx" else needs_template.as_csv(rows)
        assert set(needs_file.read(content, "x").columns) == set(needs_file.COLUMNS)
        report = needs_import.check_content(session, campaign_id, f"x.{kind}", content)
    assert report.refusals == ()
    assert report.count("unchanged") == 6


def test_the_workbook_explains_itself(database: Database, campaign_id: int) -> None:
    """Tests the sheet of help: every answer column, every word, every solution with its status."""
    with database.reading() as session:
        content = needs_template.as_xlsx(session, campaign_id, needs_template.rows(session, campaign_id))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["Besoins", "Aide"]
    text = "\n".join(" : ".join(map(str, row)) for row in book.get_sheet_by_name("Aide").to_python())
    for word in (*needs_file.ANSWER_COLUMNS, "montée de version", "SaaS éditeur (HDS)", "DUI A (fictif)"):
        assert word in text
    assert "DUI B : statut Ségur inconnu, compté comme non référencée" in text


def test_only_incomplete_answers_can_be_asked_again(database: Database, campaign_id: int) -> None:
    with database.reading() as session:
        rows = needs_template.rows(session, campaign_id, only_incomplete=True)
    assert [row[0] for row in rows] == ["480000104", "480000105"]


def command(database_url: str, *arguments: str) -> tuple[int, str, str]:
    environment = {"MATCHMAKER_DATABASE_URL": database_url, "MATCHMAKER_SECRET_KEY": "x"}
    run = CliRunner().invoke(import_besoins, list(arguments), env=environment)
    return run.exit_code, run.stdout, run.stderr


def test_the_command_checks_then_imports(
    database: Database, database_url: str, campaign_id: int, tmp_path: Path
) -> None:
    """Tests the dry run, the import by name, the report file and the words printed."""
    file, report = tmp_path / "besoins.csv", tmp_path / "refus.csv"
    file.write_text(FILE + "480000199;aucun;;;;;\n", encoding="utf-8")
    code, out, err = command(database_url, str(campaign_id), str(file), "--dry-run")
    assert (code, "rien n’a été écrit : 1 nouvelles" in out) == (0, True)
    assert "ligne 7, finess « 480000199 »" in err
    assert answer_of(database, campaign_id, "480000105") == Answer()
    code, out, _err = command(database_url, "Lozère 2022", str(file), "--report", str(report))
    assert (code, "1 lignes refusées" in out) == (0, True)
    assert "480000199" in report.read_text(encoding="utf-8-sig")
    assert answer_of(database, campaign_id, "480000105").need == "montee_de_version"


def test_the_command_says_what_it_cannot_use(
    database: Database, database_url: str, campaign_id: int, tmp_path: Path
) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"%PDF")
    code, _out, err = command(database_url, str(campaign_id), str(file))
    assert (code, "ni un CSV ni un XLSX" in err) == (2, True)
    code, _out, err = command(database_url, "Nulle part", str(file))
    assert (code, "Nulle part" in err) == (2, True)


def test_an_archived_campaign_takes_no_file(
    database: Database, database_url: str, campaign_id: int, tmp_path: Path
) -> None:
    file = tmp_path / "besoins.csv"
    file.write_text(FILE, encoding="utf-8")
    with database.writing() as session:
        leaving.archive(session, campaign_id, actor="local")
    code, _out, err = command(database_url, str(campaign_id), str(file))
    assert (code, "est archivée" in err) == (1, True)
    assert answer_of(database, campaign_id, "480000105") == Answer()
