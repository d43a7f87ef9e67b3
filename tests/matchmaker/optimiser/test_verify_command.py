"""Tests of ``matchmaker verify`` as a user runs it: a process, its exit code, its lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.solve import solve
from tests.solver.drawing import draw_instance

_ROOT = Path(__file__).parents[3]
Run = subprocess.CompletedProcess[str]
Document = dict[str, Any]


def _run(*arguments: str | Path) -> Run:
    return subprocess.run(
        [sys.executable, "-m", "matchmaker", "verify", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"]},  # neither configuration nor database
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def pair() -> tuple[Document, Document]:
    document = draw_instance(3, 40, "amorcage-2021")
    instance = read_instance(document)
    return document, solve(
        instance, scale_for(instance.regime, instance.parameters.readings), time_limit_s=10.0
    )


def _files(tmp_path: Path, instance: Any, proposal: Any, **layout: Any) -> tuple[Path, Path]:
    found = (tmp_path / "one.txt", tmp_path / "two with spaces")
    for path, document in zip(found, (instance, proposal), strict=True):
        path.write_text(
            document if isinstance(document, str) else json.dumps(document, **layout), encoding="utf-8"
        )
    return found


def test_a_proposal_that_holds_is_exit_0(tmp_path: Path, pair: tuple[Document, Document]) -> None:
    run = _run(*_files(tmp_path, *pair))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[0] == "every check holds"


def test_layout_and_order_of_keys_never_matter(tmp_path: Path, pair: tuple[Document, Document]) -> None:
    run = _run(*_files(tmp_path, *pair, indent="\t", sort_keys=True, separators=(" ,\n", " :  ")))
    assert run.returncode == 0, run.stdout


def test_each_check_that_fails_is_a_line_and_exit_1(tmp_path: Path, pair: tuple[Document, Document]) -> None:
    instance, proposal = pair
    forged = {**proposal, "funding_eur": proposal["funding_eur"] + 500}
    forged["certified_bound"] = forged["upper_bound"] = proposal["certified_bound"] + 500_000
    run = _run(*_files(tmp_path, instance, forged))
    assert (run.returncode, run.stderr) == (1, "")
    lines = run.stdout.splitlines()
    stated, due = forged["funding_eur"], proposal["funding_eur"]
    assert f"funding_eur: total: stated {stated}, recomputed {due}" in lines
    stated, due = forged["certified_bound"], proposal["certified_bound"]
    assert f"certified_bound: certified_bound: stated {stated}, recomputed {due}" in lines


def test_an_unusable_file_is_exit_2_one_line_per_problem(
    tmp_path: Path, pair: tuple[Document, Document]
) -> None:
    instance, proposal = pair
    wrong = {**instance, "esms": [{**instance["esms"][0], "lat": 148.2, "lon": "2"}, *instance["esms"][1:]]}
    run = _run(*_files(tmp_path, wrong, proposal))
    assert run.returncode == 2
    assert run.stdout == ""
    assert "esms[0].lat: 148.2 is not a latitude" in run.stderr
    assert len([line for line in run.stderr.splitlines() if line.startswith("esms[0].")]) == 2
    one, two = _files(tmp_path, instance, {**proposal, "grappes": 12, "gap": "0"})
    run = _run(one, two)
    assert run.returncode == 2
    assert sorted(run.stderr.splitlines()) == sorted(
        [f'{two}: gap: "0" is not a number or null', f"{two}: grappes: 12 is not a list"]
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": NaN}', "\ufeff{}"])
def test_a_file_that_is_no_document_is_exit_2(
    tmp_path: Path, pair: tuple[Document, Document], text: str
) -> None:
    run = _run(*_files(tmp_path, pair[0], text))
    assert run.returncode == 2
    assert run.stderr.strip()
    assert "Traceback" not in run.stderr


def test_a_file_that_is_not_there_is_exit_2(tmp_path: Path, pair: tuple[Document, Document]) -> None:
    instance, _ = _files(tmp_path, *pair)
    for arguments in ((instance, tmp_path / "none"), (tmp_path / "none", instance), (instance, tmp_path)):
        run = _run(*arguments)
        assert (run.returncode, run.stdout) == (2, "")
        assert "cannot be read" in run.stderr


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    run = _run(tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert len(run.stderr.splitlines()) == 1


def test_no_solver_is_loaded(tmp_path: Path, pair: tuple[Document, Document]) -> None:
    """Tests in the process itself that nothing of the search was imported, whatever the contracts say."""
    script = (
        "import sys, matchmaker.cli\n"
        "try:\n    matchmaker.cli.main(['verify', *sys.argv[1:]])\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "barred = ('ortools', 'pyproj', 'networkx', 'flask', 'sqlalchemy', 'solver.search', 'solver.explain',"
        " 'solver.solve', 'solver.funding', 'solver.distances', 'solver.oracle')\n"
        "print([m for m in sys.modules if m.startswith(barred)])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *map(str, _files(tmp_path, *pair))],
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"]},
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "[]"
