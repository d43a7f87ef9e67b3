"""A crowded installation: one campaign of 1,000 organismes and 40,000 ESMS, and the director of one of four.

All drawn from a seed at communes of Occitanie by population; nobody in it exists.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from matchmaker.accounts import people
from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.reference.communes import Commune, communes
from matchmaker.register.tables import Etablissement, Organisme
from matchmaker.web.people import Grant, Role

REGION = "76"
DIRECTOR = "directrice@essai.example"
OWN_ESMS = 4
SOLUTIONS = tuple(
    NewSolution(f"dui-{letter}", f"DUI {letter.upper()}", status, fictitious=True)
    for letter, status in zip("abcde", ["referenced"] * 3 + ["not_referenced", "unknown"], strict=True)
)
_KINDS = (("PA", "500", "EHPAD"), ("PH", "183", "IME"), ("PH", "182", "SESSAD"), ("DOM", "354", "SSIAD"))


@dataclass(frozen=True)
class Drawn:
    """``organismes``: FINESS juridique -> ESMS of it."""

    organismes: dict[str, list[NewEsms]]


def draw(organismes: int, esms: int, seed: int) -> Drawn:
    """The first organisme has ``OWN_ESMS``, the others share the rest unevenly."""
    r = random.Random(seed)
    places = [c for c in communes().values() if c.region == REGION and c.population > 0]
    weights = list(itertools.accumulate(c.population for c in places))
    shares = [r.paretovariate(1.2) for _ in range(organismes - 1)]
    left = esms - OWN_ESMS - (organismes - 1)
    sizes = [OWN_ESMS] + [1 + int(left * share / sum(shares)) for share in shares]
    sizes[-1] += esms - sum(sizes)
    numbers = itertools.count(1)
    found: dict[str, list[NewEsms]] = {}
    for k, size in enumerate(sizes):
        code = f"99{k:07}"
        found[code] = list(itertools.islice(_esms(r, code, places, weights, numbers), size))
    return Drawn(found)


def _esms(
    r: random.Random, organisme: str, places: list[Commune], weights: list[int], numbers: Iterator[int]
) -> Iterator[NewEsms]:
    home = r.choices(places, cum_weights=weights)[0]
    kind, _category, label = r.choice(_KINDS)
    near = [c for c in places if abs(c.lat - home.lat) < 0.4 and abs(c.lon - home.lon) < 0.5]
    accepted = tuple(sorted(s.code for s in r.sample(SOLUTIONS, 3)))
    hosting = tuple(r.sample(["saas", "shared", "on_premise"], 2))
    while True:
        where, number = r.choice(near), next(numbers)
        yield NewEsms(
            code=f"98{number:07}",
            organisme=organisme,
            name=f"{label} n° {number}",
            champ=kind,
            category=label,
            departement=where.departement,
            region=where.region,
            lat=where.lat,
            lon=where.lon,
            commune=where.code,
            position_origin="commune",
            finess_et=f"98{number:07}",
            fictitious=True,
            answer=Answer("acquisition", None, accepted, hosting),
        )


def fill(session: Session, drawn: Drawn) -> int:
    """Register, campaign and the director's account; returns the number of the campaign."""
    rows = [
        {"key": f"ej:{code}", "finess_ej": code, "name": f"Organisme {code[-4:]}", "fictitious": True}
        for code in drawn.organismes
    ]
    session.execute(insert(Organisme), rows)
    ids = dict(session.query(Organisme.finess_ej, Organisme.id).all())
    categories = {label: category for _champ, category, label in _KINDS}
    session.execute(
        insert(Etablissement),
        [
            {
                "finess_et": e.code,
                "organisme_id": ids[code],
                "name": e.name,
                "category": categories[e.category],
                "champ": e.champ,
                "medicalised": True,
                "address": "",
                "postal_code": "",
                "commune": e.commune,
                "departement": e.departement,
                "region": e.region,
                "lat": e.lat,
                "lon": e.lon,
                "position_origin": "commune",
                "position_note": "",
                "source": "demonstration",
                "fictitious": True,
            }
            for code, some in drawn.organismes.items()
            for e in some
        ],
    )
    number = campaign.create(
        session,
        name="Affluence",
        region=REGION,
        regime="generalisation-2022",
        parameters={"max_radius_km": 60.0},
        fictitious=True,
    )
    members.add(
        session,
        number,
        organismes=[
            NewOrganisme(code, f"Organisme {code[-4:]}", len(some), fictitious=True)
            for code, some in drawn.organismes.items()
        ],
        solutions=SOLUTIONS,
        esms=[e for some in drawn.organismes.values() for e in some],
    )
    account = people.open_account(session, DIRECTOR, "Directrice")
    people.give(session, account, Grant(Role.OG_MANAGER, ids[next(iter(drawn.organismes))]), actor="local")
    return number
