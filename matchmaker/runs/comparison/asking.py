"""Ask for a comparison: a run of which several plans are wanted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matchmaker.runs import request
from matchmaker.runs.comparison import asked
from matchmaker.runs.lifecycle import Asked


def ask(session: Session, campaign_id: int, wanted: Asked, points: int, *, token: str | None = None) -> int:
    """A queued run of the campaign as it is now; the caller enqueues the id after the commit.

    ``token`` and errors as ``request.ask``; ValueError for a number of plans that no comparison has.
    """
    run_id = request.ask(session, campaign_id, wanted, token=token)
    asked.want(session, run_id, points)
    return run_id
