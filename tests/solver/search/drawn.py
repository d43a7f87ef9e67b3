"""Small drawn instances and calls of the search, for the tests of this folder."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from matchmaker.baremes import scale_for
from solver.instance import Constraints, DuiSolution, Esms, Grappe, Instance, Organisme, Parameters
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search import search
from solver.vocabulary import Champ, Hosting, Need, Regime


def scale_of(instance: Instance) -> Scale:
    """The shipped scale that this instance is paid by."""
    return scale_for(instance.regime, instance.parameters.readings)


def draw(
    size: int,
    seed: int,
    regime: Regime = Regime.GENERALISATION_2022,
    constraints: Constraints | None = None,
    porteurs: float = 0.8,
    regions: Sequence[str] = ("76",),
    **parameters: Any,
) -> Instance:
    """``size`` ESMS in a square of one degree near Toulouse, three solutions, lots of up to a few ESMS."""
    rng = random.Random(seed)
    solutions = tuple(
        DuiSolution(f"S{k}", f"S{k}", k != 2, frozenset(rng.sample(sorted(Hosting), 2)), frozenset(Champ))
        for k in range(3)
    )
    organismes = tuple(
        Organisme(f"O{k}", f"O{k}", rng.choice([1, 3, 15, 30])) for k in range(max(2, size // 3))
    )
    esms = []
    for i in range(size):
        need = rng.choice([Need.ACQUISITION] * 3 + [Need.RENOUVELLEMENT, Need.MONTEE_DE_VERSION])
        esms.append(
            Esms(
                id=f"E{i:03d}",
                name=f"ESMS {i}",
                organisme=rng.choice(organismes).id,
                champ=rng.choice(sorted(Champ)),
                category="",
                lat=44.0 + rng.random(),
                lon=2.0 + rng.random(),
                departement=rng.choice(["31", "81"]),
                region=rng.choice(list(regions)),
                need=need,
                current_solution=rng.choice(solutions).id,
                accepted_solutions=_some([s.id for s in solutions], rng),
                accepted_hosting=_some(sorted(Hosting), rng),
                lot=rng.choice([None, None, "L"]),
                can_be_porteur=rng.random() < porteurs,
            )
        )
    return Instance(
        regime, Parameters(**parameters), organismes, solutions, tuple(esms), constraints or Constraints()
    )


def _some(choices: list[Any], rng: random.Random) -> frozenset[Any] | None:
    return None if rng.random() < 0.5 else frozenset(rng.sample(choices, 2))


def run(
    instance: Instance,
    seconds: float = 120.0,
    *,
    gap: float = 0.0,
    seed: int = 1,
    threads: int = 1,
    start: Sequence[Grappe] = (),
    on_progress: Callable[[Progress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """``search`` with the shipped scale and a time limit counted from now."""
    return search(
        instance,
        scale_of(instance),
        deadline=time.monotonic() + seconds,
        gap=gap,
        seed=seed,
        threads=threads,
        on_progress=on_progress,
        should_stop=should_stop,
        start=start,
    )
