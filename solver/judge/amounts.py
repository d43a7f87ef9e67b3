"""What a grappe is worth, a second time: member by member, in integers, from the values of a scale.

Amounts of the contract, "Funding of a grappe with solution S"; the search has its own reading of the scale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from solver.instance import DuiSolution, Esms, Grappe, Instance
from solver.judge.measures import Measures
from solver.proposal import Appraisal, Line
from solver.scale import Forfait, Rate, Scale


def rate_of(scale: Scale, esms: Esms, solution: DuiSolution) -> Rate | None:
    """The rate of one member with this solution, None when it is not fundable."""
    return scale.rates.get((esms.need, esms.champ, solution.segur_referenced))


def funding_lines(
    scale: Scale, solution: DuiSolution, members: Sequence[Esms], esms_total: Mapping[str, int]
) -> tuple[Line, ...]:
    """The funding lines, forfaits of members first, supplements last; equal amounts are one line.

    Raises
    ------
    ValueError
        A member is not fundable with this solution.
    """
    rates = []
    for member in members:
        rate = rate_of(scale, member, solution)
        if rate is None:
            raise ValueError(f"{member.id} is not fundable with {solution.id}")
        rates.append(rate)
    units: Counter[Forfait] = Counter()
    full = len(rates) if scale.full_rate_members is None else scale.full_rate_members
    # Those who lose most by being paid as the 50th come first: this makes the total largest.
    for rank, rate in enumerate(sorted(rates, key=lambda r: r.beyond_eur - r.first_eur)):
        units.update(rate.first if rank < full else rate.beyond)
    units.update(_supplements(scale, members, esms_total))
    return tuple(
        Line(f.code, quantity, f.unit_eur, quantity * f.unit_eur, f.reference)
        for f, quantity in units.items()
    )


def _supplements(scale: Scale, members: Sequence[Esms], esms_total: Mapping[str, int]) -> list[Forfait]:
    """Equipment for each member of a small organisme; the two project supplements once (K11)."""
    small = sum(1 for member in members if esms_total[member.organisme] <= scale.small_og_max_esms)
    if small == 0:
        return []
    supplements = [] if scale.equipement is None else [scale.equipement] * small
    if scale.amoa_projet is not None:
        supplements.append(scale.amoa_projet)
    triggered = any((member.need, member.champ) in scale.amoa_marche_triggers for member in members)
    if scale.amoa_marche is not None and triggered:
        supplements.append(scale.amoa_marche)
    return supplements


def shares(total_eur: int, members: Sequence[Esms]) -> dict[str, int]:
    """The total by region, pro rata of members, by largest remainder, ties to the lower code (R10)."""
    count = Counter(member.region for member in members)
    share = {region: total_eur * n // len(members) for region, n in sorted(count.items())}
    remainder = {region: total_eur * n % len(members) for region, n in count.items()}
    left = total_eur - sum(share.values())
    for region in sorted(share, key=lambda r: (-remainder[r], r))[:left]:
        share[region] += 1
    return share


def appraisal_of(instance: Instance, scale: Scale, grappe: Grappe, measures: Measures) -> Appraisal:
    """Every figure of one grappe, recomputed."""
    members = [instance.esms_by_id[member] for member in grappe.members]
    totals = {organisme.id: organisme.esms_total for organisme in instance.organismes}
    lines = funding_lines(scale, instance.solution_by_id[grappe.solution], members, totals)
    funding = sum(line.amount_eur for line in lines)
    kilometres = [measures.km(grappe.porteur, member) for member in grappe.members]
    return Appraisal(
        funding_eur=funding,
        lines=lines,
        by_region=shares(funding, members),
        radius_km=max(kilometres),
        mean_distance_km=sum(kilometres) / len(kilometres),
    )
