"""What the judge says: a rule that is broken, and the concession under which it looks.

When to modify: the contract gains a rule or a kind of concession.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solver.vocabulary import ChangeKind, Hosting


class GivenUpError(Exception):
    """Departures, or all of the changes, are not judged to the end; what comes before them holds."""

    def __init__(self, *, changes_hold: bool) -> None:
        super().__init__("given up")
        self.changes_hold = changes_hold


class Rule(StrEnum):
    """Names of what is checked. The numbers are those of "What a proposal must respect"."""

    MEMBERS = "members"  # ids that exist, each once
    GRAPPE_ID = "grappe_id"  # unique; a fixed grappe's own id is its alone
    ONE_GRAPPE = "one_grappe"  # 1
    LOT = "lot"  # 1
    NO_NEED = "no_need"  # 1
    EXCLUDED = "excluded"  # 1
    SOLUTION = "solution"  # 2: it exists, every member accepts it
    CURRENT_SOLUTION = "current_solution"  # 2: montée de version
    CHAMP = "champ"  # 2: the solution covers it
    HOSTING = "hosting"  # 2: offered, one for all, accepted
    FUNDABLE = "fundable"  # 3
    SIZE = "size"  # 4
    PORTEUR = "porteur"  # 5: a member that may be porteur
    RADIUS = "radius"  # 5
    TERRITORY = "territory"  # 5
    CENTRE = "centre"  # 5: smallest sum of distances, then smallest id
    MIX_CHAMPS = "mix_champs"  # 6
    MIX_NEEDS = "mix_needs"  # 6
    APART = "apart"  # 6
    TOGETHER = "together"  # 6
    BUDGET = "budget"  # 6
    MAX_GRAPPES = "max_grappes"  # 6
    PREVIOUS = "previous"  # 6: same solution and hosting under the same id
    FIXED_GRAPPE = "fixed_grappe"  # 6
    SHAPE = "shape"  # the document is no proposal of this instance
    FIGURE = "figure"  # an amount, a distance, a count
    TOTAL = "total"
    STATUS = "status"
    BOUND = "bound"
    UNPLACED = "unplaced"
    CHANGE = "change"
    DEPARTURE = "departure"  # what a grappe becomes when an organisme leaves it


# A grappe that breaks one of these has no amounts.
UNFIGURED = frozenset({Rule.MEMBERS, Rule.SOLUTION, Rule.NO_NEED, Rule.FUNDABLE})


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where, what the proposal states, what the judge finds."""

    rule: Rule
    path: str
    stated: object
    recomputed: object

    def __str__(self) -> str:
        return f"{self.path}: {self.rule.value}: stated {self.stated!r}, recomputed {self.recomputed!r}"


@dataclass(frozen=True, slots=True)
class Concession:
    """What the ESMS of one lot would concede, and they alone.

    ``value`` by kind: a hosting mode, a solution id, kilometres between these ESMS and the porteur; of no
    effect for ``territory`` and ``split_lot``.
    """

    esms: frozenset[str]
    kind: ChangeKind
    value: str | float | None = None

    def gives_hosting(self, esms_id: str) -> Hosting | None:
        """The hosting mode that this ESMS would accept besides its own; none for a word that is no mode."""
        if self.kind is not ChangeKind.ACCEPT_HOSTING or esms_id not in self.esms:
            return None
        return next((mode for mode in Hosting if mode.value == self.value), None)

    def gives_solution(self, esms_id: str, solution: str) -> bool:
        return self.kind is ChangeKind.ACCEPT_SOLUTION and esms_id in self.esms and self.value == solution

    def waives(self, kind: ChangeKind, esms_id: str) -> bool:
        return self.kind is kind and esms_id in self.esms
