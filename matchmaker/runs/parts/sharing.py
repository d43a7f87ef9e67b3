"""Whether a run is worth dividing, and how its time is shared among its parts.

When to modify: parts are given out otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_PROCESSES = 2
LARGEST_SHARE = 0.8  # of all ESMS: with one part larger, the others would hardly help
LEAST_SHARE = 1 / 3  # of its planned time, for a part that begins late or is taken up again


@dataclass(frozen=True, slots=True)
class Share:
    """``seconds`` of work for a part; ``begins_s``: when a process is free for it, if all goes as planned.

    ``of_what_is_left``: the same as a share of the time left then, for a part that begins late, or early.
    """

    seconds: float
    begins_s: float
    of_what_is_left: float


def worth(sizes: Sequence[int]) -> bool:
    """Whether parts of so many ESMS gain from being done by several processes."""
    return len(sizes) > 1 and max(sizes) <= LARGEST_SHARE * sum(sizes)


def shares(sizes: Sequence[int], processes: int, seconds: float) -> list[Share]:
    """The time of each part, so that ``processes`` working side by side end together after ``seconds``.

    Each part goes to the process with the least to do, the largest first; a process shares its time among its
    parts by their number of ESMS.
    """
    loads = [0] * max(1, processes)
    place, before = [0] * len(sizes), [0] * len(sizes)
    for part in sorted(range(len(sizes)), key=lambda k: -sizes[k]):
        process = min(range(len(loads)), key=lambda p: loads[p])
        place[part], before[part] = process, loads[process]
        loads[process] += sizes[part]
    return [
        Share(
            seconds * size / loads[place[k]],
            seconds * before[k] / loads[place[k]],
            size / (loads[place[k]] - before[k]),
        )
        for k, size in enumerate(sizes)
    ]


def at_claim(planned_s: float, left_s: float, of_what_is_left: float) -> float:
    """Seconds of work for a part that is begun (or taken up again) when ``left_s`` are left for all searches.

    A third of what was planned at least: a part without time would cost the whole its grappes and its bound.
    """
    return max(left_s * of_what_is_left, planned_s * LEAST_SHARE)
