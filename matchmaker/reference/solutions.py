"""Names of DUI solutions met in the field. None has a checked Ségur status.

When to modify: a dated list of referenced solutions becomes available.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from matchmaker.reference import files

SEGUR_STATUS_LABELS = {
    "referenced": "référencé Ségur",
    "not_referenced": "non référencé Ségur",
    "unknown": "statut Ségur inconnu, compté comme non référencé",
}


@dataclass(frozen=True, slots=True)
class ListedSolution:
    """A DUI solution as shipped. ``editor`` is None unless its provenance was checked.

    ``segur_status`` is a key of ``SEGUR_STATUS_LABELS``: ``unknown`` counts as not referenced, and every
    page that uses it says so. Which champs it covers and how it is hosted are not known: the person who
    runs the campaign states them.
    """

    id: str
    name: str
    editor: str | None
    segur_status: str
    provenance: str

    @property
    def segur_referenced(self) -> bool:
        return self.segur_status == "referenced"


@cache
def listed_solutions() -> tuple[ListedSolution, ...]:
    """The shipped DUI names, in alphabetical order."""
    columns = frozenset({"nom", "editeur", "provenance", "reference_segur"})
    found = [
        ListedSolution(
            id=_identifier(row["nom"]),
            name=row["nom"],
            editor=row["editeur"] if row["editeur"] and files.is_checked(row["provenance"]) else None,
            segur_status=row["reference_segur"],
            provenance=row["provenance"],
        )
        for row in files.rows("logiciels_dui.csv", columns)
    ]
    return tuple(sorted(found, key=lambda solution: solution.name.casefold()))


def _identifier(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").casefold()
    return "-".join(plain.split())
