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

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{name}"

    def create(self, template: str | None = None) -> str:
        """Make a new database, a copy of ``template`` when given; returns its name."""
        name = f"matchmaker_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))
        return name

    def empty(self, name: str) -> None:
        """Send everybody away and empty every table: five times faster than a new copy."""
        self._run(
            sql.SQL(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = {} AND pid <> pg_backend_pid()"
            ).format(sql.Literal(name))
        )
        with self._connect(name) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            names = [row[0] for row in found if row[0] != "alembic_version"]
            tables = sql.SQL(", ").join(map(sql.Identifier, names))
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

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
        yield Server(port)
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


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
