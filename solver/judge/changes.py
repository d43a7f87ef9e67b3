"""The concessions listed for unplaced ESMS, each tried again.

When to modify: the contract gains a kind of concession.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.instance import Grappe
from solver.judge.figures import UnfundableError
from solver.judge.judge import Judge
from solver.judge.verdict import Concession
from solver.vocabulary import ChangeKind, Hosting

_NEW = "new grappe"


class ChangeCheck:
    """Tries concessions on a valid proposal."""

    def __init__(self, judge: Judge, grappes: Sequence[Grappe]) -> None:
        self._judge = judge
        self._grappe = {g.id: g for g in grappes}
        self._placed = {id_ for g in grappes for id_ in g.members}

    @cached_property
    def _total(self) -> int:
        return sum(self._judge.funding(g.solution, g.members) for g in self._grappe.values())

    def gains(self, esms_id: str, change: Mapping[str, Any]) -> list[int]:
        """Changes of total funding of the valid proposals that a change of this ESMS leads to; [] when none.

        ``change``: an entry of ``changes[]``. Where a new grappe is meant, the document names neither its
        solution nor its hosting: every pair is tried.
        """
        kind, partners = ChangeKind(change["kind"]), frozenset(change["with"])
        if change["joins"] is not None and (partners or change["joins"] not in self._grappe):
            return []
        found = []
        for moved, concession in movements(self._judge, esms_id, kind, change["value"]):
            if not self._are_free(moved | partners) or moved & partners:
                continue
            if change["joins"] is not None:
                old = self._grappe[change["joins"]]
                outcomes = [self._gain(self._joined(old, moved, concession), concession, old)]
            else:
                grappes = self._new_grappes(moved | partners, concession)
                outcomes = [self._gain(grappe, concession, None) for grappe in grappes]
            found += [gain for gain in outcomes if gain is not None]
        return found

    def _are_free(self, ids: frozenset[str]) -> bool:
        return self._placed.isdisjoint(ids) and all(id_ in self._judge.instance.esms_by_id for id_ in ids)

    def _joined(self, old: Grappe, moved: frozenset[str], concession: Concession) -> Grappe | None:
        members = tuple(sorted(moved.union(old.members)))
        porteur = self._judge.elect(members, concession)
        return None if porteur is None else Grappe(old.id, old.solution, old.hosting, porteur, members)

    def _new_grappes(self, ids: frozenset[str], concession: Concession) -> Iterator[Grappe]:
        instance, members = self._judge.instance, tuple(sorted(ids))
        porteur = self._judge.elect(members, concession)
        if porteur is None:
            return
        fixed = next((f for id_ in members if (f := self._judge.ties.fixed_of.get(id_)) is not None), None)
        id_ = fixed.id if fixed is not None and fixed.id is not None else _NEW
        for solution in instance.solutions:
            modes: Sequence[Hosting | None] = [None]
            if instance.parameters.same_hosting:
                modes = sorted(solution.hosting)
            for hosting in modes:
                yield Grappe(id_, solution.id, hosting, porteur, members)

    def _gain(self, grappe: Grappe | None, concession: Concession, old: Grappe | None) -> int | None:
        """The change of total funding, None when the judge refuses it: grappe, budget or number."""
        judge = self._judge
        if grappe is None or judge.grappe_violations(grappe, concession):
            return None
        try:
            gain = judge.funding(grappe.solution, grappe.members)
        except UnfundableError:
            return None
        most = judge.instance.parameters.max_grappes
        if old is None and most is not None and len(self._grappe) >= most:
            return None
        if old is not None:
            gain -= judge.funding(old.solution, old.members)
        budget = judge.instance.parameters.budget_eur
        return gain if budget is None or self._total + gain <= budget else None


def movements(
    judge: Judge, esms_id: str, kind: ChangeKind, value: str | float
) -> Iterator[tuple[frozenset[str], Concession]]:
    """Which ESMS move, and what is conceded: the whole lot, or what its splitting sets free."""
    ties, by_id = judge.ties, judge.instance.esms_by_id
    lot = ties.moving_with(esms_id)
    if kind is not ChangeKind.SPLIT_LOT:
        yield lot, Concession(lot, kind, value)
        return
    for key in sorted(
        {(by_id[id_].organisme, str(by_id[id_].lot)) for id_ in lot if by_id[id_].lot == value}
    ):
        part = ties.moving_with(esms_id, dissolved=key)
        if part < lot:
            yield part, Concession(ties.lot_members[key], kind, value)
