"""What a run is done with, as types: the optimiser and the archive are handed in (``tools``, or a test).

When to modify: the worker asks something else of the optimiser or of the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.orm import Session

from solver.instance import Grappe, Instance
from solver.proposal import Progress

if TYPE_CHECKING:
    from solver.frontier import PointProgress
    from solver.prices import PriceProgress


class Solve(Protocol):
    """The optimiser, as ``solver.solve.solve``: the proposal it returns was accepted by the judge."""

    def __call__(
        self,
        instance: Instance,
        scale: Any,
        *,
        time_limit_s: float,
        gap: float,
        seed: int,
        threads: int,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        start: Sequence[Grappe] = (),
    ) -> dict[str, Any]: ...


class Compare(Protocol):
    """Several plans, as ``solver.frontier.frontier``: each was accepted by the judge."""

    def __call__(
        self,
        instance: Instance,
        scale: Any,
        *,
        points: int,
        time_limit_s: float,
        seed: int,
        threads: int,
        on_progress: Callable[[PointProgress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        start: Sequence[Grappe] = (),
    ) -> dict[str, Any]: ...


class FindPrices(Protocol):
    """What each rule costs, as ``solver.prices.prices``; ``known``: the plan whose rules are priced."""

    def __call__(
        self,
        instance: Instance,
        scale_of: Callable[[Instance], Any],
        *,
        time_limit_s: float,
        seed: int,
        threads: int,
        known: Mapping[str, Any] | None = None,
        on_progress: Callable[[PriceProgress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> dict[str, Any]: ...


class AnswerPart(Protocol):
    """The search of one part, as ``solver.parts.answer``; its document, of plain JSON values."""

    def __call__(
        self,
        part: Instance,
        scale: Any,
        *,
        time_limit_s: float,
        gap: float,
        seed: int,
        threads: int,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        start: Sequence[Grappe] = (),
    ) -> dict[str, Any]: ...


class JoinParts(Protocol):
    """One proposal out of the documents of all answers, as ``solver.parts.join``."""

    def __call__(
        self,
        instance: Instance,
        scale: Any,
        answers: Sequence[Mapping[str, Any]],
        *,
        time_limit_s: float,
        seed: int,
        threads: int,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> dict[str, Any]: ...


@dataclass(frozen=True)
class PartTools:
    """What a divided run is done with.

    ``split``: the independent parts of an instance, itself alone when it has none. ``document``: a part as an
    instance document. ``first_bound``: a quick valid bound of a part. ``reserve_s``: (time limit, ESMS) ->
    seconds of it that judge and explanations of the whole take.
    """

    split: Callable[[Instance, Any], Sequence[Instance]]
    document: Callable[[Instance], dict[str, Any]]
    first_bound: Callable[[Instance, Any], int]
    answer: AnswerPart
    join: JoinParts
    reserve_s: Callable[[float, int], float]


@dataclass(frozen=True)
class Tools:
    """What a run is done with: reading a frozen instance, its scale, solving, storing the proposal.

    ``store``: (session, campaign id, run id, instance, proposal) -> proposal id. ``compare`` and
    ``store_compared`` do the same for a run of which several plans are asked, ``prices`` and ``store_prices``
    for one that prices the rules of a plan. Without ``parts`` no run is divided.
    """

    read_instance: Callable[[bytes], Instance]
    scale_of: Callable[[Instance], Any]
    solve: Solve
    store: Callable[[Session, int, int, dict[str, Any], dict[str, Any]], int]
    compare: Compare | None = None
    store_compared: Callable[[Session, int, int, dict[str, Any], dict[str, Any]], int] | None = None
    parts: PartTools | None = None
    prices: FindPrices | None = None
    store_prices: Callable[[Session, int, dict[str, Any]], None] | None = None
