"""Tests of ``matchmaker frontier`` as a user runs it: a process, its exit code, its lines, its file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solver.document import read_instance
from solver.frontier import question_of
from solver.judge import disagreements
from tests.solver.drawing import draw_instance
from tests.solver.examples import scale_of

_ROOT = Path(__file__).parents[3]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "matchmaker", "frontier", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"]},  # neither configuration nor database
        timeout=180,
        check=False,
    )


def test_a_frontier_is_written_and_each_of_its_proposals_is_judged(tmp_path: Path) -> None:
    document = draw_instance(3, 40, "amorcage-2021")
    instance, output = tmp_path / "instance.json", tmp_path / "frontier.json"
    instance.write_text(json.dumps(document))
    done = run(instance, "--output", output, "--points", "3", "--time-limit", "4", "--threads", "1")
    assert (done.returncode, done.stdout) == (0, "")
    assert "point 1 of 3: asked" in done.stderr
    assert "point 3 of 3:" in done.stderr
    found = json.loads(output.read_text())
    assert found["format"] == "matchmaker-frontier/1"
    for point in found["points"]:
        question = read_instance(question_of(document, point))
        assert disagreements(question, scale_of(question), point["proposal"]) == []


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        ('{"format": "matchmaker-instance/1"}', [], 2, "regime: "),
        ("{}", ["--points", "1"], 1, "--points"),
        ("{}", ["--time-limit", "0"], 1, "--time-limit"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_written(
    tmp_path: Path, content: str, options: list[str], code: int, words: str
) -> None:
    instance, output = tmp_path / "instance.json", tmp_path / "frontier.json"
    instance.write_text(content)
    done = run(instance, "--output", output, *options)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists()
