"""Proposal documents: their shape and types, so that whoever reads on finds what the format promises.

Whether a proposal is *true* is the judge's to say. Keys that the format does not know are left alone.

When to modify: the proposal format gains a field that readers rely on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from solver.document import json_text
from solver.document.fields import LARGEST, Fields
from solver.document.parameters import LARGEST_BUDGET_EUR
from solver.document.problems import DocumentProblems, FloodError, ProblemLog, ProposalProblems, shown
from solver.proposal import PROPOSAL_FORMAT
from solver.vocabulary import ChangeKind, DepartureRule, Hosting, LineCode, Reason, Regime

_STATUSES = ("optimal", "feasible", "none")
_PROOFS = ("certificate", "solver")
_FARTHEST_KM = 25_000.0


def read_proposal(data: bytes | str | object) -> dict[str, Any]:
    """The document of a proposal, its shape and types checked.

    Raises
    ------
    ProposalProblems
        Every problem at its path.
    """
    try:
        value = json_text.parse(data) if isinstance(data, bytes | str) else data
    except DocumentProblems as refused:
        raise ProposalProblems(refused.problems) from None
    log = ProblemLog()
    if not isinstance(value, Mapping):
        log.add("", f"{shown(value)} is not a proposal (an object)")
        raise ProposalProblems(log.problems())
    with suppress(FloodError):
        _check(log, Fields(log, value, "", None))
    if log:
        raise ProposalProblems(log.problems())
    return dict(value)


def _check(log: ProblemLog, root: Fields) -> None:
    given = root.raw("format")
    if given != PROPOSAL_FORMAT and "format" in root:
        root.refuse("format", f"{shown(given)} is not {PROPOSAL_FORMAT}")
    _one_of(root, "status", _STATUSES)
    root.choice("regime", Regime)
    _object(log, root, "parameters")
    for key in ("objective_value", "upper_bound", "certified_bound", "funding_eur"):
        root.whole(key, 0, LARGEST_BUDGET_EUR)
    root.whole("esms_placed", 0)
    _one_of(root, "bound_proof", _PROOFS)
    if root.raw("gap") is not None:
        root.number("gap", "a number or null", -1.0, LARGEST_BUDGET_EUR)
    root.number("wall_time_s", "a number of seconds", 0.0, LARGEST)
    root.whole("seed", -LARGEST * LARGEST, LARGEST * LARGEST)
    root.whole("threads", 0)
    if not isinstance(root.raw("solver"), str):
        _object(log, root, "solver")
    for place, value in enumerate(root.items("grappes")):
        _grappe(log, value, f"grappes[{place}]")
    for place, value in enumerate(root.items("unplaced")):
        _unplaced(log, value, f"unplaced[{place}]")
    root.flag("changes_complete")
    for place, value in enumerate(root.items("robustness") if "robustness" in root else ()):
        _robustness(log, value, f"robustness[{place}]")
    root.flag("departures_complete", False)
    _object(log, root, "certificate")


def _grappe(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    for key in ("id", "solution", "porteur"):
        f.word(key, "an id")
    if f.raw("hosting") is not None:
        f.choice("hosting", Hosting)
    f.ids("members", None, "an id")
    f.whole("size", 0)
    f.whole("funding_eur", 0, LARGEST_BUDGET_EUR)
    for place, line in enumerate(f.items("lines")):
        _line(log, line, f"{path}.lines[{place}]")
    regions = _object(log, f, "by_region")
    for code in regions or ():
        regions_of = Fields(log, regions or {}, f"{path}.by_region", None)
        regions_of.whole(code, 0, LARGEST_BUDGET_EUR)
    for key in ("radius_km", "mean_distance_km"):
        f.number(key, "a distance in km", 0.0, _FARTHEST_KM)


def _robustness(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    f.word("grappe", "an id")
    f.whole("slack", 0)
    for place, departure in enumerate(f.items("departures")):
        _departure(log, departure, f"{path}.departures[{place}]")


def _departure(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    f.word("organisme", "an id")
    f.whole("esms", 0)
    f.words("rules", DepartureRule)
    if f.raw("missing") is not None:
        f.whole("missing", 0)
    if f.raw("porteur") is not None:
        f.word("porteur", "an id or null")
    if f.raw("funding_eur") is not None:
        f.whole("funding_eur", 0, LARGEST_BUDGET_EUR)
    for place, replacement in enumerate(f.items("replacements")):
        one = Fields.of(log, replacement, f"{path}.replacements[{place}]", None)
        if one is not None:
            one.ids("esms", None, "an id")
            one.word("porteur", "an id")
            one.number("km", "a distance in km", 0.0, _FARTHEST_KM)
            one.whole("funding_eur", 0, LARGEST_BUDGET_EUR)
            if one.raw("concession") is not None:
                _concession(Fields.of(log, one.raw("concession"), f"{one.path}.concession", None))


def _concession(f: Fields | None) -> None:
    if f is None:
        return
    if f.choice("kind", ChangeKind) is ChangeKind.RADIUS_KM:
        f.number("value", "a distance in km", 0.0, _FARTHEST_KM)
    else:
        f.text("value")


def _line(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    f.choice("code", LineCode)
    f.whole("quantity", 0)
    f.whole("unit_eur", 0)
    f.whole("amount_eur", 0, LARGEST_BUDGET_EUR)
    reference = Fields.of(log, f.raw("reference"), f"{path}.reference", None)
    if reference is not None:
        for key in ("rule", "document", "heading", "quote"):
            reference.text(key)


def _unplaced(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    f.word("esms", "an id")
    f.choice("reason", Reason)
    _object(log, f, "detail")
    for place, change in enumerate(f.items("changes")):
        _change(log, change, f"{path}.changes[{place}]")


def _change(log: ProblemLog, value: object, path: str) -> None:
    f = Fields.of(log, value, path, None)
    if f is None:
        return
    if f.choice("kind", ChangeKind) is ChangeKind.RADIUS_KM:
        f.number("value", "a distance in km", 0.0, _FARTHEST_KM)
    else:
        f.text("value")
    if f.raw("joins") is not None:
        f.word("joins", "an id or null")
    f.ids("with", None, "an id")
    f.whole("gain_eur", -LARGEST_BUDGET_EUR, LARGEST_BUDGET_EUR)


def _object(log: ProblemLog, f: Fields, key: str) -> Mapping[str, Any] | None:
    value = f.raw(key)
    if isinstance(value, Mapping):
        return value
    if key in f:
        f.refuse(key, f"{shown(value)} is not an object")
    return None


def _one_of(f: Fields, key: str, words: tuple[str, ...]) -> None:
    value = f.text(key)
    if value and value not in words:
        f.refuse(key, f"{shown(value)} is not one of {', '.join(words)}")
