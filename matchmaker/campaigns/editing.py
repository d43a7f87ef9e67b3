"""Several people on one answer: what each typed is merged field by field, what contradicts is told to both.

A page keeps what it showed. A field that a person left as it was shown is never written, so what somebody
else answered there stays; a field that both changed, to different values, is a conflict and nothing is
written there.

When to modify: a question is added to the needs form.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns import answers, needs_check
from matchmaker.campaigns.answers import ANY, Answer
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.tables import CampaignEsms

FIELDS = tuple(one.name for one in fields(Answer))
# A montée de version ties these three together: what contradicts in one is undone in all that were changed.
_TIED = ("need", "current_solution", "accepted_solutions")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sends. ``shown``: what it showed when it was opened or last saved.

    ``sent``: the fields that it sends at all. ``unusable``: those that cannot be read, with why.
    ``insisted``: fields whose conflict was seen, with the value of the other that was shown.
    ``before``: answers that the page sent already without hearing what became of them; what the campaign
    holds of these is the person's own.
    """

    answer: Answer
    shown: Answer
    sent: Collection[str] = FIELDS
    unusable: Mapping[str, str] = field(default_factory=dict)
    insisted: Mapping[str, object] = field(default_factory=dict)
    before: Sequence[Answer] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """``kept`` is in the campaign, from somebody else; ``typed`` was not written."""

    kept: object
    typed: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """``answer``: what the campaign holds now. ``problems``: field -> French sentence, nothing written there.

    ``shown``: what the page must carry from now on. A conflict stays one until somebody chooses: there the
    page still carries what it showed at first.
    """

    answer: Answer
    shown: Answer
    conflicts: Mapping[str, Conflict]
    problems: Mapping[str, str]

    @property
    def whole(self) -> bool:
        """Everything that was typed is kept."""
        return not self.conflicts and not self.problems


def save(session: Session, campaign_id: int, esms_code: str, typed: Typed, *, actor: str) -> Outcome:
    """Write what can be written of an answer; raises ``NotInCampaignError`` when there is no such ESMS."""
    row = session.scalar(
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == esms_code)
        .with_for_update()
    )
    if row is None:
        raise NotInCampaignError(f"ESMS {esms_code}")
    keys = answers.solution_ids(session, campaign_id)
    now = answers.of_row(row, {key: code for code, key in keys.items()})
    merged, conflicts = _merged(now, typed)
    problems = dict(typed.unusable) | replace(merged, **_as_in(now, typed.unusable)).problems(keys)
    merged = replace(merged, **_as_in(now, problems))
    told = needs_check.contradictions(needs_check.completed(merged))
    if told:
        problems |= told
        merged = replace(merged, **_as_in(now, _TIED))
    merged = needs_check.completed(merged)
    if merged != now:
        answers.keep(session, campaign_id, esms_code, merged, actor=actor)
    still = {name: getattr(typed.shown, name) for name in conflicts}
    return Outcome(merged, replace(merged, **still), conflicts, problems)


def _merged(now: Answer, typed: Typed) -> tuple[Answer, dict[str, Conflict]]:
    values: dict[str, Any] = {}
    conflicts = {}
    before = [needs_check.completed(one) for one in typed.before]  # as they were kept
    for name in FIELDS:
        mine, kept = (_plain(getattr(one, name)) for one in (typed.answer, now))
        shown = known(now, typed.shown, before, name)
        if name not in typed.sent or name in typed.unusable or mine in (shown, kept):
            continue
        if kept == shown or (name in typed.insisted and _plain(typed.insisted[name]) == kept):
            values[name] = getattr(typed.answer, name)
        else:
            conflicts[name] = Conflict(getattr(now, name), getattr(typed.answer, name))
    return replace(now, **values), conflicts


def known(now: object, shown: object, before: Iterable[object], name: str) -> object:
    """What a person believes that a field holds: what the page showed, or what it sent itself, if kept."""
    kept = _plain(getattr(now, name))
    own = any(_plain(getattr(one, name)) == kept for one in before)
    return kept if own else _plain(getattr(shown, name))


def _as_in(now: Answer, names: Collection[str]) -> dict[str, Any]:
    return {name: getattr(now, name) for name in names if name in FIELDS}


def _plain(value: object) -> object:
    """A value as it is compared: the order of what is accepted means nothing."""
    return sorted(value) if isinstance(value, tuple | list) else value


def same(one: object, other: object) -> bool:
    """Whether two values of a field say the same."""
    return _plain(one) == _plain(other)


def text_of(value: object) -> str:
    """A value, or a whole answer, as a page carries it."""
    return json.dumps(asdict(value) if isinstance(value, Answer) else value, ensure_ascii=False)


def answer_of(text: str) -> Answer:
    """The answer that a page carried.

    Raises
    ------
    ValueError
        The text is none of ``text_of``.
    """
    held = json.loads(text)
    if not isinstance(held, dict) or set(held) != set(FIELDS):
        raise ValueError("not an answer")
    for name in ("accepted_solutions", "accepted_hosting"):
        if held[name] is not None and held[name] != ANY:
            held[name] = tuple(str(one) for one in held[name])
    return Answer(**held)
