"""Searches and their verification on drawn instances, and certificates drawn at random."""

from __future__ import annotations

import json
import time
from functools import cache
from random import Random
from typing import Any

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Instance
from solver.judge import Judge
from solver.scale import Scale
from solver.search import search
from solver.solve import solve
from solver.verify.bound import Bound, RefusedError
from solver.verify.certificate import read_certificate
from solver.verify.lots import lots_of
from solver.verify.rows import Ground
from solver.verify.survey import survey
from solver.verify.tree import recomputed_bound
from tests.solver.drawing import draw_instance, tiny_instance

Document = dict[str, Any]


def read(document: Document) -> tuple[Instance, Scale]:
    return _read(json.dumps(document))


@cache
def _read(text: str) -> tuple[Instance, Scale]:
    instance = read_instance(text.encode())
    return instance, scale_for(instance.regime, instance.parameters.readings)


@cache
def solved(
    seed: int, esms: int | None, regime: str = "", seconds: float = 30.0, features: tuple[str, ...] = ()
) -> str:
    """(instance, proposal) as JSON text: a tiny instance, or one of ``esms`` ESMS."""
    drawn = dict.fromkeys(features, True)
    document = tiny_instance(seed, **drawn) if esms is None else draw_instance(seed, esms, regime, **drawn)
    return json.dumps([document, solve(*read(document), time_limit_s=seconds)])


def found_by_search(instance: Instance, scale: Scale, seconds: float = 30.0) -> Any:
    return search(
        instance,
        scale,
        deadline=time.monotonic() + seconds,
        gap=0.0,
        seed=0,
        threads=1,
        on_progress=lambda progress: None,
        should_stop=lambda: False,
    )


def ground_of(instance: Instance, scale: Scale) -> Ground:
    return survey(lots_of(instance, scale))


def proven(
    instance: Instance,
    scale: Scale,
    ground: Ground,
    certificate: Document,
    appearing: frozenset[int] = frozenset(),
) -> Bound | None:
    """The bound that a certificate proves. Raises RefusedError, also for a shape that is none."""
    read_back = read_certificate(json.loads(json.dumps(certificate)))
    if isinstance(read_back, list):
        raise RefusedError(read_back[0].path, read_back[0].stated, read_back[0].recomputed)
    return recomputed_bound(ground, Judge(instance, scale), read_back, appearing)


class DrawnTrees:
    """Certificates with any prices and any decisions, which must bound whatever they are."""

    def __init__(self, seed: int, ground: Ground) -> None:
        self.random, self.ground = Random(seed), ground
        self.instance = ground.lots.instance
        self.unit = 1.0 if self.instance.parameters.objective == "coverage" else 30_000.0

    def price(self) -> float:
        r = self.random
        return round(r.choice([0.0, r.random(), 1.0 + r.random()]) * self.unit, 2)

    def leaf(self, decisions: int = 0, *, shared: bool = True) -> Document:
        r, parameters = self.random, self.instance.parameters
        leaf: Document = {"kind": "leaf", "lots": {key: self.price() for key in self.ground.lots.keys}}
        leaf["identities"] = {g.id: self.price() for g in self.instance.previous if r.random() < 0.7}
        if shared and parameters.budget_eur is not None and r.random() < 0.8:
            leaf["budget"] = round(r.choice([0.1, 0.5, 0.9, 1.2]) * self.unit / 30_000, 9)
        if shared and parameters.max_grappes is not None and r.random() < 0.8:
            leaf["grappes"] = self.price()
        if decisions:
            leaf["branch_prices"] = [self.price() for _ in range(r.randint(0, decisions))]
        return leaf

    def tree(self, depth: int, decisions: int = 0) -> Document:
        r = self.random
        if depth == 0 or r.random() < 0.15:
            return self.leaf(decisions)
        keys = self.ground.lots.keys
        if keys and r.random() < 0.5:
            on: Document = {"kind": "lot", "lot": r.choice(keys)}
            below = {side: self.tree(depth - 1, decisions + 1) for side in ("out", "in")}
            return {"kind": "branch", "on": on, **below}
        solution = r.choice([None, *(s.id for s in self.instance.solutions)])
        hosting = r.choice([None, "saas", "shared"]) if self.instance.parameters.same_hosting else None
        porteurs = None
        if (self.ground.rows.porteur >= 0).all() and r.random() < 0.5:
            porteurs = r.sample([e.id for e in self.instance.esms], max(1, len(self.instance.esms) // 3))
        on = {"kind": "grappes", "solution": solution, "hosting": hosting, "porteurs": porteurs}
        below = {side: self.tree(depth - 1, decisions + 1) for side in ("low", "high")}
        return {"kind": "branch", "on": on, "at": r.choice([0, 0, 1, 2]), **below}
