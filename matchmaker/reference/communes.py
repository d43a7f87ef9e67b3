"""Communes of the current Code officiel géographique, with the codes that merged into them.

When to modify: a new edition of the code is shipped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from matchmaker.reference import files
from matchmaker.reference.territories import attachments


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune, or an arrondissement of Paris, Lyon, Marseille (then ``parent`` is the city).

    ``lat`` and ``lon``: centre, decimal degrees WGS 84. ``population``: inhabitants. ``departement`` and
    ``region`` are those that count the commune: Saint-Martin is in 971, 01.
    """

    code: str
    name: str
    parent: str | None
    postal_codes: tuple[str, ...]
    departement: str
    region: str
    lat: float
    lon: float
    population: int


@cache
def communes() -> Mapping[str, Commune]:
    """Every current commune and arrondissement by INSEE code (about 35,000, 25 MB once loaded)."""
    columns = frozenset({"code_insee", "nom", "code_commune_parente", "codes_postaux", "lat", "lon"})
    attached = attachments()
    found = {}
    for row in files.rows("communes.csv.gz", columns):
        own = (row["code_departement"], row["code_region"])
        departement, region = attached.get(row["code_departement"], own)
        found[row["code_insee"]] = Commune(
            code=row["code_insee"],
            name=row["nom"],
            parent=row["code_commune_parente"] or None,
            postal_codes=tuple(row["codes_postaux"].split("|")),
            departement=departement,
            region=region,
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            population=int(row["population"]),
        )
    return MappingProxyType(found)


@cache
def _former_codes() -> Mapping[str, str]:
    columns = frozenset({"code_ancien", "code_insee"})
    return {row["code_ancien"]: row["code_insee"] for row in files.rows("communes_anciennes.csv", columns)}


def commune(code: str) -> Commune | None:
    """The commune of an INSEE code, current or former (97127 is Saint-Martin, now 97801)."""
    known = communes()
    return known.get(code) or known.get(_former_codes().get(code, ""))


@cache
def _by_postal_code() -> Mapping[str, tuple[Commune, ...]]:
    found: dict[str, list[Commune]] = {}
    for one in communes().values():
        for postal_code in one.postal_codes:
            found.setdefault(postal_code, []).append(one)
    return {postal_code: tuple(members) for postal_code, members in found.items()}


def communes_of_postal_code(postal_code: str) -> tuple[Commune, ...]:
    """Communes and arrondissements served by a postal code; empty when there is none (CEDEX codes)."""
    return _by_postal_code().get(postal_code, ())


def commune_named(name: str, postal_code: str) -> Commune | None:
    """The commune of this name in this postal code, whatever the accents, hyphens, « St » and case."""
    wanted = fold(name)
    matches = [one for one in communes_of_postal_code(postal_code) if fold(one.name) == wanted]
    return matches[0] if len(matches) == 1 else None


def fold(name: str) -> str:
    """A commune's name for comparison: « St-Étienne CEDEX 2 » -> ``SAINT ETIENNE``."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).upper()
    plain = re.sub(r"\bCEDEX\b.*$", "", plain)
    plain = re.sub(r"[^A-Z0-9]+", " ", plain)
    plain = re.sub(r"\bST\b", "SAINT", plain)
    plain = re.sub(r"\bSTE\b", "SAINTE", plain)
    return plain.strip()
