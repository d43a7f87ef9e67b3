"""The parts of an instance that are questions of their own, largest first; small ones go along with others.

When to modify: parts of another size are worth a process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.independence import coupling, pieces, restricted
from solver.instance import Instance
from solver.scale import Scale

MOST_PARTS = 24  # a component smaller than this share of the whole goes along with others


def parts_of(instance: Instance, scale: Scale, most: int = MOST_PARTS) -> tuple[Instance, ...]:
    """Independent instances that together are this one, largest first; itself alone when it does not split.

    Every ESMS is in exactly one part. A proposal of the whole is one proposal of each part and the other way
    round; objectives add up, so do bounds. Parts smaller than ``1 / most`` of the whole are bundled.
    """
    if coupling(instance) is not None:
        return (instance,)
    groups = bundled(pieces(instance, scale).components, most)
    if len(groups) == 1:
        return (instance,)
    return tuple(restricted(instance, frozenset(group)) for group in groups)


def bundled(components: Iterable[Sequence[int]], most: int) -> list[list[int]]:
    """Components put together up to ``1 / most`` of all their ESMS, largest first.

    Small ones that share little with a large one are not worth a question of their own.
    """
    ordered = sorted(components, key=lambda one: (-len(one), one[0]))
    room = sum(map(len, ordered)) // max(most, 1)
    bundles: list[list[int]] = []
    for one in ordered:
        open_ = next((b for b in bundles if len(b) + len(one) <= room), None)
        if open_ is None:
            bundles.append(list(one))
        else:
            open_.extend(one)
    return sorted((sorted(b) for b in bundles), key=lambda b: (-len(b), b[0]))
