"""Tests of the progress lines: what they tell, and how often."""

from __future__ import annotations

import pytest

from matchmaker.optimiser import progress_lines
from matchmaker.optimiser.progress_lines import ProgressLines
from solver.proposal import Progress
from solver.vocabulary import Objective


def test_a_line_tells_elapsed_funding_bound_and_gap() -> None:
    lines = ProgressLines(print, 0.0)
    line = lines.line(Progress(12.34, "windows", 1_000_000, 1_012_500))
    assert "12.3 s" in line
    assert "funding 1 000 000 EUR" in line
    assert "bound 1 012 500 EUR" in line
    assert "gap 1.25 %" in line


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [
        (None, None, "-"),
        (None, 5, "-"),
        (5, None, "-"),
        (0, 0, "0.00 %"),
        (0, 5, "-"),
        (5, 5, "0.00 %"),
        (100, 199, "99.00 %"),
        (100, 1508, "not known yet"),
    ],
)
def test_a_gap_that_is_not_known_is_told_in_words(value: int | None, bound: int | None, gap: str) -> None:
    lines = ProgressLines(print, 0.0)
    lines.about(Objective.COVERAGE)
    line = lines.line(Progress(0.0, "start", value, bound))
    assert line.endswith(f"gap {gap}")
    assert "placed" in line


def test_a_line_every_second_be_there_news_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that each second has its line, with its own elapsed time, also when nobody reports."""
    now = 100.0
    monkeypatch.setattr(progress_lines.time, "monotonic", lambda: now)
    told: list[str] = []
    lines = ProgressLines(told.append, started=100.0)
    for tenth in range(1, 101):
        now = 100.0 + tenth / 10
        if tenth == 35:
            lines(Progress(9.9, "windows", 5, 9))
        elif tenth % 2:
            lines.beat()
    elapsed = [float(line.split()[0]) for line in told]
    assert all(0.65 < later - sooner < 0.95 for sooner, later in zip([0.0, *elapsed], elapsed, strict=False))
    assert elapsed[-1] >= 9.0
    assert [" loading " in line for line in told] == [t < 3.5 for t in elapsed]
