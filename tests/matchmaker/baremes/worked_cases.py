"""Worked examples as files a lawyer can read (``cases/*.toml``) -> instances and grappes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solver.instance import DuiSolution, Esms, Grappe, Instance, Organisme, Parameters, Readings
from solver.vocabulary import Champ, Hosting, Need, Regime

CASES = Path(__file__).parent / "cases"
SOLUTION = "dui"


@dataclass(frozen=True)
class Case:
    """``expected_eur``: by line code, and ``total``; ``printed_eur``: what the document prints."""

    name: str
    instance: Instance
    grappes: tuple[Grappe, ...]
    expected_eur: Mapping[str, int]
    expected_by_region_eur: Mapping[str, int] | None
    printed_eur: int | None
    known_error: str | None
    quote: str | None


def all_cases() -> dict[str, Case]:
    return {path.stem: read_case(path) for path in sorted(CASES.glob("*.toml"))}


def read_case(path: Path) -> Case:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if ("source" in data) == ("deduced_from" in data):
        raise ValueError(f"{path.name}: either [source] or deduced_from")
    source = data.get("source", {})
    organismes: dict[str, Organisme] = {}
    esms: list[Esms] = []
    grappes: list[Grappe] = []
    for number, grappe in enumerate(data["grappe"]):
        first = len(esms)
        for row in grappe["members"]:
            og = Organisme(id=row["organisme"], name=row["organisme"], esms_total=row["esms_total"])
            organismes[og.id] = og
            region = row.get("region", data["region"])
            esms += [_esms(len(esms) + i, row, region) for i in range(row["count"])]
        members = tuple(e.id for e in esms[first:])
        grappes.append(Grappe(f"g{number}", SOLUTION, Hosting.SAAS, members[0], members))
    instance = Instance(
        regime=Regime(data["regime"]),
        parameters=Parameters(mix_needs=True, readings=Readings(**data.get("readings", {}))),
        organismes=tuple(organismes.values()),
        solutions=(
            DuiSolution(
                id=SOLUTION,
                name="DUI",
                segur_referenced=data["solution_referenced"],
                hosting=frozenset(Hosting),
                champs=frozenset(Champ),
            ),
        ),
        esms=tuple(esms),
    )
    return Case(
        name=data["name"],
        instance=instance,
        grappes=tuple(grappes),
        expected_eur=data["expected_eur"],
        expected_by_region_eur=data.get("expected_by_region_eur"),
        printed_eur=source.get("printed_eur"),
        known_error=source.get("known_error"),
        quote=source.get("quote"),
    )


def _esms(number: int, row: Mapping[str, Any], region: str) -> Esms:
    return Esms(
        id=f"e{number:03}",
        name=f"ESMS {number}",
        organisme=row["organisme"],
        champ=Champ(row["champ"]),
        category="",
        lat=43.6,
        lon=1.44,
        departement="31",
        region=region,
        need=Need(row["need"]),
        current_solution=SOLUTION,
        accepted_solutions=None,
        accepted_hosting=None,
    )
