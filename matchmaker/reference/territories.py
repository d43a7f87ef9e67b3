"""Régions and départements, with the codes that FINESS gives them overseas.

When to modify: the territories, or what is known of a région, change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from matchmaker.reference import files

Zone = Literal["metropole", "corse", "outre-mer"]


@dataclass(frozen=True, slots=True)
class Region:
    """A région as the programme counts it.

    ``seuil_esms``: minimum number of ESMS of a grappe (rules R01 to R03; the funding scales hold the same
    figure, a test compares them). ``grades`` is None where its name is not confirmed by a source;
    ``grades_source`` says what is known. ``bounds``: west, south, east, north, decimal degrees.
    """

    code: str
    name: str
    zone: Zone
    seuil_esms: int
    ars: str
    grades: str | None
    grades_source: str
    departements: tuple[str, ...]
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Departement:
    """A département; ``code_finess`` is what FINESS writes (9A for Guadeloupe)."""

    code: str
    name: str
    region: str
    code_finess: str


@cache
def regions() -> Mapping[str, Region]:
    """The 18 régions by INSEE code, in the order of their names."""
    columns = frozenset({"code_region", "nom", "zone", "seuil_esms", "ars", "grades", "grades_source"})
    found = []
    for row in files.rows("regions.csv", columns):
        checked = files.is_checked(row["grades_source"])
        found.append(
            Region(
                code=row["code_region"],
                name=row["nom"],
                zone=cast(Zone, row["zone"]),
                seuil_esms=int(row["seuil_esms"]),
                ars=row["ars"],
                grades=row["grades"] if checked and row["grades"] else None,
                grades_source=row["grades_source"],
                departements=tuple(row["departements"].split("|")),
                bounds=(
                    float(row["lon_min"]),
                    float(row["lat_min"]),
                    float(row["lon_max"]),
                    float(row["lat_max"]),
                ),
            )
        )
    return MappingProxyType(
        {region.code: region for region in sorted(found, key=lambda r: _sort_key(r.name))}
    )


@cache
def departements() -> Mapping[str, Departement]:
    """The 101 départements by INSEE code, in the order of their codes (2A and 2B after 19)."""
    columns = frozenset({"code_departement", "nom", "code_region", "code_finess"})
    found = [
        Departement(row["code_departement"], row["nom"], row["code_region"], row["code_finess"])
        for row in files.rows("departements.csv", columns)
    ]
    return MappingProxyType({d.code: d for d in sorted(found, key=lambda d: d.code)})


@cache
def _by_finess_code() -> Mapping[str, Departement]:
    return {d.code_finess: d for d in departements().values()}


def departement_of_finess(code: str) -> Departement | None:
    """The département that FINESS writes ``code`` (9A…9F overseas, else the INSEE code)."""
    return _by_finess_code().get(code)


@cache
def attachments() -> Mapping[str, tuple[str, str]]:
    """Collectivité of overseas -> the (département, région) that FINESS and its ARS count it in."""
    columns = frozenset({"code_collectivite", "code_departement", "code_region"})
    return MappingProxyType(
        {
            row["code_collectivite"]: (row["code_departement"], row["code_region"])
            for row in files.rows("collectivites.csv", columns)
        }
    )


def _sort_key(name: str) -> str:
    return name.replace("Î", "I").casefold()
