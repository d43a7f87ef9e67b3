"""A PostgreSQL server of the tests' own: started on a free port, gone when they end."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

HOW_TO_INSTALL = "sudo apt-get update && sudo apt-get install -y postgresql"
ROLE = "matchmaker"
_START_SECONDS = 60
_STOP_SECONDS = 20
_LEAVE_SECONDS = 20
_PR_SET_PDEATHSIG = 1


class PostgresqlMissingError(RuntimeError):
    """The tests run on both databases: without PostgreSQL they fail, they are not skipped."""


def find_program(name: str, installed: str = "/usr/lib/postgresql/*/bin") -> Path:
    """The newest ``name`` of Debian's packages, else the one on the PATH."""
    folders = sorted(Path("/").glob(installed.lstrip("/")), key=lambda f: _version(f.parent.name))
    found = [folder / name for folder in folders if (folder / name).is_file()]
    if found:
        return found[-1]
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    raise PostgresqlMissingError(
        f"The tests need PostgreSQL and found no `{name}`, neither in {installed} nor on the PATH. "
        f"Install it with:  {HOW_TO_INSTALL}"
    )


@dataclass
class Server:
    """A running server."""

    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    # Of databases emptied again and again: a new connection reads the whole catalogue anew.
    _kept: dict[str, psycopg.Connection] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{name}"

    def create(self, template: str | None = None) -> str:
        """Make a new database, a copy of ``template`` when given; returns its name."""
        name = f"matchmaker_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return name

    def empty(self, name: str) -> None:
        """Send everybody away and take every row out, by name of those tables that hold one.

        ``TRUNCATE`` makes new files for each of the fifty tables and their indexes, whatever they hold.
        """
        connection = self._kept.get(name)
        if connection is None:
            connection = self._kept[name] = self._connect(name)
        _send_away(connection)
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [sql.Identifier(row[0]) for row in found if row[0] != "alembic_version"]
        filled = [sql.SQL("EXISTS (SELECT FROM {})").format(table) for table in tables]
        (holds,) = connection.execute(sql.SQL("SELECT ARRAY[{}]").format(sql.SQL(", ").join(filled)))
        # As a replica, foreign keys are not looked after: the order does not matter.
        statements = [sql.SQL("SET session_replication_role = replica")]
        statements += [
            sql.SQL("DELETE FROM {}").format(table)
            for table, held in zip(tables, holds[0], strict=True)
            if held
        ]
        statements.append(
            sql.SQL(
                "SELECT setval(format('public.%I', sequencename)::regclass, start_value, false) "
                "FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )
        )
        connection.execute(sql.SQL("; ").join(statements))

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def close(self) -> None:
        """Let go of the kept connections."""
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def _run(self, statement: sql.Composed) -> None:
        with self._connect("postgres") as connection:
            connection.execute(statement)

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self.port, user=ROLE, dbname=name, autocommit=True)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in a folder of its own; stop it and remove the folder whatever happens."""
    initdb, postgres = find_program("initdb"), find_program("postgres")
    identity = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="matchmaker-pg-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        data = folder / "data"
        with (folder / "log").open("wb") as log:
            subprocess.run(
                [initdb, "-D", data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
                check=True,
                cwd=folder,
                stdout=log,
                stderr=log,
                **identity,
            )
            port = _free_port()
            process = subprocess.Popen(
                [postgres, "-D", data, *_settings(port, folder)],
                cwd=folder,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                **identity,
            )
        _wait_until_ready(port, process, folder / "log")
        server = Server(port)
        try:
            yield server
        finally:
            server.close()
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _send_away(connection: psycopg.Connection) -> None:
    # With a time limit, pg_terminate_backend itself looks only every 100 ms whether they are gone.
    deadline = time.monotonic() + _LEAVE_SECONDS
    while connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchall():
        if time.monotonic() > deadline:
            raise RuntimeError("Connections to a test's database do not end.")
        time.sleep(0.002)


def _settings(port: int, folder: Path) -> list[str]:
    values = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "max_connections": 60,
        "autovacuum": "off",
    }
    return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses root: the identity to start it with, nothing when we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresqlMissingError("No user « postgres » or « nobody » to start PostgreSQL with.")


def _die_with_parent() -> None:
    # A killed test command must not leave a server behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=ROLE, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(_STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdecimal())
