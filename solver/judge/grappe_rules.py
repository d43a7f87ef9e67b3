"""The rules that one grappe is judged on by itself.

Each check yields what breaks it. They share no code with the search: a rule is read here a second time.

When to modify: a rule of the contract changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solver.instance import DuiSolution, Esms, FixedGrappe, Grappe, Instance
from solver.judge.distances import NOISE_KM, TIE_KM, Distances
from solver.judge.figures import rate_of
from solver.judge.ties import Ties
from solver.judge.verdict import Concession, Rule, Violation
from solver.scale import Scale
from solver.vocabulary import ChangeKind, Need, Territory

_NONE = Concession(frozenset(), ChangeKind.SPLIT_LOT)


@dataclass(frozen=True)
class Bench:
    """What judging needs beside the grappe itself."""

    instance: Instance
    scale: Scale
    distances: Distances
    ties: Ties


def minimum_size(bench: Bench, members: list[Esms]) -> int:
    """The size that a grappe of these members must reach."""
    least = bench.instance.parameters.min_size
    if least is not None:
        return least
    lower = bench.scale.min_size_by_region
    return max(lower.get(e.region, bench.scale.min_size) for e in members)


def due_size(bench: Bench, members: list[Esms], fixed: FixedGrappe | None) -> int:
    """The minimum with ``min_slack`` on top, as far as the maximum allows; none for fixed grappes.

    People have agreed on a fixed grappe as it is: the slack is asked of the grappes that are formed.
    """
    least, most = minimum_size(bench, members), maximum_size(bench)
    wished = least + (0 if fixed is not None else bench.instance.parameters.min_slack)
    return wished if most is None else max(least, min(wished, most))


def maximum_size(bench: Bench) -> int | None:
    most = bench.instance.parameters.max_size
    return bench.scale.max_size if most is None else most


def limits_km(bench: Bench, members: Sequence[Esms], concession: Concession | None) -> list[float] | None:
    """How far each member may be from its porteur; None: anywhere."""
    limit = bench.instance.parameters.max_radius_km
    if limit is None:
        return None
    if concession is None or concession.kind is not ChangeKind.RADIUS_KM:
        return [limit] * len(members)
    conceded = float(concession.value or 0.0)
    return [conceded if concession.waives(ChangeKind.RADIUS_KM, e.id) else limit for e in members]


def within_reach(
    bench: Bench, porteur: Esms, members: Sequence[Esms], concession: Concession | None
) -> list[bool]:
    """Whether each member is within ``max_radius_km`` of the porteur, to the millimetre."""
    limits = limits_km(bench, members, concession)
    if limits is None:
        return [True] * len(members)
    return bench.distances.within(porteur.id, [e.id for e in members], limits)


def territory_code(instance: Instance, esms: Esms) -> str | None:
    """What a porteur and its members share."""
    match instance.parameters.territory:
        case Territory.REGION:
            return esms.region
        case Territory.DEPARTEMENT:
            return esms.departement
        case Territory.NONE:
            return None


def same_territory(bench: Bench, porteur: Esms, member: Esms, concession: Concession | None) -> bool:
    if concession is not None and concession.waives(ChangeKind.TERRITORY, member.id):
        return True
    return territory_code(bench.instance, porteur) == territory_code(bench.instance, member)


def in_reach(
    bench: Bench, porteur: Esms, members: Sequence[Esms], concession: Concession | None
) -> list[bool]:
    """Whether rule 5 lets each of these into a grappe of this porteur."""
    near = within_reach(bench, porteur, members, concession)
    return [
        close and same_territory(bench, porteur, e, concession)
        for e, close in zip(members, near, strict=True)
    ]


def able_to_carry(bench: Bench, members: Sequence[Esms], concession: Concession | None) -> list[str]:
    """The members that may be porteur: they agree to, and everyone is in their reach and territory."""
    bound = [e for e in members if concession is None or not concession.waives(ChangeKind.TERRITORY, e.id)]
    codes = {territory_code(bench.instance, e) for e in bound}
    able = [e.id for e in members if e.can_be_porteur and codes <= {territory_code(bench.instance, e)}]
    limits = limits_km(bench, members, concession)
    return able if limits is None else bench.distances.reaching(able, [e.id for e in members], limits)


def elect(bench: Bench, members: Sequence[Esms], concession: Concession | None = None) -> str | None:
    """The porteur by rule 5: smallest sum of distances among those that may be, then smallest id."""
    able = able_to_carry(bench, members, concession)
    excess = bench.distances.excess_km(able, [e.id for e in members])
    return min((id_ for id_, km in excess.items() if km <= NOISE_KM), default=None)


class GrappeRules:
    """Every rule on one grappe whose ids all exist; ``fixed``: the fixed grappe that it touches, if any."""

    def __init__(
        self,
        bench: Bench,
        grappe: Grappe,
        members: list[Esms],
        fixed: FixedGrappe | None,
        concession: Concession | None,
        path: str,
    ) -> None:
        self._bench, self._grappe, self._members, self._fixed = bench, grappe, members, fixed
        self._concession = concession or _NONE
        self._path = path
        self._solution: DuiSolution = bench.instance.solution_by_id[grappe.solution]

    def broken(self) -> Iterator[Violation]:
        for place, member in enumerate(self._members):
            yield from self._member(member, f"{self._path}.members[{place}]")
        yield from self._hosting()
        yield from self._lots()
        yield from self._size()
        yield from self._porteur()
        yield from self._mixing()
        yield from self._pairs()
        yield from self._as_fixed()

    def _say(self, rule: Rule, stated: object, recomputed: object, place: str = "") -> Violation:
        return Violation(rule, self._path + place, stated, recomputed)

    # rules 1 to 3 ------------------------------------------------------------------------------------

    def _member(self, e: Esms, path: str) -> Iterator[Violation]:
        bench, solution = self._bench, self._solution
        if e.need is Need.AUCUN:
            yield Violation(Rule.NO_NEED, path, e.id, "has no need: never placed")
            return
        if e.id in bench.instance.constraints.excluded:
            yield Violation(Rule.EXCLUDED, path, e.id, "excluded: never placed")
        accepts = e.accepts_solution(solution.id) or self._concession.gives_solution(e.id, solution.id)
        if not accepts:
            yield Violation(Rule.SOLUTION, path, solution.id, f"{e.id} does not accept it")
        if e.champ not in solution.champs:
            yield Violation(Rule.CHAMP, path, solution.id, f"does not cover the champ {e.champ} of {e.id}")
        if e.need is Need.MONTEE_DE_VERSION and e.current_solution != solution.id:
            yield Violation(Rule.CURRENT_SOLUTION, path, solution.id, f"{e.id} has {e.current_solution}")
        if not self._hosts(e):
            yield Violation(Rule.HOSTING, path, self._grappe.hosting, f"{e.id} does not accept it")
        if rate_of(bench.instance, bench.scale, e, solution.id) is None:
            yield Violation(Rule.FUNDABLE, path, e.id, f"not fundable with {solution.id}")

    def _hosts(self, e: Esms) -> bool:
        modes = [self._grappe.hosting] if self._grappe.hosting is not None else sorted(self._solution.hosting)
        given = self._concession.gives_hosting(e.id)
        return any(e.accepts_hosting(mode) or mode is given for mode in modes)

    def _hosting(self) -> Iterator[Violation]:
        hosting = self._grappe.hosting
        if self._bench.instance.parameters.same_hosting:
            if hosting is None:
                yield self._say(Rule.HOSTING, None, "one mode for the whole grappe", ".hosting")
            elif hosting not in self._solution.hosting:
                yield self._say(
                    Rule.HOSTING, hosting.value, f"not offered by {self._solution.id}", ".hosting"
                )
        elif hosting is not None:
            yield self._say(Rule.HOSTING, hosting.value, None, ".hosting")

    def _lots(self) -> Iterator[Violation]:
        inside = set(self._grappe.members)
        ties, conceded = self._bench.ties, self._concession
        for key in sorted({(e.organisme, e.lot) for e in self._members if e.lot is not None}):
            lot = ties.lot_members[key]
            if inside >= lot or any(conceded.waives(ChangeKind.SPLIT_LOT, id_) for id_ in lot):
                continue
            yield self._say(Rule.LOT, list(key), f"without {sorted(lot - inside)}", ".members")
        for chain in sorted(
            {ties.chain_of[e.organisme] for e in self._members if e.organisme in ties.chain_of}
        ):
            missing = ties.chain_members[chain] - inside
            if missing:
                yield self._say(Rule.TOGETHER, chain, f"without {sorted(missing)}", ".members")

    # rules 4 and 5 -----------------------------------------------------------------------------------

    def _size(self) -> Iterator[Violation]:
        size, least, most = (
            len(self._members),
            due_size(self._bench, self._members, self._fixed),
            maximum_size(self._bench),
        )
        if size < least:
            yield self._say(Rule.SIZE, size, f"at least {least}", ".members")
        if most is not None and size > most:
            yield self._say(Rule.SIZE, size, f"at most {most}", ".members")

    def _porteur(self) -> Iterator[Violation]:
        bench, id_ = self._bench, self._grappe.porteur
        if id_ not in self._grappe.members:
            yield self._say(Rule.PORTEUR, id_, "not a member", ".porteur")
            return
        porteur = bench.instance.esms_by_id[id_]
        if not porteur.can_be_porteur:
            yield self._say(Rule.PORTEUR, id_, "may not be porteur", ".porteur")
            return
        sound = True
        near = within_reach(bench, porteur, self._members, self._concession)
        for place, (member, close) in enumerate(zip(self._members, near, strict=True)):
            path = f".members[{place}]"
            if not same_territory(bench, porteur, member, self._concession):
                yield self._say(Rule.TERRITORY, member.id, f"not in the territory of {id_}", path)
                sound = False
            if not close:
                km = bench.distances.km(id_, member.id)
                yield self._say(Rule.RADIUS, member.id, f"{km:.6f} km from {id_}", path)
                sound = False
        if sound and self._fixed is None:
            yield from self._centre(id_)

    def _centre(self, porteur: str) -> Iterator[Violation]:
        """The porteur is within a millimetre of the smallest sum, and no equal one has a smaller id."""
        bench, ids = self._bench, [e.id for e in self._members]
        able = able_to_carry(bench, self._members, self._concession)
        excess = bench.distances.excess_km(able, ids)
        best = min(id_ for id_, km in excess.items() if km <= NOISE_KM)
        far = porteur not in excess or excess[porteur] > TIE_KM
        if far or (excess[porteur] <= NOISE_KM and best < porteur):
            yield self._say(Rule.CENTRE, porteur, best, ".porteur")

    # rule 6 ------------------------------------------------------------------------------------------

    def _mixing(self) -> Iterator[Violation]:
        parameters = self._bench.instance.parameters
        champs = sorted({e.champ.value for e in self._members})
        if not parameters.mix_champs and len(champs) > 1:
            yield self._say(Rule.MIX_CHAMPS, champs, "one champ", ".members")
        kinds = {e.need.is_acquisition for e in self._members if e.need is not Need.AUCUN}
        if not parameters.mix_needs and len(kinds) > 1:
            needs = sorted({e.need.value for e in self._members})
            yield self._say(Rule.MIX_NEEDS, needs, "montées de version alone, or none", ".members")

    def _pairs(self) -> Iterator[Violation]:
        present = {e.organisme for e in self._members}
        for one, other in self._bench.instance.constraints.apart:
            if one in present and other in present:
                yield self._say(Rule.APART, [one, other], "never in the same grappe", ".members")

    def _as_fixed(self) -> Iterator[Violation]:
        fixed, grappe = self._fixed, self._grappe
        if fixed is None:
            return
        for name in ("solution", "hosting", "porteur"):
            if getattr(fixed, name) != getattr(grappe, name):
                yield self._say(Rule.FIXED_GRAPPE, getattr(grappe, name), getattr(fixed, name), f".{name}")
        if fixed.id is not None and grappe.id != fixed.id:
            yield self._say(Rule.FIXED_GRAPPE, grappe.id, fixed.id, ".id")
        asked, inside = set(fixed.members), set(grappe.members)
        if not asked <= inside or (asked != inside and not fixed.extendable):
            yield self._say(Rule.FIXED_GRAPPE, sorted(inside), sorted(asked), ".members")
