"""Every single concession of every unplaced lot, found by trying them all with the judge.

Shares nothing with ``solver.explain`` but the judge and ``Concession``: lots by union, distances by geopy,
the porteur elected by the judge. Meant for regions of up to 60 ESMS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from geopy.distance import geodesic

from solver.instance import Esms, Grappe, Instance
from solver.judge import Concession, Judge
from solver.scale import Scale
from solver.vocabulary import ChangeKind, Hosting, Need, Territory

Placement = tuple[
    str, ChangeKind, str | float, str | None
]  # ESMS, kind, value, joins; value "" for radius_km


class TryingAll:
    def __init__(self, instance: Instance, scale: Scale, grappes: Sequence[Grappe]) -> None:
        self.instance, self.scale, self.grappes = instance, scale, grappes
        self.judge = Judge(instance, scale)
        self.placed = {e for g in grappes for e in g.members}
        self.funding = {g.id: self.judge.appraise(g).funding_eur for g in grappes}
        self.total = sum(self.funding.values())
        self._known: dict[tuple[str, str], float] = {}

    def placements(self) -> set[Placement]:
        found: set[Placement] = set()
        for lot in self._moving([e for e in self.instance.esms if e.id not in self.placed], None):
            for piece, concession in self._concessions(lot):
                value = "" if concession.kind is ChangeKind.RADIUS_KM else concession.value
                for g in self.grappes:
                    keys = {(e.id, concession.kind, value, g.id) for e in piece}
                    if not keys <= found and self._joins(piece, g, concession):
                        found |= keys
                keys = {(e.id, concession.kind, value, None) for e in piece}
                if not keys <= found and self._forms(lot, piece, concession):
                    found |= keys
        return found

    # what moves, what it may concede ------------------------------------------------------------------

    def _moving(self, esms: Sequence[Esms], dissolved: tuple[str, str] | None) -> list[list[Esms]]:
        together: dict[str, str] = {}

        def root(organisme: str) -> str:
            while organisme in together and together[organisme] != organisme:
                organisme = together[organisme]
            return organisme

        for a, b in self.instance.constraints.together:
            together.setdefault(a, a)
            together.setdefault(b, b)
            together[root(a)] = root(b)
        group = {e.id: e.id for e in esms}

        def top(id_: str) -> str:
            while group[id_] != id_:
                id_ = group[id_]
            return id_

        tags: dict[tuple[str, ...], list[str]] = {}
        for e in esms:
            if e.lot is not None and (e.organisme, e.lot) != dissolved:
                tags.setdefault(("lot", e.organisme, e.lot), []).append(e.id)
            if e.organisme in together and e.need is not Need.AUCUN:
                tags.setdefault(("together", root(e.organisme)), []).append(e.id)
        for ids in tags.values():
            for a, b in pairwise(ids):
                group[top(a)] = top(b)
        lots: dict[str, list[Esms]] = {}
        for e in esms:
            lots.setdefault(top(e.id), []).append(e)
        return list(lots.values())

    def _concessions(self, lot: list[Esms]) -> Iterator[tuple[list[Esms], Concession]]:
        ids = frozenset(e.id for e in lot)
        for mode in Hosting:
            yield lot, Concession(ids, ChangeKind.ACCEPT_HOSTING, mode.value)
        for solution in self.instance.solutions:
            yield lot, Concession(ids, ChangeKind.ACCEPT_SOLUTION, solution.id)
        yield lot, Concession(ids, ChangeKind.RADIUS_KM, 30_000.0)
        for code in sorted({self._territory(e) for e in self.instance.esms}):
            yield lot, Concession(ids, ChangeKind.TERRITORY, code)
        for key in {(e.organisme, e.lot) for e in lot if e.lot is not None}:
            pieces = self._moving(lot, key)
            for piece in pieces if len(pieces) > 1 else ():
                yield piece, Concession(ids, ChangeKind.SPLIT_LOT, key[1] or "")

    def _territory(self, e: Esms) -> str:
        match self.instance.parameters.territory:
            case Territory.REGION:
                return e.region
            case Territory.DEPARTEMENT:
                return e.departement
            case Territory.NONE:
                return ""

    # what the judge says ------------------------------------------------------------------------------

    def _joins(self, piece: list[Esms], g: Grappe, concession: Concession) -> bool:
        fixed = [f for f in self.instance.constraints.fixed_grappes if set(f.members) <= set(g.members)]
        if fixed and not fixed[0].extendable:
            return False
        members = [self.instance.esms_by_id[id_] for id_ in g.members] + piece
        room = self._room() + self.funding[g.id]
        return self._single(g.id, g.solution, g.hosting, members, concession, room)

    def _forms(self, lot: list[Esms], piece: list[Esms], concession: Concession) -> bool:
        held = {id_ for f in self.instance.constraints.fixed_grappes for id_ in f.members}
        gone = {e.id for e in lot}
        others = [e for e in self.instance.esms if e.id not in self.placed | held | gone]
        lots = self._moving(others, None)
        if concession.kind is ChangeKind.SPLIT_LOT:
            key = next((e.organisme, e.lot) for e in lot if e.lot == concession.value)
            lots += [p for p in self._moving(lot, key) if p[0] not in piece]
        for solution in self.instance.solutions:
            modes = sorted(solution.hosting) if self.instance.parameters.same_hosting else [None]
            for hosting in modes:
                if not all(self._could_take(e, solution.id, hosting, concession) for e in piece):
                    continue
                willing = [p for p in lots if all(self._takes(e, solution.id, hosting) for e in p)]
                for porteur in [e for p in (*willing, piece) for e in p if e.can_be_porteur]:
                    if self._forms_round(piece, willing, porteur, solution.id, hosting, concession):
                        return True
        return False

    def _forms_round(
        self,
        piece: list[Esms],
        willing: list[list[Esms]],
        porteur: Esms,
        solution: str,
        hosting: Hosting | None,
        concession: Concession,
    ) -> bool:
        """The lots nearest to a porteur, one more at a time, those apart from a nearer one left out."""
        reached = [
            p for p in willing if all(self._in_reach(porteur, e) and self._mix(e, piece[0]) for e in p)
        ]
        reached.sort(key=lambda p: (porteur not in p, max(self._km(porteur, e) for e in p), p[0].id))
        members = list(piece)
        apart = {frozenset(pair) for pair in self.instance.constraints.apart}
        for more in [[], *reached]:
            if any(frozenset((a.organisme, b.organisme)) in apart for a in members for b in more):
                continue
            members = [*members, *more]
            if porteur not in members or len(members) < self._least(members):
                continue
            if self._single("tried", solution, hosting, members, concession, self._room()):
                return True
        return False

    def _single(
        self,
        id_: str,
        solution: str,
        hosting: Hosting | None,
        members: list[Esms],
        concession: Concession,
        room: float,
    ) -> bool:
        """Accepted with the concession, refused without, and within the budget."""
        ids = tuple(sorted(e.id for e in members))
        porteur = self.judge.elect(ids, concession)
        if porteur is None:
            return False
        abroad = self._territory(self.instance.esms_by_id[porteur])
        if concession.kind is ChangeKind.TERRITORY and concession.value != abroad:
            return False
        grappe = Grappe(id_, solution, hosting, porteur, ids)
        if self.judge.grappe_violations(grappe, concession) or not self._needs(grappe):
            return False
        return self.judge.appraise(grappe).funding_eur <= room

    def _needs(self, grappe: Grappe) -> bool:
        """Whether the grappe is refused when nothing is conceded."""
        plain = self.judge.elect(grappe.members)
        return plain is None or bool(self.judge.grappe_violations(replace(grappe, porteur=plain)))

    def _room(self) -> float:
        budget = self.instance.parameters.budget_eur
        return float("inf") if budget is None else budget - self.total

    def _least(self, members: list[Esms]) -> int:
        asked, scale = self.instance.parameters.min_size, self.scale
        return asked or max(scale.min_size_by_region.get(e.region, scale.min_size) for e in members)

    def _takes(self, e: Esms, solution: str, hosting: Hosting | None) -> bool:
        software = self.instance.solution_by_id[solution]
        return (
            e.need is not Need.AUCUN
            and e.id not in self.instance.constraints.excluded
            and e.accepts_solution(solution)
            and e.champ in software.champs
            and any(e.accepts_hosting(h) for h in ([hosting] if hosting is not None else software.hosting))
            and (e.need is not Need.MONTEE_DE_VERSION or e.current_solution == solution)
            and (e.need, e.champ, software.segur_referenced) in self.scale.rates
        )

    def _could_take(self, e: Esms, solution: str, hosting: Hosting | None, concession: Concession) -> bool:
        """The same once the concession is made."""
        value = concession.value
        if concession.kind is ChangeKind.ACCEPT_SOLUTION and e.accepted_solutions is not None:
            e = replace(e, accepted_solutions=e.accepted_solutions | {str(value)})
        if concession.kind is ChangeKind.ACCEPT_HOSTING and e.accepted_hosting is not None:
            e = replace(e, accepted_hosting=e.accepted_hosting | {Hosting(value)})
        return self._takes(e, solution, hosting)

    def _mix(self, a: Esms, b: Esms) -> bool:
        p = self.instance.parameters
        return (p.mix_champs or a.champ is b.champ) and (
            p.mix_needs or a.need.is_acquisition == b.need.is_acquisition
        )

    def _in_reach(self, porteur: Esms, e: Esms) -> bool:
        radius = self.instance.parameters.max_radius_km
        near = radius is None or self._km(porteur, e) <= radius
        return near and self._territory(porteur) == self._territory(e)

    def _km(self, a: Esms, b: Esms) -> float:
        pair = (a.id, b.id)
        if pair not in self._known:
            self._known[pair] = float(geodesic((a.lat, a.lon), (b.lat, b.lon)).km)
        return self._known[pair]
