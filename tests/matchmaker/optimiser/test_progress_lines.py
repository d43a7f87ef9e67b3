"""Tests of the progress lines: what they tell, and when they are silent."""

from __future__ import annotations

import pytest

from matchmaker.optimiser import progress_lines
from matchmaker.optimiser.progress_lines import ProgressLines
from solver.proposal import Progress
from solver.vocabulary import Objective


def test_a_line_tells_elapsed_funding_bound_and_gap() -> None:
    lines = ProgressLines(Objective.FUNDING, print)
    line = lines.line(Progress(12.34, "windows", 1_000_000, 1_012_500))
    assert "12.3 s" in line
    assert "funding 1 000 000 EUR" in line
    assert "bound 1 012 500 EUR" in line
    assert "gap 1.25 %" in line


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [(None, None, "-"), (None, 5, "-"), (5, None, "-"), (0, 0, "0.00 %"), (0, 5, "-"), (5, 5, "0.00 %")],
)
def test_a_gap_that_is_not_known_is_a_dash(value: int | None, bound: int | None, gap: str) -> None:
    line = ProgressLines(Objective.COVERAGE, print).line(Progress(0.0, "start", value, bound))
    assert line.endswith(f"gap {gap}")
    assert "placed" in line


def test_the_same_news_is_told_once_and_never_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 2.0, 4.0])
    monkeypatch.setattr(progress_lines.time, "monotonic", lambda: next(clock))
    told: list[str] = []
    lines = ProgressLines(Objective.FUNDING, told.append)
    lines(Progress(0.0, "bound", None, 10))
    lines(Progress(0.5, "bound", None, 9))
    lines(Progress(2.0, "bound", 5, 9))
    lines(Progress(4.0, "bound", 5, 9))
    assert len(told) == 2
