"""Drawn regions at real positions: instances of any size for measuring the optimiser.

    python -m benchmarks.regions --regions 76 --size 1700 --seed 1 --output region.json

What is real: the elderly-care establishments, with their position, département, region and operator
(``data/reference/etablissements_pa_cnsa.csv.gz``), and the communes with their population. What is drawn,
from the seed alone: the other publics, placed on communes in proportion to the population (up to three
kilometres about the commune's centre); their operators, of one ESMS most often but larger than in elderly
care; contract lots; needs, solutions « DUI A »…, accepted solutions and hosting. Choices that an operator
makes for all its ESMS (solution in use, kind of need, accepted solutions and hosting) are drawn once per
operator.

Everything drawn is marked ``fictitious``. A draw of a given seed never changes: a new rule is a new function.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
ELDERLY_SHARE = 0.45  # at most this share of a region is elderly care; FINESS counts about a third
OTHER_CHAMPS = {"PH": 0.50, "DOM": 0.20, "PDS": 0.06, "PDE": 0.14, "AHI": 0.08, "PJM": 0.02}
LARGEST_LOT = 6
NEEDS = {"acquisition": 0.30, "renouvellement": 0.35, "montee_de_version": 0.28, "aucun": 0.07}
HOSTING = ("saas", "on_premise", "shared")
OFFERED = (("saas",), ("saas", "shared"), ("saas", "on_premise"), ("saas", "on_premise", "shared"))
CHAMPS = ("PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM")


@dataclass(frozen=True)
class _Place:
    lat: float
    lon: float
    departement: str
    region: str
    commune: str


@dataclass
class _Operator:
    id: str
    total: int
    solution: str
    accepted: list[str] | str
    hosting: list[str] | str
    need: str
    gives_lots: bool


@cache
def _elderly_care() -> list[dict[str, str]]:
    with gzip.open(REFERENCE / "etablissements_pa_cnsa.csv.gz", "rt", encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["lat"] and row["code_region"]]


@cache
def _communes() -> list[dict[str, str]]:
    with gzip.open(REFERENCE / "communes.csv.gz", "rt", encoding="utf-8") as lines:
        return [r for r in csv.DictReader(lines) if r["lat"] and r["type"] == "commune"]


def all_regions() -> list[str]:
    """Codes of the 18 regions."""
    codes = {row["code_region"] for row in _communes() if row["code_region"]}
    return sorted(code for code in codes if len(code) == 2)  # three digits: collectivités, not regions


def draw_region(regions: Sequence[str], size: int, seed: int, **parameters: Any) -> dict[str, Any]:
    """An instance document of ``size`` ESMS in these regions; ``parameters`` as in the format."""
    rng = random.Random(f"{sorted(regions)} {size} {seed}")
    solutions = _solutions(rng)
    real = [row for row in _elderly_care() if row["code_region"] in regions]
    real = rng.sample(real, min(len(real), round(ELDERLY_SHARE * size)))
    owned = Counter(row["gestionnaire_cle"] for row in _elderly_care())
    operators: dict[str, _Operator] = {}
    esms = []
    for row in sorted(real, key=lambda r: r["finess_et"]):
        key = "PA " + (row["gestionnaire_cle"] or row["finess_et"])
        if key not in operators:
            total = owned[row["gestionnaire_cle"]] or 1
            operators[key] = _operator(rng, solutions, f"og-{len(operators):05d}", total)
        number = f"pa-{row['finess_et']}"
        esms.append(_esms(rng, number, "PA", _surveyed(row), operators[key], row["nom"], False))
    for champ, operator, place in _others(rng, solutions, regions, size - len(esms), operators):
        number = f"{champ.lower()}-{len(esms):05d}"
        name = f"{champ} {len(esms)} (fictif)"
        esms.append(_esms(rng, number, champ, place, operator, name, True))
    _contract_lots(rng, esms, {o.id: o for o in operators.values()})
    return {
        "format": "matchmaker-instance/1",
        "title": f"Région tirée {'+'.join(sorted(regions))}, {size} ESMS, graine {seed}",
        "regime": parameters.pop("regime", "generalisation-2022"),
        "parameters": parameters,
        "organismes": [
            {"id": o.id, "name": f"Organisme {o.id} (fictif)", "esms_total": o.total, "fictitious": True}
            for o in operators.values()
        ],
        "solutions": solutions,
        "esms": esms,
    }


def _solutions(rng: random.Random) -> list[dict[str, Any]]:
    """Twelve solutions, two thirds referenced, half of them covering all champs."""
    found = []
    for k in range(12):
        some = [*rng.sample(CHAMPS, 4), "PA" if k % 4 == 1 else "PH"] if k % 2 else list(CHAMPS)
        found.append(
            {
                "id": f"dui-{chr(97 + k)}",
                "name": f"DUI {chr(65 + k)}",
                "segur_referenced": k % 3 != 2,
                "hosting": list(rng.choice(OFFERED)),
                "champs": sorted(set(some)),
                "fictitious": True,
            }
        )
    return found


def _popular(rng: random.Random, solutions: list[dict[str, Any]], count: int) -> list[str]:
    """Distinct solutions drawn with the weights 1, 1/2, 1/3…"""
    chosen: list[str] = []
    while len(chosen) < count:
        drawn = rng.choices(solutions, [1 / (k + 1) for k in range(len(solutions))])[0]["id"]
        if drawn not in chosen:
            chosen.append(drawn)
    return chosen


def _operator(rng: random.Random, solutions: list[dict[str, Any]], number: str, total: int) -> _Operator:
    solution = _popular(rng, solutions, 1)[0]
    need = rng.choices(list(NEEDS), list(NEEDS.values()))[0]
    accepted: list[str] | str = "any"
    if rng.random() < 0.75:
        chosen = _popular(rng, solutions, rng.choice([1, 2, 2, 3, 4]))
        accepted = sorted({*chosen, solution} if rng.random() < 0.7 else set(chosen))
    hosting: list[str] | str = "any"
    if rng.random() < 0.6:
        hosting = sorted(rng.sample(HOSTING, rng.choice([1, 2, 2])))
    return _Operator(number, total, solution, accepted, hosting, need, rng.random() < 0.5)


def _others(
    rng: random.Random,
    solutions: list[dict[str, Any]],
    regions: Sequence[str],
    count: int,
    operators: dict[str, _Operator],
) -> Iterator[tuple[str, _Operator, _Place]]:
    """ESMS of the other publics, operator by operator, about the operator's first commune."""
    communes = [c for c in _communes() if c["code_region"] in regions]
    weights = [float(c["population"] or 0) + 50.0 for c in communes]
    summed = list(accumulate(weights))
    lat, lon = (np.array([float(c[axis]) for c in communes]) for axis in ("lat", "lon"))
    region = np.array([c["code_region"] for c in communes])
    made = 0
    while made < count:
        champ = rng.choices(list(OTHER_CHAMPS), list(OTHER_CHAMPS.values()))[0]
        here = min(1 + int(rng.paretovariate(1.1) - 1), 40, count - made)
        number = f"og-{len(operators):05d}"
        elsewhere = min(int(rng.paretovariate(1.3) - 1), 450)
        operator = _operator(rng, solutions, number, here + elsewhere)
        operators["autre " + number] = operator
        seat = rng.choices(range(len(communes)), cum_weights=summed)[0]
        # Within about 45 km: operators work in one or two départements.
        north = (lat - lat[seat]) * 111.0
        east = (lon - lon[seat]) * 111.0 * math.cos(math.radians(float(lat[seat])))
        near = np.flatnonzero((region == region[seat]) & (north * north + east * east < 45.0**2)).tolist()
        near_weights = [weights[c] for c in near]
        for _ in range(here):
            commune = communes[rng.choices(near, near_weights)[0]]
            yield champ, operator, _about(rng, commune)
        made += here


def _about(rng: random.Random, commune: dict[str, str]) -> _Place:
    angle, km = rng.uniform(0, 2 * math.pi), rng.uniform(0, 3)
    lat = float(commune["lat"]) + km * math.sin(angle) / 111.0
    lon = float(commune["lon"]) + km * math.cos(angle) / (111.0 * math.cos(math.radians(lat)))
    codes = commune["code_departement"], commune["code_region"]
    return _Place(round(lat, 6), round(lon, 6), *codes, commune["nom"])


def _surveyed(row: dict[str, str]) -> _Place:
    codes = row["code_departement"], row["code_region"]
    return _Place(float(row["lat"]), float(row["lon"]), *codes, row["commune"])


def _esms(
    rng: random.Random,
    number: str,
    champ: str,
    place: _Place,
    operator: _Operator,
    name: str,
    fictitious: bool,
) -> dict[str, Any]:
    need = operator.need if rng.random() < 0.9 else rng.choices(list(NEEDS), list(NEEDS.values()))[0]
    accepted = operator.accepted
    if need == "montee_de_version" and accepted != "any" and operator.solution not in accepted:
        accepted = sorted([*accepted, operator.solution])
    return {
        "id": number,
        "name": name,
        "organisme": operator.id,
        "champ": champ,
        "category": "",
        "lat": place.lat,
        "lon": place.lon,
        "departement": place.departement,
        "region": place.region,
        "need": need,
        "current_solution": operator.solution,
        "accepted_solutions": accepted,
        "accepted_hosting": operator.hosting,
        "lot": None,
        "can_be_porteur": rng.random() < 0.9,
        "commune": place.commune,
        "fictitious": fictitious,
    }


def _contract_lots(rng: random.Random, esms: list[dict[str, Any]], operators: dict[str, _Operator]) -> None:
    """Half of the operators commit neighbouring ESMS of one need together, up to six at a time."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for e in esms:
        if operators[e["organisme"]].gives_lots and e["need"] != "aucun":
            groups.setdefault((e["organisme"], e["departement"], e["need"]), []).append(e)
    for members in groups.values():
        while len(members) > 1:
            size = min(len(members), rng.randint(2, LARGEST_LOT))
            lot, members = members[:size], members[size:]
            for e in lot:
                e["lot"] = lot[0]["id"]


def main() -> None:
    """Write one drawn region."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--regions", nargs="+", default=["76"], help="region codes, or « all »")
    parser.add_argument("--size", type=int, default=1700)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--radius", type=float, default=60.0)
    parser.add_argument("--territory", default="region")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    regions = all_regions() if given.regions == ["all"] else given.regions
    document = draw_region(
        regions, given.size, given.seed, max_radius_km=given.radius, territory=given.territory
    )
    given.output.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
