"""What a program asks the simulator, and the simulation it stands for.

What the page refuses as contradictory cannot be written here: ESMS outside the project are given instead of a
total, partners by size of their organisme.

When to modify: a simulation may be asked something more.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import url_for
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from matchmaker.api.documents import Document
from matchmaker.api.known import Known
from matchmaker.baremes.needs import FundedNeed
from matchmaker.simulateur.forms import MOST_PERSONS
from matchmaker.simulateur.questions import Simulation, count_name
from solver.vocabulary import Champ

MOST_OF_A_LINE = 200
MOST_LINES = 35
MOST_OTHERS = 1_000
CALL = "generalisation-2022"


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 4.0 is the integer 4."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _day(value: Any) -> Any:
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) == len("2022-05-31"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("Une date s’écrit ainsi : 2022-05-31.")


class Lines(Document):
    """Des ESMS de votre organisme : un public, un besoin, un nombre."""

    champ: Annotated[
        str,
        Known("champs"),
        Field(description="Public : PA personnes âgées, PH handicap, DOM domicile, PDS, PDE, AHI, PJM."),
    ]
    need: Annotated[
        str,
        Known("needs"),
        Field(description="Besoin ; « generalisation » et « supplements » : appels de 2021 seulement."),
    ]
    count: Annotated[
        int,
        Field(strict=True, ge=1, le=MOST_OF_A_LINE, description="Nombre d’ESMS (FINESS géographiques)."),
        BeforeValidator(_whole),
    ]


class Partners(Document):
    """ESMS d’autres organismes dans la grappe, supposés demander ce que la plupart des vôtres demandent."""

    small: Annotated[
        int,
        Field(strict=True, ge=0, le=MOST_OTHERS, description="Ceux de petits organismes."),
        BeforeValidator(_whole),
    ] = 0
    large: Annotated[
        int, Field(strict=True, ge=0, le=MOST_OTHERS, description="Les autres."), BeforeValidator(_whole)
    ] = 0


class Question(Document):
    """Un projet à évaluer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "call": CALL,
                    "region": "76",
                    "esms": [{"champ": "PA", "need": "acquisition", "count": 4}],
                    "referenced": True,
                    "partners": {"small": 2, "large": 9},
                }
            ]
        },
    )

    call: Annotated[str, Known("calls"), Field(description="Appel à projets : voir /appels.")] = CALL
    region: Annotated[str, Known("regions"), Field(description="Code INSEE de la région.")]
    esms: Annotated[
        list[Lines],
        Field(
            min_length=1,
            max_length=MOST_LINES,
            description="Vos ESMS ; deux lignes du même public et du même besoin s’additionnent.",
        ),
    ]
    other_esms: Annotated[
        int,
        Field(
            strict=True,
            ge=0,
            le=5_000,
            description="ESMS de votre organisme hors de ce projet : il est petit ou non avec eux.",
        ),
        BeforeValidator(_whole),
    ] = 0
    referenced: Annotated[
        bool | None,
        Field(strict=True, description="Solution référencée Ségur ; null, inconnu : comptée comme non."),
    ] = None
    partners: Partners = Partners()
    deposit: Annotated[
        date | None,
        BeforeValidator(_day),
        WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}),
        Field(description="Jour du dépôt ; null : la dernière version de l’appel."),
    ] = None
    persons: Annotated[
        int | None,
        Field(
            strict=True,
            ge=0,
            le=MOST_PERSONS,
            description="Personnes accompagnées par la grappe : les usages à montrer en dépendent.",
        ),
    ] = None
    pilot: Annotated[
        bool | None,
        Field(strict=True, description="Pour une généralisation : un projet pilote a déjà été mené."),
    ] = None
    readings: Annotated[
        dict[str, str],
        Known("readings"),
        Field(description='Options de lectures discutées, par exemple {"K01": "le15"} : voir /lectures.'),
    ] = {}  # noqa: RUF012 - pydantic copies it

    def simulation(self) -> Simulation:
        """The question in the simulator's own terms."""
        counts: Counter[tuple[Champ, FundedNeed]] = Counter()
        for line in self.esms:
            counts[Champ(line.champ), FundedNeed(line.need)] += line.count
        return Simulation(
            regime=self.call,
            region=self.region,
            counts=counts,
            esms_total=counts.total() + self.other_esms,
            referenced=self.referenced,
            partners=self.partners.small + self.partners.large,
            small_partners=self.partners.small,
            deposit=self.deposit,
            persons=self.persons,
            pilot=self.pilot,
            readings=self.readings,
        )


def page_of(simulation: Simulation) -> str:
    """The address of the simulation in a browser, as its form writes it; readings have no field there."""
    known = {True: "oui", False: "non", None: "inconnu"}
    fields = {
        "appel": simulation.regime,
        "region": simulation.region,
        "segur": known[simulation.referenced],
        "total": str(simulation.esms_total),
        **{count_name(champ, need): str(count) for (champ, need), count in simulation.counts.items()},
    }
    if simulation.partners:
        fields |= {"partenaires": str(simulation.partners), "petits": str(simulation.small_partners)}
    if simulation.deposit is not None:
        fields["jour"] = simulation.deposit.isoformat()
    if simulation.persons is not None:
        fields["personnes"] = str(simulation.persons)
    if simulation.pilot is not None:
        fields["pilote"] = known[simulation.pilot]
    return f"{url_for('simulateur.index', _external=True)}?{urlencode(fields)}"
