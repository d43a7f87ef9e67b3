"""Amounts of the search: what a grappe is worth, its lines and its regions; the judge has its own.

Euros are integers. Kilometres are floats measured by ``solver.distances``.

When to modify: a scale gains a shape of rule (see ``solver.scale``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from solver import distances
from solver.instance import DuiSolution, Esms, Grappe, Instance
from solver.proposal import Appraisal, Line
from solver.scale import Forfait, Rate, Scale


def rate_of(scale: Scale, esms: Esms, solution: DuiSolution) -> Rate | None:
    """What this ESMS brings with this solution; None: not fundable (or no need)."""
    if not esms.need.is_acquisition and (
        esms.current_solution != solution.id or not esms.accepts_solution(solution.id)
    ):
        return None
    return scale.rates.get((esms.need, esms.champ, solution.segur_referenced))


def is_small(instance: Instance, scale: Scale, esms: Esms) -> bool:
    """Whether its organisme is a small one and the regime counts supplements for it."""
    total = instance.organisme_by_id[esms.organisme].esms_total
    return scale.equipement is not None and total <= scale.small_og_max_esms


def triggers_marche(scale: Scale, esms: Esms) -> bool:
    """Whether this member alone lets a grappe with a small organisme claim the AMOA marché."""
    return scale.amoa_marche is not None and (esms.need, esms.champ) in scale.amoa_marche_triggers


def forfaits_of(instance: Instance, scale: Scale, solution: str, members: Sequence[str]) -> list[Forfait]:
    """Every forfait of a grappe, one entry per unit paid.

    Where only the first ``full_rate_members`` are paid in full, those whose reduction would cost most come
    first: the assignment that makes the total largest.
    """
    software = instance.solution_by_id[solution]
    esms = [instance.esms_by_id[i] for i in members]
    rates = [rate_of(scale, e, software) for e in esms]
    fundable = [r for r in rates if r is not None]
    if len(fundable) != len(rates):
        raise ValueError("a member of this grappe is not fundable")
    full = len(fundable)
    if scale.full_rate_members is not None:
        fundable.sort(key=lambda r: r.beyond_eur - r.first_eur)
        full = scale.full_rate_members
    paid = [f for r in fundable[:full] for f in r.first] + [f for r in fundable[full:] for f in r.beyond]
    return paid + _supplements(instance, scale, esms)


def _supplements(instance: Instance, scale: Scale, esms: Sequence[Esms]) -> list[Forfait]:
    small = sum(is_small(instance, scale, e) for e in esms)
    if not small:
        return []
    paid = [scale.equipement] * small + [scale.amoa_projet]
    if any(triggers_marche(scale, e) for e in esms):
        paid.append(scale.amoa_marche)
    return [f for f in paid if f is not None]


def funding_eur(instance: Instance, scale: Scale, solution: str, members: Sequence[str]) -> int:
    """Whole funding of a grappe, euros."""
    return sum(f.unit_eur for f in forfaits_of(instance, scale, solution, members))


def lines_of(forfaits: Iterable[Forfait]) -> tuple[Line, ...]:
    """Funding lines: one per (code, unit amount, reference), in the order of the codes' vocabulary."""
    units = Counter(forfaits)
    order = {code: k for k, code in enumerate(type(next(iter(units)).code))} if units else {}
    ranked = sorted(units, key=lambda f: (order[f.code], -f.unit_eur, f.reference.rule, f.reference.quote))
    return tuple(Line(f.code, units[f], f.unit_eur, units[f] * f.unit_eur, f.reference) for f in ranked)


def split_by_region(total_eur: int, regions: Iterable[str]) -> dict[str, int]:
    """``total_eur`` shared in proportion to the members, by largest remainder, ties to the lower code."""
    members = Counter(regions)
    size = sum(members.values())
    shares = {code: total_eur * n // size for code, n in sorted(members.items())}
    left = total_eur - sum(shares.values())
    by_remainder = sorted(members, key=lambda code: (-(total_eur * members[code] % size), code))
    for code in by_remainder[:left]:
        shares[code] += 1
    return shares


def appraise(instance: Instance, scale: Scale, grappe: Grappe) -> Appraisal:
    """The figures of one grappe: lines with their references, regions, radius and mean distance.

    ``mean_distance_km`` is taken over all members, the porteur's own zero included.
    Raises ValueError when a member is not fundable with the grappe's solution.
    """
    forfaits = forfaits_of(instance, scale, grappe.solution, grappe.members)
    total = sum(f.unit_eur for f in forfaits)
    esms = [instance.esms_by_id[i] for i in grappe.members]
    porteur = instance.esms_by_id[grappe.porteur]
    km = _from(porteur, esms)
    return Appraisal(
        funding_eur=total,
        lines=lines_of(forfaits),
        by_region=split_by_region(total, (e.region for e in esms)),
        radius_km=float(km.max()),
        mean_distance_km=float(km.mean()),
    )


def choose_porteur(instance: Instance, members: Sequence[str]) -> str | None:
    """The member that carries the grappe: in reach of all, smallest sum of distances, then smallest id.

    None when no member can carry it.
    """
    esms = [instance.esms_by_id[i] for i in sorted(members)]
    if len({instance.territory_of(e) for e in esms}) > 1:
        return None
    lat, lon = np.array([e.lat for e in esms]), np.array([e.lon for e in esms])
    able = [k for k, e in enumerate(esms) if e.can_be_porteur]
    limit = instance.parameters.max_radius_km
    if limit is not None and able:
        able = [
            k for k, reaches in zip(able, distances.reaching(lat, lon, able, limit), strict=True) if reaches
        ]
    if not able:
        return None
    return esms[distances.most_central(lat, lon, able)].id


def _from(porteur: Esms, esms: Sequence[Esms]) -> distances.Floats:
    lat, lon = np.array([e.lat for e in esms]), np.array([e.lon for e in esms])
    return distances.geodesic_km(np.full_like(lat, porteur.lat), np.full_like(lon, porteur.lon), lat, lon)
