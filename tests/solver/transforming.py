"""Changes of an instance document whose effect on the optimum is known beforehand.

``SAME``: the optimum stays. ``RELAXED``: every valid proposal stays valid and is worth no less, so the
optimum does not fall (a fixed grappe that may grow *must* appear as soon as it can, so instances with one are
left out). Each change takes a document and a source of chance, and returns another document, or None when the
instance has nothing of the kind.

When to modify: the instance format gains a parameter or a constraint.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from solver.instance import Grappe
from solver.judge import Judge
from solver.scale import Forfait, Rate, Scale
from tests.solver.verify.proving import read

Document = dict[str, Any]
Change = Callable[[Document, Random], Document | None]

_LOW_THRESHOLD = ("01", "02", "03", "04", "06", "94")


# the same question in other words ---------------------------------------------------------------------------


def shuffled(document: Document, r: Random) -> Document:
    """Every list in another order, pairs turned round."""
    found = copy.deepcopy(document)

    def mix(value: Any) -> None:
        if isinstance(value, list):
            r.shuffle(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            mix(inner)

    mix(found)
    return found


def relabelled(document: Document, r: Random) -> Document:
    """Other ids of organismes, solutions, ESMS, lots, grappes; other codes of départements."""
    new: dict[tuple[str, str], str] = {}

    def other(kind: str, name: str) -> str:
        return new.setdefault((kind, name), f"{kind}{r.randrange(10**9):09d}{len(new)}")

    return _renamed(document, other)


def _renamed(document: Document, other: Callable[[str, str], str]) -> Document:
    """A copy in which each id is ``other(kind, id)``; kinds: o, s, e, lot, g, d (départements)."""
    found = copy.deepcopy(document)
    for one in found["organismes"]:
        one["id"] = other("o", one["id"])
    for one in found["solutions"]:
        one["id"] = other("s", one["id"])
    for e in found["esms"]:
        e["id"], e["organisme"] = other("e", e["id"]), other("o", e["organisme"])
        e["departement"] = other("d", e["departement"])
        if e["accepted_solutions"] != "any":
            e["accepted_solutions"] = [other("s", s) for s in e["accepted_solutions"]]
        if e.get("current_solution") is not None:
            e["current_solution"] = other("s", e["current_solution"])
        if e.get("lot") is not None:
            e["lot"] = other("lot", e["lot"])
    constraints = found["constraints"]
    for kind in ("apart", "together"):
        if kind in constraints:
            constraints[kind] = [[other("o", o) for o in pair] for pair in constraints[kind]]
    if "excluded" in constraints:
        constraints["excluded"] = [other("e", e) for e in constraints["excluded"]]
    for g in [*constraints.get("fixed_grappes", []), *(found.get("previous") or [])]:
        g["solution"], g["porteur"] = other("s", g["solution"]), other("e", g["porteur"])
        g["members"] = [other("e", e) for e in g["members"]]
        if "id" in g:
            g["id"] = other("g", g["id"])
    return found


def turned(document: Document, r: Random) -> Document:
    """All places turned about the Earth's axis, and the Earth mirrored: no distance changes."""
    found, east, south = copy.deepcopy(document), r.choice([0.0, 10.0, -30.0]), r.choice([1, -1])
    for e in found["esms"]:
        e["lon"] = (round(e["lon"] + east, 6) + 180.0) % 360.0 - 180.0
        e["lat"] *= south
    return found


def with_a_bystander(document: Document, r: Random) -> Document:
    """An organisme more, with an ESMS without need; a solution more, that covers no champ."""
    found = copy.deepcopy(document)
    found["organismes"].append({"id": "more", "name": "Autre", "esms_total": 1})
    model = {**r.choice(found["esms"]), "id": "more", "organisme": "more", "need": "aucun", "lot": None}
    found["esms"].append(model)
    model_of = r.choice(found["solutions"])
    found["solutions"].append({**model_of, "id": "more", "champs": []})
    return found


SAME: dict[str, Change] = {
    "shuffled": shuffled,
    "relabelled": relabelled,
    "turned": turned,
    "with a bystander": with_a_bystander,
}


# less is asked ----------------------------------------------------------------------------------------------


_LEFT_OUT = {"territory": "region"}  # what a parameter means when it is not there


def _parameter(name: str, wider: Callable[[Any], Any]) -> Change:
    def change(document: Document, _: Random) -> Document | None:
        value = document["parameters"].get(name, _LEFT_OUT.get(name))
        other = None if value is None else wider(value)
        if value is None or other == value:
            return None
        return {**document, "parameters": {**document["parameters"], name: other}}

    return change


def _constraint(name: str) -> Change:
    def change(document: Document, r: Random) -> Document | None:
        asked = list(document["constraints"].get(name, []))
        # A fixed grappe needs no slack, one formed does: with a slack giving it up is not asking less.
        if not asked or (name == "fixed_grappes" and document["parameters"].get("min_slack")):
            return None
        asked.remove(r.choice(asked))
        return {**document, "constraints": {**document["constraints"], name: asked}}

    return change


def _each_esms(key: str, given: Any) -> Change:
    def change(document: Document, _: Random) -> Document | None:
        esms = [{**e, key: given} for e in document["esms"]]
        return None if esms == document["esms"] else {**document, "esms": esms}

    return change


def _reading(name: str, poorer: str, richer: str) -> Change:
    """The reading that pays more; with a budget more money is not more freedom."""

    def change(document: Document, _: Random) -> Document | None:
        parameters = document["parameters"]
        readings = {"K01": "lt15", "K07": "acquisition", "K10": "counted", **parameters.get("readings", {})}
        if readings[name] != poorer or parameters.get("budget_eur") is not None:
            return None
        return {**document, "parameters": {**parameters, "readings": {**readings, name: richer}}}

    return change


def _several_hostings(document: Document, _: Random) -> Document | None:
    """No hosting is shared any more, nor part of what an id of an earlier grappe stands for."""
    if not document["parameters"].get("same_hosting", True):
        return None
    found = copy.deepcopy(document)
    found["parameters"]["same_hosting"] = False
    for g in [*(found.get("previous") or []), *found["constraints"].get("fixed_grappes", [])]:
        g["hosting"] = None
    return found


def _larger_maximum(document: Document, r: Random) -> Document | None:
    """A slack counts as far as the maximum allows: with one, a larger maximum asks more."""
    if document["parameters"].get("min_slack"):
        return None
    return _parameter("max_size", lambda n: min(49, n + 2))(document, r)


def _wider_territory(value: str) -> str:
    return {"departement": "region", "region": "none"}.get(value, value)


# features asked of ``tiny_instance``, and the change that lifts what they ask
RELAXED: dict[str, tuple[dict[str, Any], Change]] = {
    "radius doubled": ({"radius": True}, _parameter("max_radius_km", lambda km: 2 * km)),
    "no radius": ({"radius": True}, _parameter("max_radius_km", lambda _: 20_100)),
    "wider territory": (
        {"radius": False, "territory": "departement"},
        _parameter("territory", _wider_territory),
    ),
    "champs mixed": ({"mix_champs": True}, _parameter("mix_champs", lambda _: True)),
    "needs mixed": ({"mix_needs": True}, _parameter("mix_needs", lambda _: True)),
    "several hostings": ({"same_hosting": False}, _several_hostings),
    "smaller minimum": ({"radius": True}, _parameter("min_size", lambda n: max(1, n - 1))),
    "larger maximum": ({"radius": True}, _larger_maximum),
    "less slack": ({"min_slack": True}, _parameter("min_slack", lambda n: max(0, n - 1))),
    "more grappes": ({"max_grappes": True}, _parameter("max_grappes", lambda n: n + 1)),
    "more budget": ({"budget": True}, _parameter("budget_eur", lambda euros: euros + euros // 2)),
    "stability worth more": (
        {"stability": True},
        _parameter("stability_eur_per_esms", lambda euros: 2 * euros),
    ),
    "one excluded less": ({"excluded": True}, _constraint("excluded")),
    "one pair apart less": ({"apart": True}, _constraint("apart")),
    "one pair together less": ({"together": True}, _constraint("together")),
    "one fixed grappe less": ({"fixed": True}, _constraint("fixed_grappes")),
    "no lots": ({"lots": True}, _each_esms("lot", None)),
    "all may be porteur": ({"no_porteur": True}, _each_esms("can_be_porteur", True)),
    "any solution": ({"empty_accepted": True}, _each_esms("accepted_solutions", "any")),
    "any hosting": ({"empty_accepted": True}, _each_esms("accepted_hosting", "any")),
    "more small organismes": ({"readings": True}, _reading("K01", "lt15", "le15")),
    "renouvellements paid more": ({"readings": True}, _reading("K07", "mise_en_conformite", "acquisition")),
    "more marchés": ({"readings": True}, _reading("K10", "not_counted", "counted")),
}


# other relations --------------------------------------------------------------------------------------------


def without_an_unused_esms(document: Document, grappes: tuple[Grappe, ...], r: Random) -> Document | None:
    """An ESMS that an optimal proposal leaves out is gone, with all that can only move with it."""
    instance, scale = read(document)
    placed = {m for g in grappes for m in g.members}
    ties = Judge(instance, scale).ties
    free = [e.id for e in instance.esms if not ties.moving_with(e.id) & (placed | set(ties.fixed_of))]
    if not free:
        return None
    gone = ties.moving_with(r.choice(free))
    found = copy.deepcopy(document)
    found["esms"] = [e for e in found["esms"] if e["id"] not in gone]
    if not found["esms"]:
        return None
    excluded = found["constraints"].get("excluded", [])
    found["constraints"]["excluded"] = [e for e in excluded if e not in gone]
    return found


def twice(document: Document) -> Document | None:
    """The instance and a copy of it in regions of its own; None where the two would share something."""
    parameters = document["parameters"]
    shared = parameters.get("budget_eur") is not None or parameters.get("max_grappes") is not None
    if shared or parameters.get("territory", "region") == "none":
        return None
    free = [code for code in _LOW_THRESHOLD if code not in {e["region"] for e in document["esms"]}]
    codes: dict[str, str] = {}
    for e in document["esms"]:
        if e["region"] not in codes:
            codes[e["region"]] = free.pop() if e["region"] in _LOW_THRESHOLD else f"9{e['region']}"
    copied = _renamed(document, lambda kind, name: name if kind == "s" else f"copy {name}")
    for e in copied["esms"]:
        e["region"] = codes[e["region"]]
    found = copy.deepcopy(document)
    for key in ("organismes", "esms"):
        found[key] += copied[key]
    for key, values in copied["constraints"].items():
        found["constraints"][key] = found["constraints"].get(key, []) + values
    if copied.get("previous"):
        found["previous"] += copied["previous"]
    return found


def paid(scale: Scale, factor: int) -> Scale:
    """A scale whose amounts are all ``factor`` times as large."""

    def more(forfait: Forfait | None) -> Forfait | None:
        return None if forfait is None else replace(forfait, unit_eur=factor * forfait.unit_eur)

    def both(rate: Rate) -> Rate:
        first, beyond = ([f for f in map(more, part) if f] for part in (rate.first, rate.beyond))
        return Rate(tuple(first), tuple(beyond))

    return replace(
        scale,
        rates={key: both(rate) for key, rate in scale.rates.items()},
        equipement=more(scale.equipement),
        amoa_projet=more(scale.amoa_projet),
        amoa_marche=more(scale.amoa_marche),
    )


def asked_in(document: Document, factor: int) -> Document:
    """The question with its budget and its stability ``factor`` times as large."""
    parameters = dict(document["parameters"])
    for key in ("budget_eur", "stability_eur_per_esms"):
        if parameters.get(key) is not None:
            parameters[key] *= factor
    return {**document, "parameters": parameters}
