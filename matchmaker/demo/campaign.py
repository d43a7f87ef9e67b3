"""A demonstration campaign: real elderly-care ESMS, drawn ESMS of the other publics, drawn answers.

When to modify: what a campaign holds changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from matchmaker import journal
from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.database import Database
from matchmaker.demo import constraints, register
from matchmaker.demo import recipe as rule
from matchmaker.demo.answers import Asked, agreed_answer, draw_answers, draw_solutions
from matchmaker.demo.elderly_care import ElderlyCare, elderly_care_of
from matchmaker.demo.establishments import Drawn, draw_establishments
from matchmaker.reference import categories
from solver.vocabulary import Champ, Regime

SEED = 2022
_REGIME = Regime.GENERALISATION_2022


class NameTakenError(RuntimeError):
    """A campaign of real needs has the name of the demonstration."""


@dataclass(frozen=True, slots=True)
class DemoValues:
    """What the campaign is filled with."""

    organismes: tuple[NewOrganisme, ...]
    solutions: tuple[NewSolution, ...]
    esms: tuple[NewEsms, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """``created`` False: the campaign was already there and was left as it was."""

    campaign_id: int
    created: bool


def build(database: Database, seed: int = SEED, recipe: rule.Recipe = rule.OCCITANIE) -> Built:
    """Create the demonstration campaign, its drawn ESMS in the register too, unless one of its name is there.

    Raises
    ------
    NameTakenError
        A campaign that is not a demonstration has this name.
    """
    with database.reading() as session:
        present = campaign.find(session, recipe.name)
    if present is not None:
        if not present.fictitious:
            raise NameTakenError(recipe.name)
        return Built(present.id, created=False)
    drawn = draw_establishments(recipe, seed)
    values = fill(recipe, seed, drawn)
    with database.writing() as session:
        register.add_drawn(session, drawn)
        number = campaign.create(
            session,
            name=recipe.name,
            region=recipe.region,
            regime=_REGIME.value,
            parameters={"max_radius_km": recipe.max_radius_km},
            envelope_eur=shipped_rules().envelope_eur(_REGIME, recipe.region),
            fictitious=True,
        )
        added = members.add(
            session, number, organismes=values.organismes, solutions=values.solutions, esms=values.esms
        )
        constraints.keep(session, number, constraints.draw_constraints(values.esms, seed, recipe.region))
        journal.record(
            session,
            journal.LOCAL,
            "campagne.demonstration",
            f"campaign:{number}",
            label=recipe.name,
            detail={"graine": seed, "esms": added.esms, "organismes": added.organismes},
        )
    return Built(number, created=True)


def draw(recipe: rule.Recipe, seed: int) -> DemoValues:
    """The same values for the same recipe and seed, whatever the machine and the register."""
    return fill(recipe, seed, draw_establishments(recipe, seed))


def fill(recipe: rule.Recipe, seed: int, drawn: Drawn) -> DemoValues:
    """Real and drawn ESMS with their drawn answers."""
    real = elderly_care_of(recipe.region)
    solutions = draw_solutions(seed, recipe.region)
    empty = list(chain(_real_esms(real), _drawn_esms(drawn)))
    asked = [Asked(e.code, e.organisme, Champ(e.champ), e.departement) for e in empty]
    asked.sort(key=lambda a: (a.og, a.champ.value))
    answers = draw_answers(asked, solutions, seed, recipe.region)
    if recipe.small_og is not None:
        small = drawn.ogs[-1].finess_ej
        answers |= {a.code: agreed_answer(solutions) for a in asked if a.og == small}
    return DemoValues(
        organismes=tuple(chain(_real_organismes(real), _drawn_organismes(drawn))),
        solutions=solutions,
        esms=tuple(replace(e, answer=answers[e.code]) for e in empty),
    )


def _real_organismes(real: ElderlyCare) -> list[NewOrganisme]:
    """By name: the list has no FINESS juridique, and none is invented for a real organisme."""
    names: dict[str, str] = {}
    for esms in real.esms:
        names.setdefault(esms.record.organisme_key, esms.record.organisme_name or esms.record.name)
    return [NewOrganisme(key, name, real.og_totals[key]) for key, name in sorted(names.items())]


def _real_esms(real: ElderlyCare) -> list[NewEsms]:
    return [
        NewEsms(
            code=e.record.finess_et,
            organisme=e.record.organisme_key,
            name=e.record.name,
            champ=e.record.champ,
            category=e.category,
            departement=e.record.departement,
            region=e.record.region,
            lat=e.lat,
            lon=e.lon,
            commune=e.commune,
            position_origin=e.position_origin,
            finess_et=e.record.finess_et,
            snapshot_date=real.snapshot_date,
        )
        for e in real.esms
    ]


def _drawn_organismes(drawn: Drawn) -> list[NewOrganisme]:
    return [NewOrganisme(og.finess_ej, og.name, og.esms_total, fictitious=True) for og in drawn.ogs]


def _drawn_esms(drawn: Drawn) -> list[NewEsms]:
    return [
        NewEsms(
            code=e.finess_et,
            organisme=e.og,
            name=e.name,
            champ=e.champ.value,
            category=categories()[e.category].label,
            departement=e.commune.departement,
            region=e.commune.region,
            lat=e.lat,
            lon=e.lon,
            commune=e.commune.name,
            finess_et=e.finess_et,
            fictitious=True,
        )
        for e in drawn.esms
    ]
