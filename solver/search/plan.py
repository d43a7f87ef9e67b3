"""From columns to grappes with porteur and id, and back.

When to modify: how a grappe is named, carried or recognised changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx
import numpy as np
import numpy.typing as npt

from solver.funding import choose_porteur, funding_eur
from solver.instance import FixedGrappe, Grappe, Instance
from solver.scale import Scale
from solver.search.problem import NONE, Column, Problem
from solver.vocabulary import Objective


def objective_of(instance: Instance, scale: Scale, grappes: Iterable[Grappe]) -> int:
    """The objective of a whole proposal, recomputed from its members."""
    previous = {g.id: set(g.members) for g in instance.previous}
    total = 0
    for grappe in grappes:
        if instance.parameters.objective is Objective.COVERAGE:
            total += len(grappe.members)
        else:
            total += funding_eur(instance, scale, grappe.solution, grappe.members)
        kept = len(previous.get(grappe.id, set()).intersection(grappe.members))
        total += instance.parameters.stability_eur_per_esms * kept
    return total


def grappes_of(problem: Problem, columns: Sequence[Column]) -> tuple[Grappe, ...]:
    """The proposal: settled fixed grappes and columns, each with porteur and id, in the order of ids."""
    instance = problem.instance
    fixed = instance.constraints.fixed_grappes
    given = [_given(fixed[k], fixed[k].members) for k in problem.reach.settled]
    formed: list[Grappe] = []
    for column in sorted(columns, key=lambda c: (c.row, c.lots)):
        row, members = problem.rows[column.row], problem.members(column)
        if row.fixed != NONE:
            given.append(_given(fixed[row.fixed], members))
            continue
        kind = problem.offers.types[row.type]
        if column.lots not in problem.porteurs:
            problem.porteurs[column.lots] = choose_porteur(instance, members)
        porteur = problem.porteurs[column.lots]
        if porteur is None:
            raise AssertionError(f"no member can carry {members}")
        formed.append(Grappe("", kind.solution, kind.hosting, porteur, members))
    return named(instance, given, formed)


def _given(fixed: FixedGrappe, members: Sequence[str]) -> Grappe:
    return Grappe(fixed.id or "", fixed.solution, fixed.hosting, fixed.porteur, tuple(sorted(members)))


def named(instance: Instance, given: list[Grappe], formed: list[Grappe]) -> tuple[Grappe, ...]:
    """Give each grappe its id: its own, or that of the previous grappe it continues, or a fresh one.

    Previous ids are shared out so that the ESMS that keep theirs are as many as possible.
    """
    grappes = given + formed
    taken = {g.id for g in grappes if g.id}
    carried = _carried(instance, grappes, taken)
    taken |= set(carried.values()) | {g.id for g in instance.previous}
    order = sorted(
        range(len(grappes)), key=lambda k: (grappes[k].solution, grappes[k].hosting or "", grappes[k].porteur)
    )
    result, number = [], 0
    for k in order:
        g = grappes[k]
        identity = g.id or carried.get(k, "")
        while not identity:
            number += 1
            fresh = f"G{number:03d}"
            identity = fresh if fresh not in taken else ""
        result.append(Grappe(identity, g.solution, g.hosting, g.porteur, g.members))
    return tuple(sorted(result, key=lambda g: g.id))


def _carried(instance: Instance, grappes: Sequence[Grappe], taken: set[str]) -> dict[int, str]:
    """Which nameless grappe carries which previous id: the most ESMS that keep theirs."""
    where: dict[str, list[tuple[str, tuple[str, object]]]] = {}
    for p in instance.previous:
        if p.id not in taken:
            for m in p.members:
                where.setdefault(m, []).append((p.id, (p.solution, p.hosting)))
    graph: nx.Graph[tuple[str, int | str]] = nx.Graph()
    for k, g in enumerate(grappes):
        if g.id:
            continue
        common: dict[str, int] = {}
        for m in g.members:
            for identity, kind in where.get(m, []):
                if kind == (g.solution, g.hosting):
                    common[identity] = common.get(identity, 0) + 1
        for identity, count in common.items():
            graph.add_edge(("grappe", k), ("previous", identity), weight=count)
    carried = {}
    for part in sorted(nx.connected_components(graph), key=lambda nodes: min(map(str, nodes))):
        for one, other in nx.max_weight_matching(graph.subgraph(part)):
            (_, k), (_, identity) = (one, other) if one[0] == "grappe" else (other, one)
            carried[k] = identity
    return carried


class Recogniser:
    """Finds the best row for given lots: to read a proposal back, and to re-centre a grappe."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.at_lot: dict[tuple[int, int], list[int]] = {}
        self.at_type: dict[int, list[int]] = {}
        self.at_fixed: dict[int, list[int]] = {}
        for index, row in enumerate(problem.rows):
            if row.fixed != NONE:
                self.at_fixed.setdefault(row.fixed, []).append(index)
            elif row.base_lot != NONE:
                self.at_lot.setdefault((row.type, row.base_lot), []).append(index)
            else:
                self.at_type.setdefault(row.type, []).append(index)
        self.masks: dict[int, npt.NDArray[np.bool_]] = {}
        self.lot_of = {i: k for k, lot in enumerate(problem.lots.lots) for i in lot.members}
        self.held = {i for base in problem.lots.bases for i in base or ()}  # by fixed grappes
        self.position = {e.id: i for i, e in enumerate(problem.lots.esms)}

    def inside(self, row: int) -> npt.NDArray[np.bool_]:
        """Mask of the lots that the row can hold, its base lot included."""
        if row not in self.masks:
            mask = np.zeros(len(self.problem.lots.lots), dtype=bool)
            mask[self.problem.rows[row].items] = True
            if self.problem.rows[row].base_lot != NONE:
                mask[self.problem.rows[row].base_lot] = True
            self.masks[row] = mask
        return self.masks[row]

    def joins(self, row: int, lot: int) -> bool:
        return bool(self.inside(row)[lot])

    def size(self, column: Column) -> int:
        return self.problem.size(column)

    def meet(self, kind: int, lots: Sequence[int], lot: int) -> bool:
        """Whether some row of this type, at one of these lots, holds the lot."""
        return any(self.joins(r, lot) for k in lots for r in self.at_lot.get((kind, k), []))

    def best(self, kind: int, lots: Sequence[int]) -> Column | None:
        """The best column of this type with exactly these lots."""
        rows = [r for k in lots for r in self.at_lot.get((kind, k), [])] + self.at_type.get(kind, [])
        return self._best(rows, lots)

    def _best(self, rows: Iterable[int], lots: Sequence[int]) -> Column | None:
        found: Column | None = None
        for index in rows:
            if not self.inside(index)[list(lots)].all():
                continue
            column = self.problem.column(index, lots)
            if self.problem.allowed(column) and (found is None or column.value > found.value):
                found = column
        return found

    def read(self, grappes: Sequence[Grappe]) -> list[Column]:
        """The columns of a proposal that are still possible; the others are left out."""
        problem, found, used = self.problem, [], set[int]()
        fixed = problem.instance.constraints.fixed_grappes
        for grappe in grappes:
            at = sorted(self.position[m] for m in grappe.members if m in self.position)
            gone = [i for i in at if i not in self.lot_of and i not in self.held]
            at = [
                i for i in at if i not in gone
            ]  # who can no longer be placed leaves the others their grappe
            own = next((k for k in self.at_fixed if fixed[k].porteur == grappe.porteur), None)
            if own is not None:
                base = set(problem.lots.bases[own] or ())
                lots = self._lots([i for i in at if i not in base])
                column = None if lots is None else self._best(self.at_fixed[own], lots)
            else:
                lots = self._lots(at)
                column = None if lots is None else self._of_type(grappe, lots)
            if column is not None and not used.intersection(column.lots):
                used.update(column.lots)
                found.append(column)
        return found

    def remains(self, grappes: Sequence[Grappe], kept: Sequence[Column]) -> list[Column]:
        """What is left of grappes that no longer stand, each in the row that holds most of it.

        ``kept``: columns of those that do. These columns miss their minimum, or had to leave lots out.
        """
        used = {k for c in kept for k in c.lots}
        known = {g.id: at for at, g in enumerate(self.problem.instance.previous)}
        found: list[Column] = []
        for grappe in grappes:
            if any(self.position.get(m) in self.held for m in grappe.members):
                continue
            at = {self.lot_of.get(self.position.get(m, NONE), NONE) for m in grappe.members}
            lots = np.array(sorted(at - {NONE} - used), dtype=np.int64)
            identity = known.get(grappe.id, NONE) if self.problem.reach.kept else NONE
            column = self._most(grappe, lots, identity)
            if column is not None and len(column.lots) > 1:
                used.update(column.lots)
                found.append(column)
        return found

    def _most(self, grappe: Grappe, lots: npt.NDArray[np.int64], identity: int) -> Column | None:
        """The row of these lots' own that holds most ESMS of them, with those it holds."""
        best: tuple[int, int, list[int]] | None = None
        for t, kind in enumerate(self.problem.offers.types):
            if (kind.solution, kind.hosting) != (grappe.solution, grappe.hosting):
                continue
            rows = [r for k in lots.tolist() for r in self.at_lot.get((t, k), [])] + self.at_type.get(t, [])
            for r in rows:
                row = self.problem.rows[r]
                if row.identity == identity and not row.relaxed:
                    held = lots[self.inside(r)[lots]].tolist()
                    size = sum(int(self.problem.offers.weight[k]) for k in held)
                    if size <= row.high and (best is None or size > best[0]):
                        best = (size, r, held)
        return None if best is None else self.problem.column(best[1], best[2])

    def _lots(self, positions: Sequence[int]) -> list[int] | None:
        lots = {self.lot_of.get(i, NONE) for i in positions}
        if NONE in lots or sum(len(self.problem.lots.lots[k].members) for k in lots) != len(positions):
            return None
        return sorted(lots)

    def _of_type(self, grappe: Grappe, lots: list[int]) -> Column | None:
        columns = [
            self.best(t, lots)
            for t, kind in enumerate(self.problem.offers.types)
            if (kind.solution, kind.hosting) == (grappe.solution, grappe.hosting)
        ]
        return max((c for c in columns if c is not None), key=lambda c: c.value, default=None)
