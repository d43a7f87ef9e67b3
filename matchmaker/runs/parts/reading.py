"""The parts of a divided run, as its page reads them.

When to modify: a page shows something else of a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from matchmaker.reference.territories import departements, regions
from matchmaker.runs.parts.tables import RunPart
from matchmaker.runs.tables import Run, State
from matchmaker.web.formats import pluriel

_NAMED = 3  # territories told by name, the others are counted


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part at one moment; ``places``: names of its territories. Values as in ``Standing``."""

    number: int
    places: str
    state: State
    esms_count: int
    attempt: int
    objective_value: int | None
    upper_bound: int | None

    @property
    def gap(self) -> float | None:
        """``bound / value - 1``; None while there is nothing to compare."""
        if not self.objective_value or self.upper_bound is None:
            return None
        return self.upper_bound / self.objective_value - 1


def is_whole() -> ColumnElement[bool]:
    """Runs that are no part of another: what lists show."""
    return Run.id.not_in(select(RunPart.run_id))


def parts(session: Session, run_id: int, territory: str) -> list[PartStanding]:
    """The parts of a run, in the order of their numbers; none when it is not divided.

    ``territory``: the parameter of the question; départements are named where grappes stay in one, else
    regions.
    """
    rows = session.execute(
        select(RunPart.number, RunPart.places, Run)
        .join(Run, Run.id == RunPart.run_id)
        .where(RunPart.parent_id == run_id)
        .order_by(RunPart.number)
    )
    return [
        PartStanding(
            number,
            _names(places, territory),
            State(run.state),
            run.esms_count,
            run.attempt,
            run.objective_value,
            run.upper_bound,
        )
        for number, places, run in rows
    ]


def _names(codes: Sequence[str], territory: str) -> str:
    known = departements()
    if territory == "departement":
        names = [known[code].name if code in known else code for code in codes]
    else:
        of = dict.fromkeys(known[code].region if code in known else code for code in codes)
        names = [regions()[code].name if code in regions() else code for code in of]
    more = len(names) - _NAMED
    told = ", ".join(names[:_NAMED])
    return f"{told} et {pluriel(more, 'autre')}" if more > 0 else told
