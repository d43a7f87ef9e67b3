"""Where a published plan leaves the ESMS of one organisme: placed, or alone with what would place them.

Of other organismes nothing is read here but the size, the départements and the offer of a grappe; when they
are fewer than a cell holds, the register would tell who has that many ESMS there: then a grappe is in its
région, and as large as it must be (decision 0122).

When to modify: an OG may read something more of a plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.evaluation import evaluate
from matchmaker.financement.projet import Membre, Organisme, Projet
from matchmaker.og import reasons
from matchmaker.og.money import ONCE, OWN
from matchmaker.partners.cells import STEP_KM
from matchmaker.proposals import departures, wording
from matchmaker.proposals.plan import Change, Esms, Grappe, Plan, Unplaced
from matchmaker.reference import limits
from matchmaker.web.formats import NBSP, pluriel
from solver.vocabulary import Champ, ChangeKind, Need

# What an organisme can change by itself, without the regional team.
OWN_CHANGES = (ChangeKind.ACCEPT_HOSTING, ChangeKind.ACCEPT_SOLUTION, ChangeKind.SPLIT_LOT)


@dataclass(frozen=True, slots=True)
class Seen:
    """A grappe as an organisme may see it before any consent. ``few``: the others in it are fewer
    organismes than a cell holds, and ``size`` is not for a page."""

    id: str
    size: int
    threshold: int
    where: str
    solution: str
    hosting: str
    few: bool

    @property
    def margin(self) -> int:
        return self.size - self.threshold

    @property
    def esms(self) -> str:
        """« 16 ESMS »; of few: « 15 ESMS ou plus », as the rule that it meets says already."""
        return f"{self.threshold}{NBSP}ESMS ou plus" if self.few else pluriel(self.size, "ESMS", "ESMS")


@dataclass(frozen=True, slots=True)
class Placed:
    """Own ESMS in a grappe, and what they bring, by which rules."""

    grappe: Seen
    own: tuple[Esms, ...]
    own_eur: int
    own_rules: tuple[str, ...]
    spared: int
    organismes: int

    @property
    def company(self) -> str:
        """« de 5 organismes », said of its ESMS."""
        if self.grappe.few:
            return f"du vôtre et {_of_few()}"
        return f"de {pluriel(self.organismes, 'organisme')}"

    @property
    def solidity(self) -> str:
        """How many could leave, one at a time; empty: nobody."""
        if not self.spared:
            return ""
        if self.grappe.few:
            return "résiste au départ d’un organisme au moins"
        return f"résiste au départ de {pluriel(self.spared, 'organisme')} sur {self.organismes}, un à la fois"


@dataclass(frozen=True, slots=True)
class Left:
    """An own ESMS in no grappe, and why: ``cause``, a word of ``Reason``, and ``reason``, in sentences.
    ``asks_nothing``: nobody failed to place it."""

    esms: Esms
    cause: str
    reason: str
    asks_nothing: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A single concession that places these own ESMS, each verified by itself. ``joins`` None: a new grappe
    with ``partners`` other ESMS (``few``: of fewer organismes than a cell holds), in ``where``.
    ``own_eur``: what these ESMS would bring, at most, by ``own_rules``."""

    kind: str
    value: str
    label: str
    esms: tuple[Esms, ...]
    joins: Seen | None
    partners: int
    few: bool
    where: str
    own_eur: int
    own_rules: tuple[str, ...]

    @property
    def others(self) -> str:
        """« 11 autres ESMS », « des ESMS de moins de 3 autres organismes »; empty: nobody else."""
        if self.few:
            return f"des ESMS {_of_few()}"
        return pluriel(self.partners, "autre ESMS", "autres ESMS") if self.partners else ""

    @property
    def own_choice(self) -> bool:
        """Whether the organisme can make this change by itself."""
        return self.kind in OWN_CHANGES

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(e.id for e in self.esms)

    @property
    def key(self) -> tuple[str, str, str]:
        """How a page names it: kind, value, grappe (empty: a new one)."""
        return self.kind, self.value, self.joins.id if self.joins else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """``options``: those of the most ESMS first. ``complete``: all single concessions were sought."""

    placed: tuple[Placed, ...]
    left: tuple[Left, ...]
    options: tuple[Option, ...]
    complete: bool

    @property
    def alone(self) -> tuple[Left, ...]:
        """Own ESMS that ask for something and are in no grappe."""
        return tuple(one for one in self.left if not one.asks_nothing)

    @property
    def by_reason(self) -> tuple[tuple[str, tuple[Esms, ...]], ...]:
        """Those left alone, the ones with the same reason together, in their order."""
        found: dict[str, list[Esms]] = {}
        for one in self.alone:
            found.setdefault(one.reason, []).append(one.esms)
        return tuple((reason, tuple(esms)) for reason, esms in found.items())

    @property
    def quiet(self) -> tuple[Left, ...]:
        return tuple(one for one in self.left if one.asks_nothing)

    @property
    def known(self) -> bool:
        """Whether the plan holds any ESMS of the organisme."""
        return bool(self.placed or self.left)

    @property
    def enough(self) -> Option | None:
        """The one concession that would place every ESMS left alone, if there is one."""
        return next((o for o in self.options if len(o.esms) == len(self.alone)), None)

    def option(self, key: tuple[str, str, str]) -> Option | None:
        return next((one for one in self.options if one.key == key), None)


def standing(plan: Plan, organisme: str) -> Standing:
    """What the plan says of the ESMS of one organisme (its code in the campaign)."""
    ids = {e.id for e in plan.esms_of.get(organisme, ())}
    own = plan.unplaced_of.get(organisme, ())
    holding = {plan.place_of[plan.grappe_of[id_].id] for id_ in ids if id_ in plan.grappe_of}
    placed = [
        Placed(
            grappe=seen(grappe, ids),
            own=mine,
            own_eur=money[0],
            own_rules=money[1],
            spared=departures.solidity(plan, grappe).spared,
            organismes=len(grappe.organismes),
        )
        for grappe in map(plan.grappes.__getitem__, sorted(holding))
        if (mine := tuple(e for e in grappe.members if e.id in ids))
        for money in [own_money(plan, mine, referenced=grappe.solution.segur == "referenced")]
    ]
    left = [Left(u.esms, u.reason, reasons.reason(plan, u), u.asks_nothing) for u in own]
    return Standing(tuple(placed), tuple(left), tuple(_options(plan, own, ids)), plan.changes_complete)


def own_money(plan: Plan, esms: Sequence[Esms], *, referenced: bool) -> tuple[int, tuple[str, ...]]:
    """What these ESMS of one organisme bring to a grappe under the plan's rules, in euros at most, and the
    ids of the rules that give it."""
    asking = [e for e in esms if e.need != Need.AUCUN]
    if not asking:
        return 0, ()
    members = tuple(Membre(e.id, OWN, Champ(e.champ), FundedNeed(e.need), e.region, e.name) for e in asking)
    projet = Projet(
        regime=plan.regime,
        members=members,
        organismes={OWN: Organisme(OWN, "", max(len(members), asking[0].organisme.esms_total))},
        referenced=referenced,
        readings=dict(plan.parameters["readings"]),
    )
    found = evaluate(shipped_rules(), projet)
    own = next((share.own_eur for share in found.organismes if share.organisme == OWN), 0)
    return own, tuple(dict.fromkeys(line.rule for line in found.montants.lines if line.unit != ONCE))


def _options(plan: Plan, left: Sequence[Unplaced], own: Collection[str]) -> list[Option]:
    """The concessions of the own ESMS, the same one of several ESMS told once."""
    found: dict[tuple[str, str, str], list[tuple[Esms, Change]]] = {}
    for unplaced in left:
        if not unplaced.asks_nothing:
            for change in unplaced.changes:
                key = (change.kind, _value(change), change.joins or "")
                found.setdefault(key, []).append((unplaced.esms, change))
    options = [_option(plan, kind, value, pairs, own) for (kind, value, _joins), pairs in found.items()]
    order = [kind.value for kind in ChangeKind]
    return sorted(
        options,
        key=lambda o: (-len(o.esms), not o.own_choice, order.index(o.kind), -o.own_eur, o.value, o.key),
    )


def _option(
    plan: Plan, kind: str, value: str, pairs: Sequence[tuple[Esms, Change]], own_ids: Collection[str]
) -> Option:
    change = pairs[0][1]
    joined = plan.grappe_by_id.get(change.joins) if change.joins else None
    grappe = seen(joined, own_ids) if joined else None
    esms = tuple(e for e, _change in pairs)
    partners = [e for e in change.partners if e.id not in own_ids]
    own, rules = own_money(plan, esms, referenced=_referenced(plan, kind, value, joined, esms))
    return Option(
        kind=kind,
        value=value,
        label=wording.concession(plan, kind, value),
        esms=esms,
        joins=grappe,
        partners=len(partners),
        few=_few(partners),
        where=grappe.where if grappe else _where(partners),
        own_eur=own,
        own_rules=rules,
    )


def _referenced(plan: Plan, kind: str, value: str, joined: Grappe | None, esms: Iterable[Esms]) -> bool:
    """The solution of the grappe that a concession opens; when it is not told, the best one accepted."""
    if joined is not None:
        return joined.solution.segur == "referenced"
    if kind == ChangeKind.ACCEPT_SOLUTION and value in plan.solutions:
        return plan.solutions[value].segur == "referenced"
    accepted = {code for e in esms for code in (e.accepted_solutions or plan.solutions)}
    return any(plan.solutions[code].segur == "referenced" for code in accepted if code in plan.solutions)


def _value(change: Change) -> str:
    """Kilometres, as coarse as on the cards of partners: exact ones would point to the porteur in the
    register; everything else as it is."""
    if change.kind != ChangeKind.RADIUS_KM:
        return "" if change.value is None else str(change.value)
    return str(ceil(float(change.value) / STEP_KM) * STEP_KM)


def _where(members: Collection[Esms], own: Collection[str] = ()) -> str:
    """Départements where enough other organismes are, or one's own ESMS, those of most members first; the
    région where there are none: a département of one other organisme would say who answered (0124)."""
    if not members:
        return ""
    organismes: dict[str, set[str]] = {}
    for e in members:
        there = organismes.setdefault(e.departement, set())
        if e.id not in own:
            there.add(e.organisme.id)
    home = {e.departement for e in members if e.id in own}
    sizes = Counter(e.departement for e in members)
    told = sorted(
        (code for code, others in organismes.items() if len(others) >= limits.per_cell() or code in home),
        key=lambda code: (-sizes[code], code),
    )
    if not told or _few(e for e in members if e.id not in own):
        return wording.listed(sorted({wording.region(e.region) for e in members}), "et", 3)
    names = [wording.departement(code) for code in told]
    if len(told) < len(organismes):
        return wording.listed([*names[:3], "d’autres départements"], "et")
    return wording.listed(names, "et", 3)


def _few(others: Iterable[Esms]) -> bool:
    """Whether these ESMS, of other organismes, are of so few that their number would tell whose they are."""
    return 0 < len({e.organisme.id for e in others}) < limits.per_cell()


def _of_few() -> str:
    return f"de moins de {limits.per_cell()} autres organismes"


def seen(grappe: Grappe, own: Collection[str]) -> Seen:
    return Seen(
        id=grappe.id,
        size=grappe.size,
        threshold=grappe.threshold,
        where=_where(grappe.members, own),
        solution=grappe.solution.name,
        hosting=wording.hosting(grappe.hosting),
        few=_few(e for e in grappe.members if e.id not in own),
    )
