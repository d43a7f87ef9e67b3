"""The list of establishments for older people (CNSA): CSV with a header, no FINESS juridique.

The organisme is known by a name only; it stays provisional until a FINESS import names it.

When to modify: the list changes its columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping

from matchmaker.reference import Commune, categories, commune, commune_named
from matchmaker.register import positions, source_file
from matchmaker.register.records import FINESS, FINESS_EXPECTED, Item, OutOfScope, Record, Refusal, shown
from matchmaker.register.source_file import SourceFile, UnusableFileError
from solver.vocabulary import Champ

_COLUMNS = [
    "finess_et",
    "nom",
    "categorie_deduite",
    "medicalise",
    "capacite",
    "gestionnaire",
    "gestionnaire_cle",
    "code_postal",
    "commune",
    "code_insee",
    "lat",
    "lon",
    "source_position",
]
_EHPA = "501_502"  # the list does not tell one from the other
_MEDICALISED = {"oui": True, "non": False, "variable": None, "": None}
_CENTRE = "centroide_commune"


def items(file: SourceFile) -> Iterator[Item]:
    """Every establishment of the list and every refusal, in the order of the lines.

    Raises
    ------
    UnusableFileError
        The first line does not hold the expected columns.
    """
    numbered = source_file.lines(file)
    _, header_line = next(numbered)
    header = next(csv.reader([header_line]))
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise UnusableFileError(
            f"{file.name} : colonnes absentes de la première ligne : {', '.join(missing)} "
            "(liste des établissements pour personnes âgées attendue, séparée par des virgules)"
        )
    for number, line in numbered:
        if line.strip():
            yield from _establishment(f"ligne {number}", line, header)


def _establishment(place: str, line: str, header: list[str]) -> Iterator[Item]:
    try:
        values = next(csv.reader([line], strict=True))
    except csv.Error:
        yield Refusal(place, "ligne", shown(line), "des guillemets fermés sur la même ligne")
        return
    if len(values) != len(header):
        yield Refusal(
            place, "ligne", f"{len(values)} champs", f"{len(header)} champs, comme la première ligne"
        )
        return
    row = {name: value.strip() for name, value in zip(header, values, strict=True)}
    problem = _problem(place, row)
    if problem:
        yield problem
        return
    where = commune(row["code_insee"]) or commune_named(row["commune"], row["code_postal"])
    if where is None:
        yield Refusal(
            place,
            "code_insee",
            shown(f"{row['code_insee']} {row['code_postal']} {row['commune']}".strip()),
            "une commune du code officiel géographique",
        )
        return
    degrees = _degrees(row)
    if degrees == "wrong":
        yield Refusal(
            place, "lat", shown(f"{row['lat']} {row['lon']}"), "une latitude et une longitude en degrés"
        )
    yield _record(place, row, where, degrees if isinstance(degrees, tuple) else None)


def _problem(place: str, row: Mapping[str, str]) -> Refusal | OutOfScope | None:
    category = row["categorie_deduite"]
    if not FINESS.fullmatch(row["finess_et"]):
        return Refusal(place, "finess_et", shown(row["finess_et"]), FINESS_EXPECTED)
    if category != _EHPA:
        known = categories().get(category)
        if known is None:
            return Refusal(
                place, "categorie_deduite", shown(category), "un code de catégorie FINESS, ou 501_502"
            )
        if not known.is_esms:
            return OutOfScope(place, row["finess_et"])
    if not row["nom"]:
        return Refusal(place, "nom", "", "un nom")
    if row["medicalise"] not in _MEDICALISED:
        return Refusal(place, "medicalise", shown(row["medicalise"]), "oui, non, variable ou rien")
    if row["capacite"] and not (row["capacite"].isdecimal() and len(row["capacite"]) <= 5):
        return Refusal(place, "capacite", shown(row["capacite"]), "un nombre de places, ou rien")
    if len(row["gestionnaire_cle"]) > 190:
        return Refusal(place, "gestionnaire_cle", shown(row["gestionnaire_cle"]), "190 caractères au plus")
    return None


def _record(
    place: str, row: Mapping[str, str], where: Commune, degrees: tuple[float, float] | None
) -> Record:
    category = "" if row["categorie_deduite"] == _EHPA else row["categorie_deduite"]
    known = categories().get(category)
    key = row["gestionnaire_cle"]
    return Record(
        place=place,
        finess_et=row["finess_et"],
        name=row["nom"],
        # no name at all: an organisme of its own, or all the nameless would become one
        organisme_key=f"nom:{key}" if key else f"et:{row['finess_et']}",
        finess_ej=None,
        organisme_name=row["gestionnaire"] or key or f"Gestionnaire non indiqué ({row['nom']})",
        category=category,
        champ=known.champ if known and known.champ else Champ.PA,
        medicalised=_MEDICALISED[row["medicalise"]],
        capacity=int(row["capacite"]) if row["capacite"] else None,
        address="",
        postal_code=row["code_postal"] if len(row["code_postal"]) == 5 else "",
        commune=where.code,
        departement=where.departement,
        region=where.region,
        lat=degrees[0] if degrees else None,
        lon=degrees[1] if degrees else None,
    )


def _degrees(row: Mapping[str, str]) -> tuple[float, float] | str | None:
    """(lat, lon); None when not stated or only a commune's centre; ``"wrong"`` when not a point."""
    if row["source_position"] == _CENTRE or (not row["lat"] and not row["lon"]):
        return None
    try:
        return positions.on_earth(float(row["lat"]), float(row["lon"])) or "wrong"
    except ValueError:
        return "wrong"
