"""One search of an instance: in this process or, where nothing links its territories, several abreast.

When to modify: another kind of instance falls apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.instance import Grappe, Instance
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search import engine
from solver.search.abreast import NoProcessError, search_abreast
from solver.search.known_prices import KnownPrices
from solver.search.onward import Onward
from solver.search.territories import shares


def search(
    instance: Instance,
    scale: Scale,
    *,
    deadline: float,
    gap: float,
    seed: int,
    threads: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    start: Sequence[Grappe] = (),
    known: KnownPrices | None = None,
    onward: Onward | None = None,
) -> SearchResult:
    """Find grappes worth as much as possible, and prove how much more there could be.

    ``deadline`` is a value of ``time.monotonic()``; ``gap`` the relative gap at which to stop. ``start`` is
    an earlier proposal, used as far as it is still valid. ``known``: prices of an earlier answer to nearly
    the same question, where one process searches; ``onward``: where bounds go on when time is over, likewise.
    Without a callback's help nothing is printed.
    """
    parts = shares(instance, scale, threads)
    if len(parts) > 1:
        try:
            return search_abreast(
                parts,
                instance,
                scale,
                deadline=deadline,
                gap=gap,
                seed=seed,
                threads=threads,
                on_progress=on_progress,
                should_stop=should_stop,
                start=start,
            )
        except NoProcessError:
            pass  # this one does all
    return engine.search(
        instance,
        scale,
        deadline=deadline,
        gap=gap,
        seed=seed,
        threads=threads,
        on_progress=on_progress,
        should_stop=should_stop,
        start=start,
        known=known,
        onward=onward,
    )
