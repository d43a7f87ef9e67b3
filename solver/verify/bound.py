"""A bound as an exact number, and how it is rounded.

When to modify: the margin of the format changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from solver.verify.finding import Check, Finding


class RefusedError(Exception):
    """A certificate that proves nothing: ``finding`` says where."""

    def __init__(self, path: str, stated: object, due: object) -> None:
        super().__init__(f"{path}: {due}")
        self.finding = Finding(Check.SHAPE, path, stated, due)


@dataclass(frozen=True)
class Bound:
    """A bound as rounded with no margin, the margin of the format, and twice that margin.

    They differ only where the exact sum lies within a margin of a multiple of the step: there the search,
    which sums in floating point, may have found either.
    """

    exact: Fraction
    stated: Fraction
    loose: Fraction

    def plus(self, other: Bound | Fraction | int) -> Bound:
        if isinstance(other, Bound):
            return Bound(self.exact + other.exact, self.stated + other.stated, self.loose + other.loose)
        return Bound(self.exact + other, self.stated + other, self.loose + other)

    def or_if_larger(self, other: Bound) -> Bound:
        return Bound(
            max(self.exact, other.exact), max(self.stated, other.stated), max(self.loose, other.loose)
        )

    def with_margin(self, step: int | None) -> Bound:
        """Each made safe; rounded down to a multiple of ``step`` unless it is None."""

        def safe(value: Fraction, times: int) -> Fraction:
            value += times * (abs(value) / 10**9 + Fraction(1, 1000))
            return value if step is None else Fraction(math.floor(value / step) * step)

        return Bound(safe(self.exact, 0), safe(self.stated, 1), safe(self.loose, 2))
