"""Drawing that anyone can repeat: one stream per purpose, from one seed.

When to modify: never without a new seed, or every demonstration changes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Stream:
    """A stream of its own for one purpose, so that a change in one drawing leaves the others alone."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = random.Random(f"{seed}/{purpose}")  # noqa: S311 - repeatable, guards nothing

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        values = [value for value, _ in choices]
        return self._random.choices(values, [weight for _, weight in choices])[0]

    def pick(self, urn: Urn[T]) -> T:
        return self._random.choices(urn.values, cum_weights=urn.cumulated)[0]

    def per_cent(self, share: int) -> bool:
        return self._random.random() * 100 < share

    def between(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))

    def unit(self) -> float:
        return self._random.random()

    def shuffled(self, values: Sequence[T]) -> list[T]:
        return self._random.sample(values, len(values))


@dataclass(frozen=True)
class Urn(Generic[T]):
    """Values with cumulated weights, ready to be drawn from many times."""

    values: tuple[T, ...]
    cumulated: tuple[int, ...]

    @classmethod
    def of(cls, values: Sequence[T], weights: Sequence[int]) -> Urn[T]:
        return cls(tuple(values), tuple(accumulate(weights)))
