"""What people do with the grappes of an earlier plan: keep one, let it go, stay close to all of them.

When to modify: a plan can hold back the next runs in another way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import campaign
from matchmaker.campaigns.constraints import check_reason
from matchmaker.campaigns.instance import faults_of_fixed
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import (
    Campaign,
    CampaignEsms,
    CampaignFixedGrappe,
    CampaignFixedMember,
    CampaignReference,
    CampaignSolution,
)
from matchmaker.database.instants import now
from solver.vocabulary import Objective

_IDENTITY = ("id", "solution", "hosting", "porteur", "members")
_LARGEST_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class PlannedGrappe:
    """A grappe as a plan has it: ids of the instance document. ``hosting`` None: each member has its own."""

    id: str
    plan: int
    solution: str
    hosting: str | None
    porteur: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The plan that the next runs stay close to, with its number of grappes."""

    plan: int
    grappes: int
    author: str
    created_at: dt.datetime


def fix(
    session: Session,
    campaign_id: int,
    grappe: PlannedGrappe,
    reason: str,
    *,
    extendable: bool,
    actor: str,
) -> None:
    """Keep a grappe of a plan in every run from now on.

    Raises
    ------
    RefusedError
        No reason; members, solution or porteur are no longer in the campaign; a member is in another fixed
        grappe; the grappe breaks a rule of the campaign as it is now. Nothing is to be committed.
    """
    check_reason(reason)
    rows = _esms(session, campaign_id, grappe)
    solution = session.scalar(
        select(CampaignSolution.id).where(
            CampaignSolution.campaign_id == campaign_id, CampaignSolution.code == grappe.solution
        )
    )
    if solution is None:
        raise RefusedError({"grappe": "La solution de cette grappe n’est plus dans la campagne."})
    row = CampaignFixedGrappe(
        campaign_id=campaign_id,
        code=_free_code(session, campaign_id, grappe),
        plan=grappe.plan,
        solution_id=solution,
        hosting=grappe.hosting,
        porteur_id=rows[grappe.porteur].id,
        extendable=extendable,
        author=actor,
        reason=reason.strip(),
        created_at=now(),
    )
    session.add(row)
    session.flush()
    session.add_all(CampaignFixedMember(esms_id=rows[code].id, fixed_id=row.id) for code in grappe.members)
    session.flush()
    broken = faults_of_fixed(session, campaign_id).get(row.id)
    if broken:
        raise RefusedError({"grappe": "Elle ne respecte plus la campagne. " + " ".join(broken)})
    journal.record(
        session,
        actor,
        "grappe.conserver",
        f"campaign:{campaign_id}",
        detail={"grappe": row.code, "plan": grappe.plan},
    )


def release(session: Session, campaign_id: int, fixed_id: int, *, actor: str) -> str:
    """Let a fixed grappe go; returns the id it had. Raises ``NotInCampaignError`` when it is not there."""
    row = session.get(CampaignFixedGrappe, fixed_id)
    if row is None or row.campaign_id != campaign_id:
        raise NotInCampaignError(f"fixed grappe {fixed_id}")
    code = row.code
    session.delete(row)
    journal.record(
        session, actor, "grappe.liberer", f"campaign:{campaign_id}", detail={"grappe": code, "plan": row.plan}
    )
    return code


def stay_close(
    session: Session,
    campaign_id: int,
    plan: int,
    grappes: Sequence[Mapping[str, Any]],
    weight_eur: object,
    *,
    actor: str,
) -> None:
    """Make ``plan`` the reference of the next runs, each ESMS that stays in its grappe worth ``weight_eur``.

    Raises
    ------
    RefusedError
        The weight is no whole number of euros from 1 on, or the campaign counts ESMS, not euros.
    """
    values = campaign.get(session, campaign_id)
    if values.parameters["objective"] == Objective.COVERAGE:
        raise RefusedError(
            {
                "weight": "La campagne cherche le plus d’ESMS placés : la stabilité se compte en euros, elle "
                "va avec l’objectif « le plus de financement »."
            }
        )
    if not isinstance(weight_eur, int) or not 1 <= weight_eur <= _LARGEST_WEIGHT:
        raise RefusedError(
            {"weight": "Un montant entier en euros, de 1 à 1 000 000, est attendu : par exemple 5 000."}
        )
    session.merge(
        CampaignReference(
            campaign_id=campaign_id,
            plan=plan,
            grappes=[{key: grappe[key] for key in _IDENTITY} for grappe in grappes],
            author=actor,
            created_at=now(),
        )
    )
    row = session.get_one(Campaign, campaign_id)
    row.parameters = {**row.parameters, "stability_eur_per_esms": weight_eur}
    row.changed_at = now()
    detail = {"plan": plan, "euros": weight_eur}
    journal.record(session, actor, "reference.choisir", f"campaign:{campaign_id}", detail=detail)


def forget_reference(session: Session, campaign_id: int, *, actor: str) -> None:
    """The next runs start from nothing again; the weight, which then counts nothing, goes back to 0."""
    row = session.get(CampaignReference, campaign_id)
    if row is None:
        return
    session.delete(row)
    held = session.get_one(Campaign, campaign_id)
    held.parameters = {**held.parameters, "stability_eur_per_esms": 0}
    held.changed_at = now()
    journal.record(session, actor, "reference.retirer", f"campaign:{campaign_id}", detail={"plan": row.plan})


def reference(session: Session, campaign_id: int) -> Reference | None:
    """The plan of reference of a campaign."""
    row = session.get(CampaignReference, campaign_id)
    return None if row is None else Reference(row.plan, len(row.grappes), row.author, row.created_at)


def _esms(session: Session, campaign_id: int, grappe: PlannedGrappe) -> dict[str, CampaignEsms]:
    """Rows of the members by code; refused when one is gone or already in a fixed grappe."""
    wanted = select(CampaignEsms).where(
        CampaignEsms.campaign_id == campaign_id, CampaignEsms.code.in_(grappe.members)
    )
    rows = {row.code: row for row in session.scalars(wanted)}
    gone = len(grappe.members) - len(rows)
    if gone:
        raise RefusedError(
            {"grappe": f"{gone} de ses {len(grappe.members)} membres ne sont plus dans la campagne."}
        )
    held = session.execute(
        select(CampaignEsms.name, CampaignFixedGrappe.code)
        .join(CampaignFixedMember, CampaignFixedMember.esms_id == CampaignEsms.id)
        .join(CampaignFixedGrappe, CampaignFixedGrappe.id == CampaignFixedMember.fixed_id)
        .where(CampaignEsms.id.in_([row.id for row in rows.values()]))
        .order_by(CampaignEsms.name)
    ).first()
    if held is not None:
        raise RefusedError(
            {"grappe": f"« {held.name} » est déjà dans la grappe conservée {held.code} : libérez-la d’abord."}
        )
    return rows


def _free_code(session: Session, campaign_id: int, grappe: PlannedGrappe) -> str:
    """Its own id, with the number of its plan when another fixed grappe has it."""
    taken = session.scalar(
        select(func.count())
        .select_from(CampaignFixedGrappe)
        .where(CampaignFixedGrappe.campaign_id == campaign_id, CampaignFixedGrappe.code == grappe.id)
    )
    return f"{grappe.id}-plan{grappe.plan}" if taken else grappe.id
