"""What the test command says about itself: how many tests per folder, and no skip in CI.

Hooks of pytest, taken up by ``tests/conftest.py``. A skipped or expected-to-fail test is a check that
nobody makes: in CI (environment variable ``CI``) it counts as a failure.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from pathlib import PurePosixPath
from typing import Any

import pytest

_COUNTS = pytest.StashKey["Counter[str]"]()


def pytest_collection_finish(session: pytest.Session) -> None:
    root = session.config.rootpath
    session.config.stash[_COUNTS] = Counter(
        item.path.parent.relative_to(root).as_posix() if item.path.is_relative_to(root) else "elsewhere"
        for item in session.items
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Tests run by several processes: each of them collects all, the one that reports collects none."""
    node.config.stash[_COUNTS] = Counter(
        PurePosixPath(test.split("::", 1)[0]).parent.as_posix() for test in ids
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    counts = config.stash.get(_COUNTS, Counter())
    terminalreporter.section("tests collected per folder")
    for folder in sorted(counts):
        terminalreporter.write_line(f"{counts[folder]:6d}  {folder}")
    terminalreporter.write_line(f"{counts.total():6d}  in all")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _in_ci() and (report.skipped or hasattr(report, "wasxfail")):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if _in_ci() and report.skipped:
        _fail(report)
    return report


def _in_ci() -> bool:
    return bool(os.environ.get("CI"))


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    why = getattr(report, "wasxfail", None) or report.longrepr
    report.outcome = "failed"
    report.longrepr = f"In CI a skipped or expected-to-fail test is a failure: {why}"
    if hasattr(report, "wasxfail"):
        del report.wasxfail
