"""A small region round Toulouse in which every reason is planted, and is the only one that fits.

Grappes of 4 to 6 within 60 km. Six ESMS of a small organisme (m1..m6) fill a grappe of DUI A; five of a
large one (b1..b5) leave one place in a grappe of DUI B, which most concessions then offer; z1..z4 are a fixed
grappe.
"""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

_TOULOUSE = (43.60, 1.44)


def planted_document() -> Document:
    esms = [
        *[_esms(f"m{k}", "petite", ["A"]) for k in range(1, 7)],
        *[_esms(f"b{k}", "grande", ["B"]) for k in range(1, 6)],
        *[_esms(f"z{k}", "fixee", ["Z"]) for k in range(1, 5)],
        _esms("n1", "seule", ["B"], need="aucun"),
        _esms("x1", "seule", ["B"]),
        _esms("f1", "seule", ["L"], champ="PDS"),
        _esms("f2", "seule", "any", need="montee_de_version", current_solution="L"),
        _esms("c1", "seule", []),
        _esms("c2", "seule", ["B"], hosting=["on_premise"]),
        *[_esms(f"g{k}", "nombreuse", ["B"], lot="sept") for k in range(1, 8)],
        _esms("r1", "seule", ["B"], lot="loin"),
        _esms("r2", "seule", ["B"], lot="loin", north_km=180),
        _esms("q1", "seule", ["B"], lot="sans besoin"),
        _esms("q2", "seule", ["B"], lot="sans besoin", need="aucun"),
        _esms("t1", "seule", ["A", "B"], hosting=["on_premise"]),
        _esms("t2", "seule", ["B"], north_km=100),
        _esms("t3", "seule", ["B"], region="75"),
        _esms("t4", "seule", ["L"]),
        _esms("k1", "tenue", ["B"]),
        _esms("k2", "tenue loin", ["B"], north_km=-150),
        _esms("p1", "fachee", ["B"]),
        _esms("v1", "seule", ["Z"]),
        _esms("o1", "seule", ["A"]),
    ]
    for place, e in enumerate(esms):  # nobody stands on anybody: the porteur is then unique
        e["lat"] += 0.001 * place
    sizes = {"petite": 6}
    return {
        "format": "matchmaker-instance/1",
        "regime": "generalisation-2022",
        "parameters": {"min_size": 4, "max_size": 6, "max_radius_km": 60},
        "organismes": [
            {"id": name, "name": name, "esms_total": sizes.get(name, 40)}
            for name in sorted({e["organisme"] for e in esms})
        ],
        "solutions": [
            _solution("A", referenced=True, hosting=["saas", "on_premise"]),
            _solution("B", referenced=True, hosting=["saas"]),
            _solution("L", referenced=False, hosting=["saas"]),
            _solution("Z", referenced=False, hosting=["saas"]),
        ],
        "esms": esms,
        "constraints": {
            "excluded": ["x1"],
            "apart": [["fachee", "grande"]],
            "together": [["tenue", "tenue loin"]],
            "fixed_grappes": [
                {
                    "id": "fixe",
                    "solution": "Z",
                    "hosting": "saas",
                    "porteur": "z1",
                    "members": ["z1", "z2", "z3", "z4"],
                    "extendable": False,
                }
            ],
        },
    }


def _solution(id_: str, *, referenced: bool, hosting: list[str]) -> Document:
    champs = ["PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM"]
    return {
        "id": id_,
        "name": f"DUI {id_}",
        "segur_referenced": referenced,
        "hosting": hosting,
        "champs": champs,
    }


def _esms(
    id_: str,
    organisme: str,
    solutions: list[str] | str,
    *,
    hosting: list[str] | str = "saas",
    champ: str = "PA",
    need: str = "acquisition",
    current_solution: str | None = None,
    lot: str | None = None,
    region: str = "76",
    north_km: float = 0.0,
) -> Document:
    return {
        "id": id_,
        "name": id_,
        "organisme": organisme,
        "champ": champ,
        "category": "500",
        "lat": _TOULOUSE[0] + north_km / 111.1,
        "lon": _TOULOUSE[1],
        "departement": "31",
        "region": region,
        "need": need,
        "current_solution": current_solution,
        "accepted_solutions": solutions,
        "accepted_hosting": [hosting] if isinstance(hosting, str) else hosting,
        "lot": lot,
    }
