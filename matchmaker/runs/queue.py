"""The queue: a pipe that carries run ids, never the truth.

A message may be lost or delivered twice; the ``run`` row and the worker's sweep make up for both.
When to modify: another storage is wanted behind ``MATCHMAKER_QUEUE_URL``.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

_NAME = "matchmaker-runs"
UNREACHABLE = (sqlite3.Error, psycopg.Error, OSError)
_LEFT = "run %d: the queue cannot be reached, left to the sweep"


class QueueError(ValueError):
    """The queue's URL cannot be used; the message says why."""


class _RunMessages(Serializer):  # type: ignore[misc]
    """Messages as JSON, run id only: Huey's own are pickles, and whoever writes a pickle runs code."""

    def _serialize(self, message: Any) -> bytes:
        return json.dumps({"id": message.id, "task": message.name, "run": message.args[0]}).encode("ascii")

    def _deserialize(self, data: bytes) -> Any:
        fields = json.loads(bytes(data))
        message_id, task, run_id = fields["id"], fields["task"], fields["run"]
        if not (isinstance(message_id, str) and isinstance(task, str) and isinstance(run_id, int)):
            raise ValueError("not a message of this queue")
        return Message(id=message_id, name=task, retries=0, retry_delay=0, args=(run_id,), kwargs={})


class RunQueue:
    """Run ids waiting for a worker. ``execute``: what a worker does with one (None elsewhere)."""

    def __init__(self, url: str, execute: Callable[[int], None] | None = None) -> None:
        self.huey = _open(url)
        self.execute = execute
        self._task = self.huey.task(name="run")(self._deliver)

    def put(self, run_id: int) -> bool:
        """Enqueue a run; False when the queue cannot be reached: the workers' sweep will find the row."""
        try:
            self._task(run_id)
        except UNREACHABLE:
            log.warning(_LEFT, run_id, exc_info=True)
            self.close()
            return False
        return True

    def waiting(self) -> set[int]:
        """Ids of the runs that have a message in the queue."""
        return {task.args[0] for task in self.huey.pending()}

    def close(self) -> None:
        self.huey.storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _deliver(self, run_id: int) -> None:
        if self.execute is None:
            raise QueueError("this process only enqueues")
        self.execute(run_id)


def enqueue(url: str, run_id: int) -> bool:
    """Put one run into the queue at ``url``; False when it cannot be reached, as ``RunQueue.put``."""
    try:
        opened = RunQueue(url)
    except UNREACHABLE:
        log.warning(_LEFT, run_id, exc_info=True)
        return False
    with opened:
        return opened.put(run_id)


def _open(url: str) -> Huey:
    parsed = make_url(url)
    options = {"results": False, "serializer": _RunMessages()}
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise QueueError("MATCHMAKER_QUEUE_URL: a SQLite queue needs a file")
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(_NAME, filename=parsed.database, timeout=30, strict_fifo=True, **options)
    if parsed.get_backend_name() == "postgresql":
        dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        return _open_postgresql(dsn, options)
    raise QueueError(f"MATCHMAKER_QUEUE_URL: {parsed.get_backend_name()!r} is neither sqlite nor postgresql")


def _open_postgresql(dsn: str, options: dict[str, Any]) -> Huey:
    try:
        return PostgresHuey(_NAME, dsn=dsn, table_prefix="matchmaker_queue", **options)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
        # Another process made the queue's tables at the same moment: now they are there.
        return PostgresHuey(_NAME, dsn=dsn, table_prefix="matchmaker_queue", **options)
