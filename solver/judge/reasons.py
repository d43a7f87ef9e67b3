"""The reasons told of unplaced ESMS, checked apart from whoever found them.

``no_need`` to ``lot_incompatible`` follow from the instance and are decided again; the numbers of
``too_few_partners`` are counted again with the judge's own distances; a ``constraint`` must exist, and a loss
is not negative: that the best proposal known is the best there is, nobody can check cheaply.

When to modify: the contract's reasons, or what their details hold, change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.instance import DuiSolution, Esms
from solver.judge.figures import rate_of
from solver.judge.grappe_rules import maximum_size, minimum_size, territory_code
from solver.judge.judge import Judge
from solver.judge.verdict import Rule, Violation
from solver.vocabulary import Hosting, Need, Reason

Offer = tuple[str, Hosting | None]  # (solution, hosting); hosting None: each member its own


class ReasonCheck:
    """Checks reasons on one instance."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self._instance, self._scale = judge, judge.instance, judge.scale
        self._taken: dict[object, frozenset[Offer]] = {}
        self._unpaid: dict[object, bool] = {}
        self._sizes: dict[str, int] = {}
        self._owned: dict[str, Reason | None] = {}
        self._offered: dict[str, frozenset[Offer]] = {}
        self._counts: dict[object, int] = {}
        self._able: dict[object, Mapping[str | None, Sequence[Esms]]] = {}

    def faults(self, entry: Mapping[str, Any], path: str) -> Iterator[Violation]:
        """What is wrong with the reason and the detail of one entry of ``unplaced``, its ESMS being known."""
        e = self._instance.esms_by_id[entry["esms"]]
        stated, detail = Reason(entry["reason"]), entry["detail"]
        own = self.own(e)
        if own is not None or stated in _OWN:
            if stated is not own:
                yield Violation(Rule.UNPLACED, f"{path}.reason", stated.value, own)
            return
        lot = self._lot(e)
        most = maximum_size(self._judge.bench)
        too_large = most is not None and len(lot) > most
        if stated is Reason.LOT_TOO_LARGE and not too_large:
            yield Violation(Rule.UNPLACED, f"{path}.reason", stated.value, f"a lot of {len(lot)}")
        elif stated is Reason.LOT_INCOMPATIBLE and not self._incompatible(lot):
            yield Violation(Rule.UNPLACED, f"{path}.reason", stated.value, "its members could be together")
        elif stated is Reason.TOO_FEW_PARTNERS:
            yield from self._partners(e, lot, detail, path)
        elif stated is Reason.CONSTRAINT and not self._constrained:
            yield Violation(Rule.UNPLACED, f"{path}.reason", stated.value, "the instance has none")
        elif stated is Reason.OUTCOMPETED and _whole(detail.get("loss_eur", 0)) < 0:
            yield Violation(Rule.UNPLACED, f"{path}.detail.loss_eur", detail["loss_eur"], "0 or more")

    # one ESMS, one lot ---------------------------------------------------------------------------------

    def own(self, e: Esms) -> Reason | None:
        """The reason that the ESMS gives by itself, if one of the first four does."""
        if e.id not in self._owned:
            self._owned[e.id] = self._decided(e)
        return self._owned[e.id]

    def _decided(self, e: Esms) -> Reason | None:
        if e.need is Need.AUCUN:
            return Reason.NO_NEED
        if e.id in self._instance.constraints.excluded:
            return Reason.EXCLUDED
        key = _terms(e)
        if key not in self._unpaid:
            self._unpaid[key] = self._unfundable(e)
        if self._unpaid[key]:
            return Reason.NOT_FUNDABLE
        return None if self._offers(e) else Reason.NO_COMMON_OFFER

    def offers(self, e: Esms) -> frozenset[Offer]:
        """Every (solution, hosting) that the ESMS could be in a grappe of, whoever joins it there."""
        return self._offers(e) if self.own(e) is None else frozenset()

    def kind(self, e: Esms) -> tuple[str, bool]:
        """What two ESMS must have in common to be mixed in one grappe."""
        return self._class(e)

    def _unfundable(self, e: Esms) -> bool:
        """Whether it could take some solution, and none that it could take pays anything for it."""
        if e.need is Need.MONTEE_DE_VERSION:
            return rate_of(self._instance, self._scale, e, e.current_solution or "") is None
        open_ = [s for s in self._instance.solutions if e.champ in s.champs and e.accepts_solution(s.id)]
        hosted = [s for s in open_ if any(e.accepts_hosting(h) for h in s.hosting)]
        paid = [rate_of(self._instance, self._scale, e, s.id) for s in hosted or open_]
        return bool(open_) and all(rate is None for rate in paid)

    def _offers(self, e: Esms) -> frozenset[Offer]:
        """Every (solution, hosting) that the ESMS could be in a grappe of."""
        if e.id not in self._offered:
            self._offered[e.id] = self._common_offers(e)
        return self._offered[e.id]

    def _common_offers(self, e: Esms) -> frozenset[Offer]:
        key = _terms(e)
        if key not in self._taken:
            self._taken[key] = frozenset(
                offer for s in self._instance.solutions if self._suits(e, s) for offer in self._modes(e, s)
            )
        return self._taken[key]

    def _suits(self, e: Esms, solution: DuiSolution) -> bool:
        if not e.accepts_solution(solution.id) or e.champ not in solution.champs:
            return False
        if e.need is Need.MONTEE_DE_VERSION and e.current_solution != solution.id:
            return False
        return rate_of(self._instance, self._scale, e, solution.id) is not None

    def _modes(self, e: Esms, solution: DuiSolution) -> Iterator[Offer]:
        modes = [h for h in solution.hosting if e.accepts_hosting(h)]
        if self._instance.parameters.same_hosting:
            yield from ((solution.id, h) for h in modes)
        elif modes:
            yield solution.id, None

    def _lot(self, e: Esms) -> list[Esms]:
        if e.lot is None:
            return [e]
        ids = self._judge.ties.lot_members[e.organisme, e.lot]
        return [self._instance.esms_by_id[id_] for id_ in sorted(ids)]

    def _incompatible(self, lot: Sequence[Esms]) -> bool:
        """Whether the members of a lot can never be in one grappe, whoever joins them."""
        if any(self.own(e) is not None for e in lot) or len({self._class(e) for e in lot}) > 1:
            return True
        if not frozenset.intersection(*(self._offers(e) for e in lot)):
            return True
        codes = {territory_code(self._instance, e) for e in lot}
        if len(codes) > 1:
            return True
        limit = self._instance.parameters.max_radius_km
        if limit is None:
            return False
        near = self._territory[codes.pop()]
        able = [id_ for id_ in near if self._instance.esms_by_id[id_].can_be_porteur]
        willing = [id_ for id_ in able if self._may_join(lot, self._instance.esms_by_id[id_])]
        return not self._judge.distances.reaching(willing, [e.id for e in lot], [limit] * len(lot))

    def _may_join(self, lot: Sequence[Esms], e: Esms) -> bool:
        offers = self._offers(e) if self.own(e) is None else frozenset()
        return bool(offers.intersection(*(self._offers(m) for m in lot)))

    def _class(self, e: Esms) -> tuple[str, bool]:
        """What may not be mixed in a grappe."""
        parameters = self._instance.parameters
        champ = "" if parameters.mix_champs else e.champ.value
        return champ, not parameters.mix_needs and e.need.is_acquisition

    # partners ------------------------------------------------------------------------------------------

    def _partners(
        self, e: Esms, lot: Sequence[Esms], detail: Mapping[str, Any], path: str
    ) -> Iterator[Violation]:
        in_reach, missing = _whole(detail.get("in_reach")), _whole(detail.get("missing"))
        alone = detail.get("porteur") is None  # nobody can be porteur, be the lot large enough
        if missing < (0 if alone else 1):
            yield Violation(Rule.UNPLACED, f"{path}.detail.missing", detail.get("missing"), "1 or more")
            return
        porteur = self._instance.esms_by_id.get(str(detail.get("porteur")))
        if porteur is None:
            sizes = {len(lot), len(self._judge.ties.moving_with(e.id))}
            if not alone or in_reach not in sizes:
                yield Violation(
                    Rule.UNPLACED, f"{path}.detail.in_reach", detail.get("in_reach"), sorted(sizes)
                )
            return
        offer = next(
            (o for o in self._offers(e) if o == (detail.get("solution"), detail.get("hosting"))), None
        )
        if offer is None:
            stated = [detail.get("solution"), detail.get("hosting")]
            yield Violation(Rule.UNPLACED, f"{path}.detail.solution", stated, f"{e.id} does not take it")
            return
        least = in_reach + missing
        if least not in self._minima or least < max(self._least(m) for m in lot):
            yield Violation(Rule.UNPLACED, f"{path}.detail.missing", missing, "to the minimum of a grappe")
            return
        if not porteur.can_be_porteur or not self._joins(porteur, offer, self._class(e), least):
            yield Violation(Rule.UNPLACED, f"{path}.detail.porteur", porteur.id, "could not be its porteur")
            return
        key = (porteur.id, offer, self._class(e), least)
        if key not in self._counts:
            self._counts[key] = self._gathered(porteur, offer, self._class(e), least)
        if in_reach != self._counts[key]:
            yield Violation(Rule.UNPLACED, f"{path}.detail.in_reach", in_reach, self._counts[key])

    def _gathered(self, porteur: Esms, offer: Offer, class_: tuple[str, bool], least: int) -> int:
        """ESMS that could be in one grappe under this porteur, where the minimum is at most ``least``."""
        code = territory_code(self._instance, porteur)
        near = self._joining(offer, class_, least).get(code, [])
        limit = self._instance.parameters.max_radius_km
        if limit is not None:
            reached = self._judge.distances.within(porteur.id, [e.id for e in near], [limit] * len(near))
            near = [e for e, close in zip(near, reached, strict=True) if close]
        inside = {e.id for e in near}
        return sum(e.lot is None or all(m.id in inside for m in self._lot(e)) for e in near)

    def _joining(
        self, offer: Offer, class_: tuple[str, bool], least: int
    ) -> Mapping[str | None, Sequence[Esms]]:
        """Who could be in such a grappe, by the territory that they are in."""
        key = (offer, class_, least)
        if key not in self._able:
            able: dict[str | None, list[Esms]] = {}
            for e in self._willing.get((offer, class_), []):
                if self._fits(e, least):
                    able.setdefault(territory_code(self._instance, e), []).append(e)
            self._able[key] = able
        return self._able[key]

    @cached_property
    def _willing(self) -> Mapping[object, list[Esms]]:
        """(offer, class) -> those who could be in a grappe of that, sizes aside."""
        alike: dict[object, list[Esms]] = {}
        for e in self._instance.esms:
            if e.need is not Need.AUCUN and e.id not in self._instance.constraints.excluded:
                alike.setdefault(_terms(e), []).append(e)
        found: dict[object, list[Esms]] = {}
        for some in alike.values():
            for offer in self.offers(some[0]):
                found.setdefault((offer, self._class(some[0])), []).extend(some)
        return found

    def _joins(self, e: Esms, offer: Offer, class_: tuple[str, bool], least: int) -> bool:
        willing = offer in self._offers(e) and self.own(e) is None and self._class(e) == class_
        return willing and self._fits(e, least)

    def _fits(self, e: Esms, least: int) -> bool:
        most = maximum_size(self._judge.bench)
        return self._least(e) <= least and (most is None or e.lot is None or len(self._lot(e)) <= most)

    def _least(self, e: Esms) -> int:
        """The size of the smallest new grappe that the ESMS may be in, ``min_slack`` included.

        It depends on the region alone.
        """
        if e.region not in self._sizes:
            self._sizes[e.region] = self._least_of(e)
        return self._sizes[e.region]

    def _least_of(self, e: Esms) -> int:
        least, most = minimum_size(self._judge.bench, [e]), maximum_size(self._judge.bench)
        wished = least + self._instance.parameters.min_slack
        return wished if most is None else max(least, min(wished, most))

    @cached_property
    def _minima(self) -> frozenset[int]:
        return frozenset(self._least(e) for e in self._instance.esms)

    @cached_property
    def _territory(self) -> Mapping[str | None, list[str]]:
        """Code -> the ESMS that share it."""
        found: dict[str | None, list[str]] = {}
        for e in self._instance.esms:
            found.setdefault(territory_code(self._instance, e), []).append(e.id)
        return found

    @cached_property
    def _constrained(self) -> bool:
        constraints, parameters = self._instance.constraints, self._instance.parameters
        return bool(
            constraints.fixed_grappes
            or constraints.apart
            or constraints.together
            or parameters.budget_eur is not None
            or parameters.max_grappes is not None
        )


def _terms(e: Esms) -> object:
    """What decides which offers an ESMS takes and what they pay for it, whoever it is."""
    return e.champ, e.need, e.current_solution, e.accepted_solutions, e.accepted_hosting


_OWN = frozenset({Reason.NO_NEED, Reason.EXCLUDED, Reason.NOT_FUNDABLE, Reason.NO_COMMON_OFFER})


def _whole(value: object) -> int:
    """A whole number as told; anything else is below every number that is due."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
