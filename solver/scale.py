"""A funding scale as values: what the law pays, already resolved for one regime and one set of readings.

No amount is written here: ``matchmaker.baremes`` reads them from dated files and builds a ``Scale``. Two
separate readers compute with it: the search (``solver.funding``) and the judge (``solver.judge``).

When to modify: a regime needs a shape of rule that these fields cannot carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solver.vocabulary import Champ, LineCode, Need, Regime


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an amount is written: rule id of the register, document, heading, exact words."""

    rule: str
    document: str
    heading: str
    quote: str


@dataclass(frozen=True, slots=True)
class Forfait:
    """One amount per unit (an ESMS, or a grappe), in whole euros, with its citation."""

    code: LineCode
    unit_eur: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class Rate:
    """What one ESMS brings: ``first`` within the full-rate members, ``beyond`` after them (national)."""

    first: tuple[Forfait, ...]
    beyond: tuple[Forfait, ...] = ()

    @property
    def first_eur(self) -> int:
        return sum(f.unit_eur for f in self.first)

    @property
    def beyond_eur(self) -> int:
        return sum(f.unit_eur for f in self.beyond)


@dataclass(frozen=True)
class Scale:
    """The whole scale of one regime under one set of readings.

    ``rates``: (need, champ, solution referenced) -> rate; a missing key is not fundable.
    ``full_rate_members``: members paid at ``first`` (49 in the national regime), None: all of them.
    ``small_og_max_esms``: largest ``esms_total`` of a small organisme.
    ``equipement``: per member of a small organisme; ``amoa_projet``: once when a grappe has one such member;
    ``amoa_marche``: once more when besides a member's (need, champ) is in ``amoa_marche_triggers``.
    All three are None where the regime counts no supplement.
    ``min_size``: default minimum; ``min_size_by_region``: lower ones; a grappe's minimum is the largest of
    its members'. ``max_size`` None: no maximum.
    """

    regime: Regime
    version: str
    rates: Mapping[tuple[Need, Champ, bool], Rate]
    full_rate_members: int | None
    small_og_max_esms: int
    equipement: Forfait | None
    amoa_projet: Forfait | None
    amoa_marche: Forfait | None
    amoa_marche_triggers: frozenset[tuple[Need, Champ]]
    min_size: int
    min_size_by_region: Mapping[str, int]
    max_size: int | None
