"""A small plan whose every part is known: two grappes, and one unplaced ESMS for each reason.

The grappes and the reasons are placed by hand; lines and distances are the judge's, so that amounts and
quotes are those of the shipped rules.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from matchmaker.baremes.scales import scale_for
from solver.document import read_instance
from solver.instance import Grappe, Instance
from solver.judge import appraise
from solver.vocabulary import Hosting

Document = dict[str, Any]

AUCH, MONTPELLIER, MENDE = (43.646, 0.586), (43.611, 3.877), (44.518, 3.501)


def pair(title: str = "Occitanie d’essai") -> tuple[Document, Document]:
    """(instance, proposal): 16 ESMS in G1, 15 in G2, 11 unplaced."""
    instance = _instance(title)
    read = read_instance(instance)
    grappes = [
        _grappe(read, Grappe("G1", "dui-a", Hosting.SAAS, "320000007", _ids("32", 16))),
        _grappe(read, Grappe("G2", "dui-b", Hosting.ON_PREMISE, "340000006", _ids("34", 15))),
    ]
    funding = sum(g["funding_eur"] for g in grappes)
    parameters = {**instance["parameters"], "mix_needs": True, "min_size": None, "max_size": None}
    return instance, {
        "format": "matchmaker-proposal/1",
        "status": "feasible",
        "regime": instance["regime"],
        "parameters": parameters,
        "objective_value": funding,
        "upper_bound": funding + 102_500,
        "certified_bound": funding + 102_500,
        "bound_proof": "certificate",
        "gap": 102_500 / funding,
        "funding_eur": funding,
        "esms_placed": 31,
        "wall_time_s": 12.5,
        "seed": 0,
        "threads": 1,
        "solver": {"matchmaker": "0"},
        "grappes": grappes,
        "unplaced": _unplaced(),
        "changes_complete": True,
        "certificate": {"kind": "leaf", "lots": {}, "budget": 0, "identities": {}, "fixed": 0},
    }


def _ids(departement: str, count: int) -> tuple[str, ...]:
    return tuple(f"{departement}{n:07}" for n in range(1, count + 1))


def _instance(title: str) -> Document:
    around_auch = [
        _esms(id_, f"Foyer des Coteaux {n}", f"og-{n % 4}", "PH", AUCH, n, "32", "Auch")
        for n, id_ in enumerate(_ids("32", 16))
    ]
    around_montpellier = [
        _esms(id_, f"Résidence du Lez {n}", f"og-{4 + n % 5}", "PA", MONTPELLIER, n, "34", "Montpellier")
        for n, id_ in enumerate(_ids("34", 15))
    ]
    for e in around_montpellier:
        e |= {"accepted_solutions": ["dui-b"], "accepted_hosting": ["on_premise", "shared"]}
    around_montpellier[3]["position_origin"] = "commune"
    return {
        "format": "matchmaker-instance/1",
        "title": title,
        "regime": "generalisation-2022",
        "parameters": {
            "max_radius_km": 60,
            "territory": "region",
            "mix_champs": True,
            "mix_needs": True,
            "same_hosting": True,
            "min_size": None,
            "max_size": None,
            "objective": "funding",
            "budget_eur": 5_000_000,
            "stability_eur_per_esms": 0,
            "readings": {"K01": "lt15", "K07": "acquisition", "K10": "counted"},
        },
        "organismes": [_organisme(n) for n in range(9)],
        "solutions": [
            _solution("dui-a", "DUI A", "referenced", ["saas", "shared"]),
            _solution("dui-b", "DUI B", "unknown", ["on_premise", "shared"]),
        ],
        "esms": [*around_auch, *around_montpellier, *_left_out()],
        "constraints": {
            "excluded": ["480000002"],
            "apart": [["og-0", "og-4"]],
            "together": [],
            "fixed_grappes": [],
        },
        "previous": None,
    }


def _left_out() -> list[Document]:
    names = [
        "Sans besoin", "Mis de côté", "Sans financement", "Sans offre", "Grand lot", "Lot coupé",
        "Trop seul", "Contraint", "En concurrence", "Sans porteur", "=SOMME(A1)",
    ]  # fmt: skip
    rows = [
        _esms(id_, name, f"og-{n % 9}", "PH", MENDE, n, "48", "Mende")
        for n, (id_, name) in enumerate(zip(_ids("48", 11), names, strict=True))
    ]
    rows[0]["need"] = "aucun"
    rows[2] |= {"champ": "AHI", "accepted_solutions": ["dui-b"]}
    rows[3] |= {"accepted_solutions": ["dui-b"], "accepted_hosting": ["saas"]}
    rows[4]["lot"], rows[5]["lot"] = "CPOM 1", "CPOM 2"
    return rows


def _esms(
    id_: str,
    name: str,
    organisme: str,
    champ: str,
    at: tuple[float, float],
    n: int,
    departement: str,
    commune: str,
) -> Document:
    return {
        "id": id_,
        "name": name,
        "organisme": organisme,
        "champ": champ,
        "category": "Foyer de vie",
        "lat": round(at[0] + 0.02 * (n % 4), 4),
        "lon": round(at[1] + 0.03 * (n // 4), 4),
        "departement": departement,
        "region": "76",
        "need": "acquisition",
        "current_solution": None,
        "accepted_solutions": "any",
        "accepted_hosting": ["saas"],
        "lot": None,
        "can_be_porteur": True,
        "commune": commune,
        "position_origin": "surveyed",
        "fictitious": True,
    }


def _organisme(n: int) -> Document:
    return {"id": f"og-{n}", "name": f"Association n° {n}", "esms_total": 4 + 4 * n, "fictitious": True}


def _solution(id_: str, name: str, segur: str, hosting: list[str]) -> Document:
    return {
        "id": id_,
        "name": name,
        "segur_referenced": segur == "referenced",
        "segur_status": segur,
        "hosting": hosting,
        "champs": ["PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM"],
        "fictitious": True,
    }


def _grappe(instance: Instance, grappe: Grappe) -> Document:
    found = appraise(instance, scale_for(instance.regime, instance.parameters.readings), grappe)
    return {
        "id": grappe.id,
        "solution": grappe.solution,
        "hosting": grappe.hosting,
        "porteur": grappe.porteur,
        "members": list(grappe.members),
        "size": len(grappe.members),
        "funding_eur": found.funding_eur,
        "lines": [asdict(line) for line in found.lines],
        "by_region": dict(found.by_region),
        "radius_km": found.radius_km,
        "mean_distance_km": found.mean_distance_km,
    }


def _unplaced() -> list[Document]:
    ids = _ids("48", 11)
    causes: list[tuple[str, Document, list[Document]]] = [
        ("no_need", {}, []),
        ("excluded", {}, []),
        ("not_fundable", {"need": "acquisition", "champ": "AHI", "solutions": ["dui-b"]}, []),
        (
            "no_common_offer",
            {"solutions": ["dui-b"]},
            [_change("accept_hosting", "on_premise", "G2", [], 19_000)],
        ),
        ("lot_too_large", {"lot": "CPOM 1", "size": 52, "max_size": 49}, []),
        (
            "lot_incompatible",
            {"lot": "CPOM 2", "pair": [ids[5], ids[6]], "rule": "hosting"},
            [_change("split_lot", "CPOM 2", "G1", [], 21_500)],
        ),
        (
            "too_few_partners",
            {"solution": "dui-a", "hosting": "saas", "porteur": ids[8], "in_reach": 11, "missing": 4},
            [
                _change("accept_solution", "dui-b", "G2", [], 39_000),
                _change("radius_km", 84.2, "G1", [], 41_500),
                _change("accept_hosting", "on_premise", None, list(ids[7:10]), -2_000),
            ],
        ),
        ("constraint", {"constraint": "apart", "pairs": [["og-0", "og-4"]]}, []),
        ("outcompeted", {"loss_eur": 12_500}, [_change("accept_hosting", "shared", "G1", [], 21_500)]),
        (
            "too_few_partners",
            {"solution": "dui-a", "hosting": "saas", "porteur": None, "in_reach": 1, "missing": 14},
            [],
        ),
        ("outcompeted", {"loss_eur": 0}, [_change("territory", "84", "G1", [], 0)]),
    ]
    return [
        {"esms": id_, "reason": reason, "detail": detail, "changes": changes}
        for id_, (reason, detail, changes) in zip(ids, causes, strict=True)
    ]


def _change(kind: str, value: object, joins: str | None, with_: list[str], gain: int) -> Document:
    return {"kind": kind, "value": value, "joins": joins, "with": with_, "gain_eur": gain}


def sound_pair(title: str = "Occitanie d’essai") -> tuple[Document, Document]:
    """The same plan, with nothing that the judge can refute: no concessions, and no cause of its own
    invention where several ESMS are concerned."""
    instance, proposal = pair(title)
    invented = {"lot_too_large", "lot_incompatible", "too_few_partners"}
    for left in proposal["unplaced"]:
        left["changes"] = []
        if left["reason"] in invented:
            left |= {"reason": "outcompeted", "detail": {"loss_eur": 0}}
    return instance, proposal
