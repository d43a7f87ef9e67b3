"""Kept instances: what is known of them is checked again, the small ones are solved again."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks import kept
from solver.solve import solve

SHARE = 0.995  # of the best known value, found again by one thread
ENOUGH_S = 40.0  # far above what these need: the search ends by optimality, or near it


@cache
def _solved(name: str) -> str:
    found = solve(*kept.KEPT[name].question, time_limit_s=ENOUGH_S, gap=0.002, threads=1)
    return json.dumps(found)


def test_all_kept_instances_are_known() -> None:
    known = kept.best_known()
    assert list(known) == list(kept.KEPT)
    assert all(0 < best.value <= best.bound for best in known.values())


@pytest.mark.parametrize("name", [*kept.SMALL, "region-400"])
def test_what_is_stored_holds(name: str) -> None:
    """Tests the draw, the value by the judge, the bound by verification."""
    assert kept.problems(name) == []


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in kept.KEPT if name not in (*kept.SMALL, "region-400")])
def test_what_is_stored_of_large_ones_holds(name: str) -> None:
    assert kept.problems(name) == []


@pytest.mark.parametrize("name", kept.SMALL)
def test_small_ones_are_solved_as_well_as_ever(name: str) -> None:
    """Tests that no value passes the proven bound, no bound falls under the known value, little is lost."""
    best, found = kept.best_known()[name], json.loads(_solved(name))
    assert SHARE * best.value <= found["objective_value"] <= best.bound
    assert found["certified_bound"] >= found["upper_bound"] >= best.value


@pytest.mark.parametrize(
    ("changed", "words"),
    [("value", "are worth"), ("bound", "does not prove"), ("digest", "is not the one")],
)
def test_a_false_entry_is_told(changed: str, words: str, apart: Path) -> None:
    name = kept.SMALL[0]
    document = json.loads(kept.BEST_KNOWN.read_text(encoding="utf-8"))
    entry = document["instances"][name]
    entry[changed] = "0" if changed == "digest" else entry[changed] + (-500 if changed == "bound" else 500)
    kept.BEST_KNOWN.write_text(json.dumps(document), encoding="utf-8")
    assert any(words in problem for problem in kept.problems(name))


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is known that a test may spoil."""
    for name in ("BEST_KNOWN", "PROOFS"):
        original: Path = getattr(kept, name)
        copied = tmp_path / original.name
        if original.is_dir():
            copied.mkdir()
            for path in original.iterdir():
                (copied / path.name).write_bytes(path.read_bytes())
        else:
            copied.write_bytes(original.read_bytes())
        monkeypatch.setattr(kept, name, copied)
    return tmp_path


def _entry(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(kept.BEST_KNOWN.read_text(encoding="utf-8"))
    return dict(document["instances"][name])


def test_a_better_value_is_kept_and_a_worse_one_is_not(apart: Path) -> None:
    name = kept.SMALL[0]
    proposal = json.loads(_solved(name))
    document = json.loads(kept.BEST_KNOWN.read_text(encoding="utf-8"))
    worse = {"value": proposal["objective_value"] - 500, "bound": proposal["certified_bound"] + 500}
    document["instances"][name] |= worse
    kept.BEST_KNOWN.write_text(json.dumps(document), encoding="utf-8")
    assert len(kept.improve(name, proposal, "a test")) == 2
    assert _entry(name)["value"] == proposal["objective_value"]
    assert _entry(name)["bound_by"] == "a test"
    assert kept.problems(name) == []
    assert kept.improve(name, proposal, "again") == []
    assert _entry(name)["value_by"] == "a test"


def test_what_verification_refuses_is_not_kept(apart: Path) -> None:
    name = kept.SMALL[0]
    before = kept.BEST_KNOWN.read_bytes()
    forged = copy.deepcopy(json.loads(_solved(name)))
    for field in ("objective_value", "funding_eur", "upper_bound", "certified_bound"):
        forged[field] += 500
    with pytest.raises(ValueError, match="refused by verification"):
        kept.improve(name, forged, "a forger")
    assert kept.BEST_KNOWN.read_bytes() == before


def test_a_contradiction_stops_everything(apart: Path) -> None:
    """Tests a stored bound that a valid proposal passes: one of the two is wrong, nothing is overwritten."""
    name = kept.SMALL[0]
    proposal = json.loads(_solved(name))
    document = json.loads(kept.BEST_KNOWN.read_text(encoding="utf-8"))
    document["instances"][name] |= {"bound": proposal["objective_value"] - 500, "value": 500}
    kept.BEST_KNOWN.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ValueError, match="contradict"):
        kept.improve(name, proposal, "a test")
