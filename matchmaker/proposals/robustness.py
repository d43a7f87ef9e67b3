"""What documents say of departures; where they say nothing (an older plan, a foreign one), worked out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from matchmaker.baremes.scales import scale_for
from solver.document import read_instance
from solver.document.proposal_writer import robustness_document
from solver.judge import Judge
from solver.judge.disagreements import grappe_of
from solver.proposal import Change, Unplaced
from solver.vocabulary import ChangeKind, Reason

Document = Mapping[str, Any]
_SEEKING_S = 8.0  # a page is waiting: replacements are sought no longer


def robustness_of(instance: Document, proposal: Document) -> Mapping[str, Document]:
    """Id of each grappe -> its slack and its departures, as docs/solver-formats.md words them."""
    stated = proposal.get("robustness")
    if stated is None:
        # A search that was stopped has sought nothing, and says so: its page does not seek either.
        wanted = proposal.get("departures_complete", True)
        stated = _worked_out(instance, proposal, _SEEKING_S if wanted else 0.0)
    return {one["grappe"]: one for one in stated}


def _worked_out(instance_document: Document, proposal: Document, seeking_s: float) -> list[dict[str, Any]]:
    from solver.explain import robustness

    instance = read_instance(dict(instance_document))
    judge = Judge(instance, scale_for(instance.regime, instance.parameters.readings))
    grappes = [grappe_of(g) for g in proposal["grappes"]]
    until = time.monotonic() + seeking_s
    found = robustness(
        instance,
        judge.scale,
        grappes,
        judge=judge,
        unplaced=[_unplaced(entry) for entry in proposal["unplaced"]],
        out_of_time=lambda: time.monotonic() >= until,
    )
    return [robustness_document(one) for one in found.robustness]


def _unplaced(entry: Document) -> Unplaced:
    changes = tuple(
        Change(ChangeKind(c["kind"]), c["value"], c["joins"], tuple(c["with"] or ()), c["gain_eur"])
        for c in entry["changes"]
    )
    return Unplaced(entry["esms"], Reason(entry["reason"]), {}, changes)
