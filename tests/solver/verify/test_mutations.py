"""Every field of a proposal and of its certificate changed, one by one: each is caught by its own check.

What may change unseen is listed: names, the run, what is in no order, and the three things that verification
says it does not check (losses, the completeness of changes, a solver's own proof).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

import pytest

from solver.instance import Instance
from solver.verify.rows import Ground
from tests.solver.drawing import draw_instance
from tests.solver.verify.mutating import (
    Document,
    Path,
    another,
    at,
    caught,
    findings,
    is_free,
    name_of,
    one_of_each,
)
from tests.solver.verify.proving import ground_of, proven, read, solved

RICH = 16  # seed of an instance with grappes, reasons, changes and prices of every sort


@cache
def _pair() -> tuple[Document, Document]:
    document, proposal = json.loads(
        solved(RICH, 40, "generalisation-2022", 60.0, ("radius", "sizes", "lots"))
    )
    # fewer changes hold as well as all of them, and each one costs time in each test below
    entries = sorted(
        proposal["unplaced"], key=lambda u: -len({(c["kind"], c["gain_eur"]) for c in u["changes"]})
    )
    for entry in entries[1:]:
        entry["changes"] = []
    # a certificate that does not depend on how much time the search had
    instance, scale = read(document)
    ground = ground_of(instance, scale)
    proposal["certificate"] = _certificate(ground)
    bound = proven(instance, scale, ground, proposal["certificate"], _appearing(instance, proposal))
    assert bound is not None
    proposal["certified_bound"] = int(bound.stated)
    proposal["bound_proof"] = "solver"
    assert proposal["certified_bound"] > proposal["upper_bound"]
    return document, proposal


def _certificate(ground: Ground) -> Document:
    """A tree of two leaves; the first one, with the larger bound, decides."""
    drawn = Random(RICH)
    prices = {key: float(drawn.randrange(30_000, 90_000)) for key in ground.lots.keys}
    low = {"kind": "leaf", "lots": prices, "identities": {}, "branch_prices": [20_000.0]}
    high = {"kind": "leaf", "lots": {key: price / 2 for key, price in prices.items()}, "branch_prices": [0.0]}
    on = {"kind": "grappes", "solution": None, "hosting": None, "porteurs": None}
    return {"kind": "branch", "on": on, "at": 3, "low": low, "high": high}


def _appearing(instance: Instance, proposal: Document) -> frozenset[int]:
    placed = {m for g in proposal["grappes"] for m in g["members"]}
    fixed = instance.constraints.fixed_grappes
    return frozenset(k for k, f in enumerate(fixed) if f.extendable and not placed.isdisjoint(f.members))


def test_the_pair_is_rich_enough() -> None:
    """Tests that what is mutated below holds something to mutate everywhere."""
    _, proposal = _pair()
    assert len(proposal["grappes"]) > 1
    assert len({u["reason"] for u in proposal["unplaced"]}) > 2
    assert any(len({(c["kind"], c["gain_eur"]) for c in u["changes"]}) > 1 for u in proposal["unplaced"])
    assert any(d["replacements"] for one in proposal["robustness"] for d in one["departures"])
    assert proposal["objective_value"] > 0
    assert len(list(_leaves(proposal["certificate"]))) == 2


@cache
def _all_paths() -> list[Path]:
    return one_of_each(_pair()[1])


def test_the_proposal_itself_holds() -> None:
    document, proposal = _pair()
    assert findings(document, proposal) == []


def test_every_value_changed_is_caught() -> None:
    document, proposal = _pair()
    unseen = []
    for path in _all_paths():
        other = another(at(proposal, path))
        if other is None or (path[0] == "certificate" and isinstance(other, float)):
            continue  # prices state nothing but the bound that they prove: see the forgeries
        mutated = copy.deepcopy(proposal)
        at(mutated, path[:-1])[path[-1]] = other
        if not caught(document, mutated) and not is_free(name_of(path)):
            unseen.append((path, other))
    assert unseen == []


def test_every_field_removed_is_caught() -> None:
    """Tests the removal of each key and of each item of a list."""
    document, proposal = _pair()
    unseen = []
    for path in _all_paths():
        mutated = copy.deepcopy(proposal)
        del at(mutated, path[:-1])[path[-1]]
        name = name_of(path)
        # an optional price of 0, and one change fewer: what is listed holds
        harmless = name.startswith("solver.") or name == "unplaced.*.changes.*"
        # departures may be left out as a whole, and a replacement as a change
        harmless |= name in (
            "robustness",
            "departures_complete",
            "robustness.*.departures.*.replacements.*",
        )
        # a price that is left out is 0, which may prove the same bound: prices state nothing else
        prices = (
            "identities",
            "lots.*",
            "identities.*",
            "budget",
            "grappes",
            "branch_prices",
            "branch_prices.*",
        )
        harmless |= name in {f"certificate.{price}" for price in prices}
        # left out of a branch: any; a part that is not there is priced at 0
        harmless |= name.startswith("certificate.on.") and name.endswith(("solution", "hosting", "porteurs"))
        gained = name in (
            "parameters.min_slack",
            "parameters.max_grappes",
        )  # optional: their default is meant
        if not caught(document, mutated) and not harmless and not gained:
            unseen.append(path)
    assert unseen == []


def test_every_type_changed_is_caught() -> None:
    document, proposal = _pair()
    unseen = []
    for path in _all_paths():
        value = at(proposal, path)
        other: Any = [value] if not isinstance(value, list) else {"list": value}
        mutated = copy.deepcopy(proposal)
        at(mutated, path[:-1])[path[-1]] = other
        if not caught(document, mutated) and not name_of(path).startswith("solver"):
            unseen.append(path)
        text = copy.deepcopy(proposal)
        if isinstance(value, int | float):
            at(text, path[:-1])[path[-1]] = str(value)
            if not caught(document, text):
                unseen.append(path)
    assert unseen == []


Forgery = Callable[[Document], None]


def _more_funding(p: Document) -> None:
    """A euro more in a grappe, and in every sum that a forger thinks of."""
    grappe, line = p["grappes"][0], p["grappes"][0]["lines"][0]
    line["quantity"] += 1
    line["amount_eur"] += line["unit_eur"]
    grappe["funding_eur"] += line["unit_eur"]
    region = next(iter(grappe["by_region"]))
    grappe["by_region"][region] += line["unit_eur"]
    for key in ("funding_eur", "objective_value", "upper_bound", "certified_bound"):
        p[key] += line["unit_eur"]
    p["gap"] = p["upper_bound"] / p["objective_value"] - 1


def _a_tighter_bound(p: Document) -> None:
    p["certified_bound"] -= 500
    p["upper_bound"] = min(p["upper_bound"], p["certified_bound"])
    p["bound_proof"] = "certificate" if p["upper_bound"] == p["certified_bound"] else "solver"
    p["gap"] = p["upper_bound"] / p["objective_value"] - 1
    p["status"] = "optimal" if p["gap"] == 0 else "feasible"


def _a_looser_bound(p: Document) -> None:
    p["certified_bound"] += 500
    p["bound_proof"] = "solver"


def _prices_halved(p: Document) -> None:
    for leaf in _leaves(p["certificate"]):
        leaf["lots"] = {key: round(price / 2, 2) for key, price in leaf["lots"].items()}


def _prices_swapped(p: Document) -> None:
    lots = max((leaf["lots"] for leaf in _leaves(p["certificate"])), key=lambda x: len(set(x.values())))
    low, high = min(lots, key=lots.__getitem__), max(lots, key=lots.__getitem__)
    lots[low], lots[high] = lots[high], lots[low]


def _leaves(node: Document) -> Iterator[Document]:
    if node["kind"] == "leaf":
        yield node
    for key in ("low", "high", "out", "in"):
        if key in node:
            yield from _leaves(node[key])
    for part in node.get("parts", ()):
        yield from _leaves(part)


def _a_member_swapped(p: Document) -> None:
    """A placed ESMS and an unplaced one change places, each under the other's name."""
    inside, outside = p["grappes"][0]["members"], p["unplaced"][0]
    member = next(m for m in inside if m != p["grappes"][0]["porteur"])
    inside[inside.index(member)], outside["esms"] = outside["esms"], member


def _another_porteur(p: Document) -> None:
    grappe = p["grappes"][0]
    grappe["porteur"] = next(m for m in grappe["members"] if m != grappe["porteur"])


def _one_fewer(p: Document) -> None:
    """A grappe is forgotten, and every total follows; its members are said to be outcompeted."""
    gone = p["grappes"].pop()
    p["unplaced"] += [
        {"esms": m, "reason": "outcompeted", "detail": {"loss_eur": 0}, "changes": []}
        for m in gone["members"][1:]
    ]


def _reasons_exchanged(p: Document) -> None:
    one = p["unplaced"][0]
    other = next(u for u in p["unplaced"] if u["reason"] != one["reason"])
    one["reason"], other["reason"] = other["reason"], one["reason"]
    one["detail"], other["detail"] = other["detail"], one["detail"]


def _changes_reversed(p: Document) -> None:
    entry = max(p["unplaced"], key=lambda u: len({(c["kind"], c["gain_eur"]) for c in u["changes"]}))
    entry["changes"].reverse()


def _a_departure_belittled(p: Document) -> None:
    """A grappe that a departure breaks is said to stand, with money that those who stay might bring."""
    departure = next(d for one in p["robustness"] for d in one["departures"] if d["rules"] == ["size"])
    departure |= {"rules": [], "missing": None, "funding_eur": 100_000, "replacements": []}
    departure["porteur"] = p["grappes"][0]["porteur"]


def _a_replacement_invented(p: Document) -> None:
    """An ESMS that can join no grappe is named in the place of those who leave."""
    outside = next(u["esms"] for u in p["unplaced"] if u["reason"] in ("no_need", "excluded"))
    departure = next(d for one in p["robustness"] for d in one["departures"] if d["rules"])
    made = {
        "esms": [outside],
        "porteur": p["grappes"][0]["porteur"],
        "km": 1.0,
        "funding_eur": 1_000,
        "concession": None,
    }
    departure["replacements"] = [made]


FORGERIES: dict[Forgery, set[str]] = {
    _more_funding: {"figure", "total"},
    _a_tighter_bound: {"certified_bound"},
    _a_looser_bound: {"certified_bound"},
    _prices_halved: {"certified_bound"},
    _prices_swapped: {"certified_bound"},
    _a_member_swapped: set(),
    _another_porteur: {"figure"},
    _one_fewer: {"total", "unplaced"},
    _reasons_exchanged: {"reason"},
    _changes_reversed: {"changes"},
    _a_departure_belittled: {"departure"},
    _a_replacement_invented: {"departure"},
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda f: f.__name__.lstrip("_"))
def test_a_forger_who_makes_all_sums_agree_is_caught_byname_of(forge: Forgery) -> None:
    """Tests forgeries that are consistent with themselves; a digest is recomputed and does not help."""
    document, proposal = _pair()
    mutated = copy.deepcopy(proposal)
    forge(mutated)
    mutated["digest"] = "recomputed by the forger"
    assert mutated != proposal
    found = caught(document, mutated)
    assert found
    assert FORGERIES[forge] <= found


def test_a_digest_and_unknown_keys_never_decide() -> None:
    document, proposal = _pair()
    assert findings(document, {**proposal, "digest": "wrong", "grappes_digest": 12}) == []


def test_the_order_of_lists_and_keysis_free() -> None:
    document, proposal = _pair()
    mutated = copy.deepcopy(proposal)
    mutated["grappes"].reverse()
    mutated["unplaced"].reverse()
    for grappe in mutated["grappes"]:
        grappe["members"].reverse()
        grappe["lines"].reverse()
    for key in ("organismes", "solutions", "esms"):
        document = {**document, key: document[key][::-1]}
    assert findings(_reversed_keys(document), _reversed_keys(mutated)) == []


def _reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed_keys(value[key]) for key in reversed(value)}
    return [_reversed_keys(v) for v in value] if isinstance(value, list) else value


def test_another_instance_is_not_this_one() -> None:
    """Tests that a proposal is not verified against an instance that pays it otherwise."""
    document, proposal = _pair()
    poorer = copy.deepcopy(document)
    for organisme in poorer["organismes"]:
        organisme["esms_total"] = 100
    assert {"figure", "total"} <= caught(poorer, proposal)
    assert "members" in caught(draw_instance(99, 20, "amorcage-2021"), proposal)
