"""The solutions that a campaign may choose among: what people state of them, since no list is official.

When to modify: what a campaign says of a solution changes.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import members
from matchmaker.campaigns.members import SEGUR_STATUSES, NewSolution
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import CampaignSolution
from matchmaker.campaigns.wording import plain
from matchmaker.reference.solutions import listed_solutions
from solver.vocabulary import Champ, Hosting


def state(session: Session, campaign_id: int, solution: NewSolution, *, actor: str) -> str:
    """Add a solution (empty ``code``) or replace what is said of the one with this code; returns its code.

    Raises
    ------
    RefusedError
        Name missing or taken, nothing offered, no champ covered.
    NotInCampaignError
        A code that is not in the campaign.
    """
    solution = replace(solution, name=solution.name.strip())
    taken = _names(session, campaign_id)
    problems = {}
    if not 0 < len(solution.name) <= 120:
        problems["name"] = "Donnez le nom de la solution, 120 caractères au plus."
    elif taken.get(plain(solution.name), solution.code) != solution.code:
        problems["name"] = f"« {solution.name} » est déjà dans la campagne."
    if solution.segur_status not in SEGUR_STATUSES:
        problems["segur_status"] = "Choisissez l’un des trois statuts."
    if not solution.hosting or not set(solution.hosting) <= set(Hosting):
        problems["hosting"] = "Cochez au moins un mode d’hébergement offert."
    if not solution.champs or not set(solution.champs) <= set(Champ):
        problems["champs"] = "Cochez au moins un champ couvert."
    if problems:
        raise RefusedError(problems)
    if solution.code:
        _replace(session, campaign_id, solution)
    else:
        solution = replace(solution, code=_new_code(solution.name, set(taken.values())))
        members.add(session, campaign_id, solutions=[solution])
    detail = {"statut": solution.segur_status}
    journal.record(
        session, actor, "solution.declarer", f"campaign:{campaign_id}", label=solution.name, detail=detail
    )
    return solution.code


def add_listed(session: Session, campaign_id: int, *, actor: str) -> int:
    """Add the shipped names that the campaign lacks, with every mode and champ, to be made precise.

    No official list was found: each has the Ségur status « inconnu ».
    """
    taken = _names(session, campaign_id)
    codes = set(taken.values())
    new = [
        NewSolution(listed.id, listed.name, listed.segur_status)
        for listed in listed_solutions()
        if plain(listed.name) not in taken and listed.id not in codes
    ]
    members.add(session, campaign_id, solutions=new)
    detail = {"solutions": len(new)}
    journal.record(session, actor, "solutions.ajouter", f"campaign:{campaign_id}", detail=detail)
    return len(new)


def _names(session: Session, campaign_id: int) -> dict[str, str]:
    rows = session.execute(
        select(CampaignSolution.name, CampaignSolution.code).where(
            CampaignSolution.campaign_id == campaign_id
        )
    )
    return {plain(row.name): row.code for row in rows}


def _replace(session: Session, campaign_id: int, solution: NewSolution) -> None:
    row = session.scalar(
        select(CampaignSolution).where(
            CampaignSolution.campaign_id == campaign_id, CampaignSolution.code == solution.code
        )
    )
    if row is None:
        raise NotInCampaignError(f"solution {solution.code}")
    row.name = solution.name
    row.segur_status = solution.segur_status
    row.hosting = [mode.value for mode in Hosting if mode in solution.hosting]
    row.champs = [champ.value for champ in Champ if champ in solution.champs]


def _new_code(name: str, taken: set[str]) -> str:
    """A readable id: ``dui-a`` for « DUI A », with a number when it is taken."""
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in plain(name))
    base = "-".join(letters.split())[:60] or "solution"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code
