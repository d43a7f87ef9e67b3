"""``matchmaker create-admin``: an administrator and a link, from nothing."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from matchmaker.accounts.commands import create_admin
from tests.matchmaker.accounts.conftest import Visitor


@pytest.fixture(autouse=True)
def environment(settings_with_accounts: object, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", database_url)
    monkeypatch.setenv("MATCHMAKER_ACCESS", "accounts")


def test_the_first_account(visitor: Visitor) -> None:
    """Tests that the link printed signs the administrator in, once."""
    done = CliRunner().invoke(create_admin, ["admin@national.example"])
    assert done.exit_code == 0, done.output
    found = re.search(r"http://127\.0\.0\.1:8000(/connexion/lien/\S+)", done.output)
    assert found
    assert visitor.post(found[1]).status_code == 303
    assert "Administration nationale" in visitor.get("/compte").text
    again = CliRunner().invoke(create_admin, ["admin@national.example"])
    assert "administrait déjà" in again.output


def test_an_address_that_is_none() -> None:
    refused = CliRunner().invoke(create_admin, ["admin"])
    assert refused.exit_code == 1
    assert "prenom.nom@organisme.fr" in refused.output
