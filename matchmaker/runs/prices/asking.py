"""Ask for the prices of a plan's rules: a run of the plan's own question, from its grappes."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import campaign
from matchmaker.proposals import keeping
from matchmaker.runs import lifecycle, request
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.prices import asked
from matchmaker.runs.request import RefusedRunError, question_of


def ask(
    session: Session, plan: int, wanted: Asked, *, token: str | None = None, actor: str = journal.LOCAL
) -> int:
    """A queued run that prices the rules of a kept plan; the caller enqueues the id after the commit.

    ``token`` as ``request.ask``.

    Raises
    ------
    RefusedRunError
        The plan was imported, or its campaign is gone or archived.
    PlanNotFoundError
        There is no such plan.
    """
    known = None if token is None else request.run_of_token(session, token)
    if known is not None:
        return known
    kept = keeping.kept(session, plan)
    campaign_id = kept.summary.campaign_id
    if campaign_id is None:
        raise RefusedRunError("Ce plan n’appartient à aucune campagne : aucun calcul ne peut partir de lui.")
    values = campaign.get(session, campaign_id)
    if values.archived_at is not None:
        raise RefusedRunError("Cette campagne est archivée : rouvrez-la pour lancer un calcul.")
    instance_text, _ = keeping.documents(session, plan)
    instance = json.loads(instance_text)
    run_id = lifecycle.create_run(
        session,
        campaign_id,
        json.dumps(instance, ensure_ascii=False),
        question_of(instance),
        wanted,
        token=token,
    )
    asked.want(session, run_id, plan)
    detail = {"duree_s": wanted.budget_s, "plan": plan}
    journal.record(session, actor, "calcul.lancer", f"run:{run_id}", label=values.name, detail=detail)
    return run_id
