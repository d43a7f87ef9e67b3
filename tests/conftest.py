"""Fixtures of the whole suite: both databases, settings, the application and its test client.

``database`` and whatever depends on it run twice, on a SQLite file and on PostgreSQL, each time migrated and
empty. A test that changes tables takes ``empty_database_url``: the others share one PostgreSQL database.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

import matchmaker.app
from matchmaker.app import create_app
from matchmaker.database import Database, migrate, open_database
from matchmaker.settings import Settings, from_environment
from tests import addresses
from tests.collected import (
    pytest_collection_finish,
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_terminal_summary,
    pytest_xdist_node_collection_finished,
)
from tests.postgres import Server, running_server

__all__ = [
    "pytest_collection_finish",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
    "pytest_terminal_summary",
    "pytest_xdist_node_collection_finished",
]

addresses.remember()
# A third of a page's time went to looking for garbage among what stays: look more rarely.
gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server of our own, for the session."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def _postgresql_migrated(postgresql_server: Server) -> str:
    name = postgresql_server.create()
    _migrate(postgresql_server.url(name))
    return name


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = open_database(url)
    migrate.upgrade(database)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without any table, on each of the two kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh migrated database, on each of the two kinds in turn; other processes may open it."""
    if request.param == "sqlite":
        path = tmp_path / "matchmaker.sqlite3"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name: str = request.getfixturevalue("_postgresql_migrated")
    yield server.url(name)
    server.empty(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database at ``database_url``, opened."""
    opened = _opened(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of an installation in a folder of its own, on ``database_url``, with the queue beside it."""
    return from_environment(
        {
            "MATCHMAKER_HOME": str(tmp_path),
            "MATCHMAKER_DATABASE_URL": database_url,
            "MATCHMAKER_SECRET_KEY": "a key of the tests",
            "MATCHMAKER_SOLVER_THREADS": "1",
        }
    )


_engines: dict[str, Database] = {}


def _opened(url: str) -> Database:
    """The one database of PostgreSQL by one engine: a new one compiles every statement again. Its connections
    are closed after each test all the same."""
    if not url.startswith("postgresql"):
        return open_database(url)
    if url not in _engines:
        _engines[url] = open_database(url)
    return _engines[url]


matchmaker.app.open_database = _opened


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates as compiled by the first process of the tests that needed them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture
def app(settings: Settings, _compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application on a fresh database, CSRF checks and headers as in production."""
    application = create_app(settings)
    application.testing = True
    application.jinja_env.bytecode_cache = _compiled_templates  # each test compiled them all again
    yield application
    application.extensions["database"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# Pages that the browser walks on SQLite: in the test command their other tests run on PostgreSQL alone, in
# the long one on SQLite too. The whole would not end in time otherwise. A test of SQLite alone always runs.
_ON_POSTGRESQL = tuple(f"tests/matchmaker/{name}/" for name in ("grappes", "notifications", "og", "partners"))
# Files of few and long tests: begun last, one of them would go on alone while the other processes are idle.
_FIRST = (
    "tests/house/test_installed.py",
    "tests/matchmaker/runs/",
    "tests/browser/",
    "tests/matchmaker/start/",
    "tests/matchmaker/register/test_large.py",
    "tests/matchmaker/optimiser/",
    "tests/solver/",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ids = [item.nodeid for item in items]
    of_both = {one.replace("[postgresql", "[sqlite") for one in ids if "[postgresql" in one}
    for item in items:
        if item.nodeid.startswith(_ON_POSTGRESQL) and item.nodeid in of_both:
            item.add_marker(pytest.mark.long)
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, place in enumerate(_FIRST) if item.nodeid.startswith(place)), len(_FIRST))
