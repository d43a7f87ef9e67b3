"""Who could take the place of an organisme that leaves a grappe.

Unplaced lots that concede nothing are looked at all at once, those that suffice alone first, then the fewest
together; the best of them are shown once the judge has accepted the grappe that they make. Of a good plan
hardly anybody is left out who could join without conceding anything, so lots that one concession would let in
come after them.

Shapes: n members of a grappe, U unplaced lots of the terrain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from solver.explain.lots import Lot, moving_lots
from solver.explain.partners import Apart, fewest
from solver.explain.terrain import Bools, Floats, Integers, Terrain
from solver.funding import funding_eur
from solver.instance import Esms, Grappe, Instance
from solver.judge import Departures
from solver.judge.changes import movements
from solver.proposal import Departure, Replacement, Unplaced
from solver.scale import Scale
from solver.vocabulary import ChangeKind, DepartureRule

_SHOWN = 3  # replacements of one departure
_TRIED = 12  # that the judge looks at for them
_CARRIERS = 24  # lots that would bring the porteur, looked at with others beside them


@dataclass(frozen=True, slots=True)
class Conceding:
    """ESMS that could join a whole grappe under one concession, and what they would bring to it."""

    ids: frozenset[str]
    kind: ChangeKind
    value: str | float
    gain_eur: int


@dataclass(frozen=True)
class Candidates:
    """Unplaced lots of one proposal, as arrays."""

    instance: Instance
    scale: Scale
    grappes: tuple[Grappe, ...]
    departures: Departures
    unplaced: tuple[Unplaced, ...]

    @cached_property
    def concessions(self) -> Mapping[str, list[Conceding]]:
        """Id of a grappe -> the single concessions with which lots could join it, the most money first."""
        judge = self.departures.judge
        found: dict[str, dict[tuple[frozenset[str], ChangeKind, str | float], int]] = {}
        for entry in self.unplaced:
            for change in entry.changes:
                if change.joins is None:
                    continue
                known = found.setdefault(change.joins, {})
                for moved, _ in movements(judge, entry.esms, change.kind, change.value):
                    known[moved, change.kind, change.value] = change.gain_eur
        return {
            joins: sorted(
                (Conceding(moved, kind, value, gain) for (moved, kind, value), gain in known.items()),
                key=lambda one: (-one.gain_eur, one.kind, min(one.ids), str(one.value)),
            )
            for joins, known in found.items()
        }

    @cached_property
    def terrain(self) -> Terrain:
        """Lots that may join a grappe: unplaced, of no fixed grappe, with a need."""
        barred = {id_ for g in self.grappes for id_ in g.members}
        barred |= {id_ for f in self.instance.constraints.fixed_grappes for id_ in f.members}
        lots = tuple(lot for lot in moving_lots(self.instance) if lot.ids.isdisjoint(barred))
        terrain = Terrain(self.instance, self.scale, lots)
        ready = tuple(lots[k] for k in np.flatnonzero(terrain.eligible)) if lots else ()
        return Terrain(self.instance, self.scale, ready)

    @cached_property
    def apart(self) -> Apart:
        return Apart(self.instance)

    @cached_property
    def kinds(self) -> Integers:
        """(U,) a number per lot, the same for those that bring the same amounts to a grappe they can join."""
        most = self.scale.small_og_max_esms
        small = {o.id for o in self.instance.organismes if o.esms_total <= most}
        numbers: dict[object, int] = {}
        of = np.zeros(len(self.terrain.lots), dtype=np.int64)
        for k, lot in enumerate(self.terrain.lots):
            key = tuple(sorted((e.need.value, e.champ.value, e.organisme in small) for e in lot.members))
            of[k] = numbers.setdefault(key, len(numbers))
        return of

    @cached_property
    def lots_of(self) -> dict[str, list[int]]:
        """Organisme -> its lots."""
        found: dict[str, list[int]] = {}
        for k, lot in enumerate(self.terrain.lots):
            for organisme in lot.organismes:
                found.setdefault(organisme, []).append(k)
        return found

    def seats(self, grappe: Grappe) -> Seats:
        return Seats(self, grappe)


@dataclass(frozen=True)
class Seats:
    """The places of one grappe that lots may take."""

    search: Candidates
    grappe: Grappe

    @cached_property
    def members(self) -> tuple[Esms, ...]:
        by_id = self.search.instance.esms_by_id
        return tuple(by_id[id_] for id_ in self.grappe.members)

    @cached_property
    def inside(self) -> Terrain:
        """The members as lots of one ESMS, ordered as in the grappe."""
        lots = tuple(Lot((e,)) for e in self.members)
        return Terrain(self.search.instance, self.search.scale, lots)

    @cached_property
    def candidates(self) -> Integers:
        """Lots that accept what the grappe has, and may be mixed with its members."""
        terrain = self.search.terrain
        if not terrain.lots:
            return np.zeros(0, dtype=np.int64)
        wanted = (self.grappe.solution, self.grappe.hosting)
        type_ = next(k for k, t in enumerate(terrain.types) if (t.solution, t.hosting) == wanted)
        parameters = self.search.instance.parameters
        alike = np.ones(len(terrain.lots), dtype=bool)
        first = self.members[0]
        if not parameters.mix_champs:
            alike &= np.array([lot.members[0].champ is first.champ for lot in terrain.lots])
        if not parameters.mix_needs:
            kind = first.need.is_acquisition
            alike &= np.array([lot.members[0].need.is_acquisition is kind for lot in terrain.lots])
        found: Integers = np.flatnonzero(terrain.takes[:, type_] & alike)
        return found

    @cached_property
    def among(self) -> Bools:
        """(n, n): members that each member could carry; nothing for who may not be porteur."""
        everyone = np.arange(len(self.members))
        return self.inside.within_esms(everyone, everyone) & self.inside.may_carry[:, None]

    @cached_property
    def reached(self) -> Bools:
        """(n, candidates): lots that each member could carry."""
        terrain = self.search.terrain
        rows = [terrain.within_position(e)[self.candidates] for e in self.members]
        return np.stack(rows) & self.inside.may_carry[:, None]

    @cached_property
    def carrying(self) -> list[tuple[int, Esms, Bools]]:
        """(place among the candidates, ESMS of that lot, (n,) members it could carry)."""
        found = []
        for place, k in enumerate(self.candidates.tolist()):
            for e in self.search.terrain.lots[k].members:
                if e.can_be_porteur:
                    found.append((place, e, self.inside.within_position(e)))
        return found

    @cached_property
    def km(self) -> Floats:
        """(candidates,): about how far each lot is from the porteur of the grappe."""
        terrain = self.search.terrain
        porteur = self.grappe.members.index(self.grappe.porteur)
        away = np.linalg.norm(terrain.places.points - self.inside.places.points[porteur], axis=1)
        return np.maximum.reduceat(away, terrain.starts)[self.candidates]

    # one departure ------------------------------------------------------------------------------------

    def replacements(self, departure: Departure) -> Iterator[Replacement]:
        """The best few that the judge accepts, the most money first; those of one lot before any other."""
        hopeless = (DepartureRule.MEMBERS, DepartureRule.TOGETHER)
        if not departure.rules or any(rule in departure.rules for rule in hopeless):
            return
        accepted: list[Replacement] = []
        if len(self.candidates):
            left = Left(self, departure.organisme)
            accepted = list(islice(self._accepted(left, left.singles()), _SHOWN))
            if not accepted:
                accepted = list(islice(self._accepted(left, left.several()), _SHOWN))
            accepted.sort(key=lambda r: (-r.funding_eur, len(r.esms), r.km, r.esms))
        yield from accepted
        yield from islice(self._conceded(departure), _SHOWN - len(accepted))

    def _conceded(self, departure: Departure) -> Iterator[Replacement]:
        """Lots that suffice alone with one concession, as it would let them join the whole grappe."""
        needed = departure.missing or 0
        shown: set[frozenset[str]] = set()
        tries = (one for one in self.search.concessions.get(self.grappe.id, ()) if len(one.ids) >= needed)
        for one in islice(tries, _TRIED):
            if one.ids in shown:
                continue
            found = self.search.departures.conceding(
                self.grappe, departure.organisme, sorted(one.ids), one.kind, one.value
            )
            if found is not None:
                shown.add(one.ids)
                yield found

    def _accepted(self, left: Left, tries: Iterator[list[Lot]]) -> Iterator[Replacement]:
        for lots in islice(tries, _TRIED):
            ids = sorted(id_ for lot in lots for id_ in lot.ids)
            found = self.search.departures.replaced(self.grappe, left.organisme, ids)
            if found is not None:
                yield found


@dataclass(frozen=True)
class Left:
    """A grappe that an organisme has left."""

    seats: Seats
    organisme: str

    @cached_property
    def stay(self) -> Integers:
        stay = [k for k, e in enumerate(self.seats.members) if e.organisme != self.organisme]
        return np.array(stay, dtype=np.int64)

    @cached_property
    def _rest(self) -> list[Lot]:
        return [self.seats.inside.lots[k] for k in self.stay.tolist()]

    @cached_property
    def _fixed_porteur(self) -> str | None:
        judge = self.seats.search.departures.judge_without(self.organisme)
        touched = [
            judge.ties.fixed_of[m.members[0].id] for m in self._rest if m.members[0].id in judge.ties.fixed_of
        ]
        return touched[0].porteur if touched else None

    @cached_property
    def _able(self) -> Integers:
        """Members that can carry all who stay; a fixed grappe keeps its porteur."""
        seats = self.seats
        able = [k for k in self.stay.tolist() if seats.among[k, self.stay].all()]
        if self._fixed_porteur is not None:
            able = [k for k in able if seats.members[k].id == self._fixed_porteur]
        return np.array(able, dtype=np.int64)

    @cached_property
    def _open(self) -> Bools:
        """(candidates,): lots of other organismes that may be with those who stay, alone not too large."""
        search, terrain = self.seats.search, self.seats.search.terrain
        here = {e.organisme for lot in self._rest for e in lot.members}
        barred = [self.organisme, *(enemy for o in here for enemy in search.apart.enemies(o))]
        ok = len(self.stay) + terrain.weight <= terrain.max_size
        ok[[k for organisme in barred for k in search.lots_of.get(organisme, ())]] = False
        found: Bools = ok[self.seats.candidates]
        return found

    @cached_property
    def _carriers(self) -> list[tuple[int, Esms]]:
        """Lots with an ESMS that can carry all who stay and their own lot."""
        seats = self.seats
        if self._fixed_porteur is not None:
            return []
        found = []
        for place, e, reach in seats.carrying:
            own = self.seats.search.terrain.lots[int(seats.candidates[place])]
            if self._open[place] and reach[self.stay].all() and self._reaches(e, own):
                found.append((place, e))
        return found

    def _reaches(self, porteur: Esms, lot: Lot) -> bool:
        if lot.size == 1:
            return True
        return bool(self._from(porteur)[self.seats.search.terrain.lots.index(lot)])

    def _from(self, porteur: Esms) -> Bools:
        return self.seats.search.terrain.within_position(porteur)

    @cached_property
    def _least(self) -> int:
        return int(self.seats.inside.minimum[self.stay].max())

    @cached_property
    def _minimum(self) -> Integers:
        """(candidates,): the size that each lot asks of the grappe that it joins."""
        terrain = self.seats.search.terrain
        return np.maximum(terrain.lot_minimum[self.seats.candidates], self._least)

    @cached_property
    def _money(self) -> Integers:
        """(candidates,): the funding of the grappe with each lot, 0 for those that are not open."""
        seats, search = self.seats, self.seats.search
        ids = [lot.members[0].id for lot in self._rest]
        mine = search.kinds[seats.candidates]
        found = np.zeros(len(mine), dtype=np.int64)
        for kind in np.unique(mine[self._open]).tolist():
            model = int(seats.candidates[np.argmax(self._open & (mine == kind))])
            members = [*ids, *sorted(search.terrain.lots[model].ids)]
            money = funding_eur(search.instance, search.scale, seats.grappe.solution, members)
            found[self._open & (mine == kind)] = money
        return found

    def singles(self) -> Iterator[list[Lot]]:
        """Lots that suffice alone, the most money first, then the nearest."""
        seats, terrain = self.seats, self.seats.search.terrain
        carried: Bools = np.any(seats.reached[self._able], axis=0)
        carried[[place for place, _ in self._carriers]] = True
        enough = self._open & carried & (len(self.stay) + terrain.weight[seats.candidates] >= self._minimum)
        enough &= self._money <= seats.search.departures.spendable(seats.grappe)
        for place in self._ranked(np.flatnonzero(enough), each=False):
            yield [terrain.lots[int(seats.candidates[place])]]

    def several(self) -> Iterator[list[Lot]]:
        """The fewest lots together, of each porteur and threshold; the most ESMS in reach first."""
        seats = self.seats
        pools: list[tuple[Bools, list[int]]] = [
            (seats.reached[k] & self._open, []) for k in self._able.tolist()
        ]
        for place, e in self._carriers[:_CARRIERS]:
            pools.append((self._from(e)[seats.candidates] & self._open, [place]))
        pools.sort(key=lambda pool: (-int(pool[0].sum()), pool[1]))
        seen: set[frozenset[str]] = set()
        for pool, kept in pools:
            for lots in self._of_pool(pool, kept):
                ids = frozenset(id_ for lot in lots for id_ in lot.ids)
                if ids not in seen:
                    seen.add(ids)
                    yield lots

    def _of_pool(self, pool: Bools, kept: list[int]) -> Iterator[list[Lot]]:
        terrain, candidates = self.seats.search.terrain, self.seats.candidates
        own = [terrain.lots[int(candidates[place])] for place in kept]
        size = len(self.stay) + sum(lot.size for lot in own)
        for least in np.unique(self._minimum[pool]).tolist():
            if any(self._minimum[place] > least for place in kept):
                continue
            within = np.flatnonzero(pool & (self._minimum <= least))
            ranked = [place for place in self._ranked(within, each=True) if place not in kept]
            lots = [terrain.lots[int(candidates[place])] for place in ranked]
            able = self.seats.search.apart.heaviest([*self._rest, *own], lots)
            chosen = fewest(size, able, least, terrain.max_size)
            if chosen is not None:
                yield [*own, *chosen]

    def _ranked(self, places: Integers, *, each: bool) -> list[int]:
        """Open lots: by money (for ``each`` ESMS), then the nearest, then the first id."""
        money = self._money[places].astype(float)
        if each:
            money /= self.seats.search.terrain.weight[self.seats.candidates[places]]
        ranked: list[int] = places[np.lexsort((places, self.seats.km[places], -money))].tolist()
        return ranked
