"""What an ESMS answers, when an answer is complete, and how it is kept.

When to modify: a question is added to, or taken from, the needs form.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignSolution
from matchmaker.database.instants import now
from solver.vocabulary import Hosting, Need

ANY: Literal["any"] = "any"
Accepted = Literal["any"] | tuple[str, ...] | None
Completeness = Literal["missing", "partial", "complete"]
# Needs that improve or replace a DUI: they state which one.
NEEDS_WITH_CURRENT_DUI = frozenset({Need.RENOUVELLEMENT, Need.MONTEE_DE_VERSION})


@dataclass(frozen=True, slots=True)
class Answer:
    """An ESMS's answer. None: not answered; an empty tuple: nothing is accepted.

    ``need``: a word of ``solver.vocabulary.Need``. ``current_solution`` and ``accepted_solutions`` hold
    solution codes of the campaign, ``accepted_hosting`` words of ``Hosting``.
    """

    need: str | None = None
    current_solution: str | None = None
    accepted_solutions: Accepted = None
    accepted_hosting: Accepted = None
    lot: str | None = None
    can_be_porteur: bool = True

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields without which the ESMS cannot enter a run, in the order in which they are asked."""
        if self.need is None:
            return ("need",)
        if self.need == Need.AUCUN:
            return ()
        asked = {
            "current_solution": self.need in NEEDS_WITH_CURRENT_DUI and self.current_solution is None,
            "accepted_solutions": self.accepted_solutions is None,
            "accepted_hosting": self.accepted_hosting is None,
        }
        return tuple(name for name, is_missing in asked.items() if is_missing)

    @property
    def completeness(self) -> Completeness:
        if not self.missing:
            return "complete"
        stated = (self.need, self.current_solution, self.accepted_solutions, self.accepted_hosting)
        return "missing" if all(value is None for value in stated) else "partial"

    def problems(self, solutions: Collection[str]) -> dict[str, str]:
        """What cannot be kept, field -> French sentence; ``solutions``: codes known in the campaign."""
        found = {}
        if self.need is not None and self.need not in set(Need):
            found["need"] = f"« {self.need} » n’est pas un besoin connu."
        if self.current_solution is not None and self.current_solution not in solutions:
            found["current_solution"] = _unknown_solutions([self.current_solution])
        if isinstance(self.accepted_solutions, tuple):
            unknown = [code for code in self.accepted_solutions if code not in solutions]
            if unknown:
                found["accepted_solutions"] = _unknown_solutions(unknown)
        if isinstance(self.accepted_hosting, tuple):
            strange = [mode for mode in self.accepted_hosting if mode not in set(Hosting)]
            if strange:
                found["accepted_hosting"] = f"« {strange[0]} » n’est pas un mode d’hébergement connu."
        if self.lot is not None and not 0 < len(self.lot) <= 80:
            found["lot"] = "Le nom d’un lot compte de 1 à 80 caractères."
        return found


def _unknown_solutions(codes: Collection[str]) -> str:
    names = ", ".join(f"« {code} »" for code in codes)
    return f"{names} : cette solution n’est pas dans la campagne."


_SOLUTION_IDS = select(CampaignSolution.code, CampaignSolution.id).where(
    CampaignSolution.campaign_id == bindparam("campaign")
)


def solution_ids(session: Session, campaign_id: int) -> dict[str, int]:
    """Solutions of a campaign: code -> key of the row."""
    rows = session.execute(_SOLUTION_IDS, {"campaign": campaign_id})
    return {row.code: row.id for row in rows}


def columns(answer: Answer, keys: Mapping[str, int]) -> dict[str, object]:
    """An answer as columns of ``campaign_esms``; ``keys``: those of ``solution_ids``."""
    return {
        "need": answer.need,
        "current_solution_id": None if answer.current_solution is None else keys[answer.current_solution],
        "accepted_solutions": _stored(answer.accepted_solutions),
        "accepted_hosting": _stored(answer.accepted_hosting),
        "lot": answer.lot,
        "can_be_porteur": answer.can_be_porteur,
        "completeness": answer.completeness,
        "answered_at": None if answer.completeness == "missing" else now(),
    }


def _stored(accepted: Accepted) -> str | list[str] | None:
    return sorted(set(accepted)) if isinstance(accepted, tuple) else accepted


def of_row(row: CampaignEsms, codes: Mapping[int, str]) -> Answer:
    """The answer held by a row; ``codes``: key of a solution's row -> its code."""
    return Answer(
        need=row.need,
        current_solution=None if row.current_solution_id is None else codes[row.current_solution_id],
        accepted_solutions=_read(row.accepted_solutions),
        accepted_hosting=_read(row.accepted_hosting),
        lot=row.lot,
        can_be_porteur=row.can_be_porteur,
    )


def _read(stored: str | list[str] | None) -> Accepted:
    if isinstance(stored, str):
        return ANY
    return None if stored is None else tuple(stored)


def keep(session: Session, campaign_id: int, esms_code: str, answer: Answer, *, actor: str) -> bool:
    """Replace the answer of one ESMS; False when it says what was already kept.

    Raises
    ------
    NotInCampaignError
        No such ESMS in the campaign.
    RefusedError
        The answer cannot be kept.
    """
    row = session.scalar(
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == esms_code)
        .with_for_update()
    )
    if row is None:
        raise NotInCampaignError(f"ESMS {esms_code}")
    keys = solution_ids(session, campaign_id)
    problems = answer.problems(keys)
    if problems:
        raise RefusedError(problems)
    new = columns(answer, keys)
    if all(getattr(row, name) == value for name, value in new.items() if name != "answered_at"):
        return False
    for name, value in new.items():
        setattr(row, name, value)
    journal.record(
        session,
        actor,
        "besoin.modifier",
        f"campaign:{campaign_id}",
        label=row.name,
        detail={"esms": esms_code, "besoin": answer.need, "etat": answer.completeness},
    )
    return True
