"""Read a needs file, CSV or XLSX, into lines of text by column; what a person's spreadsheet does to it.

Columns are documented in docs/needs-files.md. Nothing here knows a campaign.

When to modify: a spreadsheet writes files in a way we do not read.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from matchmaker.campaigns.wording import plain

MAX_BYTES = 10 * 1024 * 1024
MAX_LINES = 20_000
_MAX_UNZIPPED = 200 * 1024 * 1024
_MAX_CELL = 2_000
_LOOKED_AT = 50  # lines by which a text is known to be a table
SHEET = "Besoins"

KEY = "finess"
ANSWER_COLUMNS = (
    "besoin",
    "dui_actuel",
    "dui_acceptes",
    "hebergements_acceptes",
    "lot",
    "peut_etre_porteur",
)
# Written for the reader, never read back.
SHOWN_COLUMNS = ("nom", "organisme", "champ", "commune", "departement")
COLUMNS = (KEY, *SHOWN_COLUMNS, *ANSWER_COLUMNS)
_SYNONYMS = {
    "finess_et": KEY,
    "finess_geographique": KEY,
    "n_finess": KEY,
    "numero_finess": KEY,
    "finess_geo": KEY,
    "dui_accepte": "dui_acceptes",
    "solutions_acceptees": "dui_acceptes",
    "solution_actuelle": "dui_actuel",
    "hebergement_accepte": "hebergements_acceptes",
    "hebergement": "hebergements_acceptes",
    "hebergements": "hebergements_acceptes",
    "porteur": "peut_etre_porteur",
}


class UnusableFileError(ValueError):
    """The whole file is refused; the message is a French sentence saying why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """``number``: as the person's software counts them, header included. ``cells``: column -> text."""

    number: int
    cells: Mapping[str, str]
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class NeedsFile:
    """``columns``: those understood; ``ignored``: headers that mean nothing to us, as typed."""

    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    lines: tuple[Line, ...]


def read(content: bytes, file_name: str, more: Sequence[str] = ()) -> NeedsFile:
    """Read a whole file; ``more``: columns that it may hold besides ``COLUMNS``.

    Raises
    ------
    UnusableFileError
        The file is neither CSV nor XLSX, is broken, too large, or lacks the columns that matter.
    """
    if not content.strip():
        raise UnusableFileError("Le fichier est vide.")
    if len(content) > MAX_BYTES:
        raise UnusableFileError(
            f"Le fichier dépasse {MAX_BYTES // 1024 // 1024} Mo. Retirez les feuilles et colonnes inutiles."
        )
    if content.startswith(b"PK"):
        rows = _xlsx_rows(content)
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")) or b"\x00" in _text_part(content):
        raise _no_table()
    else:
        return _of_text(_decoded(content), file_name, (*COLUMNS, *more))
    return _needs_file(rows, file_name, (*COLUMNS, *more))


def _of_text(text: str, file_name: str, columns: Sequence[str]) -> NeedsFile:
    try:
        return _needs_file(_csv_rows(text), file_name, columns)
    except UnusableFileError:
        if _is_table(text, columns):
            raise
        # What a letter or a picture begins with says nothing about titles of columns.
        raise _no_table() from None


def _is_table(text: str, columns: Sequence[str]) -> bool:
    """Whether a title is known, or most lines are cut into as many cells as the first."""
    lines = _lines(text)
    if not lines:
        return True  # nothing in it: that is what is to be said
    if any(c < " " and c not in "\t\v\f" for line in lines for c in line):
        return False
    rows = list(csv.reader(lines, delimiter=_delimiter(lines[0])))
    if any(_column(title, columns) for title in rows[0]):
        return True
    return len(rows[0]) > 1 and 2 * sum(len(row) == len(rows[0]) for row in rows) > len(rows)


def _lines(text: str) -> list[str]:
    """The first lines that say something."""
    told = (line for line in io.StringIO(text, newline=None) if line.strip() and not line.startswith("sep="))
    return [line.rstrip("\r\n")[:_MAX_CELL] for line in islice(told, _LOOKED_AT)]


def _delimiter(header: str) -> str:
    return max(";,\t", key=header.count)


def _no_table() -> UnusableFileError:
    return UnusableFileError(
        "Ce fichier n’est ni un CSV ni un XLSX. Dans votre tableur, choisissez « Enregistrer sous », "
        "puis le format « Classeur Excel (.xlsx) » ou « CSV »."
    )


def _text_part(content: bytes) -> bytes:
    # UTF-16, which some spreadsheets call « Texte Unicode », is full of zero bytes and starts with a mark.
    return b"" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else content


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # Windows' table before ISO's: they differ where only Windows has letters (’ œ €).
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableFileError("Le fichier est abîmé : ses caractères ne peuvent pas être lus.")


Row = tuple[int, list[str]]


def _csv_rows(text: str) -> Iterator[Row]:
    delimiter = _delimiter(next(iter(_lines(text)), ""))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UnusableFileError(
                f"Le fichier est mal formé à partir de la ligne {start} : un guillemet n’est pas refermé, ou "
                "une cellule est démesurée. Rien n’a été lu. Enregistrez-le de nouveau depuis votre tableur."
            ) from error
        if row is None:
            return
        # « sep=; » on a first line is a word to Excel, not a line.
        if not (start == 1 and text.startswith("sep=")):
            yield start, row
        start = reader.line_num + 1


def _xlsx_rows(content: bytes) -> Iterator[Row]:
    broken = UnusableFileError(
        "Ce classeur ne peut pas être ouvert : il est abîmé, protégé par un mot de passe, ou n’est pas un "
        "fichier .xlsx. Enregistrez-le de nouveau depuis votre tableur."
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNZIPPED:
                raise UnusableFileError(
                    "Ce classeur est démesuré une fois décompressé : il n’a pas été ouvert."
                )
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if not names:
            raise broken
        sheet = workbook.get_sheet_by_name(SHEET if SHEET in names else names[0])
        if sheet.height > MAX_LINES * 2:
            raise UnusableFileError(_too_many())
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, EOFError, ValueError) as error:
        if isinstance(error, UnusableFileError):
            raise
        raise broken from error
    return ((number, [_cell(value) for value in row]) for number, row in enumerate(rows, start=1))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    # A spreadsheet keeps 310000001 as the number 310000001.0.
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def _needs_file(rows: Iterable[Row], file_name: str, columns: Sequence[str]) -> NeedsFile:
    iterator = ((number, row) for number, row in rows if any(cell.strip() for cell in row))
    first = next(iterator, None)
    if first is None:
        raise UnusableFileError("Le fichier ne contient aucune ligne.")
    header = [_column(title, columns) for title in first[1]]
    _check_header(header, first[1], columns)
    lines: list[Line] = []
    for number, row in iterator:
        if len(lines) >= MAX_LINES:
            raise UnusableFileError(_too_many())
        cells = {name: cell.strip()[:_MAX_CELL] for name, cell in zip(header, row, strict=False) if name}
        lines.append(Line(number, cells, surplus=any(cell.strip() for cell in row[len(header) :])))
    if not lines:
        raise UnusableFileError("Le fichier ne contient que ses titres de colonnes : aucune ligne d’ESMS.")
    ignored = tuple(title.strip() for title, name in zip(first[1], header, strict=True) if not name)
    return NeedsFile(
        columns=tuple(name for name in header if name),
        ignored=tuple(title for title in ignored if title),
        lines=tuple(lines),
    )


def _column(title: str, columns: Sequence[str]) -> str:
    """The column that a title means, empty when none: accents, case, spaces and signs do not matter."""
    name = "_".join("".join(c if c.isalnum() else " " for c in plain(title)).split())
    name = _SYNONYMS.get(name, name)
    return name if name in columns else ""


def _check_header(header: Sequence[str], titles: Sequence[str], columns: Sequence[str]) -> None:
    if KEY not in header:
        shown = ", ".join(title.strip() for title in titles if title.strip())[:200]
        raise UnusableFileError(
            "La première ligne doit porter les titres des colonnes, dont « finess ». "
            f"Elle contient : {shown}. Le modèle à télécharger sur cette page a les bons titres."
        )
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise UnusableFileError(f"La colonne « {twice[0]} » est présente deux fois. Retirez-en une.")
    if not set(header) & set(columns) - {KEY, *SHOWN_COLUMNS}:
        wanted = ", ".join(ANSWER_COLUMNS)
        raise UnusableFileError(f"Le fichier n’a aucune colonne de réponse. Titres possibles : {wanted}.")


def _too_many() -> str:
    return f"Le fichier compte plus de {MAX_LINES} lignes : découpez-le."
