"""Remind organismes, at J−7 and J−2, of the day by which their region expects answers: those that miss some.

When to modify: an organisme is reminded of something else that only its own pages know.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from matchmaker import notifications
from matchmaker.campaigns import answers_due, listing
from matchmaker.campaigns.listing import EsmsLine
from matchmaker.campaigns.wording import FIELDS
from matchmaker.grappes.deadlines import BEFORE, KIND, warning
from matchmaker.og import progress
from matchmaker.partners.alerts import signing_in
from matchmaker.partners.meetings import people_of
from matchmaker.web.formats import date_longue, pluriel, typographie

_PAGE = "/og/mes-esms"


def remind_of_answers(session: Session, today: dt.date) -> int:
    """Tell who has not answered everything what is missing; returns how many people were told."""
    ending = answers_due.between(session, today, today + dt.timedelta(days=max(BEFORE)))
    if not ending:
        return 0
    told = 0
    for campaign_id, organisme in signing_in(session):
        due = ending.get(campaign_id)
        if due is None:
            continue
        lines = listing.of_organisme(session, campaign_id, organisme)
        days = (due - today).days
        if lines and not progress.of(lines).whole:
            told += notifications.tell(
                session,
                people_of(session, organisme),
                KIND,
                typographie(
                    f"Vos réponses sont attendues au plus tard le {date_longue(due)} (J−{days}) : "
                    f"{missing(lines)}."
                ),
                _PAGE,
                key=f"answers:{organisme}:{due}:{warning(days)}",
            )
    return told


def missing(lines: Sequence[EsmsLine]) -> str:
    """« il manque le besoin (2 ESMS), les hébergements acceptés (1 ESMS) »: what keeps ESMS out of a run."""
    count = Counter(field for line in lines for field in line.answer.missing)
    said = [f"{FIELDS[field]} ({pluriel(count[field], 'ESMS', 'ESMS')})" for field in FIELDS if count[field]]
    return f"il manque {', '.join(said)}"
