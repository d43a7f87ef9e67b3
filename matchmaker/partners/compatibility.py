"""What speaks for and against two organismes in one grappe, in French, said of one's card to the other.

Of what can be looked up, only the cell speaks; the rest is what the other answered (solutions, hosting, need,
porteur), which no register holds.

When to modify: two organismes are compared by something more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matchmaker.campaigns.wording import CHAMPS, HOSTING, NEEDS
from matchmaker.partners.cells import Cell
from matchmaker.partners.profiles import Kind, Profile
from matchmaker.partners.question import Question
from matchmaker.web.formats import km as in_km
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


class Comparer:
    """Compares one organisme with others. A thousand of them give a few dozen different sets of answers and
    stand in some hundred cells: what follows from those alone is said once."""

    def __init__(self, question: Question, me: Profile) -> None:
        self._question, self._me = question, me
        self._shared: dict[frozenset[Kind], _Shared] = {}
        self._places: dict[int, tuple[Cell, tuple[int, int], _Place]] = {}
        self._said: dict[tuple[object, ...], tuple[Reason, ...]] = {}

    def compare(self, other: Profile, cell: Cell, far: tuple[int, int]) -> Comparison:
        """The other organisme as the one may read of it.

        In a cell of several publics nothing is said of solutions and hosting: those that suit an organisme
        tell whom it serves, and that can be looked up.
        """
        place = self._place(cell, far)
        shared = _NOTHING if cell.champ is None else self._offers(other.offered)
        mine, theirs = self._me.kinds, other.kinds
        common = {kind: mine[kind] + theirs[kind] for kind in shared.common}
        solutions = _solutions(common)
        return Comparison(
            pour=(
                *place.dui,
                *self._once(_same_solution, self._question, solutions),
                *shared.hosting,
                *self._once(_same_need, self._me.needs & other.needs),
                *place.near,
                *(_CARRIES if other.can_be_porteur else ()),
            ),
            discuss=(*self._in_part(common, other), *place.discuss),
            blocking=(*shared.blocking, *place.blocking),
            solutions=solutions,
            minimum=max(self._me.minimum, other.minimum),
        )

    def _offers(self, offered: frozenset[Kind]) -> _Shared:
        found = self._shared.get(offered)
        if found is None:
            common = self._me.offered & offered
            modes = {hosting for (_solution, hosting), _class in common if hosting is not None}
            named = ", ".join(sorted(HOSTING[mode] for mode in modes))
            found = self._shared[offered] = _Shared(
                common=tuple(sorted(common, key=str, reverse=True)),
                hosting=(Reason(f"Même hébergement possible : {named}"),) if modes else (),
                blocking=() if common else tuple(_no_offer(self._me.offered, offered)),
            )
        return found

    def _place(self, cell: Cell, far: tuple[int, int]) -> _Place:
        held = self._places.get(id(cell))
        if held is not None and held[0] is cell and held[1] == far:
            return held[2]
        same = cell.dui is not None and cell.dui == self._me.dui
        found = _Place(
            dui=tuple(_same_dui(self._question, cell.dui)) if same and cell.dui is not None else (),
            near=tuple(_near(self._question, cell, self._me, far)),
            discuss=tuple(_discuss(self._question, cell, self._me, far)),
            blocking=tuple(_too_far(self._question, cell, self._me, far)),
        )
        self._places[id(cell)] = cell, far, found
        return found

    def _in_part(self, common: Mapping[Kind, int], other: Profile) -> Iterator[Reason]:
        if not common:
            return
        best = max(common, key=lambda kind: common[kind])  # of equal ones the last in the order of words
        if self._me.kinds[best] < self._me.size:
            yield Reason(
                f"{self._me.kinds[best]} de vos {self._me.size} ESMS seulement acceptent la même offre"
            )
        if other.kinds[best] < other.size:
            yield Reason("Une partie de ses ESMS n’accepte pas cette offre")

    def _once(self, say: Callable[..., Iterator[Reason]], *of: Hashable) -> tuple[Reason, ...]:
        key = (say, of[-1])
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = tuple(say(*of))
        return found


@dataclass(frozen=True, slots=True)
class _Shared:
    """What two sets of answers have in common; ``common``: kinds, in the reverse order of their words."""

    common: tuple[Kind, ...]
    hosting: tuple[Reason, ...]
    blocking: tuple[Reason, ...]


_NOTHING = _Shared((), (), ())
_CARRIES = (Reason("Peut être porteur"),)


@dataclass(frozen=True, slots=True)
class _Place:
    """What a cell says, seen from where the one is."""

    dui: tuple[Reason, ...]
    near: tuple[Reason, ...]
    discuss: tuple[Reason, ...]
    blocking: tuple[Reason, ...]


def compare(question: Question, me: Profile, other: Profile, cell: Cell, far: tuple[int, int]) -> Comparison:
    """One comparison; see ``Comparer``."""
    return Comparer(question, me).compare(other, cell, far)


def _solutions(common: Mapping[Kind, int]) -> tuple[str, ...]:
    """Codes, those that take most ESMS of both first."""
    best: dict[str, int] = {}
    for ((solution, _hosting), _class), number in common.items():
        if number > best.get(solution, 0):
            best[solution] = number
    return tuple(sorted(best, key=lambda code: (-best[code], code)))


def _same_dui(question: Question, dui: str) -> Iterator[Reason]:
    yield Reason(f"Même DUI aujourd’hui : {name_of(question, dui)}")


def _same_solution(question: Question, solutions: Sequence[str]) -> Iterator[Reason]:
    if solutions:
        named = ", ".join(name_of(question, code) for code in solutions[:_NAMED])
        more = len(solutions) - _NAMED
        yield Reason(f"Même solution possible : {named}" + (f" et {more} autres" if more > 1 else ""))


def _same_need(needs: frozenset[str]) -> Iterator[Reason]:
    if needs:
        yield Reason(f"Même besoin : {', '.join(NEEDS[need] for need in sorted(needs))}")


def _near(question: Question, cell: Cell, me: Profile, far: tuple[int, int]) -> Iterator[Reason]:
    if cell.champ == me.champ:
        yield Reason(f"Même public : {CHAMPS[me.champ]}")
    radius = question.frame.parameters.max_radius_km
    if radius is not None and far[1] <= radius:
        yield Reason(f"À moins de {in_km(radius)}")


def _discuss(question: Question, cell: Cell, me: Profile, far: tuple[int, int]) -> Iterator[Reason]:
    if cell.champ is None:
        yield Reason("Solution et hébergement : à comparer une fois les noms connus")
    elif cell.champ != me.champ:
        yield Reason("Public différent : un dossier par public peut être demandé")
    radius = question.frame.parameters.max_radius_km
    if radius is not None and far[0] <= radius < far[1]:
        yield Reason(f"Distance : à vérifier, la campagne permet {in_km(radius)} jusqu’au porteur")
    if cell.medicalised:
        yield Reason(MEDICALISED, "R39")


def _no_offer(mine: Collection[Kind], theirs: Collection[Kind]) -> Iterator[Reason]:
    """Why no (solution, hosting) suits both, the least demanding cause first."""
    ours, others = {offer for offer, _class in mine}, {offer for offer, _class in theirs}
    if not ours:
        yield Reason("Aucune offre ne convient à vos réponses")
    elif ours & others:
        yield Reason("Besoin ou public qui ne se mêle pas au vôtre dans cette campagne")
    else:
        solution = {s for s, _h in ours} & {s for s, _h in others}
        hosting = {h for _s, h in ours} & {h for _s, h in others}
        if not solution:
            yield Reason("Aucune solution acceptée en commun")
        if not hosting:
            yield Reason("Aucun hébergement accepté en commun")
        if solution and hosting:
            yield Reason("Aucune solution ne convient aux deux avec le même hébergement")


def _too_far(question: Question, cell: Cell, me: Profile, far: tuple[int, int]) -> Iterator[Reason]:
    parameters = question.frame.parameters
    if parameters.max_radius_km is not None and far[0] > parameters.max_radius_km:
        yield Reason(f"Trop loin : la campagne permet {in_km(parameters.max_radius_km)} jusqu’au porteur")
    if parameters.territory is Territory.DEPARTEMENT and cell.departements:
        if me.departement not in cell.departements:
            yield Reason("Autre département : la campagne forme des grappes par département")
    elif parameters.territory is Territory.REGION and cell.region != me.region:
        yield Reason("Autre région : la campagne forme des grappes par région")


def name_of(question: Question, code: str) -> str:
    """The name of a solution."""
    return question.frame.solution_by_id[code].name
