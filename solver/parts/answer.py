"""The answer to one part: grappes, a bound and its certificate, as one JSON document between processes.

Its explanations come once, with the whole: what would place an ESMS may lie in another part.

When to modify: the search hands over something more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from solver.document.instance_writer import grappe_document
from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.judge.disagreements import grappe_of
from solver.proposal import Progress
from solver.scale import Scale
from solver.search import search
from solver.search.unread import unread
from solver.solve import JudgeDisagrees, least_proposal

FRESH = ""  # the id of a grappe that the whole has still to name


@dataclass(frozen=True, slots=True)
class Answer:
    """What is found for a part. ``upper_bound`` <= ``certified_bound``, which ``certificate`` proves.

    ``read``: False when a stop came before it was known who reaches whom; such a certificate has no place in
    a sum.
    """

    grappes: tuple[Grappe, ...]
    objective_value: int
    upper_bound: int
    certified_bound: int
    certificate: Mapping[str, Any]
    read: bool = True

    def document(self) -> dict[str, Any]:
        """As plain JSON values; ``of_document`` is the way back."""
        return {
            "grappes": [grappe_document(g) for g in self.grappes],
            "objective_value": self.objective_value,
            "upper_bound": self.upper_bound,
            "certified_bound": self.certified_bound,
            "certificate": dict(self.certificate),
            "read": self.read,
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            tuple(grappe_of(g) for g in document["grappes"]),
            document["objective_value"],
            document["upper_bound"],
            document["certified_bound"],
            document["certificate"],
            document.get("read", True),
        )


def answer(
    part: Instance,
    scale: Scale,
    *,
    time_limit_s: float,
    gap: float = 0.0,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    start: Sequence[Grappe] = (),
) -> Answer:
    """Solve one part, as ``solver.solve.solve`` does but for its explanations.

    Raises
    ------
    JudgeDisagrees
        The judge finds a rule of the part broken.
    """
    found = search(
        part,
        scale,
        deadline=time.monotonic() + time_limit_s,
        gap=gap,
        seed=seed,
        threads=threads,
        on_progress=on_progress or (lambda _: None),
        should_stop=should_stop or (lambda: False),
        start=start,
    )
    judge = Judge(part, scale)
    grappes = found.grappes if found.read else least_proposal(judge, start, found.grappes)
    broken = judge.violations(grappes)
    if broken:
        raise JudgeDisagrees(broken)
    own = {g.id for g in part.previous} | {f.id for f in part.constraints.fixed_grappes}
    return Answer(
        tuple(g if g.id in own else replace(g, id=FRESH) for g in grappes),
        judge.objective_value(grappes),
        found.upper_bound,
        found.certified_bound,
        found.certificate,
        found.read,
    )


def first_bound(part: Instance, scale: Scale) -> int:
    """What no proposal of a part exceeds, known before anybody's reach is: valid, and loose."""
    return unread(part, scale).upper_bound
