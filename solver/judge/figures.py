"""Figures of a grappe, computed apart from the search: plain integers, one ESMS after the other.

When to modify: a scale gains a shape of rule (see ``solver.scale``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from solver.instance import Esms, Instance
from solver.proposal import Line
from solver.scale import Forfait, Rate, Scale
from solver.vocabulary import LineCode

_ORDER = list(LineCode)


class UnfundableError(ValueError):
    """A member brings nothing with this solution: the grappe has no figures."""


def rate_of(instance: Instance, scale: Scale, esms: Esms, solution: str) -> Rate | None:
    """What one ESMS brings with a solution; None when it is not fundable with it."""
    referenced = instance.solution_by_id[solution].segur_referenced
    return scale.rates.get((esms.need, esms.champ, referenced))


def belongs_to_small_organisme(instance: Instance, scale: Scale, esms: Esms) -> bool:
    return instance.organisme_by_id[esms.organisme].esms_total <= scale.small_og_max_esms


def forfaits(instance: Instance, scale: Scale, solution: str, members: Iterable[Esms]) -> list[Forfait]:
    """Every forfait that the grappe is paid, one entry per unit.

    Raises
    ------
    UnfundableError
        A member is not fundable with this solution.
    """
    esms = list(members)
    rates = []
    for e in esms:
        rate = rate_of(instance, scale, e, solution)
        if rate is None:
            raise UnfundableError(f"{e.id} is not fundable with {solution}")
        rates.append(rate)
    paid: list[Forfait] = []
    for rate, full in zip(rates, _paid_in_full(rates, scale.full_rate_members), strict=True):
        paid.extend(rate.first if full else rate.beyond)
    return paid + _supplements(instance, scale, esms)


def _paid_in_full(rates: Sequence[Rate], most: int | None) -> list[bool]:
    """Which members are paid at ``first``: those that lose most otherwise, the earlier one when equal."""
    if most is None or len(rates) <= most:
        return [True] * len(rates)
    by_loss = sorted(range(len(rates)), key=lambda i: (rates[i].beyond_eur - rates[i].first_eur, i))
    full = set(by_loss[:most])
    return [i in full for i in range(len(rates))]


def _supplements(instance: Instance, scale: Scale, members: Sequence[Esms]) -> list[Forfait]:
    """Those of small organismes: per member of one, once for the grappe, once more under a trigger."""
    small = [e for e in members if belongs_to_small_organisme(instance, scale, e)]
    if not small:
        return []
    paid: list[Forfait] = []
    if scale.equipement is not None:
        paid.extend(scale.equipement for _ in small)
    if scale.amoa_projet is not None:
        paid.append(scale.amoa_projet)
    triggered = any((e.need, e.champ) in scale.amoa_marche_triggers for e in members)
    if scale.amoa_marche is not None and triggered:
        paid.append(scale.amoa_marche)
    return paid


def lines(paid: Iterable[Forfait]) -> tuple[Line, ...]:
    """One line per (code, unit amount, citation), in the order of the codes, larger units first."""
    units = list(paid)
    objects = {id(forfait): forfait for forfait in units}  # few: told apart by what they are, then by value
    counts: dict[Forfait, int] = defaultdict(int)
    for number, times in Counter(map(id, units)).items():
        counts[objects[number]] += times
    ranked = sorted(
        counts, key=lambda f: (_ORDER.index(f.code), -f.unit_eur, f.reference.rule, f.reference.quote)
    )
    return tuple(Line(f.code, counts[f], f.unit_eur, counts[f] * f.unit_eur, f.reference) for f in ranked)


def shares(total_eur: int, regions: Sequence[str]) -> dict[str, int]:
    """``total_eur`` by region of the members: exact shares rounded down, then the rest one euro at a time.

    The largest remainders are served first, the lower code when equal.
    """
    exact = {code: Fraction(total_eur * regions.count(code), len(regions)) for code in set(regions)}
    euros = {code: int(share) for code, share in exact.items()}
    left = total_eur - sum(euros.values())
    for code in sorted(exact, key=lambda c: (euros[c] - exact[c], c))[:left]:
        euros[code] += 1
    return dict(sorted(euros.items()))
