"""The lines that a release is measured by: works, seeds, floors and goals, and the order to measure them in.

When to modify: a work is added, or a floor or a goal is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.works import CURVE, WORKS, curve_works


@dataclass(frozen=True)
class Line:
    """One line of the table.

    ``floor``, ``goal``: gaps in per cent, at ``seconds`` and ``goal_seconds``. ``memory_mb``: what the
    largest process may take. ``by_certificate``: the goal asks for the proof by the certificate alone.
    """

    work: str
    words: str
    floor: float
    goal: float
    goal_seconds: float
    memory_mb: int | None = None
    seeds: int = 5
    by_certificate: bool = False

    @property
    def seconds(self) -> float:
        return WORKS[self.work].seconds


LINES = (
    Line("overseas", "overseas region, 100 ESMS", 0.0, 0.0, 5, seeds=10, by_certificate=True),
    Line("region-1700", "1,700 ESMS, 60 km", 0.7, 0.2, 60),
    Line("region-3200-30s", "3,200 ESMS, 60 km", 2.0, 2.0, 30, 1_500),
    Line("region-3200", "3,200 ESMS, 60 km", 0.8, 0.2, 120, 1_500),
    Line("region-3200-120km", "3,200 ESMS, 120 km", 0.4, 0.1, 90, 1_500),
    Line("two-regions", "two regions, territory `none`, 6,000 ESMS", 1.2, 0.4, 180, 2_000),
    Line("france", "all of France, 33,000 ESMS, 18 regions, 60 km", 1.0, 0.3, 600, 2_500),
    Line("repair", "repair after 5 % refusals, 3,200 ESMS", 0.8, 0.2, 10),
)
FIRST_SEED = 21  # seeds that the search was never tuned on; 1 to 17 were
PEER_SECONDS = {"region-400": 30.0, "region-1700": 60.0, "region-3200": 120.0}  # kept instances
CURVE_GAP = 0.01  # what the curve is searched to
CURVE_SEED = FIRST_SEED


@dataclass(frozen=True)
class Solve:
    """One draw of a work; ``gap``: the search may end once its gap is that small."""

    work: str
    seed: int
    seconds: float
    gap: float = 0.0


@dataclass(frozen=True)
class Compare:
    """One method on one kept instance."""

    instance: str
    method: str
    seconds: float


def in_order(methods: tuple[str, ...]) -> Iterator[Solve | Compare]:
    """What to measure, the most telling first: every line once, then the peers, the curve, more seeds.

    ``methods``: of the peers, ours among them.
    """
    yield from (Solve("overseas", FIRST_SEED + k, 30.0) for k in range(10))
    others = [line for line in LINES if line.work != "overseas"]
    yield from (Solve(line.work, FIRST_SEED, line.seconds) for line in others)
    for instance, seconds in PEER_SECONDS.items():
        yield from (Compare(instance, method, seconds) for method in methods)
    regional = [line for line in others if line.work != "france"]
    for k in (1, 2):
        yield from (Solve(line.work, FIRST_SEED + k, line.seconds) for line in regional)
    curve = curve_works()
    for n in CURVE:
        yield Solve(f"curve-{n}", CURVE_SEED, curve[f"curve-{n}"].seconds, CURVE_GAP)
    for k in (3, 4):
        yield from (Solve(line.work, FIRST_SEED + k, line.seconds) for line in regional)
    yield from (Solve("france", FIRST_SEED + k, 600.0) for k in range(1, 5))
