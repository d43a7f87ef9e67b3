"""`pip install .` of a clone gives a complete command, used from any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.solver.drawing import draw_instance

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git would clone: tracked files only, plus what is about to be."""
    target = tmp_path_factory.mktemp("clone")
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listing.stdout.splitlines():
        source = ROOT / line
        if source.is_file():
            (target / line).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / line)
    return target


@pytest.fixture(scope="module")
def installed(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the clone installed as a user would, no lock.

    By our own pip, and what is never imported is not compiled: a fifth of the processor's time.
    """
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-compile", str(clone)], check=True)
    return venv


def run(venv: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MATCHMAKER_"))}
    environment["MATCHMAKER_HOME"] = str(folder / "home")
    return subprocess.run(
        [str(venv / "bin" / "matchmaker"), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_wheel_carries_its_files(clone: Path, tmp_path: Path) -> None:
    """Tests that data/, templates/ and static/ are inside the wheel, whole."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(clone)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for room in ("data", "templates", "static"):
        wanted = {
            f"matchmaker/_shipped/{path.relative_to(clone)}"
            for path in (clone / room).rglob("*")
            if path.is_file()
        }
        assert wanted
        assert wanted <= inside


def test_the_installed_command_solves(installed: Path, tmp_path: Path) -> None:
    """Tests `matchmaker solve` from a folder that is not the clone."""
    (tmp_path / "instance.json").write_text(
        json.dumps(draw_instance(seed=5, esms_count=40, regime="generalisation-2022")), encoding="utf-8"
    )
    outcome = run(
        installed,
        tmp_path,
        "solve",
        "instance.json",
        "--output",
        "proposal.json",
        "--time-limit",
        "10",
        "--quiet",
    )
    assert outcome.returncode == 0, outcome.stderr
    proposal = json.loads((tmp_path / "proposal.json").read_text(encoding="utf-8"))
    assert proposal["format"] == "matchmaker-proposal/1"
    assert proposal["upper_bound"] >= proposal["objective_value"]


def test_the_installed_command_knows_its_data(installed: Path, tmp_path: Path) -> None:
    """Tests that the shipped rules are read from inside the package, and that help lists every command."""
    checked = run(installed, tmp_path, "check-baremes")
    assert checked.returncode == 0, checked.stderr
    listed = run(installed, tmp_path, "--help")
    for command in ("solve", "start", "import-finess", "import-etablissements"):
        assert command in listed.stdout
