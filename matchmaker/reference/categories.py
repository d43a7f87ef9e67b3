"""Categories of FINESS: which are ESMS, for which champ, medicalised or not.

``champ``, ``medicalised`` and ``scope`` are our reading of the nomenclature (aggregate, CNSA's tables,
legal definition), not an official table: data/reference/SOURCES.md.

When to modify: the nomenclature gains a category, or a reading changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from matchmaker.reference import files
from solver.vocabulary import Champ

Scope = Literal["essms", "a_exclure", "hors_champ"]

_MEDICALISED = {"oui": True, "non": False, "variable": None, "": None}


@dataclass(frozen=True, slots=True)
class Category:
    """One category of FINESS.

    ``champ`` None: outside the programme. ``medicalised`` None: depends on the establishment, or not
    stated. ``aggregate``: two-level code of the nomenclature (4400), None for categories newer than it.
    """

    code: str
    label: str
    short_label: str
    is_open: bool
    aggregate: str | None
    champ: Champ | None
    medicalised: bool | None
    scope: Scope

    @property
    def is_esms(self) -> bool:
        return self.scope == "essms"


@cache
def categories() -> Mapping[str, Category]:
    """The 302 categories by their three-digit code."""
    columns = frozenset({"code", "libelle", "libelle_court", "etat", "agregat2", "public_programme"})
    columns |= {"medicalise", "champ_esms"}
    return MappingProxyType(
        {
            row["code"]: Category(
                code=row["code"],
                label=row["libelle"],
                short_label=row["libelle_court"] or row["libelle"],
                is_open=row["etat"] == "ouverte",
                aggregate=row["agregat2"] or None,
                champ=Champ(row["public_programme"]) if row["public_programme"] else None,
                medicalised=_MEDICALISED[row["medicalise"]],
                scope=cast(Scope, row["champ_esms"]),
            )
            for row in files.rows("categories_finess.csv", columns)
        }
    )
