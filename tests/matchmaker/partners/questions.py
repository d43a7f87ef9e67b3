"""A campaign's question made of a few ESMS, without a database."""

from __future__ import annotations

from dataclasses import replace

from matchmaker.baremes import scale_for
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.esms_values import Answering
from matchmaker.campaigns.members import NewEsms
from matchmaker.database.instants import now
from matchmaker.partners.profiles import Profiler
from matchmaker.partners.question import Question
from solver.document import read_instance
from solver.instance import INSTANCE_FORMAT
from solver.judge import Judge
from tests.matchmaker.partners.conftest import SOLUTIONS

CAMPAIGN = CampaignValues(
    id=1,
    name="Essai",
    region="76",
    departement=None,
    regime="generalisation-2022",
    parameters={},
    readings={},
    envelope_eur=None,
    fictitious=True,
    created_at=now(),
    changed_at=now(),
    archived_at=None,
)


def question(*some: NewEsms, medicalised: frozenset[str] = frozenset(), **parameters: object) -> Question:
    """The question; organismes are numbered from 0 in the order of their codes."""
    codes = sorted({one.organisme for one in some})
    instance = read_instance(
        {
            "format": INSTANCE_FORMAT,
            "regime": "generalisation-2022",
            "parameters": {"min_size": 3, **parameters},
            "organismes": [{"id": code, "name": f"OG {code}", "esms_total": 4} for code in codes],
            "solutions": [
                {
                    "id": one.code,
                    "name": one.name,
                    "segur_referenced": one.segur_status == "referenced",
                    "hosting": list(one.hosting),
                    "champs": [str(champ) for champ in one.champs],
                }
                for one in SOLUTIONS
            ],
            "esms": [_document(one) for one in some],
        }
    )
    frame = replace(instance, esms=())
    profiler = Profiler(Judge(frame, scale_for(instance.regime, instance.parameters.readings)))
    answering = {
        number: Answering(code, [e for e in instance.esms if e.organisme == code], set(), set(medicalised))
        for number, code in enumerate(codes)
    }
    made = {n: profiler.profile(n, one.code, one.esms, (), one.medicalised) for n, one in answering.items()}
    profiles = {number: profile for number, profile in made.items() if profile is not None}
    return Question(CAMPAIGN, frame, answering, profiles, frozenset(), {})


def _document(one: NewEsms) -> dict[str, object]:
    accepted, hosting = one.answer.accepted_solutions, one.answer.accepted_hosting
    return {
        "id": one.code,
        "name": one.name,
        "organisme": one.organisme,
        "champ": one.champ,
        "category": one.category,
        "lat": one.lat,
        "lon": one.lon,
        "departement": one.departement,
        "region": one.region,
        "need": one.answer.need,
        "current_solution": one.answer.current_solution,
        "accepted_solutions": list(accepted) if isinstance(accepted, tuple) else accepted,
        "accepted_hosting": list(hosting) if isinstance(hosting, tuple) else hosting,
        "lot": one.answer.lot,
        "can_be_porteur": one.answer.can_be_porteur,
    }
