"""The single concessions that would place the most unplaced ESMS, counted over a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.proposals.plan import Plan, Unplaced
from solver.vocabulary import ChangeKind

_BY_VALUE = (ChangeKind.ACCEPT_HOSTING, ChangeKind.ACCEPT_SOLUTION)


@dataclass(frozen=True, slots=True)
class Lever:
    """``count`` ESMS of ``organismes`` organismes that this concession would place, each verified by itself.

    ``value`` None: the value differs from one to the other (kilometres, territory). ``where``: the
    département of most of them, with their number there.
    """

    kind: str
    value: str | None
    count: int
    organismes: int
    where: tuple[str, int]


def levers(plan: Plan) -> list[Lever]:
    """Levers of a plan, the one that places the most ESMS first."""
    return levers_of(plan, plan.unplaced)


def levers_of(plan: Plan, some: Iterable[Unplaced]) -> list[Lever]:
    """Levers of some unplaced ESMS of a plan, the one that places the most of them first."""
    found: dict[tuple[str, str | None], set[str]] = {}
    for unplaced in some:
        for change in unplaced.changes:
            key = (change.kind, str(change.value) if change.kind in _BY_VALUE else None)
            found.setdefault(key, set()).add(unplaced.esms.id)
    result = []
    for (kind, value), ids in found.items():
        esms = [plan.esms[id_] for id_ in ids]
        where = min(Counter(e.departement for e in esms).items(), key=lambda pair: (-pair[1], pair[0]))
        result.append(Lever(kind, value, len(ids), len({e.organisme.id for e in esms}), where))
    return sorted(result, key=lambda lever: (-lever.count, lever.kind, lever.value or ""))
