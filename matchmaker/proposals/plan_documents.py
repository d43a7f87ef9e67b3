"""A plan out of its two documents: the instance and the proposal, joined into the values of ``plan``.

The documents were validated before they were kept; optional fields have the defaults of their formats.

When to modify: a document's format gains something that readers of plans must see.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern

from matchmaker.baremes.scales import scale_for
from matchmaker.proposals.plan import (
    Change,
    Document,
    Esms,
    Grappe,
    Line,
    Organisme,
    Plan,
    Solution,
    Unplaced,
)
from matchmaker.proposals.robustness import robustness_of
from solver.instance import Readings
from solver.scale import Scale
from solver.vocabulary import Regime


def read(instance: Document, proposal: Document) -> Plan:
    """Join the two documents.

    Parameters
    ----------
    instance, proposal
        Valid documents of the formats ``matchmaker-instance/1`` and ``matchmaker-proposal/1``, the second an
        answer to the first.
    """
    parameters = proposal["parameters"]
    scale = scale_for(Regime(instance["regime"]), Readings(**parameters["readings"]))
    organismes = {o["id"]: _organisme(o, scale) for o in instance["organismes"]}
    solutions = {s["id"]: _solution(s) for s in instance["solutions"]}
    esms = {e["id"]: _esms(e, organismes) for e in instance["esms"]}
    grappes = tuple(_grappe(g, esms, solutions, scale, parameters) for g in proposal["grappes"])
    return Plan(
        title=title_of(instance),
        regime=instance["regime"],
        scale_version=scale.version,
        parameters=parameters,
        objective=parameters["objective"],
        objective_value=proposal["objective_value"],
        upper_bound=proposal["upper_bound"],
        certified_bound=proposal["certified_bound"],
        bound_proof=proposal.get("bound_proof", "certificate"),
        status=proposal["status"],
        gap=proposal["gap"],
        funding_eur=proposal["funding_eur"],
        wall_time_s=proposal.get("wall_time_s"),
        seed=proposal.get("seed"),
        changes_complete=proposal.get("changes_complete", True),
        esms=esms,
        solutions=solutions,
        grappes=tuple(sorted(grappes, key=lambda g: (-g.funding_eur, g.id))),
        unplaced=tuple(_unplaced(u, esms) for u in proposal["unplaced"]),
        robustness=robustness_of(instance, proposal),
        departures_complete=proposal.get("departures_complete", True),
        fictitious=is_fictitious(instance),
    )


def title_of(instance: Document) -> str:
    """What a plan for this question is called."""
    return instance.get("title") or "Plan sans titre"


def is_fictitious(instance: Document) -> bool:
    """Whether anything of a question is drawn."""
    return any(
        item.get("fictitious", False) for key in ("organismes", "solutions", "esms") for item in instance[key]
    )


def _organisme(document: Document, scale: Scale) -> Organisme:
    return Organisme(
        id=document["id"],
        name=document["name"],
        esms_total=document["esms_total"],
        small=document["esms_total"] <= scale.small_og_max_esms,
        fictitious=document.get("fictitious", False),
    )


def _solution(document: Document) -> Solution:
    known = "referenced" if document["segur_referenced"] else "not_referenced"
    return Solution(
        id=document["id"],
        name=document["name"],
        segur=document.get("segur_status") or known,
        hosting=tuple(document["hosting"]),
        champs=tuple(document["champs"]),
        fictitious=document.get("fictitious", False),
    )


def _esms(document: Document, organismes: Mapping[str, Organisme]) -> Esms:
    # By position: a plan has tens of thousands of them, and names cost a third of the time.
    told = document.get
    return Esms(
        document["id"],
        document["name"],
        organismes[document["organisme"]],
        intern(document["champ"]),
        intern(document["category"]),
        told("commune"),
        intern(document["departement"]),
        intern(document["region"]),
        document["lat"],
        document["lon"],
        told("position_origin"),
        intern(document["need"]),
        told("current_solution"),
        _accepted(document["accepted_solutions"]),
        _accepted(document["accepted_hosting"]),
        told("lot"),
        told("fictitious", False),
    )


def _accepted(value: str | list[str]) -> tuple[str, ...] | None:
    return None if isinstance(value, str) else tuple(value)


def _grappe(
    document: Document,
    esms: Mapping[str, Esms],
    solutions: Mapping[str, Solution],
    scale: Scale,
    parameters: Document,
) -> Grappe:
    members = tuple(esms[id_] for id_ in document["members"])
    return Grappe(
        id=document["id"],
        solution=solutions[document["solution"]],
        hosting=document["hosting"],
        porteur=esms[document["porteur"]],
        members=members,
        funding_eur=document["funding_eur"],
        lines=tuple(_line(line) for line in document["lines"]),
        by_region=document["by_region"],
        radius_km=document["radius_km"],
        mean_distance_km=document["mean_distance_km"],
        threshold=_threshold(members, scale, parameters),
    )


def _threshold(members: tuple[Esms, ...], scale: Scale, parameters: Document) -> int:
    """The campaign's minimum, else the largest of those of the members' régions (contract, rule 4)."""
    asked: int | None = parameters.get("min_size")
    if asked is not None:
        return asked
    return max(scale.min_size_by_region.get(e.region, scale.min_size) for e in members)


def _line(document: Document) -> Line:
    reference = document["reference"]
    return Line(
        code=document["code"],
        quantity=document["quantity"],
        unit_eur=document["unit_eur"],
        amount_eur=document["amount_eur"],
        rule=reference.get("rule", ""),
        document=reference.get("document", ""),
        heading=reference.get("heading", ""),
        quote=reference.get("quote", ""),
    )


def _unplaced(document: Document, esms: Mapping[str, Esms]) -> Unplaced:
    return Unplaced(
        esms=esms[document["esms"]],
        reason=document["reason"],
        detail=document.get("detail") or {},
        changes=tuple(
            Change(
                kind=change["kind"],
                value=change["value"],
                joins=change["joins"],
                partners=tuple(esms[id_] for id_ in change.get("with") or ()),
                gain_eur=change["gain_eur"],
            )
            for change in document["changes"]
        ),
    )
