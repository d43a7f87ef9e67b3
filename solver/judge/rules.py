"""The rules that one grappe must respect by itself (contract, "What a proposal must respect", 1 to 6).

Each rule is one function that yields violations; ``Judge`` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from solver.instance import DuiSolution, Esms, Grappe, Instance
from solver.judge.amounts import rate_of
from solver.judge.concession import Concession
from solver.judge.measures import NOISE_KM, SAME_SUM_KM, Measures
from solver.judge.violation import Violation
from solver.scale import Scale
from solver.vocabulary import ChangeKind, Hosting, Need, Territory

NOTHING_CONCEDED = Concession(frozenset(), ChangeKind.SPLIT_LOT, "")


@dataclass(frozen=True, slots=True)
class Case:
    """One grappe before the judge. ``porteur_given``: a fixed grappe keeps the porteur people agreed on."""

    instance: Instance
    scale: Scale
    measures: Measures
    grappe: Grappe
    members: tuple[Esms, ...]
    solution: DuiSolution
    concession: Concession
    path: str
    porteur_given: bool = False

    def found(self, rule: str, stated: object, recomputed: object) -> Violation:
        return Violation(rule, self.path, stated, recomputed)


def offer(case: Case) -> Iterator[Violation]:
    """Rule 2: one solution, one hosting mode that it offers, accepted by all, covering every champ."""
    hosting = case.grappe.hosting
    same = case.instance.parameters.same_hosting
    if same and (hosting is None or hosting not in case.solution.hosting):
        yield case.found("hosting_not_offered", hosting, sorted(case.solution.hosting))
    if not same and hosting is not None:
        yield case.found("hosting_must_be_null", hosting, None)
    for esms in case.members:
        modes = sorted(case.solution.hosting) if hosting is None else [hosting]
        if not any(_accepts_hosting(case, esms, mode) for mode in modes):
            yield case.found("hosting_not_accepted", esms.id, modes)
        if not _accepts_solution(case, esms):
            yield case.found("solution_not_accepted", esms.id, case.solution.id)
        if esms.champ not in case.solution.champs:
            yield case.found("champ_not_covered", esms.id, sorted(case.solution.champs))
        if esms.need is Need.MONTEE_DE_VERSION and esms.current_solution != case.solution.id:
            yield case.found("version_of_another_solution", esms.id, esms.current_solution)


def _accepts_hosting(case: Case, esms: Esms, mode: Hosting) -> bool:
    return esms.accepts_hosting(mode) or case.concession.accepts_hosting(esms.id, mode)


def _accepts_solution(case: Case, esms: Esms) -> bool:
    wanted = case.solution.id
    return esms.accepts_solution(wanted) or case.concession.accepts_solution(esms.id, wanted)


def fundable(case: Case) -> Iterator[Violation]:
    """Rule 3 and the excluded: every member has a need that the scale pays for, and is not excluded."""
    for esms in case.members:
        if esms.id in case.instance.constraints.excluded:
            yield case.found("excluded_placed", esms.id, None)
        if esms.need is Need.AUCUN:
            yield case.found("no_need_placed", esms.id, None)
        elif rate_of(case.scale, esms, case.solution) is None:
            yield case.found("not_fundable", esms.id, case.solution.id)


def minimum_size(instance: Instance, scale: Scale, members: Sequence[Esms]) -> int:
    """Rule 4: the instance's minimum, else the largest of the members' regions."""
    if instance.parameters.min_size is not None:
        return instance.parameters.min_size
    return max(scale.min_size_by_region.get(esms.region, scale.min_size) for esms in members)


def maximum_size(instance: Instance, scale: Scale) -> int | None:
    return scale.max_size if instance.parameters.max_size is None else instance.parameters.max_size


def size(case: Case) -> Iterator[Violation]:
    """Rule 4: not fewer than the minimum, not more than the maximum."""
    lowest = minimum_size(case.instance, case.scale, case.members)
    highest = maximum_size(case.instance, case.scale)
    if len(case.members) < lowest:
        yield case.found("too_small", len(case.members), lowest)
    if highest is not None and len(case.members) > highest:
        yield case.found("too_large", len(case.members), highest)


def porteur(case: Case) -> Iterator[Violation]:
    """Rule 5: a member that may be porteur, near all others, with the smallest sum of distances."""
    chosen = case.instance.esms_by_id[case.grappe.porteur]
    if chosen.id not in case.grappe.members:
        yield case.found("porteur_not_member", chosen.id, None)
        return
    if not chosen.can_be_porteur:
        yield case.found("porteur_may_not", chosen.id, None)
    for esms in case.members:
        if not _in_reach(case, chosen, esms):
            yield case.found("out_of_reach", esms.id, round(case.measures.km(chosen.id, esms.id), 6))
        if not _in_territory(case, chosen, esms):
            yield case.found("out_of_territory", esms.id, chosen.id)
    if not case.porteur_given:
        yield from _central(case, chosen)


def _central(case: Case, chosen: Esms) -> Iterator[Violation]:
    """The smallest sum, then the smallest id; sums closer than a millimetre may go either way.

    Two measuring libraries differ by nanometres: only a sum clearly smaller, or one that is equal and whose
    ESMS has a smaller id, refutes the choice.
    """
    own = case.measures.sum_km(chosen.id, case.grappe.members)
    for rival in case.members:
        if rival.id == chosen.id or not rival.can_be_porteur:
            continue
        theirs = case.measures.sum_km(rival.id, case.grappe.members)
        smaller = theirs < own - SAME_SUM_KM
        equal_before = rival.id < chosen.id and abs(theirs - own) <= NOISE_KM
        if (smaller or equal_before) and _can_carry(case, rival):
            yield case.found("porteur_not_central", chosen.id, rival.id)
            return


def _can_carry(case: Case, centre: Esms) -> bool:
    return centre.can_be_porteur and all(
        _in_reach(case, centre, esms) and _in_territory(case, centre, esms) for esms in case.members
    )


def _in_reach(case: Case, centre: Esms, esms: Esms) -> bool:
    limit = case.concession.radius_km(esms.id, case.instance.parameters.max_radius_km)
    return case.measures.within(centre.id, esms.id, limit)


def _in_territory(case: Case, centre: Esms, esms: Esms) -> bool:
    if case.concession.waives_territory(esms.id):
        return True
    match case.instance.parameters.territory:
        case Territory.REGION:
            return centre.region == esms.region
        case Territory.DEPARTEMENT:
            return centre.departement == esms.departement
        case Territory.NONE:
            return True


def mixing(case: Case) -> Iterator[Violation]:
    """Rule 6: champs and kinds of need mix only where the instance says so."""
    champs = sorted({esms.champ for esms in case.members})
    if not case.instance.parameters.mix_champs and len(champs) > 1:
        yield case.found("champs_mixed", champs, None)
    kinds = {esms.need.is_acquisition for esms in case.members}
    if not case.instance.parameters.mix_needs and len(kinds) > 1:
        yield case.found("needs_mixed", sorted({esms.need for esms in case.members}), None)


def apart(case: Case) -> Iterator[Violation]:
    """Rule 6: organismes that must stay apart."""
    present = {esms.organisme for esms in case.members}
    for one, other in case.instance.constraints.apart:
        if one in present and other in present:
            yield case.found("apart_together", one, other)


Rule = Callable[[Case], Iterator[Violation]]

RULES: tuple[Rule, ...] = (offer, fundable, size, porteur, mixing, apart)
EVERY_RULE_BUT_SIZE = tuple(rule for rule in RULES if rule is not size)
