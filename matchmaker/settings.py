"""Settings from the environment, typed, refused at start when wrong.

When to modify: something must differ between two installations of the same version.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider. ``name``: in addresses; ``label``: on the button; ``acr``: the level of
    assurance to ask for, may be empty."""

    name: str
    label: str
    metadata_url: str
    client_id: str
    client_secret: str
    acr: str
    scope: str


@dataclass(frozen=True, slots=True)
class Settings:
    """``home``: the folder of files the program writes (database, queue, secret).

    ``run_lease_s``: seconds of silence after which a worker is given up and its run is taken up again.
    ``divide_from``: ESMS from which on a run is divided among the workers, when there are several.
    ``public_url``: what people type to come here, without a slash at the end; links in mails start with it.
    ``mail_url``: ``smtp://`` or ``smtps://``; empty: mails are kept and read on a page (development).
    ``api_per_minute``: how often one machine may ask the REST API.
    ``proxies``: how many proxies in front of the pages tell the visitor's address.
    ``rules_added``: folders of dated rules laid over the shipped ones, for the report « ce qui change ».
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
    divide_from: int = 2000
    public_url: str = "http://127.0.0.1:8000"
    mail_url: str = ""
    mail_from: str = "Matchmaker <ne-pas-repondre@localhost>"
    providers: tuple[Provider, ...] = ()
    proxies: int = 0
    api_per_minute: int = 240
    rules_added: tuple[Path, ...] = ()

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def on_this_machine(self) -> bool:
        """Whether the public address is one that only this machine can reach."""
        return _is_loopback(self.public_host)

    @property
    def mails_on_a_page(self) -> bool:
        """Whether mails, with the links that sign people in, are read on a page: only this machine may reach
        such an installation (``start.listening``)."""
        return self.access == "accounts" and not self.mail_url and self.on_this_machine


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
    if access not in ("local", "closed", "accounts"):
        raise SettingsError(f"MATCHMAKER_ACCESS: {access!r} is none of 'local', 'closed', 'accounts'")
    public_url = _public_url(env)
    mail_url = _mail_url(env)
    if access == "accounts" and not mail_url and not _is_loopback(urlsplit(public_url).hostname or ""):
        raise SettingsError("MATCHMAKER_MAIL_URL: accounts at a public address need a mail server")
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
        divide_from=_positive_integer(env, "MATCHMAKER_DIVIDE_FROM", 2000),
        public_url=public_url,
        mail_url=mail_url,
        mail_from=env.get("MATCHMAKER_MAIL_FROM") or f"Matchmaker <ne-pas-repondre@{_host(public_url)}>",
        providers=_providers(env),
        proxies=_positive_integer(env, "MATCHMAKER_PROXIES", 0),
        api_per_minute=_positive_integer(env, "MATCHMAKER_API_LIMIT", 240),
        rules_added=_folders(env, "MATCHMAKER_RULES_ADDED"),
    )


def _public_url(env: Mapping[str, str]) -> str:
    url = (env.get("MATCHMAKER_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise SettingsError(f"MATCHMAKER_PUBLIC_URL: {url!r} is not an address such as https://host")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise SettingsError(f"MATCHMAKER_PUBLIC_URL: {url!r} must be https:// outside this machine")
    return url


def _mail_url(env: Mapping[str, str]) -> str:
    url = env.get("MATCHMAKER_MAIL_URL") or ""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise SettingsError("MATCHMAKER_MAIL_URL: it must be smtp://host or smtps://host")
    return url


def _providers(env: Mapping[str, str]) -> tuple[Provider, ...]:
    """Those named in ``MATCHMAKER_OIDC`` (separated by commas), each with variables of its own."""
    found = []
    for name in filter(None, (part.strip() for part in (env.get("MATCHMAKER_OIDC") or "").split(","))):
        if not (name.isascii() and name.isalnum() and name.islower()):
            raise SettingsError(f"MATCHMAKER_OIDC: {name!r} must be lower-case letters and digits")
        prefix = f"MATCHMAKER_OIDC_{name.upper()}_"
        for needed in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET"):
            if not env.get(prefix + needed):
                raise SettingsError(f"{prefix}{needed}: missing, and {name!r} is in MATCHMAKER_OIDC")
        found.append(
            Provider(
                name=name,
                label=env.get(prefix + "LABEL") or name,
                metadata_url=env[prefix + "METADATA_URL"],
                client_id=env[prefix + "CLIENT_ID"],
                client_secret=env[prefix + "CLIENT_SECRET"],
                acr=env.get(prefix + "ACR") or "",
                scope=env.get(prefix + "SCOPE") or "openid email",
            )
        )
    return tuple(found)


def _folders(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Folders, separated as those of PATH are."""
    found = []
    for text in filter(None, (env.get(name) or "").split(os.pathsep)):
        folder = Path(text).expanduser().resolve()
        if not folder.is_dir():
            raise SettingsError(f"{name}: {text!r} is not a folder")
        found.append(folder)
    return tuple(found)


def _host(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
