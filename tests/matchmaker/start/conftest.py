"""Processes of `matchmaker start`, on a SQLite file: what depends on the database is tested with the runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matchmaker.runs.conftest import start_tree
from tests.matchmaker.runs.workplace import fresh_sqlite

__all__ = ["start_tree"]


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A fresh migrated SQLite file: one kind is enough here."""
    return fresh_sqlite(tmp_path, _sqlite_template)
