"""A first plan before the rows are known: what a regional officer would do by hand, in seconds for France.

Solution by solution, the most asked first, the lot farthest from the middle calls its nearest compatible ones
until the minimum is reached; at the end lots that are left join a grappe in reach. Nothing here is best, and
nothing here is proven: it is what there is when the search is stopped, or out of time, while it still reads.

When to modify: never for better grappes; when a rule of grappes changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from solver.distances import EARTH_RADIUS_KM, SPHERE_ERROR, unit_vectors
from solver.funding import choose_porteur, funding_eur
from solver.instance import Grappe
from solver.search.plan import named
from solver.search.problem import NO_MAXIMUM, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEAREST, MOST_NEAR = 48, 200  # lots looked at about one that calls: at first, and where those are not enough
HOSTS = 6  # grappes asked to take a lot that is left
AT_ONCE = 32  # callers between two checks of the clock


def sketch(problem: Problem, over: Callable[[], bool] = lambda: False) -> tuple[Grappe, ...]:
    """Grappes of free lots that respect every rule, fixed grappes apart; few or none where rules are tight.

    ``problem`` needs no rows. ``over`` is asked on the way: once it is true, what is formed by then is all.
    """
    if not len(problem.lots.lots):
        return ()
    hand = _Hand(problem)
    hand.form(over)
    hand.top_up(over)
    return named(problem.instance, [], [hand.grappe(draft) for draft in hand.drafts])


@dataclass
class _Draft:
    """``porteur``: one that can carry it, as a position; ``grown``: since it was chosen."""

    kind: int
    lots: list[int]
    porteur: int
    size: int
    grown: bool = False


@dataclass
class _Near:
    """The free lots of one type in one territory, and who is near whom among them."""

    lots: Ints
    tree: cKDTree


@dataclass
class _Hand:
    """Lots on one side, drafts of grappes on the other."""

    problem: Problem
    drafts: list[_Draft] = field(default_factory=list)

    def __post_init__(self) -> None:
        problem, instance = self.problem, self.problem.instance
        esms, lots = problem.lots.esms, problem.lots.lots
        self.instance, self.offers = instance, problem.offers
        self.position = {e.id: i for i, e in enumerate(esms)}
        self.at = unit_vectors(np.array([e.lat for e in esms]), np.array([e.lon for e in esms]))
        self.place = np.array([self.at[list(lot.members)].mean(axis=0) for lot in lots])
        codes: dict[str, int] = {}
        whose = np.array([codes.setdefault(instance.territory_of(e), len(codes)) for e in esms])
        self.territory = np.array([_common(whose[list(lot.members)]) for lot in lots], dtype=np.int64)
        self.most = instance.parameters.max_size or problem.scale.max_size or NO_MAXIMUM
        slack = instance.parameters.min_slack
        self.least = np.maximum(problem.reach.minimum, np.minimum(problem.reach.minimum + slack, self.most))
        radius = instance.parameters.max_radius_km
        self.reach = np.inf if radius is None else _chord(radius * (1.0 - SPHERE_ERROR))
        self.free = np.ones(len(lots), dtype=bool)
        self.near: _Near | None = None
        fixed = instance.constraints.fixed_grappes
        spent = sum(funding_eur(instance, problem.scale, f.solution, f.members) for f in fixed)
        budget, count = instance.parameters.budget_eur, instance.parameters.max_grappes
        self.left = None if budget is None else budget - spent
        self.places = None if count is None else count - len(fixed)

    def form(self, over: Callable[[], bool]) -> None:
        """Type by type and territory by territory, those that can call do."""
        for kind in self.kinds():
            for territory in np.unique(self.territory[self.territory >= 0]).tolist():
                for count, caller in enumerate(self.callers(kind, territory)):
                    if count % AT_ONCE == 0 and over():
                        return
                    self.call(kind, caller)

    def kinds(self) -> list[int]:
        """Types, the most asked first."""
        asked = self.offers.fits @ self.offers.weight
        return [int(t) for t in np.argsort(-asked, kind="stable") if asked[t]]

    def callers(self, kind: int, territory: int) -> Iterator[int]:
        """Lots that may call others, from the edge of the territory to its middle, while they are free."""
        able = self.free & self.offers.fits[kind] & (self.territory == territory)
        lots = np.flatnonzero(able)
        if int(self.offers.weight[lots].sum()) < int(self.least[lots].min(initial=NO_MAXIMUM)):
            return
        self.near = _Near(lots, cKDTree(self.place[lots]))
        away = np.linalg.norm(self.place[lots] - self.place[lots].mean(axis=0), axis=1)
        for k in np.argsort(-away, kind="stable").tolist():
            lot = int(lots[k])
            if self.places is not None and self.places < 1:
                return
            if self.free[lot]:
                yield lot

    def call(self, kind: int, caller: int) -> None:
        """A grappe of the caller and its nearest, where enough are in reach."""
        assert self.near is not None
        near = self.near
        if 2 * int(self.free[near.lots].sum()) < len(near.lots):
            kept = near.lots[self.free[near.lots]]
            self.near = near = _Near(kept, cKDTree(self.place[kept]))
        for asked in (NEAREST, MOST_NEAR):
            count = min(asked, len(near.lots))
            far, found = near.tree.query(
                self.place[caller], k=np.arange(1, count + 1), distance_upper_bound=self.reach
            )
            in_reach = near.lots[found[np.isfinite(far)]]
            chosen = self._enough(caller, in_reach[self.free[in_reach]])
            if chosen is not None:
                self._form(kind, chosen)
                return
            if not np.isfinite(far[-1]) or count == len(near.lots):
                return

    def _enough(self, caller: int, others: Ints) -> list[int] | None:
        """The caller and the first of the others that make the minimum together; None when they do not."""
        weight, organismes = self.offers.weight, self.problem.lots.lots
        chosen, size = [caller], int(weight[caller])
        present = set(organismes[caller].organismes)
        for k in others.tolist():
            if size >= int(self.least[chosen].max()):
                break
            if k == caller or size + int(weight[k]) > self.most or self._clash(present, k):
                continue
            chosen.append(k)
            size += int(weight[k])
            present |= organismes[k].organismes
        return chosen if int(self.least[chosen].max()) <= size <= self.most else None

    def _clash(self, present: set[str], lot: int) -> bool:
        apart = self.instance.constraints.apart
        if not apart:
            return False
        joining = self.problem.lots.lots[lot].organismes
        return any((a in present and b in joining) or (b in present and a in joining) for a, b in apart)

    def _form(self, kind: int, chosen: list[int]) -> None:
        porteur = choose_porteur(self.instance, self._members(chosen))
        if porteur is None or not self._affords(kind, chosen, 0):
            return
        size = int(self.offers.weight[chosen].sum())
        self.drafts.append(_Draft(kind, chosen, self.position[porteur], size))
        self.free[chosen] = False
        if self.places is not None:
            self.places -= 1

    def _members(self, lots: list[int]) -> tuple[str, ...]:
        esms = self.problem.lots.esms
        return tuple(sorted(esms[i].id for k in lots for i in self.problem.lots.lots[k].members))

    def _affords(self, kind: int, lots: list[int], before: int) -> bool:
        """Whether the budget allows these lots, of which ``before`` is spent already; it is then spent."""
        if self.left is None:
            return True
        more = self._funding(kind, lots) - before
        if more > self.left:
            return False
        self.left -= more
        return True

    def _funding(self, kind: int, lots: list[int]) -> int:
        solution = self.offers.types[kind].solution
        return funding_eur(self.instance, self.problem.scale, solution, self._members(lots))

    def grappe(self, draft: _Draft) -> Grappe:
        """The grappe of a draft, its porteur chosen among all members."""
        kind, members = self.offers.types[draft.kind], self._members(draft.lots)
        porteur: str | None = self.problem.lots.esms[draft.porteur].id
        if draft.grown:
            porteur = choose_porteur(self.instance, members)
        assert porteur is not None  # the one before could carry it
        return Grappe("", kind.solution, kind.hosting, porteur, members)

    def top_up(self, over: Callable[[], bool]) -> None:
        """Lots that are left join the nearest grappe that can take them."""
        if not self.drafts or over():
            return
        porteurs = self.at[[d.porteur for d in self.drafts]]
        kinds = np.array([d.kind for d in self.drafts])
        home = self.territory[[d.lots[0] for d in self.drafts]]
        for count, lot in enumerate(np.flatnonzero(self.free & (self.territory >= 0)).tolist()):
            if count % AT_ONCE == 0 and over():
                return
            able = np.flatnonzero(self.offers.fits[kinds, lot] & (home == self.territory[lot]))
            away = np.linalg.norm(porteurs[able] - self.place[lot], axis=1)
            order = np.argsort(away, kind="stable")[:HOSTS]
            for host in able[order[away[order] <= self.reach]].tolist():
                if self._joined(self.drafts[host], lot):
                    break

    def _joined(self, draft: _Draft, lot: int) -> bool:
        """Whether the lot is now in this draft, in reach of the porteur it has."""
        own = self.problem.lots.lots[lot]
        size = draft.size + len(own.members)
        if not max(int(self.least[lot]), int(self.least[draft.lots].max())) <= size <= self.most:
            return False
        if (np.linalg.norm(self.at[list(own.members)] - self.at[draft.porteur], axis=1) > self.reach).any():
            return False
        present = {o for k in draft.lots for o in self.problem.lots.lots[k].organismes}
        if self._clash(present, lot):
            return False
        before = 0 if self.left is None else self._funding(draft.kind, draft.lots)
        if not self._affords(draft.kind, [*draft.lots, lot], before):
            return False
        draft.lots.append(lot)
        draft.size, draft.grown = size, True
        self.free[lot] = False
        return True


def _common(codes: Ints) -> int:
    """The territory of a lot, -1 where its members have several."""
    return int(codes[0]) if (codes == codes[0]).all() else -1


def _chord(km: float) -> float:
    """Straight line, on the unit sphere, of an arc of ``km``."""
    return float(2.0 * np.sin(min(km / EARTH_RADIUS_KM, np.pi) / 2.0))
