"""What spreadsheets do to a file, and what is refused whole."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from matchmaker.campaigns import needs_check, needs_file
from matchmaker.campaigns.needs_file import UnusableFileError

HEADER = "finess;besoin;dui_actuel"
LINE = "480000101;montée de version;Médialis"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_encoding_and_separator_is_read(encoding: str, delimiter: str, newline: str) -> None:
    """Tests that accents arrive whole whichever way the file was saved."""
    text = newline.join([HEADER, LINE, ""]).replace(";", delimiter)
    file = needs_file.read(text.encode(encoding), "besoins.csv")
    (line,) = file.lines
    assert line.number == 2
    assert line.cells == {"finess": "480000101", "besoin": "montée de version", "dui_actuel": "Médialis"}


def test_windows_letters_are_told_from_iso_ones() -> None:
    """Tests the letters that cp1252 has and latin-1 has not."""
    file = needs_file.read("finess;lot\n480000101;l’œuvre à 5 €".encode("cp1252"), "x.csv")
    assert file.lines[0].cells["lot"] == "l’œuvre à 5 €"


def test_titles_are_recognised_as_people_write_them() -> None:
    file = needs_file.read(
        "N° FINESS;BESOIN;Hébergements acceptés;Peut être porteur ?;Téléphone\n1;2;3;4;5".encode(), "x.csv"
    )
    assert file.columns == ("finess", "besoin", "hebergements_acceptes", "peut_etre_porteur")
    assert file.ignored == ("Téléphone",)


def test_lines_keep_the_number_that_the_person_sees() -> None:
    """Tests empty lines, a first line « sep=; » and a cell of two lines."""
    text = 'sep=;\nfiness;lot\n\n480000101;"deux\nlignes"\n480000102;x\n'
    assert [line.number for line in needs_file.read(text.encode(), "x.csv").lines] == [4, 6]


def workbook(cells: list[list[object]], sheet: str = "Besoins", first: str | None = None) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    if first:
        book.add_worksheet(first).write(0, 0, "Lisez-moi")
    page = book.add_worksheet(sheet)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            page.write(row, column, value)
    book.close()
    return buffer.getvalue()


def test_a_workbook_is_read_with_its_numbers_and_booleans() -> None:
    """Tests that 10000024 stays whole and that VRAI becomes oui; the sheet « Besoins » is found."""
    content = workbook(
        [["finess", "besoin", "peut_etre_porteur"], [10000024, "aucun", True], [None, None, None]],
        first="Accueil",
    )
    (line,) = needs_file.read(content, "x.xlsx").lines
    assert line.cells == {"finess": "10000024", "besoin": "aucun", "peut_etre_porteur": "oui"}


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("10000024", "010000024"),
        ("310 000 001", "310000001"),
        ("310\u00a0000\u00a0001", "310000001"),
        ("2a0000014", "2A0000014"),
        ("'010000024", "010000024"),
    ],
)
def test_finess_numbers_get_their_zeros_back(typed: str, understood: str) -> None:
    assert needs_check.finess_of(typed) == understood


@pytest.mark.parametrize("typed", ["3,10001E+08", "3.1E8", "3,10001e+08"])
def test_a_rounded_finess_is_refused_with_the_way_out(typed: str) -> None:
    with pytest.raises(ValueError, match="format « Texte »"):
        needs_check.finess_of(typed)


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(3):
            archive.writestr(f"xl/{part}.xml", b" " * (80 * 1024 * 1024))
    return buffer.getvalue()


LETTER = """Madame, Monsieur,

Veuillez trouver ci-joint, comme convenu, nos réponses.
Nous restons à votre disposition.
Bien à vous
"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b" \n ", "vide"),
        (b"%PDF-1.7", "ni un CSV ni un XLSX"),
        (b"\xd0\xcf\x11\xe0old excel", "Enregistrer sous"),
        (b"\x89PNG\x00\x00", "ni un CSV ni un XLSX"),
        (b"\xff\xd8\xff\xe1;Exif;\x02II*;\x08", "ni un CSV ni un XLSX"),
        (b'\x1f\x8b\x08\x08"finess', "ni un CSV ni un XLSX"),
        (LETTER.encode(), "ni un CSV ni un XLSX"),
        (LETTER.replace("\n", "\r").encode("cp1252"), "ni un CSV ni un XLSX"),
        (b"<html><body>404</body></html>", "ni un CSV ni un XLSX"),
        (b'Code;Nom;Ville\n1;"x\ny";Mende\n2;y;Auch', "Elle contient : Code, Nom, Ville"),
        (b"sep=;\nCode;Nom", "Elle contient : Code, Nom"),
        (b";;\n;;", "aucune ligne"),
        (b"PK\x03\x04 not a workbook", "ne peut pas être ouvert"),
        (b"\xff\xfea", "abîmé"),
        (b"nom;besoin\nx;aucun", "« finess »"),
        (b"finess;nom\n480000101;x", "aucune colonne de réponse"),
        (b"finess;besoin;besoin\n480000101;aucun;aucun", "deux fois"),
        (b"finess;besoin\n", "aucune ligne"),
        (b'finess;besoin\n480000101;"acquisition\n', "ligne 2"),
        (b'finess;besoin\n480000101;aucun\n480000102;"a"b\n', "ligne 3"),
        (b"finess;besoin\n" + b"480000101;" + b"x" * 200_000, "ligne 2"),
        (b"finess;besoin\n" + b"1;aucun\n" * (needs_file.MAX_LINES + 1), "20000 lignes"),
        (b"finess;besoin\n" + b" " * needs_file.MAX_BYTES, "10 Mo"),
    ],
)
def test_a_broken_file_is_refused_whole_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(UnusableFileError, match=words):
        needs_file.read(content, "x")


def test_a_workbook_that_swells_is_not_opened() -> None:
    with pytest.raises(UnusableFileError, match="démesuré"):
        needs_file.read(zip_bomb(), "x.xlsx")


def test_a_workbook_cut_short_is_refused() -> None:
    content = workbook([["finess", "besoin"], ["480000101", "aucun"]])
    for length in (len(content) // 3, len(content) - 10):
        with pytest.raises(UnusableFileError, match="ne peut pas être ouvert"):
            needs_file.read(content[:length], "x.xlsx")
