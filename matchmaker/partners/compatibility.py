"""What speaks for and against two organismes in one grappe, in French, said of one's card to the other.

Of what can be looked up, only the cell speaks; the rest is what the other answered (solutions, hosting, need,
porteur), which no register holds.

When to modify: two organismes are compared by something more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.campaigns.wording import CHAMPS, HOSTING, NEEDS
from matchmaker.partners.cells import Cell
from matchmaker.partners.profiles import Kind, Profile, Question
from matchmaker.web.formats import km as in_km
from solver.judge.grappe_rules import minimum_size
from solver.vocabulary import Territory

_NAMED = 3  # solutions named on a card
MEDICALISED = (
    "ESMS médicalisés : deux services socles au moins (MSSanté, DMP, e-prescription) sont à prévoir en 2021"
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; ``rule``: the rule of the register that it rests on."""

    words: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``pour``, ``discuss``: reasons for, and to talk about; ``blocking``: no grappe is possible as things
    are. ``solutions``: codes possible together. ``minimum``: ESMS that a grappe of both must count."""

    pour: tuple[Reason, ...]
    discuss: tuple[Reason, ...]
    blocking: tuple[Reason, ...]
    solutions: tuple[str, ...]
    minimum: int


def compare(question: Question, me: Profile, other: Profile, cell: Cell, far: tuple[int, int]) -> Comparison:
    """The other organisme as ``me`` may read of it.

    In a cell of several publics nothing is said of solutions and hosting: those that suit an organisme tell
    whom it serves, and that can be looked up.
    """
    common: dict[Kind, int] = {}
    blocking = list(_too_far(question, cell, me, far))
    if cell.champ is not None:
        common = {kind: me.kinds[kind] + other.kinds[kind] for kind in me.kinds.keys() & other.kinds.keys()}
        blocking = [*_no_offer(me, other, bool(common)), *blocking]
    solutions = _solutions(common)
    return Comparison(
        pour=tuple(_pour(question, me, other, cell, common, far)),
        discuss=tuple(_discuss(question, me, other, cell, common, far)),
        blocking=tuple(blocking),
        solutions=solutions,
        minimum=minimum_size(question.judge.bench, [*me.esms, *other.esms]),
    )


def _solutions(common: dict[Kind, int]) -> tuple[str, ...]:
    """Codes, those that take most ESMS of both first."""
    best: dict[str, int] = {}
    for ((solution, _hosting), _class), number in common.items():
        best[solution] = max(best.get(solution, 0), number)
    return tuple(sorted(best, key=lambda code: (-best[code], code)))


def _pour(
    question: Question,
    me: Profile,
    other: Profile,
    cell: Cell,
    common: dict[Kind, int],
    far: tuple[int, int],
) -> Iterator[Reason]:
    if cell.dui is not None and cell.dui == me.dui:
        yield Reason(f"Même DUI aujourd’hui : {name_of(question, cell.dui)}")
    solutions = _solutions(common)
    if solutions:
        named = ", ".join(name_of(question, code) for code in solutions[:_NAMED])
        more = len(solutions) - _NAMED
        yield Reason(f"Même solution possible : {named}" + (f" et {more} autres" if more > 1 else ""))
    modes = {hosting for (_solution, hosting), _class in common if hosting is not None}
    if modes:
        yield Reason(f"Même hébergement possible : {', '.join(sorted(HOSTING[mode] for mode in modes))}")
    needs = sorted(me.needs & other.needs)
    if needs:
        yield Reason(f"Même besoin : {', '.join(NEEDS[need] for need in needs)}")
    if cell.champ == me.champ:
        yield Reason(f"Même public : {CHAMPS[me.champ]}")
    radius = question.instance.parameters.max_radius_km
    if radius is not None and far[1] <= radius:
        yield Reason(f"À moins de {in_km(radius)}")
    if other.can_be_porteur:
        yield Reason("Peut être porteur")


def _discuss(
    question: Question,
    me: Profile,
    other: Profile,
    cell: Cell,
    common: dict[Kind, int],
    far: tuple[int, int],
) -> Iterator[Reason]:
    if common:
        best = max(common, key=lambda kind: (common[kind], str(kind)))
        if me.kinds[best] < me.size:
            yield Reason(f"{me.kinds[best]} de vos {me.size} ESMS seulement acceptent la même offre")
        if other.kinds[best] < other.size:
            yield Reason("Une partie de ses ESMS n’accepte pas cette offre")
    if cell.champ is None:
        yield Reason("Solution et hébergement : à comparer une fois les noms connus")
    elif cell.champ != me.champ:
        yield Reason("Public différent : un dossier par public peut être demandé")
    radius = question.instance.parameters.max_radius_km
    if radius is not None and far[0] <= radius < far[1]:
        yield Reason(f"Distance : à vérifier, la campagne permet {in_km(radius)} jusqu’au porteur")
    if cell.medicalised:
        yield Reason(MEDICALISED, "R39")


def _no_offer(me: Profile, other: Profile, shared: bool) -> Iterator[Reason]:
    """Why no (solution, hosting) suits both, the least demanding cause first."""
    if shared:
        return
    mine, theirs = _offers(me), _offers(other)
    if not mine:
        yield Reason("Aucune offre ne convient à vos réponses")
    elif mine & theirs:
        yield Reason("Besoin ou public qui ne se mêle pas au vôtre dans cette campagne")
    else:
        if not {s for s, _h in mine} & {s for s, _h in theirs}:
            yield Reason("Aucune solution acceptée en commun")
        if not {h for _s, h in mine} & {h for _s, h in theirs}:
            yield Reason("Aucun hébergement accepté en commun")
        if {s for s, _h in mine} & {s for s, _h in theirs} and {h for _s, h in mine} & {
            h for _s, h in theirs
        }:
            yield Reason("Aucune solution ne convient aux deux avec le même hébergement")


def _offers(profile: Profile) -> set[tuple[str, str | None]]:
    return {offer for offer, _class in profile.kinds}


def _too_far(question: Question, cell: Cell, me: Profile, far: tuple[int, int]) -> Iterator[Reason]:
    parameters = question.instance.parameters
    if parameters.max_radius_km is not None and far[0] > parameters.max_radius_km:
        yield Reason(f"Trop loin : la campagne permet {in_km(parameters.max_radius_km)} jusqu’au porteur")
    if parameters.territory is Territory.DEPARTEMENT and cell.departements:
        if me.departement not in cell.departements:
            yield Reason("Autre département : la campagne forme des grappes par département")
    elif parameters.territory is Territory.REGION and cell.region != me.region:
        yield Reason("Autre région : la campagne forme des grappes par région")


def name_of(question: Question, code: str) -> str:
    """The name of a solution."""
    return question.instance.solution_by_id[code].name
