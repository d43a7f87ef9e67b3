"""What the test command promises: counts per folder, no skip in CI, PostgreSQL asked for by name."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).resolve().parents[2]

SAMPLE = """
import pytest

def test_passes():
    pass

@pytest.mark.skip(reason="not today")
def test_is_skipped():
    pass

@pytest.mark.xfail(reason="known")
def test_fails_as_expected():
    assert False

@pytest.mark.xfail(reason="known")
def test_passes_unexpectedly():
    pass
"""


SKIPPED_WHOLE = """
import pytest

pytest.importorskip("no_such_module")
"""


def run_sample(folder: Path, *, ci: bool, processes: int = 0) -> subprocess.CompletedProcess[str]:
    (folder / "some").mkdir()
    (folder / "some" / "test_sample.py").write_text(SAMPLE)
    (folder / "some" / "test_skipped_whole.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')"
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {k: v for k, v in os.environ.items() if k != "CI"} | ({"CI": "true"} if ci else {})
    # only the plugin in question: the others take four seconds to import, in each process
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = ["-p", "no:cacheprovider", "--continue-on-collection-errors", "-n", str(processes)]
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.collected", *options, str(folder)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("processes", [0, 2])
def test_counts_are_printed_and_skips_tolerated_at_home(tmp_path: Path, processes: int) -> None:
    """Tests the run outside CI, by one process and by two."""
    run = run_sample(tmp_path, ci=False, processes=processes)
    assert "     4  some\n" in run.stdout
    assert "1 passed, 2 skipped, 1 xfailed, 1 xpassed" in run.stdout
    assert run.returncode == 0


@pytest.mark.parametrize("processes", [0, 2])
def test_skips_fail_in_ci(tmp_path: Path, processes: int) -> None:
    """Tests that a skip, an xfail and an xpass all fail the run, each with its reason."""
    run = run_sample(tmp_path, ci=True, processes=processes)
    assert run.returncode != 0
    for name in (
        "test_is_skipped",
        "test_fails_as_expected",
        "test_passes_unexpectedly",
        "test_skipped_whole",
    ):
        assert name in run.stdout
    assert "skipped," not in run.stdout
    assert "not today" in run.stdout


def test_missing_postgresql_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests that the failure says what to type."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres.PostgresqlMissingError, match="apt-get install -y postgresql"):
        postgres.find_program("initdb", installed=f"{tmp_path}/*/bin")


def use_then_fail() -> tuple[int, Path]:
    """Start a server, find its process and its folder, leave its block by an error."""
    found: tuple[int, Path] | None = None
    try:
        with postgres.running_server() as server:
            assert server.create()
            for path in Path(tempfile.gettempdir()).glob("matchmaker-pg-*/data/postmaster.pid"):
                lines = path.read_text().splitlines()
                if lines[3] == str(server.port):
                    found = int(lines[0]), path.parents[1]
            raise ZeroDivisionError
    except ZeroDivisionError:
        assert found is not None
    return found


def test_the_server_is_gone_afterwards() -> None:
    """Tests that neither the process nor its folder stays, also when a test breaks off."""
    pid, folder = use_then_fail()
    assert not Path(f"/proc/{pid}").exists()
    assert not folder.exists()
