"""A campaign as the question put to the optimiser: a ``matchmaker-instance/1`` document.

An ESMS is in it once its answer is complete. One that has not answered, or not enough, cannot be placed by
anyone: it is left out and counted on the campaign's pages (decision 0051).

When to modify: the instance format gains a field that a campaign knows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from matchmaker.campaigns import answers, campaign, fixed_grappes, readings
from matchmaker.campaigns.answers import Accepted, Answer
from matchmaker.campaigns.fixed_grappes import FixedGrappe
from matchmaker.campaigns.tables import (
    CampaignEsms,
    CampaignOrganisme,
    CampaignPair,
    CampaignReference,
    CampaignSolution,
)
from solver.document import read_instance
from solver.instance import INSTANCE_FORMAT, Instance


class UnusableGrappesError(ValueError):
    """Fixed grappes that no run could keep. ``grappes``: id of each -> French sentences saying why."""

    def __init__(self, grappes: Mapping[str, Sequence[str]]) -> None:
        told = " ".join(f"Grappe {code} : {' '.join(sentences)}" for code, sentences in grappes.items())
        super().__init__(f"Des grappes conservées ne peuvent plus l’être. {told}")
        self.grappes = dict(grappes)


def instance_of(session: Session, campaign_id: int) -> dict[str, Any]:
    """The instance document of a campaign, of plain JSON values, in the order of codes.

    Raises
    ------
    NotInCampaignError
        There is no such campaign.
    UnusableGrappesError
        Fixed grappes break a rule of the campaign as it is now.
    InstanceProblems
        The campaign holds something that the format refuses; its functions should have refused it.
    """
    document = question(session, campaign_id)
    fixed = fixed_grappes.kept(session, campaign_id)
    if not document["esms"]:
        return document
    broken = fixed_grappes.faults(read_instance(document), fixed) if fixed else {}
    if broken:
        raise UnusableGrappesError({one.code: broken[one.id] for one in fixed if one.id in broken})
    document["constraints"]["fixed_grappes"] = [one.document() for one in fixed]
    document["previous"] = _previous(session, campaign_id, fixed)
    read_instance(document)  # what no run could read must not be asked of one
    return document


def faults_of_fixed(session: Session, campaign_id: int) -> dict[int, list[str]]:
    """Why fixed grappes of the campaign could not be in a run now: id -> French sentences."""
    fixed = fixed_grappes.kept(session, campaign_id)
    if not fixed:
        return {}
    document = question(session, campaign_id)
    if not document["esms"]:
        return {one.id: ["Aucun ESMS de la campagne n’a de réponse complète."] for one in fixed}
    return fixed_grappes.faults(read_instance(document), fixed)


def question(session: Session, campaign_id: int) -> dict[str, Any]:
    """The instance document without its fixed grappes and without an earlier plan: answers and rules alone.

    Raises ``NotInCampaignError`` when there is no such campaign.
    """
    esms = list(session.scalars(_complete(campaign_id)))
    return _document(session, campaign_id, esms, {row.organisme.code for row in esms})


def frame(session: Session, campaign_id: int) -> Instance | None:
    """The question without its ESMS: rules, solutions, every organisme and every pair of the campaign.

    ``campaigns.esms_values`` reads the ESMS. None: none has a complete answer. Raises as ``question``.
    """
    one = session.scalars(_complete(campaign_id).limit(1)).all()  # the format knows no question without any
    if not one:
        return None
    document = _document(session, campaign_id, one, None)
    document["constraints"]["excluded"] = []
    return replace(read_instance(document), esms=())


def _complete(campaign_id: int) -> Select[CampaignEsms]:
    return (
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.completeness == "complete")
        .options(joinedload(CampaignEsms.organisme))
        .order_by(CampaignEsms.code)
    )


def _document(
    session: Session, campaign_id: int, esms: Sequence[CampaignEsms], present: Collection[str] | None
) -> dict[str, Any]:
    """``present``: codes of the organismes that have an ESMS in it; None: all of the campaign are kept."""
    values = campaign.get(session, campaign_id)
    solutions = _solutions(session, campaign_id)
    codes = {solution.id: solution.code for solution in solutions}
    organismes = _organismes(session, campaign_id)
    if present is None:
        present = {row.code for row in organismes}
    return {
        "format": INSTANCE_FORMAT,
        "title": values.name,
        "regime": values.regime,
        "parameters": readings.parameters_of(values.regime, values.parameters, values.readings),
        "engine_readings": readings.engine_readings(values.regime, values.readings),
        "organismes": [_organisme(row) for row in organismes if row.code in present],
        "solutions": [_solution(row) for row in solutions],
        # A drawn answer makes drawn data of a real establishment: nobody asked it anything.
        "esms": [
            _esms(row, answers.of_row(row, codes)) | {"fictitious": row.fictitious or values.fictitious}
            for row in esms
        ],
        "constraints": _constraints(session, campaign_id, esms, present),
        "previous": None,
    }


def _previous(
    session: Session, campaign_id: int, fixed: Sequence[FixedGrappe]
) -> list[dict[str, Any]] | None:
    """The grappes of the plan of reference. One that lends its id to another fixed grappe is left out."""
    row = session.get(CampaignReference, campaign_id)
    if row is None:
        return None
    offers = {one.code: (one.solution, one.hosting) for one in fixed}
    return [
        grappe
        for grappe in row.grappes
        if offers.get(grappe["id"], (grappe["solution"], grappe["hosting"]))
        == (grappe["solution"], grappe["hosting"])
    ]


def _organismes(session: Session, campaign_id: int) -> list[CampaignOrganisme]:
    wanted = select(CampaignOrganisme).where(CampaignOrganisme.campaign_id == campaign_id)
    return list(session.scalars(wanted.order_by(CampaignOrganisme.code)))


def _solutions(session: Session, campaign_id: int) -> list[CampaignSolution]:
    wanted = select(CampaignSolution).where(CampaignSolution.campaign_id == campaign_id)
    return list(session.scalars(wanted.order_by(CampaignSolution.code)))


def _organisme(row: CampaignOrganisme) -> dict[str, Any]:
    return {
        "id": row.code,
        "name": row.name,
        "esms_total": row.esms_total,
        "fictitious": row.fictitious,
    }


def _solution(row: CampaignSolution) -> dict[str, Any]:
    return {
        "id": row.code,
        "name": row.name,
        "segur_referenced": row.segur_status == "referenced",
        "segur_status": row.segur_status,
        "hosting": row.hosting,
        "champs": row.champs,
        "fictitious": row.fictitious,
    }


def _esms(row: CampaignEsms, answer: Answer) -> dict[str, Any]:
    return {
        "id": row.code,
        "name": row.name,
        "organisme": row.organisme.code,
        "champ": row.champ,
        "category": row.category,
        "lat": row.lat,
        "lon": row.lon,
        "departement": row.departement,
        "region": row.region,
        "need": answer.need,
        "current_solution": answer.current_solution,
        "accepted_solutions": _accepted(answer.accepted_solutions),
        "accepted_hosting": _accepted(answer.accepted_hosting),
        "lot": answer.lot,
        "can_be_porteur": answer.can_be_porteur,
        "commune": row.commune,
        "position_origin": row.position_origin,
    }


def _accepted(accepted: Accepted) -> str | list[str]:
    # Only an ESMS without need may be complete with no answer here; nothing reads its value.
    if accepted is None:
        return []
    return accepted if isinstance(accepted, str) else list(accepted)


def _constraints(
    session: Session, campaign_id: int, esms: Sequence[CampaignEsms], present: Collection[str]
) -> dict[str, Any]:
    wanted = (
        select(CampaignPair)
        .where(CampaignPair.campaign_id == campaign_id)
        .options(joinedload(CampaignPair.first), joinedload(CampaignPair.second))
        .order_by(CampaignPair.id)
    )
    pairs: dict[str, list[list[str]]] = {"apart": [], "together": []}
    for pair in session.scalars(wanted):
        # A pair with an organisme that has no ESMS in the run asks for nothing.
        if pair.first.code in present and pair.second.code in present:
            pairs[pair.kind].append([pair.first.code, pair.second.code])
    return {
        "excluded": [row.code for row in esms if row.excluded],
        **pairs,
        "fixed_grappes": [],
    }
