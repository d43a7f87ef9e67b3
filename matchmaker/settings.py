"""Settings from the environment, typed, refused at start when wrong.

When to modify: something must differ between two installations of the same version.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``home``: the folder of files the program writes (database, queue, secret).

    ``run_lease_s``: seconds of silence after which a worker is given up and its run is taken up again.
    """

    home: Path
    database_url: str
    queue_url: str
    secret_key: str
    access: str
    geocoder: str
    tile_url: str
    tile_attribution: str
    solver_threads: int
    run_lease_s: int = 30


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``MATCHMAKER_*``; everything has a default that needs no server.

    Raises
    ------
    SettingsError
        A variable is set to a value that cannot be used.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("MATCHMAKER_HOME") or _default_home(env)).expanduser().resolve()
    database_url = env.get("MATCHMAKER_DATABASE_URL") or f"sqlite:///{home / 'matchmaker.sqlite3'}"
    queue_url = env.get("MATCHMAKER_QUEUE_URL") or _queue_beside(database_url, home)
    access = env.get("MATCHMAKER_ACCESS") or "local"
    if access not in ("local", "closed"):
        raise SettingsError(f"MATCHMAKER_ACCESS: {access!r} is neither 'local' nor 'closed'")
    return Settings(
        home=home,
        database_url=database_url,
        queue_url=queue_url,
        secret_key=env.get("MATCHMAKER_SECRET_KEY") or _stored_secret(home),
        access=access,
        geocoder=env.get("MATCHMAKER_GEOCODER") or "",
        tile_url=env.get("MATCHMAKER_TILE_URL") or "",
        tile_attribution=env.get("MATCHMAKER_TILE_ATTRIBUTION") or "",
        solver_threads=_positive_integer(env, "MATCHMAKER_SOLVER_THREADS", min(2, os.cpu_count() or 1)),
        run_lease_s=_positive_integer(env, "MATCHMAKER_RUN_LEASE", 30),
    )


def _default_home(env: Mapping[str, str]) -> str:
    base = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME") or "~").expanduser() / ".local" / "share")
    return str(Path(base) / "matchmaker")


def _queue_beside(database_url: str, home: Path) -> str:
    """The queue goes where the database is: a PostgreSQL server, else a file of its own."""
    return database_url if database_url.startswith("postgresql") else f"sqlite:///{home / 'queue.sqlite3'}"


def _stored_secret(home: Path) -> str:
    """A secret key that survives restarts, made on first use and readable by its owner only."""
    path = home / "secret_key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii")


def _positive_integer(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"{name}: {text!r} is not a positive integer")
    return int(text)
