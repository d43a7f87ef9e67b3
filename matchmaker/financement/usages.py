"""Use targets as numbers: so many messages a month for so many persons.

When to modify: a call measures a use in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.baremes.rules import Rules
from matchmaker.baremes.targets import Share, UseTarget


@dataclass(frozen=True, slots=True)
class Goal:
    """``first``: over the months of the first measure (``target.first_months``); ``monthly``: each month
    after.

    None: the text measures without giving a value to reach. ``base``: of what it is a share, as a number.
    """

    target: UseTarget
    base: int
    first: int | None
    monthly: int | None

    @property
    def sentence(self) -> str:
        if self.monthly is None:
            return f"{self.target.label} : mesuré, sans valeur à atteindre dans le texte."
        start = f"{self.first} pendant les {self.target.first_months} premiers mois, puis "
        begin = start if self.target.first_months > 1 else ""
        return f"{self.target.label} : {begin}{self.monthly} {self.target.counted} par mois."


def goals(rules: Rules, regime: str, persons: int, active_files: int | None = None) -> tuple[Goal, ...]:
    """What a project must show each month for ``persons`` accompanied.

    ``active_files`` None: the smallest number that meets its own target. A percentage of n is the smallest
    whole number at or above it.

    Raises
    ------
    ValueError
        A number of persons or files below 0.
    """
    if persons < 0 or (active_files is not None and active_files < 0):
        raise ValueError("a number of persons or files is 0 or more")
    targets = [t for t in rules.targets if regime in t.regimes]
    files = active_files if active_files is not None else _least_files(targets, persons)
    found = []
    for target in targets:
        base = files if target.share_of is Share.ACTIVE_FILES else persons
        reached = None if target.percent is None else at_least(base, target.percent)
        found.append(Goal(target, base, reached, reached))
    return tuple(found)


def at_least(base: int, percent: int) -> int:
    """The smallest whole number that is ``percent`` % of ``base`` or more."""
    return -(-base * percent // 100)


def _least_files(targets: Sequence[UseTarget], persons: int) -> int:
    of_persons = [
        t.percent
        for t in targets
        if t.share_of is Share.PERSONS and t.percent is not None and t.group.value == "dui"
    ]
    return at_least(persons, of_persons[0]) if of_persons else persons
