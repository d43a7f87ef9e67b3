"""From the fields of a FINESS source, whichever its layout, to a record of the register.

When to modify: what makes an establishment an ESMS of the register changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from matchmaker.reference import Commune, categories, regions
from matchmaker.register.records import FINESS, FINESS_EXPECTED, Item, OutOfScope, Record, Refusal, shown

# Lieux de vie et d'accueil: the address may be a home. Only the commune is kept.
_HOMES = frozenset({"462"})

# INSEE and FINESS codes of overseas territories that have no région and no ARS of their own.
_ELSEWHERE = re.compile(r"(97[5]|98\d)\w*|9[E-Z]")


def is_esms(category: str) -> bool:
    known = categories().get(category)
    return known is not None and known.is_esms


def is_elsewhere(code: str) -> bool:
    """Whether a commune's or département's code belongs to a territory outside the 18 régions."""
    return _ELSEWHERE.fullmatch(code) is not None


def from_finess(
    place: str,
    *,
    finess_et: str,
    finess_ej: str,
    name: str,
    organisme_name: str | None,
    category: str,
    address: str,
    postal_code: str,
    commune: Commune,
    degrees: tuple[float, float] | None,
    fields: tuple[str, str, str, str],
) -> Iterator[Item]:
    """The record, or why there is none. ``fields``: the source's names of ET, EJ, name and category."""
    et_field, ej_field, name_field, category_field = fields
    known = categories().get(category)
    if not FINESS.fullmatch(finess_et):
        yield Refusal(place, et_field, shown(finess_et), FINESS_EXPECTED)
    elif known is None:
        yield Refusal(
            place,
            category_field,
            shown(category),
            "un code de catégorie (3 chiffres) de la nomenclature livrée",
        )
    elif not known.is_esms or known.champ is None or commune.region not in regions():
        yield OutOfScope(place, finess_et)
    elif not FINESS.fullmatch(finess_ej):
        yield Refusal(place, ej_field, shown(finess_ej), FINESS_EXPECTED)
    elif not name:
        yield Refusal(place, name_field, "", "un nom")
    else:
        at_home = category in _HOMES
        yield Record(
            place=place,
            finess_et=finess_et,
            name=name,
            organisme_key=f"ej:{finess_ej}",
            finess_ej=finess_ej,
            organisme_name=organisme_name,
            category=category,
            champ=known.champ,
            medicalised=known.medicalised,
            capacity=None,
            address="" if at_home else " ".join(address.split()),
            postal_code=postal_code if len(postal_code) == 5 and postal_code.isdecimal() else "",
            commune=commune.code,
            departement=commune.departement,
            region=commune.region,
            lat=degrees[0] if degrees and not at_home else None,
            lon=degrees[1] if degrees and not at_home else None,
        )
