"""``Instance`` to its document; ``read_instance`` of the result is the same instance.

When to modify: the instance format gains an optional field.
"""

from __future__ import annotations

from typing import Any

from solver.document.parameters import parameters_document
from solver.instance import INSTANCE_FORMAT, DuiSolution, Esms, FixedGrappe, Grappe, Instance, Organisme


def instance_document(instance: Instance) -> dict[str, Any]:
    """Every key of the format, and the optional fields of pages where they say something."""
    constraints = instance.constraints
    document: dict[str, Any] = {"format": INSTANCE_FORMAT, "regime": instance.regime.value}
    if instance.title is not None:
        document["title"] = instance.title
    if instance.engine_readings:
        document["engine_readings"] = dict(instance.engine_readings)
    document |= {
        "parameters": parameters_document(instance.parameters),
        "organismes": [_organisme(o) for o in instance.organismes],
        "solutions": [_solution(s) for s in instance.solutions],
        "esms": [_esms(e) for e in instance.esms],
        "constraints": {
            "excluded": sorted(constraints.excluded),
            "apart": [list(pair) for pair in constraints.apart],
            "together": [list(pair) for pair in constraints.together],
            "fixed_grappes": [_fixed(f) for f in constraints.fixed_grappes],
        },
        "previous": [grappe_document(g) for g in instance.previous] or None,
    }
    return document


def _organisme(o: Organisme) -> dict[str, Any]:
    document = {"id": o.id, "name": o.name, "esms_total": o.esms_total}
    return document | _set(fictitious=o.fictitious)


def _solution(s: DuiSolution) -> dict[str, Any]:
    document = {
        "id": s.id,
        "name": s.name,
        "segur_referenced": s.segur_referenced,
        "hosting": sorted(mode.value for mode in s.hosting),
        "champs": sorted(champ.value for champ in s.champs),
    }
    return document | _set(segur_status=s.segur_status, fictitious=s.fictitious)


def _esms(e: Esms) -> dict[str, Any]:
    document = {
        "id": e.id,
        "name": e.name,
        "organisme": e.organisme,
        "champ": e.champ.value,
        "category": e.category,
        "lat": e.lat,
        "lon": e.lon,
        "departement": e.departement,
        "region": e.region,
        "need": e.need.value,
        "current_solution": e.current_solution,
        "accepted_solutions": "any" if e.accepted_solutions is None else sorted(e.accepted_solutions),
        "accepted_hosting": "any"
        if e.accepted_hosting is None
        else sorted(m.value for m in e.accepted_hosting),
        "lot": e.lot,
        "can_be_porteur": e.can_be_porteur,
    }
    return document | _set(commune=e.commune, position_origin=e.position_origin, fictitious=e.fictitious)


def _set(**optional: str | bool | None) -> dict[str, Any]:
    """The optional fields that say something."""
    return {key: value for key, value in optional.items() if value is not None and value is not False}


def _fixed(f: FixedGrappe) -> dict[str, Any]:
    document: dict[str, Any] = {} if f.id is None else {"id": f.id}
    return document | {
        "solution": f.solution,
        "hosting": None if f.hosting is None else f.hosting.value,
        "porteur": f.porteur,
        "members": list(f.members),
        "extendable": f.extendable,
    }


def grappe_document(g: Grappe) -> dict[str, Any]:
    """A grappe without its figures."""
    return {
        "id": g.id,
        "solution": g.solution,
        "hosting": None if g.hosting is None else g.hosting.value,
        "porteur": g.porteur,
        "members": list(g.members),
    }
