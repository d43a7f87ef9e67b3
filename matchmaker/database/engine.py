"""Engine and sessions. SQLite gets WAL, foreign keys and immediate write transactions; PostgreSQL its own.

A *write* session takes the write lock at its start (``BEGIN IMMEDIATE``): with SQLite's default, a
transaction that reads and then writes fails at once when another one wrote in between. A *read* session
never blocks. Never hold a write session during a solve, a geocoding call or a mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

_WRITE = "matchmaker_write"


@dataclass(frozen=True)
class Database:
    """An engine with the two kinds of session that the program knows."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads one consistent state; nothing it changes is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that writes: committed when the block ends well, rolled back when it raises."""
        writer = self.engine.execution_options(**{_WRITE: True})
        with Session(writer, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; the folder of a SQLite file is made when missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return Database(create_engine(parsed, pool_pre_ping=True))
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # isolation_level None: the driver opens no transaction of its own, _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
