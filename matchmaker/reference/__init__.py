"""Communes, départements, régions, FINESS categories, DUI solutions, as shipped in data/.

Loaded once, on first use; every value is frozen. Where each file comes from: data/reference/SOURCES.md.

Never: a table, a page.
When to modify: a reference list changes shape.
"""

from matchmaker.reference.categories import Category, categories
from matchmaker.reference.communes import Commune, commune, commune_named, communes, communes_of_postal_code
from matchmaker.reference.files import ReferenceFileError
from matchmaker.reference.shipped_files import snapshot_date_of
from matchmaker.reference.solutions import SEGUR_STATUS_LABELS, ListedSolution, listed_solutions
from matchmaker.reference.territories import (
    Departement,
    Region,
    departement_of_finess,
    departements,
    regions,
)

__all__ = [
    "SEGUR_STATUS_LABELS",
    "Category",
    "Commune",
    "Departement",
    "ListedSolution",
    "ReferenceFileError",
    "Region",
    "categories",
    "commune",
    "commune_named",
    "communes",
    "communes_of_postal_code",
    "departement_of_finess",
    "departements",
    "listed_solutions",
    "regions",
    "snapshot_date_of",
]
