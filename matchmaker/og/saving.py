"""Write what an OG answers: one ESMS as it is typed, several at once, the lot of all of them.

When to modify: an OG changes its answers in another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import editing
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.editing import Conflict
from matchmaker.campaigns.spaces import Space
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.og import details
from matchmaker.og.forms import Sent
from matchmaker.og.rows import MyEsms, NotInSpaceError
from solver.vocabulary import Need

TOGETHER = "ensemble"


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a row. ``answer`` and ``detail``: what is kept now; the rest by field of either."""

    answer: editing.Outcome
    detail: details.Outcome

    @property
    def conflicts(self) -> Mapping[str, Conflict]:
        return {**self.answer.conflicts, **self.detail.conflicts}

    @property
    def problems(self) -> Mapping[str, str]:
        return {**self.answer.problems, **self.detail.problems}

    @property
    def whole(self) -> bool:
        """Everything that was typed is kept."""
        return not self.conflicts and not self.problems


@dataclass(frozen=True, slots=True)
class Many:
    """Several ESMS answered at once: names of those written, and of those left as they were, with why."""

    written: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def save(session: Session, space: Space, code: str, sent: Sent, *, actor: str) -> Saved:
    """Write what can be written of one row; raises ``NotInSpaceError`` when the ESMS is not the space's."""
    esms_id, name = _held(session, space, code)
    assert space.campaign is not None
    answer = editing.save(session, space.campaign.id, code, sent.answer, actor=actor)
    before = details.of_esms(session, esms_id)
    detail = details.save(session, esms_id, sent.detail)
    if detail.detail != before:
        journal.record(
            session,
            actor,
            "esms.preciser",
            f"campaign:{space.campaign.id}",
            label=name,
            detail={"esms": code},
        )
    return Saved(answer, detail)


def save_many(
    session: Session, mine: MyEsms, given: Answer, shown: Mapping[str, Answer], *, actor: str
) -> Many:
    """Give the stated fields of ``given`` (None: leave) to every ESMS of ``shown`` (code -> what the page
    showed of it). One that somebody else changed meanwhile, or that cannot take it, stays as it is."""
    campaign = mine.space.campaign
    assert campaign is not None
    fields = stated(given)
    written, left = [], []
    for code, seen in shown.items():
        name = mine.by_code[code].line.name
        wanted = replace(seen, **{field: getattr(given, field) for field in fields})
        with session.begin_nested() as step:
            typed = editing.Typed(answer=wanted, shown=seen, sent=fields)
            outcome = editing.save(session, campaign.id, code, typed, actor=actor)
            if not outcome.whole:
                step.rollback()
        if outcome.whole:
            written.append(name)
        elif outcome.conflicts:
            left.append((name, "quelqu’un d’autre a changé cette réponse entre-temps"))
        else:
            left.append((name, " ".join(outcome.problems.values())))
    return Many(tuple(written), tuple(left))


def stated(given: Answer) -> list[str]:
    """Fields that an answer for several ESMS gives; the others are left as they are."""
    return [name for name in ("need", "accepted_solutions", "accepted_hosting") if getattr(given, name)]


def keep_together(session: Session, mine: MyEsms, together: bool, *, actor: str) -> int:
    """Put every ESMS that asks for something in one lot, or take them all out of theirs; returns how many
    changed."""
    campaign = mine.space.campaign
    assert campaign is not None
    changed = 0
    for row in mine.rows:
        answer = row.line.answer
        lot = TOGETHER if together and answer.need != Need.AUCUN else None
        if answer.lot == lot:
            continue
        typed = editing.Typed(answer=replace(answer, lot=lot), shown=answer, sent=("lot",))
        outcome = editing.save(session, campaign.id, row.line.code, typed, actor=actor)
        changed += outcome.whole
    return changed


def _held(session: Session, space: Space, code: str) -> tuple[int, str]:
    """Lock the row of an ESMS of the space; returns its key and its name."""
    if space.campaign is None:
        raise NotInSpaceError(code)
    row = session.scalar(
        select(CampaignEsms)
        .where(
            CampaignEsms.campaign_id == space.campaign.id,
            CampaignEsms.organisme_id == space.campaign_organisme_id,
            CampaignEsms.code == code,
        )
        .with_for_update()
    )
    if row is None:
        raise NotInSpaceError(code)
    return row.id, row.name
