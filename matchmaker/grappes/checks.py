"""What is wrong with a grappe formed by hand, and what would put it right: both by the judge.

A remedy is only named once the judge found that it works.

When to modify: the judge checks one more rule of a single grappe, or a remedy of another kind is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from matchmaker.campaigns import verdicts
from matchmaker.campaigns.wording import CHAMPS, HOSTING, NEEDS
from matchmaker.partners.question import Question
from matchmaker.web.formats import pluriel
from solver.instance import Esms, Grappe, Instance
from solver.judge import Concession, Judge, Rule, Violation
from solver.judge.grappe_rules import maximum_size, minimum_size
from solver.judge.verdict import UNFIGURED
from solver.vocabulary import ChangeKind, Hosting

ID = "formed by hand"
_OFFERS_NAMED = 2
# Rules of one ESMS that it could lift by accepting more: rule -> the concession that does it.
_CONCESSIONS = {Rule.HOSTING: ChangeKind.ACCEPT_HOSTING, Rule.SOLUTION: ChangeKind.ACCEPT_SOLUTION}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken, in a sentence; ``remedies``: what would lift it, as the judge found."""

    rule: str
    words: str
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of the ESMS of a grappe.

    ``faults``: all but a size under the minimum, which ``missing`` counts. ``porteur``: the ESMS that the
    judge elects, None when nobody can be. ``away``: ids that no longer have a complete answer.
    """

    size: int
    minimum: int
    maximum: int | None
    faults: tuple[Fault, ...]
    porteur: str | None
    away: tuple[str, ...]
    fundable: bool

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.size)

    @property
    def constituted(self) -> bool:
        """Whether it could be deposited as it is: large enough, and no rule broken."""
        return self.size > 0 and not self.missing and not self.faults and not self.away


def judged(
    question: Question,
    solution: str,
    hosting: str | None,
    members: Sequence[str],
    declined: frozenset[str] = frozenset(),
    *,
    remedies: bool = True,
) -> Verdict:
    """The verdict on these ESMS with this offer.

    Parameters
    ----------
    members
        Ids of ESMS; those without a complete answer are set apart.
    declined
        Organismes (codes) that do not want to be porteur.
    """
    key = ("verdict", solution, hosting, tuple(members), declined, remedies)
    return question.derived(key, lambda: _judged(question, solution, hosting, members, declined, remedies))


def _judged(
    question: Question,
    solution: str,
    hosting: str | None,
    members: Sequence[str],
    declined: frozenset[str],
    remedies: bool,
) -> Verdict:
    instance = question.instance
    here = sorted({id_ for id_ in members if id_ in instance.esms_by_id})
    away = tuple(sorted(set(members) - set(here)))
    some = [instance.esms_by_id[id_] for id_ in here]
    minimum = minimum_size(question.judge.bench, some) if some else question.judge.scale.min_size
    if not here:
        return Verdict(0, minimum, None, (), None, away, fundable=False)
    porteur = elect(instance, question.judge, some, declined)
    grappe = Grappe(
        ID, solution, None if hosting is None else Hosting(hosting), porteur or here[0], tuple(here)
    )
    broken = _broken(question.judge, grappe)
    return Verdict(
        size=len(here),
        minimum=minimum,
        maximum=maximum_size(question.judge.bench),
        faults=tuple(_faults(question, grappe, broken, elected=porteur is not None, remedies=remedies)),
        porteur=porteur,
        away=away,
        fundable=not any(v.rule in UNFIGURED for v in broken),
    )


def elect(instance: Instance, judge: Judge, members: Sequence[Esms], declined: frozenset[str]) -> str | None:
    """The porteur by the judge's own rule, among the organismes that did not decline."""
    if not declined:
        return judge.elect([e.id for e in members])
    willing = tuple(
        replace(e, can_be_porteur=e.can_be_porteur and e.organisme not in declined) for e in members
    )
    return Judge(replace(instance, esms=willing), judge.scale).elect([e.id for e in willing])


def _broken(judge: Judge, grappe: Grappe) -> list[Violation]:
    """What the judge finds. Who carries is the members' choice, and the minimum is counted apart."""
    return [
        v
        for v in judge.grappe_violations(grappe)
        if v.rule is not Rule.CENTRE
        and not (v.rule is Rule.SIZE and str(v.recomputed).startswith("at least"))
    ]


def _faults(
    question: Question, grappe: Grappe, broken: Sequence[Violation], *, elected: bool, remedies: bool
) -> Iterator[Fault]:
    offers = tuple(_other_offers(question, grappe)) if broken and remedies else ()
    seen_radius = False
    for violation in broken:
        if not elected and violation.rule in (Rule.RADIUS, Rule.TERRITORY, Rule.PORTEUR):
            if not seen_radius:
                yield Fault(Rule.PORTEUR.value, _NOBODY, _without_one(question, grappe) if remedies else ())
            seen_radius = True
            continue
        found: tuple[str, ...] = ()
        if remedies:
            some = (*_of_one(question, grappe, violation), *_of_several(question, grappe, violation))
            found = (*some, *offers)
        yield Fault(violation.rule.value, verdicts.sentence(violation, question.instance), found)


_NOBODY = (
    "Aucun membre qui accepte d’être porteur n’est à portée de tous les autres (distance ou territoire de la "
    "campagne)."
)


def _other_offers(question: Question, grappe: Grappe) -> Iterator[str]:
    """Offers under which no rule is broken, those that keep the solution first."""
    instance, found = question.instance, 0
    modes: list[Hosting | None] = list(Hosting) if instance.parameters.same_hosting else [None]
    solutions = sorted(instance.solutions, key=lambda s: (s.id != grappe.solution, s.name))
    for solution in solutions:
        for hosting in modes:
            if (solution.id, hosting) == (grappe.solution, grappe.hosting):
                continue
            if not _broken(question.judge, replace(grappe, solution=solution.id, hosting=hosting)):
                where = "" if hosting is None else f" en hébergement « {HOSTING[hosting]} »"
                yield f"Avec {solution.name}{where}, aucun membre ne bloque plus."
                found += 1
                if found == _OFFERS_NAMED:
                    return


def _of_one(question: Question, grappe: Grappe, violation: Violation) -> Iterator[str]:
    """What one ESMS could accept, or the grappe without it."""
    id_ = _whose(violation, grappe)
    if id_ is None:
        return
    name = question.instance.esms_by_id[id_].name
    kind = _CONCESSIONS.get(violation.rule)
    if kind is not None:
        value = grappe.hosting if kind is ChangeKind.ACCEPT_HOSTING else grappe.solution
        concession = Concession(frozenset({id_}), kind, value)
        left = [v for v in question.judge.grappe_violations(grappe, concession) if v.path == violation.path]
        if not any(v.rule is violation.rule for v in left):
            what = "cet hébergement" if kind is ChangeKind.ACCEPT_HOSTING else "cette solution"
            yield f"Si « {name} » acceptait {what}, ce point serait levé."
    yield from _leaving(question, grappe, id_)


def _leaving(question: Question, grappe: Grappe, id_: str) -> Iterator[str]:
    rest = tuple(m for m in grappe.members if m != id_)
    if _lifts(question, grappe, rest):
        name = question.instance.esms_by_id[id_].name
        yield f"Sans « {name} », ce point est levé : {_left(question, rest)}."


def _of_several(question: Question, grappe: Grappe, violation: Violation) -> Iterator[str]:
    """What lifts a rule that is broken by no member alone: some of them without the others, or with more."""
    some = [question.instance.esms_by_id[m] for m in grappe.members]
    if violation.rule is Rule.MIX_NEEDS:
        yield from _only(question, grappe, {NEEDS[e.need]: e.need for e in some}, lambda e: e.need)
    elif violation.rule is Rule.MIX_CHAMPS:
        yield from _only(question, grappe, {CHAMPS[e.champ]: e.champ for e in some}, lambda e: e.champ)
    elif violation.rule in (Rule.APART, Rule.TOGETHER):
        for code in sorted({e.organisme for e in some}):
            rest = tuple(e.id for e in some if e.organisme != code)
            if _lifts(question, grappe, rest):
                name = question.instance.organisme_by_id[code].name
                yield f"Sans « {name} », ce point est levé : {_left(question, rest)}."
    elif violation.rule is Rule.LOT:
        yield from _whole_lots(question, grappe, some)
    elif violation.rule is Rule.SIZE:
        most = maximum_size(question.judge.bench) or len(some)
        near = sorted(some, key=lambda e: (question.judge.distances.km(grappe.porteur, e.id), e.id))
        if _lifts(question, grappe, tuple(sorted(e.id for e in near[:most]))):
            yield f"Avec {pluriel(len(some) - most, 'ESMS', 'ESMS')} de moins, ce point est levé."


def _only(
    question: Question, grappe: Grappe, words: Mapping[str, str], of: Callable[[Esms], str]
) -> Iterator[str]:
    """The grappe with the members that say one of these words, those that keep the most first."""
    kept = {
        said: tuple(m for m in grappe.members if of(question.instance.esms_by_id[m]) == word)
        for said, word in words.items()
    }
    for said, rest in sorted(kept.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if _lifts(question, grappe, rest):
            yield f"En ne gardant que « {said} », ce point est levé : {_left(question, rest)}."


def _whole_lots(question: Question, grappe: Grappe, some: Sequence[Esms]) -> Iterator[str]:
    """The rest of a lot brought in; the lot's organisme is a member, whose ESMS the others know."""
    lots = question.judge.bench.ties.lot_members
    for key in sorted({(e.organisme, e.lot) for e in some if e.lot is not None}):
        missing = sorted(lots[key] - set(grappe.members))
        if missing and _lifts(question, grappe, tuple(sorted({*grappe.members, *missing}))):
            names = ", ".join(f"« {question.instance.esms_by_id[m].name} »" for m in missing)
            yield f"Avec aussi {names}, du même lot, ce point est levé."


def _lifts(question: Question, grappe: Grappe, members: tuple[str, ...]) -> bool:
    """Whether fewer rules are broken by these members with the same offer."""
    if not members or members == grappe.members:
        return False
    some = [question.instance.esms_by_id[m] for m in members]
    porteur = elect(question.instance, question.judge, some, frozenset())
    after = _broken(question.judge, replace(grappe, members=members, porteur=porteur or members[0]))
    return len(after) < len(_broken(question.judge, grappe))


def _left(question: Question, rest: Sequence[str]) -> str:
    minimum = minimum_size(question.judge.bench, [question.instance.esms_by_id[m] for m in rest])
    short = f", {minimum - len(rest)} de moins que le seuil" if len(rest) < minimum else ""
    return f"il resterait {pluriel(len(rest), 'ESMS', 'ESMS')}{short}"


def _without_one(question: Question, grappe: Grappe) -> tuple[str, ...]:
    """ESMS whose departure would leave somebody able to carry."""
    found: list[str] = []
    for id_ in grappe.members:
        rest = [question.instance.esms_by_id[m] for m in grappe.members if m != id_]
        if rest and question.judge.elect([e.id for e in rest]) is not None:
            found += _leaving(question, grappe, id_)
    return tuple(found[:3])


def _whose(violation: Violation, grappe: Grappe) -> str | None:
    """The member that a violation is about."""
    _before, opened, rest = violation.path.partition(".members[")
    return grappe.members[int(rest.rstrip("]"))] if opened else None
