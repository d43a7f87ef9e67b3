"""Disputed readings of a campaign: which it takes, who accepted or changed each, what of them a run is told.

Every contradiction of the documents that changes an amount, an eligibility, a compatibility or a date is a
reading. The optimiser knows some by its parameters; the others travel with the question, for the engine.

When to modify: the instance format gains a parameter that says what a reading says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.baremes import scale_for, shipped_rules
from matchmaker.baremes.rules import Contradiction, Option
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import Campaign, CampaignReading
from matchmaker.database.instants import now
from solver.instance import Readings
from solver.vocabulary import Regime

OF_THE_OPTIMISER = tuple(asdict(Readings()))
# readings that are parameters under another name
HOSTING, LOWER_THRESHOLD = "K03", "K29"
_SAME_HOSTING = {True: "identique", False: "silence"}
_FIFTEEN_EVERYWHERE = "diapositives"
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading as a campaign has it. ``author`` None: nobody looked at it yet, what is proposed counts.

    ``reaches_runs``: the optimiser computes with it; otherwise the engine alone does, after the run.
    """

    contradiction: Contradiction
    option: Option
    reaches_runs: bool
    author: str | None
    reason: str
    settled_at: dt.datetime | None

    @property
    def is_default(self) -> bool:
        return self.option.id == self.contradiction.default


def concerning(regime: str) -> tuple[Contradiction, ...]:
    """The readings that change something in a call, by number."""
    found = (c for c in shipped_rules().contradictions if c.variant and regime in c.regimes)
    return tuple(sorted(found, key=lambda c: c.id))


def effective(parameters: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, str]:
    """The option of every reading: what was taken, else what the rules propose; K03 is a parameter."""
    found = {}
    for contradiction in shipped_rules().contradictions:
        if contradiction.variant:
            options = {o.id for o in contradiction.options}
            option = kept.get(contradiction.id, contradiction.default)
            # An option that the rules no longer have cannot count.
            found[contradiction.id] = option if option in options else contradiction.default
    return found | {HOSTING: _SAME_HOSTING[bool(parameters["same_hosting"])]}


def checked(readings: Mapping[str, str | None]) -> dict[str, str]:
    """``readings`` as they can be kept.

    Raises
    ------
    RefusedError
        With a French sentence for each that is unknown, or whose option is.
    """
    options = {c.id: {o.id for o in c.options} for c in shipped_rules().contradictions if c.variant}
    problems = {}
    for identifier, option in readings.items():
        if identifier not in options:
            problems[identifier] = f"« {identifier} » n’est pas une lecture connue."
        elif option not in options[identifier]:
            problems[identifier] = "Choisissez l’une des lectures."
    if problems:
        raise RefusedError(problems)
    return {identifier: option for identifier, option in readings.items() if option is not None}


def parameters_of(regime: str, parameters: Mapping[str, Any], readings: Mapping[str, str]) -> dict[str, Any]:
    """``parameters`` of the instance document: readings that the optimiser knows, under its own names."""
    values = {**parameters, "readings": {k: readings[k] for k in OF_THE_OPTIMISER}}
    fifteen = readings[LOWER_THRESHOLD] == _FIFTEEN_EVERYWHERE and values["min_size"] is None
    if fifteen and any(c.id == LOWER_THRESHOLD for c in concerning(regime)):
        values["min_size"] = scale_for(Regime(regime), Readings()).min_size
    return values


def engine_readings(regime: str, readings: Mapping[str, str]) -> dict[str, str]:
    """``engine_readings`` of the instance document: the readings of this call that no parameter names."""
    named = {*OF_THE_OPTIMISER, HOSTING}
    return {c.id: readings[c.id] for c in concerning(regime) if c.id not in named}


def taken(session: Session, campaign_id: int) -> list[Taken]:
    """The readings of the campaign's call, by number."""
    row = _row(session, campaign_id)
    chosen = effective(row.parameters, row.readings)
    wanted = select(CampaignReading).where(CampaignReading.campaign_id == campaign_id)
    settled = {s.contradiction: s for s in session.scalars(wanted)}
    found = []
    for contradiction in concerning(row.regime):
        by = settled.get(contradiction.id)
        option = next(o for o in contradiction.options if o.id == chosen[contradiction.id])
        found.append(
            Taken(
                contradiction,
                option,
                contradiction.id in (*OF_THE_OPTIMISER, HOSTING, LOWER_THRESHOLD),
                None if by is None else by.author,
                "" if by is None else by.reason,
                None if by is None else by.settled_at,
            )
        )
    return found


def open_count(session: Session, campaign_id: int) -> int:
    """How many readings of the campaign nobody accepted or changed yet."""
    return sum(1 for one in taken(session, campaign_id) if one.author is None)


def settle(
    session: Session, campaign_id: int, choices: Mapping[str, str | None], reason: str, *, actor: str
) -> tuple[int, int]:
    """Accept or change readings; returns how many were accepted as they stood, and how many changed.

    A reading that was already settled and does not change keeps its author.

    Raises
    ------
    RefusedError
        A reading, or an option, is unknown; the reason is too long. Nothing is kept then.
    """
    row = _row(session, campaign_id)
    options = checked(choices)
    if len(reason) > _LONGEST_REASON:
        told = f"{_LONGEST_REASON} caractères au plus : vous en avez saisi {len(reason)}."
        raise RefusedError({"reason": told})
    before = effective(row.parameters, row.readings)
    changed = {k: option for k, option in options.items() if option != before[k]}
    accepted = [k for k in options if k not in changed and _settled(session, campaign_id, k) is None]
    for identifier in (*accepted, *changed):
        sign(session, campaign_id, identifier, reason, actor=actor)
    own = {k: option for k, option in options.items() if k != HOSTING and k in (*accepted, *changed)}
    row.readings = {**row.readings, **own}
    if HOSTING in changed:
        row.parameters = {**row.parameters, "same_hosting": changed[HOSTING] == _SAME_HOSTING[True]}
    if accepted:
        detail: dict[str, str] = {"lectures": ", ".join(sorted(accepted))}
        _record(session, row, "lectures.accepter", detail, reason, actor)
    for identifier, option in sorted(changed.items()):
        detail = {"lecture": identifier, "avant": before[identifier], "choix": option}
        _record(session, row, "lecture.changer", detail, reason, actor)
    if changed:
        row.changed_at = now()
    return len(accepted), len(changed)


def sign(session: Session, campaign_id: int, identifier: str, reason: str, *, actor: str) -> None:
    """Say who settled a reading, instead of who did before."""
    known = _settled(session, campaign_id, identifier)
    if known is None:
        known = CampaignReading(campaign_id=campaign_id, contradiction=identifier)
        session.add(known)
    known.author, known.reason, known.settled_at = actor, reason.strip(), now()
    session.flush()


def _settled(session: Session, campaign_id: int, identifier: str) -> CampaignReading | None:
    return session.get(CampaignReading, (campaign_id, identifier))


def _record(
    session: Session, row: Campaign, act: str, detail: Mapping[str, str], reason: str, actor: str
) -> None:
    told = {**detail, "raison": reason.strip()} if reason.strip() else dict(detail)
    journal.record(session, actor, act, f"campaign:{row.id}", label=row.name, detail=told)


def _row(session: Session, campaign_id: int) -> Campaign:
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotInCampaignError(f"campaign {campaign_id}")
    return row
