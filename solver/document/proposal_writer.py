"""A proposal and its figures to its document.

When to modify: the proposal format gains an optional field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.document.instance_writer import grappe_document
from solver.document.parameters import parameters_document
from solver.instance import Grappe, Instance
from solver.proposal import (
    PROPOSAL_FORMAT,
    Appraisal,
    Change,
    Departure,
    Line,
    Replacement,
    Robustness,
    Unplaced,
)

_KM_DECIMALS = 6  # millimetres


def proposal_document(
    instance: Instance,
    *,
    grappes: Sequence[tuple[Grappe, Appraisal]],
    unplaced: Sequence[Unplaced],
    changes_complete: bool,
    objective_value: int,
    upper_bound: int,
    certified_bound: int,
    certificate: Mapping[str, Any],
    wall_time_s: float,
    seed: int,
    threads: int,
    solver: Mapping[str, str],
    robustness: Sequence[Robustness] = (),
    departures_complete: bool = False,
) -> dict[str, Any]:
    """The proposal as the contract words it; totals, status, gap and proof follow from the rest.

    ``solver`` maps names to versions; ``wall_time_s`` is the time spent so far, seconds.
    """
    return {
        "format": PROPOSAL_FORMAT,
        "status": status_of(objective_value, upper_bound, len(grappes)),
        "regime": instance.regime.value,
        "parameters": parameters_document(instance.parameters),
        "objective_value": objective_value,
        **_bounds(objective_value, upper_bound, certified_bound),
        "funding_eur": sum(figures.funding_eur for _, figures in grappes),
        "esms_placed": sum(len(grappe.members) for grappe, _ in grappes),
        "wall_time_s": round(wall_time_s, 3),
        "seed": seed,
        "threads": threads,
        "solver": dict(solver),
        "grappes": [_grappe(grappe, figures) for grappe, figures in grappes],
        "unplaced": [_unplaced(u) for u in unplaced],
        "changes_complete": changes_complete,
        "robustness": [robustness_document(one) for one in robustness],
        "departures_complete": departures_complete,
        "certificate": dict(certificate),
    }


def with_bounds(
    document: dict[str, Any], *, upper_bound: int, certified_bound: int, certificate: Mapping[str, Any]
) -> dict[str, Any]:
    """The same proposal with other bounds, and all that follows from them."""
    value = document["objective_value"]
    return document | {
        "status": status_of(value, upper_bound, len(document["grappes"])),
        **_bounds(value, upper_bound, certified_bound),
        "certificate": dict(certificate),
    }


def _bounds(objective_value: int, upper_bound: int, certified_bound: int) -> dict[str, Any]:
    return {
        "upper_bound": upper_bound,
        "certified_bound": certified_bound,
        "bound_proof": "solver" if upper_bound < certified_bound else "certificate",
        "gap": gap_of(objective_value, upper_bound),
    }


def without_further(document: dict[str, Any], *, changes: bool = False) -> dict[str, Any]:
    """The same proposal, which says that departures were not sought, nor all changes: none is told unless
    ``changes`` are kept."""
    bare = {key: value for key, value in document.items() if key != "robustness"}
    bare["departures_complete"] = False
    if changes:
        return bare
    unplaced = [{**entry, "changes": []} for entry in document["unplaced"]]
    return bare | {"unplaced": unplaced, "changes_complete": False}


def status_of(objective_value: int, upper_bound: int, grappes: int) -> str:
    """``optimal``, ``feasible`` or ``none``."""
    if upper_bound == objective_value:
        return "optimal"
    return "feasible" if grappes else "none"


def gap_of(objective_value: int, upper_bound: int) -> float | None:
    """``upper_bound / objective_value - 1``; 0 when both are 0, None when only the objective is."""
    if objective_value == 0:
        return 0.0 if upper_bound == 0 else None
    return (upper_bound - objective_value) / objective_value


def _grappe(grappe: Grappe, figures: Appraisal) -> dict[str, Any]:
    return grappe_document(grappe) | {
        "size": len(grappe.members),
        "funding_eur": figures.funding_eur,
        "lines": [_line(line) for line in figures.lines],
        "by_region": dict(sorted(figures.by_region.items())),
        "radius_km": round(figures.radius_km, _KM_DECIMALS),
        "mean_distance_km": round(figures.mean_distance_km, _KM_DECIMALS),
    }


def robustness_document(robustness: Robustness) -> dict[str, Any]:
    """The slack of a grappe and what it becomes when an organisme leaves."""
    return {
        "grappe": robustness.grappe,
        "slack": robustness.slack,
        "departures": [_departure(departure) for departure in robustness.departures],
    }


def _departure(departure: Departure) -> dict[str, Any]:
    return {
        "organisme": departure.organisme,
        "esms": departure.esms,
        "rules": [rule.value for rule in departure.rules],
        "missing": departure.missing,
        "porteur": departure.porteur,
        "funding_eur": departure.funding_eur,
        "replacements": [_replacement(one) for one in departure.replacements],
    }


def _replacement(replacement: Replacement) -> dict[str, Any]:
    conceded = replacement.concession
    return {
        "esms": list(replacement.esms),
        "porteur": replacement.porteur,
        "km": round(replacement.km, _KM_DECIMALS),
        "funding_eur": replacement.funding_eur,
        "concession": None if conceded is None else {"kind": conceded[0].value, "value": conceded[1]},
    }


def _line(line: Line) -> dict[str, Any]:
    reference = line.reference
    return {
        "code": line.code.value,
        "quantity": line.quantity,
        "unit_eur": line.unit_eur,
        "amount_eur": line.amount_eur,
        "reference": {
            "rule": reference.rule,
            "document": reference.document,
            "heading": reference.heading,
            "quote": reference.quote,
        },
    }


def _unplaced(unplaced: Unplaced) -> dict[str, Any]:
    return {
        "esms": unplaced.esms,
        "reason": unplaced.reason.value,
        "detail": dict(unplaced.detail),
        "changes": [_change(change) for change in unplaced.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "value": change.value,
        "joins": change.joins,
        "with": list(change.partners),
        "gain_eur": change.gain_eur,
    }
