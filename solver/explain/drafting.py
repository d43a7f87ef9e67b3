"""Proposals made from the one explained: some grappes changed, some given up, new ones formed.

A draft keeps within the budget and the number of grappes; whether its grappes are valid is the judge's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from solver.explain.board import Board
from solver.explain.ground import Ground
from solver.explain.lots import Lot
from solver.explain.offers import Type
from solver.explain.survey import Survey
from solver.funding import funding_eur
from solver.instance import Esms, Grappe


@dataclass(frozen=True, slots=True)
class Alternative:
    """A proposal made from the board: grappes changed (None: no longer there), given up and new.

    ``difference``: its objective minus that of the board.
    """

    before: tuple[Grappe, ...]
    changed: Mapping[int, Grappe | None]
    given_up: frozenset[int]
    new: tuple[Grappe, ...]
    difference: int

    @property
    def touched(self) -> tuple[Grappe, ...]:
        return tuple(g for g in (*self.changed.values(), *self.new) if g is not None)

    @property
    def newly_placed(self) -> set[str]:
        """ESMS of the touched grappes that were not there before; those of other grappes among them."""
        there = {id_ for k in self.changed for id_ in self.before[k].members}
        return {id_ for g in self.touched for id_ in g.members} - there

    @property
    def grappes(self) -> tuple[Grappe, ...]:
        kept = [self.changed.get(k) or g for k, g in enumerate(self.before) if k not in self.given_up]
        return (*kept, *self.new)


@dataclass(frozen=True)
class Drafting:
    """Puts alternatives to one board together."""

    board: Board

    @property
    def survey(self) -> Survey:
        return self.board.survey

    def forming(self, type_: Type, lots: Sequence[Lot], *, roughly: bool = False) -> Alternative | None:
        """The proposal once these lots have left their grappes for a new one.

        ``roughly``: those grappes are given up, whatever is left of them.
        """
        board = self.board
        taken = {id_ for lot in lots for id_ in lot.ids}
        if self._price_of(type_, taken) > self._spendable:
            return None
        new = self._seated(self._new_id, type_, sorted(taken), None)
        if new is None:
            return None
        changed: dict[int, Grappe | None] = {}
        for k in sorted({board.grappe_of[id_] for id_ in taken if id_ in board.grappe_of}):
            left = [id_ for id_ in board.grappes[k].members if id_ not in taken]
            kept = not roughly or board.fixed[k] is not None
            changed[k] = self.regrouped(board.grappes[k], left, k) if kept else None
            if changed[k] is None and board.fixed[k] is not None:
                return None
        return self.changing(changed, (new,))

    def regrouped(self, grappe: Grappe, ids: Sequence[str], place: int) -> Grappe | None:
        """The grappe with other members and its porteur chosen again; None when it no longer stands."""
        fixed = self.board.fixed[place]
        porteur = self.board.instance.esms_by_id[fixed.porteur] if fixed is not None else None
        return self._seated(grappe.id, self.board.type_of(place), sorted(ids), porteur)

    def changing(self, changed: dict[int, Grappe | None], new: Sequence[Grappe]) -> Alternative | None:
        """The whole proposal, within the budget and the number of grappes: those worth least are given up."""
        before, now = self._worths, {k: self.survey.worth.of(g) for k, g in changed.items() if g is not None}
        difference = sum(now.values()) + self.survey.worth.total(new) - sum(before[k] for k in changed)
        given_up: set[int] = {k for k, g in changed.items() if g is None}
        budget = self.board.instance.parameters.budget_eur
        if budget is not None:
            touched = [g for g in (*changed.values(), *new) if g is not None]
            total = self.board.total_eur - sum(self.board.funding[k] for k in changed)
            total += sum(self.survey.worth.euros(g) for g in touched)
            for k in sorted(set(range(len(before))) - set(changed), key=lambda k: (before[k], k)):
                if total <= budget:
                    break
                if self.board.fixed[k] is None:
                    given_up.add(k)
                    total -= self.board.funding[k]
                    difference -= before[k]
            if total > budget:
                return None
        most = self.board.instance.parameters.max_grappes
        over = 0 if most is None else len(before) - len(given_up) + len(new) - most
        if over > 0:
            spare = [k for k in range(len(before)) if k not in changed and k not in given_up]
            spare = sorted((k for k in spare if self.board.fixed[k] is None), key=lambda k: (before[k], k))
            if len(spare) < over:
                return None
            given_up |= set(spare[:over])
            difference -= sum(before[k] for k in spare[:over])
        return Alternative(self.board.grappes, changed, frozenset(given_up), tuple(new), difference)

    def _seated(self, id_: str, type_: Type, ids: Sequence[str], porteur: Esms | None) -> Grappe | None:
        """A grappe of these members with its porteur; None under the minimum or when nobody can carry it."""
        members = tuple(self.board.instance.esms_by_id[i] for i in ids)
        if len(members) < self.minimum(ids):
            return None
        seat = Ground(self.board.instance, members[:-1], porteur).seat(members[-1:])
        if seat is None:
            return None
        return Grappe(id_, type_.solution, type_.hosting, seat.porteur.id, tuple(ids))

    def minimum(self, ids: Sequence[str]) -> int:
        return max(
            (int(self.survey.terrain.minimum[self.survey.terrain.position[id_]]) for id_ in ids), default=1
        )

    def _price_of(self, type_: Type, ids: Iterable[str]) -> int:
        return funding_eur(self.board.instance, self.board.scale, type_.solution, sorted(ids))

    @cached_property
    def _spendable(self) -> float:
        """Euros of the budget that the fixed grappes leave."""
        board, budget = self.board, self.board.instance.parameters.budget_eur
        if budget is None:
            return float("inf")
        return budget - sum(paid for paid, fixed in zip(board.funding, board.fixed, strict=True) if fixed)

    @cached_property
    def _new_id(self) -> str:
        used = {g.id for g in self.board.grappes} | {g.id for g in self.board.instance.previous}
        used |= {f.id for f in self.board.instance.constraints.fixed_grappes if f.id is not None}
        number = len(self.board.grappes) + 1
        while f"G{number}" in used:
            number += 1
        return f"G{number}"

    @cached_property
    def _worths(self) -> tuple[int, ...]:
        return tuple(self.survey.worth.of(g) for g in self.board.grappes)
