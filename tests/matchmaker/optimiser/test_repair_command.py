"""Tests of ``matchmaker repair`` as a user runs it: a process, its exit code, its lines, its file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from solver.document import read_instance
from solver.judge import disagreements
from tests.solver.drawing import draw_instance
from tests.solver.examples import scale_of

_ROOT = Path(__file__).parents[3]


def run(document: dict[str, Any], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    instance = folder / "instance.json"
    instance.write_text(json.dumps(document))
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "matchmaker",
            "repair",
            str(instance),
            "--output",
            str(folder / "out.json"),
            *options,
        ],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"]},  # neither configuration nor database
        timeout=180,
        check=False,
    )


def test_a_repaired_plan_is_written_with_its_moves(tmp_path: Path) -> None:
    document = draw_instance(3, 40, "amorcage-2021", previous=True)
    document["parameters"] |= {"objective": "funding"}
    done = run(document, tmp_path, "--weight", "2000", "--time-limit", "3", "--threads", "1")
    assert (done.returncode, done.stdout) == (0, "")
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["format"] == "matchmaker-repair/1"
    assert 0 <= found["moves_at_least"] <= found["moves"]["total"]
    assert f"{found['moves']['total']} moves, nobody needs fewer than" in done.stderr
    question = read_instance(document | {"parameters": found["parameters"]})
    assert disagreements(question, scale_of(question), found["proposal"]) == []


def test_without_an_earlier_plan_there_is_nothing_to_repair(tmp_path: Path) -> None:
    document = draw_instance(3, 40, "amorcage-2021", previous=False, stability=False)
    assert not document.get("previous")
    done = run(document, tmp_path)
    assert done.returncode == 2
    assert "previous: nothing to repair" in done.stderr
    assert not (tmp_path / "out.json").exists()
