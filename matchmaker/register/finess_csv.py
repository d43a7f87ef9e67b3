"""FINESS in its historical CSV layouts: cs1100502, cs1100507 with positions, cs1100501 for organismes.

No header: a comment line ``finess;…``, then one record a line whose first field names its kind. In cs1100507
every ``structureet`` comes before every ``geolocalisation``, so the file is read twice: positions, then
establishments. A line is parsed by itself: a stray quote cannot swallow the following lines.

When to modify: FINESS changes this layout (frozen since May 2026; converters from FINESS+ still write it).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matchmaker.reference import Commune, Departement, commune, commune_named, departement_of_finess
from matchmaker.register import establishments, positions, source_file
from matchmaker.register.records import FINESS, FINESS_EXPECTED, Item, OutOfScope, Refusal, shown
from matchmaker.register.source_file import SourceFile, UnusableFileError

_STRUCTURE = [
    "section",
    "nofinesset",
    "nofinessej",
    "rs",
    "rslongue",
    "complrs",
    "compldistrib",
    "numvoie",
    "typvoie",
    "voie",
    "compvoie",
    "lieuditbp",
    "commune",
    "departement",
    "libdepartement",
    "ligneacheminement",
    "telephone",
    "telecopie",
    "categetab",
    "libcategetab",
    "categagretab",
    "libcategagretab",
    "siret",
    "codeape",
    "codemft",
    "libmft",
    "codesph",
    "libsph",
    "dateouv",
    "dateautor",
    "datemaj",
    "numuai",
]
_STRUCTURE_COUNTS = (31, 32)  # numuai is missing before 2021
_POSITION_COUNT = 6
_ORGANISME_COUNT = 23
_SECTIONS = ("structureet", "geolocalisation", "structureej")


@dataclass(frozen=True, slots=True)
class _Point:
    line: int
    x: float
    y: float
    source: str


def is_finess_csv(file: SourceFile) -> bool:
    return file.start.startswith(("finess;", *(f"{section};" for section in _SECTIONS)))


def stated_date(file: SourceFile) -> dt.date | None:
    """The day that the first line states (``finess;etalab;98;2026-08-13``), else the one in the name."""
    first = file.start.splitlines()[0]
    if first.startswith("finess;"):
        for field in reversed(first.split(";")):
            if found := source_file.iso_date(field.strip()):
                return found
    return source_file.date_in_name(file)


def layout(file: SourceFile) -> str:
    """``cs1100507`` when positions are in the file, else ``cs1100502``.

    Raises
    ------
    UnusableFileError
        The file holds no establishment at all.
    """
    kinds = {line.split(";", 1)[0] for _, line in source_file.lines(file)}
    if "structureet" not in kinds:
        hint = " ; c'est un fichier d'organismes (cs1100501)" if "structureej" in kinds else ""
        raise UnusableFileError(f"{file.name} : aucune ligne « structureet »{hint}")
    return "cs1100507" if "geolocalisation" in kinds else "cs1100502"


def organisme_names(file: SourceFile) -> dict[str, str]:
    """FINESS juridique -> name, from a cs1100501 file; lines that are none are passed over.

    Raises
    ------
    UnusableFileError
        The file holds no organisme.
    """
    names = {}
    for _, line in source_file.lines(file):
        fields = _fields(line, (_ORGANISME_COUNT,))
        if fields[0] == "structureej" and len(fields) > 3 and FINESS.fullmatch(fields[1]):
            names[fields[1]] = fields[3].strip() or fields[2].strip()
    if not names:
        raise UnusableFileError(f"{file.name} : aucune ligne « structureej » (fichier cs1100501 attendu)")
    return names


def items(file: SourceFile, names: Mapping[str, str]) -> Iterator[Item]:
    """Every establishment of the file and every refusal, in the order of the lines (positions first).

    ``names``: names of organismes by FINESS juridique; those in the file itself are added.
    """
    points: dict[str, _Point] = {}
    known_names = dict(names)
    for number, line in source_file.lines(file):
        if line.startswith("geolocalisation;"):
            point = _point(number, line, points)
            if isinstance(point, Refusal):
                yield point
        elif line.startswith("structureej;"):
            fields = _fields(line, (_ORGANISME_COUNT,))
            if len(fields) > 3 and FINESS.fullmatch(fields[1]):
                known_names[fields[1]] = fields[3].strip() or fields[2].strip()
    for number, line in source_file.lines(file):
        if line.startswith("structureet;"):
            yield from _structure(number, line, points, known_names)
        elif line.strip() and not _is_other_known_line(number, line):
            yield Refusal(
                f"ligne {number}", "section", shown(line), "une ligne structureet ou geolocalisation"
            )
    for finess_et, point in points.items():
        yield Refusal(
            f"ligne {point.line}", "nofinesset", finess_et, "un établissement présent dans le même fichier"
        )


def _is_other_known_line(number: int, line: str) -> bool:
    return line.startswith(("geolocalisation;", "structureej;")) or (
        number == 1 and line.startswith("finess;")
    )


def _fields(line: str, counts: tuple[int, ...]) -> list[str]:
    """Fields of one line. Quotes are CSV quotes when that gives a right number of fields, else letters."""
    raw = line.split(";")
    if '"' not in line:
        return raw
    try:
        quoted = next(csv.reader([line], delimiter=";", strict=True))
    except (csv.Error, StopIteration):
        return raw
    return quoted if len(quoted) in counts or len(raw) not in counts else raw


def _point(number: int, line: str, points: dict[str, _Point]) -> _Point | Refusal | None:
    place = f"ligne {number}"
    fields = _fields(line, (_POSITION_COUNT,))
    if len(fields) != _POSITION_COUNT:
        return Refusal(place, "geolocalisation", f"{len(fields)} champs", f"{_POSITION_COUNT} champs")
    _, finess_et, x_text, y_text, source, _ = (field.strip() for field in fields)
    if not FINESS.fullmatch(finess_et):
        return Refusal(place, "nofinesset", shown(finess_et), FINESS_EXPECTED)
    if finess_et in points:
        return Refusal(
            place, "nofinesset", finess_et, f"une seule position (déjà ligne {points[finess_et].line})"
        )
    if not x_text and not y_text:
        return None
    for name, text in (("coordxet", x_text), ("coordyet", y_text)):
        if not re.fullmatch(r"-?\d{1,9}([.,]\d+)?", text):
            return Refusal(place, name, shown(text), "un nombre de mètres (ou de degrés)")
    point = _Point(number, float(x_text.replace(",", ".")), float(y_text.replace(",", ".")), source)
    points[finess_et] = point
    return point


def _structure(number: int, line: str, points: dict[str, _Point], names: Mapping[str, str]) -> Iterator[Item]:
    place = f"ligne {number}"
    fields = _fields(line, _STRUCTURE_COUNTS)
    if len(fields) not in _STRUCTURE_COUNTS:
        yield Refusal(
            place, "structureet", f"{len(fields)} champs", "31 ou 32 champs séparés par des points-virgules"
        )
        # its position, if any, is not an orphan: the establishment is there, though unreadable
        points.pop(fields[1].strip() if len(fields) > 1 else "", None)
        return
    row = {name: value.strip() for name, value in zip(_STRUCTURE, fields, strict=False)}
    point = points.pop(row["nofinesset"], None)
    territory = _territory(place, row)
    if not isinstance(territory, tuple):
        yield territory
        return
    departement, where = territory
    degrees = None
    if point:
        degrees = positions.to_degrees(point.x, point.y, positions.projection(point.source, departement.code))
        if degrees is None:
            yield Refusal(
                f"ligne {point.line}",
                "coordxet",
                f"{point.x} {point.y}",
                "un point de la projection indiquée",
            )
    yield from establishments.from_finess(
        place,
        finess_et=row["nofinesset"],
        finess_ej=row["nofinessej"],
        name=row["rslongue"] or row["rs"],
        organisme_name=names.get(row["nofinessej"]),
        category=row["categetab"],
        address=" ".join(row[k] for k in ("numvoie", "typvoie", "voie", "compvoie", "lieuditbp") if row[k]),
        postal_code=row["ligneacheminement"][:5],
        commune=where,
        degrees=degrees,
        fields=("nofinesset", "nofinessej", "rs", "categetab"),
    )


def _territory(place: str, row: Mapping[str, str]) -> tuple[Departement, Commune] | OutOfScope | Refusal:
    departement = departement_of_finess(row["departement"])
    if departement is None:
        if establishments.is_elsewhere(row["departement"]):
            return OutOfScope(place, row["nofinesset"])
        return Refusal(place, "departement", shown(row["departement"]), "un code de département de FINESS")
    prefix = "97" if departement.code.startswith("97") else departement.code
    arrival = row["ligneacheminement"]
    where = commune(prefix + row["commune"]) or commune_named(arrival[5:].strip(), arrival[:5])
    if where is None:
        if not establishments.is_esms(row["categetab"]):
            return OutOfScope(place, row["nofinesset"])
        return Refusal(
            place,
            "commune",
            shown(f"{prefix}{row['commune']} {arrival}"),
            "une commune du code officiel géographique",
        )
    return departement, where
