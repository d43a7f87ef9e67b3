"""« Essayer sans enregistrer »: what another answer would bring, in euros. Nothing is written.

When to modify: trying an answer shows another effect, or another question can be tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from matchmaker.campaigns import editing, needs_check
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.listing import EsmsLine
from matchmaker.campaigns.wording import HOSTING
from matchmaker.og import money, progress, saving
from matchmaker.og.money import Estimate
from matchmaker.og.progress import Progress
from matchmaker.og.rows import MyEsms
from solver.vocabulary import Need

_FIELDS = ("need", "accepted_solutions", "accepted_hosting")


@dataclass(frozen=True)
class Effect:
    """``estimate`` None: no ESMS asks for anything."""

    progress: Progress
    estimate: Estimate | None
    entering: int

    @property
    def own_eur(self) -> int:
        return 0 if self.estimate is None else self.estimate.own_eur

    @property
    def shared_eur(self) -> int:
        return 0 if self.estimate is None else self.estimate.shared_eur


@dataclass(frozen=True)
class Trial:
    """``answers``: of every ESMS, as they would be. ``changed``: codes of those that would change;
    ``refused``: name of an ESMS that cannot take the answer -> why (it stays as it is here)."""

    before: Effect
    after: Effect
    answers: Mapping[str, Answer]
    changed: tuple[str, ...]
    refused: Mapping[str, str]


def trial(mine: MyEsms, given: Answer, codes: Collection[str]) -> Trial:
    """The stated fields of ``given`` in the answers of these ESMS; the others keep theirs."""
    fields = {name: getattr(given, name) for name in saving.stated(given)}
    known = [one.code for one in mine.solutions]
    lines, changed, refused = [], [], {}
    for row in mine.rows:
        line = row.line
        wanted = needs_check.completed(replace(line.answer, **fields)) if line.code in codes else line.answer
        problems = wanted.problems(known) | needs_check.contradictions(wanted)
        if problems and line.code in codes:
            refused[line.name] = " ".join(problems.values())
        elif any(not editing.same(getattr(wanted, f), getattr(line.answer, f)) for f in _FIELDS):
            changed.append(line.code)
            line = replace(line, answer=wanted)
        lines.append(line)
    return Trial(
        before=_effect(mine, [row.line for row in mine.rows]),
        after=_effect(mine, lines),
        answers={line.code: line.answer for line in lines},
        changed=tuple(changed),
        refused=refused,
    )


def in_common(mine: MyEsms) -> dict[str, Any]:
    """What all the ESMS that ask for something answer alike, by field: what a trial starts from."""
    answers = [row.line.answer for row in mine.rows if row.line.answer.need != Need.AUCUN]
    found = {}
    for name in _FIELDS:
        values = [getattr(answer, name) for answer in answers]
        if values and all(editing.same(value, values[0]) for value in values):
            found[name] = values[0]
    return found


def one_more_hosting(mine: MyEsms) -> list[tuple[list[str], str]]:
    """Trials of one more hosting mode for all the ESMS: the modes, and the name of the new one."""
    now = in_common(mine).get("accepted_hosting")
    if not isinstance(now, tuple):
        return []
    return [([*now, mode], name) for mode, name in HOSTING.items() if mode not in now]


def _effect(mine: MyEsms, lines: list[EsmsLine]) -> Effect:
    assert mine.space.campaign is not None
    return Effect(
        progress=progress.of(lines),
        estimate=money.estimate(mine.space.campaign, lines, mine.solutions),
        entering=sum(
            1
            for line in lines
            if not line.answer.missing and line.answer.need != Need.AUCUN and not line.excluded
        ),
    )
