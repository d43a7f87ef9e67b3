"""Days that draw near, told at J−7 and J−2: the end of a deposit window, a request that expires unanswered.

When to modify: organismes have another deadline.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import notifications
from matchmaker.baremes import shipped_rules
from matchmaker.baremes.citations import holds
from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.financement.appel import whole_readings
from matchmaker.grappes.joining import PAGE
from matchmaker.grappes.rooms import PENDING
from matchmaker.grappes.tables import HandGrappe, HandGrappeMember
from matchmaker.partners.alerts import signing_in
from matchmaker.partners.meetings import people_of
from matchmaker.web.formats import date_longue, day_of

BEFORE = (7, 2)  # days, the earlier first
KIND = "echeance"


def tell_of_deadlines(session: Session, moment: dt.datetime) -> int:
    """Tell people of what ends within seven days, then within two; returns how many were told something."""
    today = day_of(moment)
    return _windows(session, today) + _requests(session, moment)


def warning(days_left: int) -> int | None:
    """Which warning is due this many days before: 7, 2, or none; a day without a round is caught up."""
    return next((n for n in sorted(BEFORE) if 0 <= days_left <= n), None)


def _windows(session: Session, today: dt.date) -> int:
    told = 0
    known: dict[int, CampaignValues] = {}
    for campaign_id, organisme in signing_in(session):
        values = known.get(campaign_id) or campaigns.get(session, campaign_id)
        known[campaign_id] = values
        for ends, label, name in _ending(values, today):
            days = (ends - today).days
            words = f"Le dépôt des dossiers se termine le {date_longue(ends)} (J−{days}) : {label}."
            told += notifications.tell(
                session,
                people_of(session, organisme),
                KIND,
                words,
                PAGE,
                key=f"window:{campaign_id}:{name}:{warning(days)}",
            )
    return told


def _ending(values: CampaignValues, today: dt.date) -> list[tuple[dt.date, str, str]]:
    """(last day, label, id) of the windows of a campaign's call and région that a warning is due for."""
    rules = shipped_rules()
    readings = whole_readings(rules, values.readings)
    return [
        (window.closes, window.label, window.id)
        for window in rules.windows
        if window.closes is not None
        and window.regime == values.regime
        and holds(window.when, readings)
        and (not window.regions or values.region in window.regions)
        and warning((window.closes - today).days) is not None
    ]


def _requests(session: Session, moment: dt.datetime) -> int:
    """Whoever holds a grappe learns that a request will be lost for want of an answer."""
    rows = session.execute(
        select(HandGrappeMember.id, HandGrappeMember.expires_at, HandGrappe.opener_id)
        .join(HandGrappe, HandGrappe.id == HandGrappeMember.grappe_id)
        .where(
            HandGrappeMember.state == PENDING,
            HandGrappe.closed_at.is_(None),
            HandGrappeMember.expires_at > moment,
            HandGrappeMember.expires_at <= moment + dt.timedelta(days=max(BEFORE)),
        )
        .order_by(HandGrappeMember.id)
    )
    told = 0
    for member_id, expires_at, opener in rows:
        if expires_at is None:
            continue  # the condition above leaves none
        days = (expires_at - moment).days
        told += notifications.tell(
            session,
            people_of(session, opener),
            KIND,
            f"Une demande d’entrée dans votre grappe expire le {date_longue(expires_at)} (J−{days}).",
            PAGE,
            key=f"request:{member_id}:{expires_at.date()}:{warning(days)}",
        )
    return told
