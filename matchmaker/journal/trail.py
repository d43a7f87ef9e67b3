"""Write the audit trail and read it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from matchmaker.database.instants import now
from matchmaker.journal.tables import JournalEntry
from matchmaker.web.people import Ground

# The command line, and the one person of an installation without accounts, act under this name.
LOCAL = "local"

Detail = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """An act as read back. ``object``: ``kind:id``; ``label``: the object's name at that moment."""

    id: int
    at: dt.datetime
    actor: str
    action: str
    object: str
    label: str
    detail: Detail


# Kinds of objects -> the numbers of those on a ground: features say what is whose (``lies``).
_LIES: dict[str, Callable[[Ground], Select[int]]] = {}
_NAMES: list[Callable[[Session, Collection[str]], Mapping[str, str]]] = []


def lies(kind: str, numbers: Callable[[Ground], Select[int]]) -> None:
    """Say which objects of a kind lie on a ground: their acts are shown to who acts there."""
    _LIES[kind] = numbers


def named_by(names: Callable[[Session, Collection[str]], Mapping[str, str]]) -> None:
    """Say who knows the names of actors."""
    _NAMES[:] = [names]


def names_of(session: Session, actors: Collection[str]) -> dict[str, str]:
    """Names of the actors that have one."""
    found: dict[str, str] = {}
    for names in _NAMES:
        found |= names(session, actors)
    return found


def on_ground(ground: Ground, actor: str) -> ColumnElement[bool]:
    """Condition: the act is about something of this ground, or is the actor's own."""
    seen = [JournalEntry.actor == actor]
    for kind, numbers in _LIES.items():
        inside = numbers(ground).subquery()
        seen.append(JournalEntry.object.in_(select(literal(f"{kind}:") + cast(inside.c[0], String))))
    return or_(*seen)


def record(
    session: Session, actor: str, action: str, object_: str, *, label: str = "", detail: Detail | None = None
) -> None:
    """Add one act to the journal, in the transaction that does it: both are kept, or neither.

    Parameters
    ----------
    action
        ``kind.verb`` in French as in ``campagne.creer``; ``matchmaker.journal.wording`` gives its sentence.
    object_
        ``kind:id``, for example ``campaign:7``.
    """
    session.add(
        JournalEntry(
            at=now(), actor=actor, action=action, object=object_, label=label, detail=dict(detail or {})
        )
    )


def entries(
    session: Session,
    *,
    object_: str | None = None,
    actor: str | None = None,
    seen: ColumnElement[bool] | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Entry], int]:
    """Acts from the newest on, and how many there are in all; of one object when ``object_`` is given, of one
    person when ``actor`` is; ``seen``: only those that this condition lets see."""
    wanted = select(JournalEntry)
    if object_ is not None:
        wanted = wanted.where(JournalEntry.object == object_)
    if actor is not None:
        wanted = wanted.where(JournalEntry.actor == actor)
    if seen is not None:
        wanted = wanted.where(seen)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = session.scalars(wanted.order_by(JournalEntry.id.desc()).offset(offset).limit(limit))
    return [Entry(r.id, r.at, r.actor, r.action, r.object, r.label, r.detail) for r in rows], total
