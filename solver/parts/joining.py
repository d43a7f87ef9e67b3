"""One whole proposal out of the answers to the parts of an instance: judged, explained and judged again.

The bound of the whole is the sum of theirs, proven by a ``sum`` certificate of their certificates. Where a
stop came before a part was read, the certificate is the closed form of the whole, which may prove less.

When to modify: the format of certificates gains a node, or an answer something to join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from solver.instance import Grappe, Instance
from solver.parts.answer import FRESH, Answer
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search.unread import unread
from solver.solve import concluded_by


def join(
    instance: Instance,
    scale: Scale,
    answers: Sequence[Answer],
    *,
    time_limit_s: float,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """The proposal document of an instance whose parts have been answered, accepted by the judge.

    ``answers``: one for each of ``parts_of(instance, scale)``, in that order. ``time_limit_s``: wall time of
    the explanations and of the judge, seconds; ``wall_time_s`` of the document is this call's alone.

    Raises
    ------
    solver.solve.JudgeDisagrees
        The whole breaks a rule, or a figure is not the judge's.
    """
    return concluded_by(
        instance,
        scale,
        joined(instance, scale, answers),
        time_limit_s=time_limit_s,
        seed=seed,
        threads=threads,
        on_progress=on_progress,
        should_stop=should_stop,
    )


def joined(instance: Instance, scale: Scale, answers: Sequence[Answer]) -> SearchResult:
    """The answers as that of one search of the whole."""
    upper = sum(a.upper_bound for a in answers)
    certified, certificate = sum(a.certified_bound for a in answers), certificate_of(answers)
    if not all(a.read for a in answers):
        whole = unread(instance, scale)
        whole = whole.showing(instance, [g for a in answers for g in a.grappes])
        certified, certificate = whole.certified_bound, dict(whole.certificate)
        upper = min(upper, certified)
    return SearchResult(
        grappes=tuple(sorted(_named(instance, answers), key=lambda g: g.id)),
        objective_value=sum(a.objective_value for a in answers),
        upper_bound=upper,
        certified_bound=certified,
        bound_proof="certificate" if upper == certified else "solver",
        certificate=certificate,
    )


def certificate_of(answers: Sequence[Answer]) -> dict[str, Any]:
    """A sum of the certificates of the parts; those that are sums themselves give their own parts."""
    return {"kind": "sum", "parts": [node for a in answers for node in _summands(a.certificate)]}


def _summands(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes of one part of the instance; one without lots prices nothing and has no place in a sum."""
    if node["kind"] == "sum":
        for one in node["parts"]:
            yield from _summands(one)
    elif node["kind"] != "leaf" or node["lots"]:
        yield node


def _named(instance: Instance, answers: Sequence[Answer]) -> Iterator[Grappe]:
    taken = {g.id for g in instance.previous} | {f.id for f in instance.constraints.fixed_grappes}
    fresh = (id_ for k in count(1) if (id_ := f"G{k:03d}") not in taken)
    for a in answers:
        for grappe in a.grappes:
            yield replace(grappe, id=next(fresh)) if grappe.id == FRESH else grappe
