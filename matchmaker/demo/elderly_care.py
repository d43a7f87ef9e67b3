"""The real establishments of a demonstration: the shipped elderly-care list, one région of it.

When to modify: the list changes columns.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from matchmaker.reference import categories, files

_LIST = "etablissements_pa_cnsa.csv.gz"
_HOSPITAL_LONG_STAY = "362"  # not an ESMS
_ORIGINS = {"cnsa": "surveyed", "centroide_commune": "commune"}
_COLUMNS = frozenset(
    {
        "finess_et",
        "nom",
        "categorie_deduite",
        "gestionnaire",
        "gestionnaire_cle",
        "commune",
        "code_departement",
        "code_region",
        "lat",
        "lon",
        "source_position",
    }
)


@dataclass(frozen=True, slots=True)
class RealEsms:
    """One line of the list. ``og_key``: the organisme's normalised name, the list has no FINESS juridique."""

    finess_et: str
    name: str
    category: str
    og_key: str
    og_name: str
    commune: str
    departement: str
    region: str
    lat: float
    lon: float
    position_origin: str


@dataclass(frozen=True, slots=True)
class ElderlyCare:
    """The ESMS of a région, and how many ESMS of the whole list each of their organismes has."""

    esms: tuple[RealEsms, ...]
    og_totals: dict[str, int]


def elderly_care_of(region: str) -> ElderlyCare:
    """Lines that name an organisme, a category and a position; 362 (hospital long stay) is left out."""
    known = categories()
    found: list[RealEsms] = []
    totals: Counter[str] = Counter()
    for row in files.rows(_LIST, _COLUMNS):
        code, og_key = row["categorie_deduite"].split("_")[0], row["gestionnaire_cle"]
        if code == _HOSPITAL_LONG_STAY or not code or not og_key or not row["lat"]:
            continue
        totals[og_key] += 1
        if row["code_region"] == region:
            found.append(
                RealEsms(
                    finess_et=row["finess_et"],
                    name=row["nom"],
                    category=known[code].label,
                    og_key=og_key,
                    og_name=row["gestionnaire"],
                    commune=row["commune"],
                    departement=row["code_departement"],
                    region=region,
                    lat=float(row["lat"]),
                    lon=float(row["lon"]),
                    position_origin=_ORIGINS[row["source_position"]],
                )
            )
    found.sort(key=lambda esms: esms.finess_et)
    return ElderlyCare(tuple(found), {e.og_key: totals[e.og_key] for e in found})
