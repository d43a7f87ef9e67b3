"""Ask for a run of a campaign: freeze the campaign into an instance, write the row, enqueue its id.

When to modify: what can be asked of a run changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import campaign
from matchmaker.campaigns.instance import UnusableGrappesError, instance_of
from matchmaker.runs import lifecycle
from matchmaker.runs.comparison import asked as comparison
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.prices import asked as pricing
from matchmaker.runs.tables import Run, RunDocument, State

SHORTEST_S, LONGEST_S = 5, 4 * 3600
USUAL_S = 120
USUAL_GAP = 0.0
SEED = 1


class RefusedRunError(ValueError):
    """The campaign cannot be put to the optimiser as it is; the message is a French sentence."""


def ask(
    session: Session,
    campaign_id: int,
    asked: Asked,
    *,
    actor: str = journal.LOCAL,
    token: str | None = None,
) -> int:
    """A queued run of the campaign as it is now; the caller enqueues the id after the commit.

    ``token``: of the form that asks. Asked again with the same one, the run that it made is given back; two
    at the very same moment make one, and an ``IntegrityError`` for the other (``run_of_token`` finds it).

    Raises
    ------
    RefusedRunError
        The campaign is archived, has no ESMS with a complete answer, or keeps grappes that cannot be kept.
    NotInCampaignError
        There is no such campaign.
    """
    known = None if token is None else run_of_token(session, token)
    if known is not None:
        return known
    values = campaign.get(session, campaign_id)
    if values.archived_at is not None:
        raise RefusedRunError("Cette campagne est archivée : rouvrez-la pour lancer un calcul.")
    try:
        instance = instance_of(session, campaign_id)
    except UnusableGrappesError as error:
        raise RefusedRunError(str(error)) from error
    if not instance["esms"]:
        raise RefusedRunError(
            "Aucun ESMS de cette campagne n’a encore de réponse complète : il n’y a rien à placer."
        )
    run_id = lifecycle.create_run(
        session,
        campaign_id,
        json.dumps(instance, ensure_ascii=False),
        question_of(instance),
        asked,
        token=token,
    )
    detail = {"duree_s": asked.budget_s}
    journal.record(session, actor, "calcul.lancer", f"run:{run_id}", label=values.name, detail=detail)
    return run_id


def run_of_token(session: Session, token: str) -> int | None:
    """The run that the form with this token made, if it did."""
    return session.scalar(select(Run.id).where(Run.request_token == token))


def ask_again(session: Session, run_id: int, *, actor: str = journal.LOCAL) -> int | None:
    """A new run of the same frozen question, from the best grappes that a failed run had found.

    A failed run is done again once: asked twice, the same new run is given. None when there is no such run or
    it did not fail.
    """
    old = session.get(Run, run_id, with_for_update=True)
    if old is None or old.state != State.FAILED:
        return None
    token = f"after-{run_id}"
    known = run_of_token(session, token)
    if known is not None:
        return known
    kept = session.get_one(RunDocument, run_id)
    asked = Asked(budget_s=old.budget_s, gap=old.gap, seed=old.seed, threads=old.threads)
    new_id = lifecycle.create_run(
        session, old.campaign_id, kept.instance, kept.question, asked, kept.incumbent, token
    )
    comparison.carry(session, run_id, new_id)
    pricing.carry(session, run_id, new_id)
    label = campaign.get(session, old.campaign_id).name
    journal.record(session, actor, "calcul.relancer", f"run:{new_id}", label=label, detail={"apres": run_id})
    return new_id


def question_of(instance: Mapping[str, Any]) -> dict[str, Any]:
    """An instance document without its lists, with their lengths instead: what pages say was asked."""
    constraints = instance.get("constraints") or {}
    return {
        "title": instance.get("title"),
        "regime": instance["regime"],
        "parameters": instance.get("parameters") or {},
        "engine_readings": instance.get("engine_readings") or {},
        "esms": len(instance["esms"]),
        "organismes": len(instance["organismes"]),
        "solutions": len(instance["solutions"]),
        "constraints": {kind: len(listed or ()) for kind, listed in constraints.items()},
        "previous": len(instance.get("previous") or ()),
    }
