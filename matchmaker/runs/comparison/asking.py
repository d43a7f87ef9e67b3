"""Ask for a comparison: a run of which several plans are wanted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.runs import request
from matchmaker.runs.comparison import asked
from matchmaker.runs.lifecycle import Asked


def ask(
    session: Session,
    campaign_id: int,
    wanted: Asked,
    points: int,
    *,
    token: str | None = None,
    actor: str = journal.LOCAL,
) -> int:
    """A queued run of the campaign as it is now; the caller enqueues the id after the commit.

    ``token``, ``actor`` and errors as ``request.ask``; ValueError for a number of plans that none has.
    """
    run_id = request.ask(session, campaign_id, wanted, token=token, actor=actor)
    asked.want(session, run_id, points)
    return run_id
