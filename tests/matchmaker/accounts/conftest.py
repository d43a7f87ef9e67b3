"""An installation with accounts, and visitors of it: browsers with their own cookies."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from werkzeug.test import TestResponse

from matchmaker.accounts import people
from matchmaker.accounts.tables import Account
from matchmaker.app import create_app
from matchmaker.database import Database, open_database
from matchmaker.mail.tables import Mail
from matchmaker.settings import Settings, from_environment
from matchmaker.web.people import Grant

LINK = re.compile(r"http://127\.0\.0\.1:8000(/connexion/lien/\S+|/invitations/\S+)")


class Visitor:
    """A browser: its cookies, and forms sent with the token of the last page, as a person would."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.database: Database = app.extensions["database"]

    def get(self, path: str, **others: Any) -> TestResponse:
        return self.client.get(path, **others)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def token(self) -> str:
        found = re.search(
            r'name="csrf-token" content="([^"]+)"', self.client.get("/connexion/lien-envoye").text
        )
        assert found
        return found[1]

    def last_link(self, email: str) -> str:
        """The path in the latest mail to this address."""
        with self.database.reading() as session:
            wanted = select(Mail.text).where(Mail.recipient == email).order_by(Mail.id.desc()).limit(1)
            text = session.scalar(wanted)
        assert text
        found = LINK.search(text)
        assert found
        return found[1]

    def sign_in(self, email: str) -> TestResponse:
        """By link, as people do: ask, read the mail, confirm."""
        assert self.post("/connexion/lien", email=email).status_code == 303
        return self.post(self.last_link(email))

    def is_signed_in(self) -> bool:
        return self.get("/compte").status_code == 200


def plain(text: str) -> str:
    """A page's text with ordinary spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


NewVisitor = Callable[[], Visitor]


@pytest.fixture
def settings_with_accounts(settings: Settings) -> Settings:
    return dataclasses.replace(settings, access="accounts")


@pytest.fixture
def accounts_app(
    settings_with_accounts: Settings, _compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    app = create_app(settings_with_accounts)
    app.testing = True
    app.jinja_env.bytecode_cache = _compiled_templates
    yield app
    app.extensions["database"].dispose()


@pytest.fixture
def new_visitor(accounts_app: Flask) -> NewVisitor:
    return lambda: Visitor(accounts_app)


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


def account_with(database: Database, email: str, *grants: Grant, name: str = "") -> int:
    """An account that holds these roles; returns its number."""
    with database.writing() as session:
        account: Account = people.open_account(session, email, name)
        for grant in grants:
            people.give(session, account, grant, actor="local")
        return account.id


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> tuple[Path, Any]:
    """The two régions, in a SQLite file that each role gets a copy of."""
    from tests.matchmaker.accounts.world import build  # it needs the visitors of this file

    path = tmp_path_factory.mktemp("world") / "world.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    made = build(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path, made


@pytest.fixture
def app_of_world(
    world: tuple[Path, Any], tmp_path: Path, _compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    shutil.copyfile(world[0], tmp_path / "matchmaker.sqlite3")
    settings: Settings = from_environment(
        {"MATCHMAKER_HOME": str(tmp_path), "MATCHMAKER_ACCESS": "accounts", "MATCHMAKER_SECRET_KEY": "k"}
    )
    made = create_app(settings)
    made.testing = True
    made.jinja_env.bytecode_cache = _compiled_templates
    yield made
    made.extensions["database"].dispose()
