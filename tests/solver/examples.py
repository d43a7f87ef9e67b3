"""One sound instance, small enough to read, that tests change in one place at a time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.scale import Scale
from solver.vocabulary import Hosting

# Toulouse and around; E5 is at 26 km of E1, E6 in another region.
_POSITIONS = {
    "E1": (43.60, 1.44, "31", "76"),
    "E2": (43.61, 1.45, "31", "76"),
    "E3": (43.62, 1.46, "31", "76"),
    "E4": (43.63, 1.44, "31", "76"),
    "E5": (43.80, 1.60, "81", "76"),
    "E6": (44.84, -0.58, "33", "75"),
}


def sound_document() -> dict[str, Any]:
    """Six ESMS of three organismes (O1 a small one), two solutions, no constraint, grappes of 2 to 6."""
    esms = [
        {
            "id": id_,
            "name": f"Établissement {id_}",
            "organisme": organisme,
            "champ": "PA",
            "category": "500",
            "lat": lat,
            "lon": lon,
            "departement": departement,
            "region": region,
            "need": "acquisition",
            "accepted_solutions": "any",
            "accepted_hosting": "any",
        }
        for (id_, (lat, lon, departement, region)), organisme in zip(
            _POSITIONS.items(), ["O1", "O1", "O2", "O2", "O3", "O3"], strict=True
        )
    ]
    return {
        "format": "matchmaker-instance/1",
        "regime": "generalisation-2022",
        "parameters": {"min_size": 2, "max_size": 6},
        "organismes": [
            {"id": "O1", "name": "Un", "esms_total": 2},
            {"id": "O2", "name": "Deux", "esms_total": 40},
            {"id": "O3", "name": "Trois", "esms_total": 40},
        ],
        "solutions": [
            {
                "id": "SA",
                "name": "DUI A",
                "segur_referenced": True,
                "hosting": ["saas", "shared"],
                "champs": ["PA", "PH", "DOM", "PDS", "PDE", "AHI", "PJM"],
            },
            {
                "id": "SB",
                "name": "DUI B",
                "segur_referenced": False,
                "hosting": ["on_premise"],
                "champs": ["PA", "PH", "PDS"],
            },
        ],
        "esms": esms,
        "constraints": {},
    }


def changed(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with values set at paths like ``esms.0.need`` (a missing key is added; ... deletes)."""
    result = copy.deepcopy(dict(document))
    for path, value in changes.items():
        *parents, last = path.split(".")
        place: Any = result
        for step in parents:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        key: Any = int(last) if isinstance(place, list) else last
        if value is ...:
            del place[key]
        else:
            place[key] = value
    return result


def instance_with(changes: Mapping[str, Any] | None = None) -> Instance:
    return read_instance(changed(sound_document(), changes or {}))


def scale_of(instance: Instance) -> Scale:
    return scale_for(instance.regime, instance.parameters.readings)


def judge_of(instance: Instance) -> Judge:
    return Judge(instance, scale_of(instance))


def grappe(
    members: str = "E1 E2 E3",
    porteur: str | None = None,
    *,
    solution: str = "SA",
    hosting: str | None = "saas",
    id_: str = "G1",
) -> Grappe:
    """A grappe of the example; its porteur, unless given, is the first of two, else the second member."""
    ids = tuple(sorted(members.split()))
    mode = None if hosting is None else Hosting(hosting)
    return Grappe(id_, solution, mode, porteur or ids[0 if len(ids) < 3 else 1], ids)
