"""The last day of the answers that a region expects in a campaign: said by its team, shown to the OGs.

It closes nothing: an answer that comes later counts for the next run.

When to modify: a region says something more of when it expects answers.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import Campaign
from matchmaker.web.formats import date

FARTHEST = dt.timedelta(days=3 * 365)


def typed(text: str) -> dt.date | None:
    """The day that somebody typed, 2026-12-11 or 11/12/2026; None when they typed nothing.

    Raises
    ------
    RefusedError
        It is no day.
    """
    text = text.strip()
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    raise RefusedError(
        {"answers_due": f"Une date est attendue, par exemple 15/01/2027 : vous avez saisi « {text} »."}
    )


def expect(session: Session, campaign_id: int, day: dt.date | None, *, today: dt.date, actor: str) -> None:
    """Say by which day answers are expected; None: no day any more.

    Raises
    ------
    NotInCampaignError
        There is no such campaign.
    RefusedError
        The day is over, or more than three years away.
    """
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotInCampaignError(f"campaign {campaign_id}")
    if day == row.answers_due:
        return
    if day is not None and day < today:
        raise RefusedError({"answers_due": f"Le {date(day)} est passé : choisissez un jour à venir."})
    if day is not None and day > today + FARTHEST:
        raise RefusedError(
            {"answers_due": f"Le {date(day)} est dans plus de trois ans : vérifiez l’année saisie."}
        )
    row.answers_due = day
    detail = {"jour": "aucun" if day is None else date(day)}
    journal.record(session, actor, "campagne.echeance", f"campaign:{row.id}", label=row.name, detail=detail)


def between(session: Session, first: dt.date, last: dt.date) -> dict[int, dt.date]:
    """Campaigns in use that expect answers by a day between these two, with that day."""
    rows = session.execute(
        select(Campaign.id, Campaign.answers_due).where(
            Campaign.answers_due.between(first, last), Campaign.archived_at.is_(None)
        )
    )
    return {row.id: row.answers_due for row in rows if row.answers_due is not None}
