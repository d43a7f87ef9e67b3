"""Keep the prices of a plan's rules, and read them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.runs.prices.tables import Pricing

Document = Mapping[str, Any]
_FIGURES = ("objective_value", "upper_bound", "funding_eur", "esms_placed")


@dataclass(frozen=True, slots=True)
class Price:
    """A rule of the plan and what it costs: between ``at_least`` and ``at_most``, in the objective's unit.

    ``gained``: what the plan found without the rule brings more than the plan; ``objective_value``,
    ``funding_eur``, ``esms_placed`` and ``grappes`` are its figures.
    """

    rule: str
    value: Any
    wider: bool
    at_least: int
    at_most: int
    gained: int
    objective_value: int
    upper_bound: int
    funding_eur: int
    esms_placed: int
    grappes: int


@dataclass(frozen=True, slots=True)
class Again:
    """What a search as long as those without a rule found under the same rules, from the same plan."""

    objective_value: int
    upper_bound: int
    funding_eur: int
    esms_placed: int
    grappes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Prices read back; ``prices`` is None before the end of the run, ``again`` in rows of old versions."""

    run_id: int
    plan: int
    complete: bool | None
    upper_bound: int | None
    prices: tuple[Price, ...] | None
    again: Again | None = None


def store(session: Session, run_id: int, found: Document) -> None:
    """Keep what ``solver.prices`` found for a run; called again, it keeps the same."""
    row = session.get_one(Pricing, run_id)
    row.complete = bool(found["complete"])
    row.upper_bound = found["asked"]["upper_bound"]
    row.again = found["asked"].get("again")
    row.prices = [_without_proposal(price) for price in found["prices"]]
    session.flush()


def _without_proposal(price: Document) -> dict[str, Any]:
    proposal = price["proposal"]
    figures = {key: proposal[key] for key in _FIGURES}
    own = {key: value for key, value in price.items() if key != "proposal"}
    return own | figures | {"grappes": len(proposal["grappes"])}


def read(session: Session, run_id: int) -> Kept | None:
    """The prices that this run seeks; None when it seeks none."""
    row = session.get(Pricing, run_id)
    return None if row is None else _kept(row)


def of_plan(session: Session, plan: int) -> list[Kept]:
    """Runs that seek or sought the prices of a plan's rules, the newest first."""
    rows = session.scalars(select(Pricing).where(Pricing.proposal_id == plan).order_by(Pricing.run_id.desc()))
    return [_kept(row) for row in rows]


def _kept(row: Pricing) -> Kept:
    prices = None if row.prices is None else tuple(Price(**price) for price in row.prices)
    again = None if row.again is None else Again(**row.again)
    return Kept(row.run_id, row.proposal_id, row.complete, row.upper_bound, prices, again)
