"""What the changes of an unplaced ESMS state beside their gain (the judge's): order, and what they cost it.

``radius_km`` is the distance to the porteur that the grappe has once the limit is waived, ``territory`` the
code of that porteur's territory.

When to modify: the contract gains a kind of concession.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solver.judge import Concession, Judge
from solver.verify.finding import Check, Finding
from solver.verify.lots import territory
from solver.vocabulary import ChangeKind

Document = Mapping[str, Any]

_KINDS = [kind.value for kind in ChangeKind]
_KM = 1.5e-6  # distances are stated to the millimetre
_ANYWHERE_KM = 1e5


def change_findings(judge: Judge, proposal: Document) -> Iterator[Finding]:
    """Changes out of order, and values that are not what the change costs. The proposal is a valid one."""
    members = {g["id"]: g["members"] for g in proposal["grappes"]}
    for place, entry in enumerate(proposal["unplaced"]):
        path = f"unplaced[{place}].changes"
        yield from _order(entry["changes"], path)
        for at, change in enumerate(entry["changes"]):
            others = members.get(change["joins"], change["with"])
            yield from _value(judge, entry["esms"], change, others, f"{path}[{at}].value")


def _order(changes: Sequence[Document], path: str) -> Iterator[Finding]:
    """By kind, in the contract's order; within a kind the largest gain first."""
    keys = [(_KINDS.index(change["kind"]), -change["gain_eur"]) for change in changes]
    if keys != sorted(keys):
        stated = [(change["kind"], change["gain_eur"]) for change in changes]
        yield Finding(Check.CHANGES, path, stated, [(_KINDS[k], -gain) for k, gain in sorted(keys)])


def _value(judge: Judge, esms: str, change: Document, others: Sequence[str], path: str) -> Iterator[Finding]:
    kind, stated = change["kind"], change["value"]
    if kind not in (ChangeKind.RADIUS_KM, ChangeKind.TERRITORY):
        return
    moved = judge.ties.moving_with(esms)
    concession = Concession(moved, ChangeKind(kind), _ANYWHERE_KM)
    porteur = judge.elect(sorted(moved.union(others)), concession)
    if porteur is None:
        yield Finding(Check.CHANGES, path, stated, "nobody can be porteur")
    elif kind == ChangeKind.TERRITORY:
        code = territory(judge.instance, judge.instance.esms_by_id[porteur])
        if stated != code:
            yield Finding(Check.CHANGES, path, stated, code)
    else:
        km = max(judge.distances.km(porteur, id_) for id_ in moved)
        if abs(stated - km) > _KM:
            yield Finding(Check.CHANGES, path, stated, km)
