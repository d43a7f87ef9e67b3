"""A national file: 100,000 lines under 400 MB, and a process killed in the middle of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from matchmaker.database import Database
from matchmaker.register.tables import Etablissement, Import, Organisme
from tests.matchmaker.register.writing import HEAD, point, structure

# Runs one import as the command does, then prints the most memory it held, in MB (Linux counts in KB).
# Read from /proc: ru_maxrss would count the process that started this one.
_MEASURE = """
import sys
from matchmaker.cli import group
group(args=sys.argv[1:], prog_name="matchmaker", standalone_mode=False)
with open("/proc/self/status") as status:
    print("MB", next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
"""


def _national(path: Path, establishments: int, with_points: bool) -> Path:
    """A file of ESMS only: the worst case, as hospitals and pharmacies are not kept."""
    with path.open("w", encoding="iso8859-15") as file:
        file.write(HEAD + "\n")
        for number in range(establishments):
            file.write(structure(f"{number:09d}", nofinessej=f"{number // 4:09d}") + "\n")
        if with_points:
            for number in range(establishments):
                file.write(point(f"{number:09d}", x=f"{871000 + number % 5000}.5") + "\n")
    return path


def _environment(url: str, home: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[3])
    return os.environ | {
        "MATCHMAKER_HOME": str(home),
        "MATCHMAKER_DATABASE_URL": url,
        "PYTHONPATH": root,
        "MATCHMAKER_GEOCODER": "",
    }


@pytest.mark.parametrize(
    "with_points", [pytest.param(False, marks=pytest.mark.long), True], ids=["cs1100502", "cs1100507"]
)
def test_100_000_lines_under_400_mb(tmp_path: Path, with_points: bool) -> None:
    path = _national(tmp_path / "national.csv", 50_000 if with_points else 100_000, with_points)
    url = f"sqlite:///{tmp_path / 'large.sqlite3'}"
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, "import-finess", str(path)],
        env=_environment(url, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    megabytes = int(done.stdout.split("MB")[-1])
    print(f"{megabytes} MB, {time.monotonic() - started:.1f} s")
    assert megabytes < 400
    assert f"{50_000 if with_points else 100_000} ajoutés" in done.stdout


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
def test_a_killed_import_leaves_nothing_and_can_be_run_again(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    path = _national(tmp_path / "national.csv", 4_000, with_points=False)
    report = tmp_path / "rapport.csv"
    # a refused line near the end: once its report is written, the import is well under way
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"ligne cassée {n}\n" for n in range(1000)))
        file.write("".join(structure(f"9{n:08d}") + "\n" for n in range(8_000)))
    command = [sys.executable, "-m", "matchmaker", "import-finess", str(path), "--report", str(report)]
    environment = _environment(database_url, tmp_path)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        deadline = time.monotonic() + 60
        while not (report.exists() and report.stat().st_size > 1000):
            assert process.poll() is None, "the import ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
    with database.reading() as session:
        for table in (Etablissement, Organisme, Import):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Etablissement)) == 12_000
        assert session.scalars(select(Import.refused)).all() == [1000]
