"""Deadlines: told once at J−7 and once at J−2, also when a day's round was missed."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from matchmaker.accounts import people
from matchmaker.baremes import shipped_rules
from matchmaker.database.instants import now
from matchmaker.grappes import joining
from matchmaker.grappes.deadlines import tell_of_deadlines, warning
from matchmaker.notifications import feed
from tests.matchmaker.grappes.conftest import Campaign, codes
from tests.matchmaker.partners.conftest import director


@pytest.mark.parametrize(("days", "due"), [(8, None), (7, 7), (3, 7), (2, 2), (0, 2), (-1, None)])
def test_which_warning_is_due(days: int, due: int | None) -> None:
    assert warning(days) == due


def told(app: Flask, number: int) -> list[str]:
    with app.extensions["database"].reading() as session:
        account = people.account_of(session, director(number))
        assert account
        found = feed.of_account(session, account.id)
        return [one.text for one in found if one.kind == "echeance"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_end_of_a_window(held: Campaign, accounts_app: Flask) -> None:
    """Tests the window of Occitanie for acquisitions in 2022, under the reading that gives it that day."""
    (window,) = [w for w in shipped_rules().windows if w.id == "occitanie-2022-social"]
    assert window.closes is not None
    end = dt.datetime.combine(window.closes, dt.time(8), dt.UTC)
    for days, expected in ((10, 0), (7, 1), (6, 1), (2, 2), (1, 2), (-1, 2)):
        with accounts_app.extensions["database"].writing() as session:
            tell_of_deadlines(session, end - dt.timedelta(days=days))
        found = [text for text in told(accounts_app, 0) if window.label in text]
        assert len(found) == expected, days
    assert "30/09/2022 (J−2)" in found[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_request_that_is_about_to_expire(held: Campaign, accounts_app: Flask) -> None:
    database, moment = accounts_app.extensions["database"], now()
    with database.writing() as session:
        grappe = joining.open_grappe(
            session,
            held.id,
            held.rows[0],
            solution="boreal",
            hosting="saas",
            esms=codes(0),
            listed=True,
            same_hosting=True,
            actor="local",
            moment=moment,
        )
        joining.ask(session, grappe, held.rows[1], codes(1), actor="local", moment=moment)
    for days, expected in ((10, 0), (15, 1), (16, 1), (20, 2), (22, 2)):
        with database.writing() as session:
            tell_of_deadlines(session, moment + dt.timedelta(days=days))
        found = [text for text in told(accounts_app, 0) if "expire" in text]
        assert len(found) == expected, days
    assert not any("expire" in text for text in told(accounts_app, 1))
