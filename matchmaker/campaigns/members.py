"""What a campaign is filled with: organismes, solutions and ESMS, in bulk or from the register.

When to modify: a campaign takes ESMS from somewhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.campaigns.wording import plain
from solver.vocabulary import Champ, Hosting

SEGUR_STATUSES = ("referenced", "not_referenced", "unknown")


@dataclass(frozen=True, slots=True)
class NewOrganisme:
    """``code``: FINESS juridique, or any id unique in the campaign; ``esms_total``: all its ESMS."""

    code: str
    name: str
    esms_total: int
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class NewSolution:
    """``segur_status``: ``referenced``, ``not_referenced`` or ``unknown`` (counts as not referenced)."""

    code: str
    name: str
    segur_status: str
    hosting: tuple[str, ...] = tuple(Hosting)
    champs: tuple[str, ...] = tuple(Champ)
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class NewEsms:
    """An ESMS to add. ``organisme``: code of its organisme; see ``CampaignEsms`` for the other fields.

    ``fictitious``: the establishment itself is drawn (a real one whose answer is drawn is in a campaign
    marked fictitious).
    """

    code: str
    organisme: str
    name: str
    champ: str
    category: str
    departement: str
    region: str
    lat: float
    lon: float
    commune: str | None = None
    position_origin: str | None = None
    finess_et: str | None = None
    snapshot_date: dt.date | None = None
    fictitious: bool = False
    answer: Answer = field(default_factory=Answer)


@dataclass(frozen=True, slots=True)
class Added:
    organismes: int
    solutions: int
    esms: int


def add(
    session: Session,
    campaign_id: int,
    *,
    organismes: Iterable[NewOrganisme] = (),
    solutions: Iterable[NewSolution] = (),
    esms: Iterable[NewEsms] = (),
) -> Added:
    """Add organismes, then solutions, then ESMS with their answers; ten thousand in a few seconds.

    Writes nothing to the journal: the caller says what it was for (``journal.record``).

    Raises
    ------
    RefusedError
        A code is already taken, an organisme or a solution is unknown, an answer cannot be kept; the
        fields are named ``esms 310000001``, and nothing is to be committed.
    """
    new_organismes, new_solutions, new_esms = list(organismes), list(solutions), list(esms)
    problems = _solution_problems(new_solutions)
    problems |= _taken(session, campaign_id, "organisme", CampaignOrganisme, [o.code for o in new_organismes])
    problems |= _taken(session, campaign_id, "solution", CampaignSolution, [s.code for s in new_solutions])
    problems |= _taken(session, campaign_id, "esms", CampaignEsms, [e.code for e in new_esms])
    if problems:
        raise RefusedError(problems)
    if new_organismes:
        session.execute(insert(CampaignOrganisme), [_organisme(campaign_id, o) for o in new_organismes])
    if new_solutions:
        session.execute(insert(CampaignSolution), [_solution(campaign_id, s) for s in new_solutions])
    if new_esms:
        _add_esms(session, campaign_id, new_esms)
    return Added(len(new_organismes), len(new_solutions), len(new_esms))


def _add_esms(session: Session, campaign_id: int, new: Sequence[NewEsms]) -> None:
    known = select(CampaignOrganisme.code, CampaignOrganisme.id, CampaignOrganisme.name)
    organismes = {
        row.code: (row.id, row.name)
        for row in session.execute(known.where(CampaignOrganisme.campaign_id == campaign_id))
    }
    solution_keys = answers.solution_ids(session, campaign_id)
    problems = {}
    rows = []
    for esms in new:
        wrong = list(esms.answer.problems(solution_keys).values())
        if esms.organisme not in organismes:
            wrong.append(f"L’organisme « {esms.organisme} » n’est pas dans la campagne.")
        if esms.champ not in set(Champ):
            wrong.append(f"« {esms.champ} » n’est pas un champ du programme.")
        if wrong:
            problems[f"esms {esms.code}"] = " ".join(wrong)
        else:
            key, organisme_name = organismes[esms.organisme]
            row = _esms(campaign_id, esms, key, organisme_name)
            rows.append(row | answers.columns(esms.answer, solution_keys))
    if problems:
        raise RefusedError(problems)
    session.execute(insert(CampaignEsms), rows)


def _organisme(campaign_id: int, o: NewOrganisme) -> dict[str, object]:
    return {
        "campaign_id": campaign_id,
        "code": o.code,
        "name": o.name,
        "esms_total": o.esms_total,
        "fictitious": o.fictitious,
    }


def _solution(campaign_id: int, s: NewSolution) -> dict[str, object]:
    return {
        "campaign_id": campaign_id,
        "code": s.code,
        "name": s.name,
        "segur_status": s.segur_status,
        "hosting": [mode.value for mode in Hosting if mode in s.hosting],
        "champs": [champ.value for champ in Champ if champ in s.champs],
        "fictitious": s.fictitious,
    }


def _esms(campaign_id: int, e: NewEsms, organisme_id: int, organisme_name: str) -> dict[str, object]:
    return {
        "campaign_id": campaign_id,
        "organisme_id": organisme_id,
        "code": e.code,
        "finess_et": e.finess_et,
        "name": e.name,
        "champ": e.champ,
        "category": e.category,
        "commune": e.commune,
        "departement": e.departement,
        "region": e.region,
        "lat": e.lat,
        "lon": e.lon,
        "position_origin": e.position_origin,
        "snapshot_date": e.snapshot_date,
        "searched": plain(f"{e.code} {e.name} {organisme_name} {e.commune or ''}"),
        "fictitious": e.fictitious,
        "excluded": False,
    }


def _solution_problems(solutions: Sequence[NewSolution]) -> dict[str, str]:
    problems = {}
    for s in solutions:
        if s.segur_status not in SEGUR_STATUSES:
            problems[f"solution {s.code}"] = f"« {s.segur_status} » n’est pas un statut Ségur."
        elif not set(s.hosting) <= set(Hosting) or not set(s.champs) <= set(Champ):
            problems[f"solution {s.code}"] = "Mode d’hébergement ou champ inconnu."
    return problems


def _taken(
    session: Session,
    campaign_id: int,
    kind: str,
    table: type[CampaignOrganisme] | type[CampaignSolution] | type[CampaignEsms],
    codes: Sequence[str],
) -> dict[str, str]:
    seen = (
        set(session.scalars(select(table.code).where(table.campaign_id == campaign_id))) if codes else set()
    )
    problems = {}
    for code in codes:
        if code in seen:
            problems[f"{kind} {code}"] = "Cet identifiant est déjà pris dans la campagne."
        seen.add(code)
    return problems
