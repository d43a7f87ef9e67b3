"""Make a concession of the plan one's own: what the answers would become, then the change itself.

When to modify: the optimiser proposes a concession that an organisme can make by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from matchmaker.campaigns import editing
from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.listing import EsmsLine
from matchmaker.og.standing import Option
from solver.vocabulary import ChangeKind

_FIELDS: Mapping[str, str] = {
    ChangeKind.ACCEPT_HOSTING: "accepted_hosting",
    ChangeKind.ACCEPT_SOLUTION: "accepted_solutions",
    ChangeKind.SPLIT_LOT: "lot",
}


@dataclass(frozen=True, slots=True)
class Step:
    """The answer of one ESMS before and after; ``field``: the one that changes."""

    line: EsmsLine
    field: str
    after: Answer

    @property
    def changes(self) -> bool:
        """False when the answer says so already."""
        return self.after != self.line.answer


def steps(option: Option, lines: Iterable[EsmsLine]) -> list[Step]:
    """What the concession does to the answers as they are today; a whole lot makes it together.

    Raises
    ------
    ValueError
        The concession is none that an organisme makes by itself.
    """
    field = _FIELDS.get(option.kind)
    if field is None:
        raise ValueError(f"{option.kind}: not an organisme's own choice")
    own = list(lines)
    concerned = [line for line in own if line.code in option.codes]
    lots = {line.answer.lot for line in concerned} - {None}
    found = [line for line in own if line.code in option.codes or line.answer.lot in lots]
    return [Step(line, field, _after(line.answer, option)) for line in found]


def apply(
    session: Session, campaign_id: int, made: Iterable[Step], shown: Mapping[str, Answer], *, actor: str
) -> list[str]:
    """Write the steps that change something; returns the names of the ESMS that could not take theirs.

    ``shown``: what the confirmation showed of each ESMS; one that somebody changed since is left as it is.
    """
    refused = []
    for step in made:
        code = step.line.code
        if not step.changes and code in shown:
            continue
        if code not in shown:
            refused.append(step.line.name)
            continue
        typed = editing.Typed(answer=step.after, shown=shown[code], sent=(step.field,))
        outcome = editing.save(session, campaign_id, code, typed, actor=actor)
        if not outcome.whole:
            refused.append(step.line.name)
    return refused


def _after(answer: Answer, option: Option) -> Answer:
    if option.kind == ChangeKind.SPLIT_LOT:
        return replace(answer, lot=None)
    if option.kind == ChangeKind.ACCEPT_HOSTING:
        return replace(answer, accepted_hosting=_with(answer.accepted_hosting, option.value))
    return replace(answer, accepted_solutions=_with(answer.accepted_solutions, option.value))


def _with(accepted: Accepted, value: str) -> Accepted:
    if accepted == ANY or accepted is None:
        return ANY if accepted == ANY else (value,)
    return tuple(sorted({*accepted, value}))
