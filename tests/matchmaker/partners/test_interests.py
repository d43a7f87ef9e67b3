"""Interests: caps, expiry, withdrawal, and when two of them meet."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from matchmaker.campaigns import leaving
from matchmaker.campaigns.problems import RefusedError
from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.grappes import joining
from matchmaker.grappes.tables import HandGrappe, HandGrappeEsms
from matchmaker.partners import interests, meetings
from matchmaker.partners.tables import PartnerInterest, PartnerMeeting, PartnerMessage, PartnerSeen
from matchmaker.reference.limits import limit
from tests.matchmaker.partners.conftest import Campaign, fill

DAY = dt.timedelta(days=1)


@pytest.fixture
def campaign(database: Database) -> Campaign:
    with database.writing() as session:
        return fill(session, organismes=9, each=1, people=0)


def say(database: Database, campaign: Campaign, one: int, other: int, moment: dt.datetime) -> None:
    with database.writing() as session:
        interests.interested(
            session, campaign.id, campaign.rows[one], campaign.rows[other], actor="local", moment=moment
        )


def met(database: Database, campaign: Campaign, one: int) -> set[int]:
    with database.reading() as session:
        found = interests.met(session, campaign.rows[one])
    return {campaign.rows.index(row) for row in found}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_five_a_week_those_taken_back_included(database: Database, campaign: Campaign) -> None:
    moment = now()
    for other in range(1, 6):
        say(database, campaign, 0, other, moment)
    say(database, campaign, 0, 5, moment + DAY)  # said already: nothing new
    with database.writing() as session:
        interests.withdraw(session, campaign.rows[0], campaign.rows[5], actor="local")
    with pytest.raises(RefusedError, match="5 intérêts en sept jours"):
        say(database, campaign, 0, 6, moment + DAY)
    say(database, campaign, 0, 6, moment + 8 * DAY)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_meet_when_both_stand_at_one_moment(database: Database, campaign: Campaign) -> None:
    moment = now()
    days = limit("interest_days", moment.date()).value
    say(database, campaign, 0, 1, moment)
    say(database, campaign, 1, 0, moment + (days - 1) * DAY)
    say(database, campaign, 0, 2, moment)
    say(database, campaign, 2, 0, moment + (days + 1) * DAY)
    assert met(database, campaign, 0) == {1}
    assert met(database, campaign, 1) == {0}
    assert met(database, campaign, 2) == set()
    with database.reading() as session:
        said = interests.said_by(session, campaign.rows[0], moment + (days + 1) * DAY)
    assert said[campaign.rows[2]].state == "expired"
    say(database, campaign, 0, 2, moment + (days + 2) * DAY)  # said again
    assert met(database, campaign, 2) == {0}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_taken_back_or_set_aside_meets_nobody(database: Database, campaign: Campaign) -> None:
    moment = now()
    say(database, campaign, 0, 1, moment)
    with database.writing() as session:
        interests.withdraw(session, campaign.rows[0], campaign.rows[1], actor="local")
    say(database, campaign, 1, 0, moment)
    assert met(database, campaign, 1) == set()
    with database.writing() as session:
        interests.put_aside(session, campaign.id, campaign.rows[2], campaign.rows[0], actor="local")
    say(database, campaign, 0, 2, moment)
    assert met(database, campaign, 0) == set()
    with database.writing() as session:
        assert meetings.settle(session) == 0
        interests.take_back(session, campaign.rows[2], campaign.rows[0], actor="local")
        assert interests.said_by(session, campaign.rows[2])[campaign.rows[0]].state == "withdrawn"


def test_acts_at_the_same_time_are_one(database: Database, campaign: Campaign) -> None:
    """Tests two clicks of one organisme, then both ends opening their meeting."""
    moment = now()
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _n: say(database, campaign, 0, 1, moment), range(4)))
    say(database, campaign, 1, 0, moment)

    def opened(number: int) -> int:
        with database.writing() as session:
            one, other = campaign.rows[number % 2], campaign.rows[1 - number % 2]
            return meetings.open_meeting(session, campaign.id, one, other).id

    with ThreadPoolExecutor(4) as several:
        assert len(set(several.map(opened, range(4)))) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PartnerInterest)) == 2
        assert session.scalar(select(func.count()).select_from(PartnerMeeting)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_meeting_without_two_yeses(database: Database, campaign: Campaign) -> None:
    say(database, campaign, 0, 1, now())
    with database.writing() as session, pytest.raises(LookupError):
        meetings.open_meeting(session, campaign.id, campaign.rows[0], campaign.rows[1])


def test_limits_are_dated_and_say_why() -> None:
    for name in ("organismes_per_cell", "interests_per_week", "interest_days", "messages_per_day"):
        found = limit(name, dt.date(2030, 1, 1))
        assert found.value > 0
        assert found.reason.endswith(".")
    assert limit("organismes_per_cell", dt.date(2000, 1, 1)).value >= 3


def test_a_campaign_goes_with_all_that_was_said_in_it(database: Database, campaign: Campaign) -> None:
    """Tests the keys of every table of partners and grappes, on both databases."""
    moment = now()
    say(database, campaign, 0, 1, moment)
    say(database, campaign, 1, 0, moment)
    with database.writing() as session:
        meeting = meetings.open_meeting(session, campaign.id, *campaign.rows[:2])
        meetings.write(session, meeting, campaign.rows[0], None, "Bonjour", moment)
        session.add(PartnerSeen(viewer_id=campaign.rows[0], other_id=campaign.rows[1]))
        joining.open_grappe(
            session,
            campaign.id,
            campaign.rows[0],
            solution="boreal",
            hosting="saas",
            esms=["330000000"],
            listed=True,
            same_hosting=True,
            actor="local",
            moment=moment,
        )
    tables = (PartnerInterest, PartnerMeeting, PartnerMessage, PartnerSeen, HandGrappe, HandGrappeEsms)
    with database.writing() as session:
        assert all(session.scalar(select(func.count()).select_from(table)) for table in tables)
        leaving.delete_campaign(session, campaign.id, actor="local")
        assert not any(session.scalar(select(func.count()).select_from(table)) for table in tables)
