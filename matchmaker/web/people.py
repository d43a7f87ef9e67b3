"""Who asks for a page: a person, the roles they hold and where, and what belongs to those places.

Values only: accounts make them, ``web.access`` judges by them, lists filter by them.

When to modify: a role is added, or the ground on which a role acts changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true


class Role(StrEnum):
    """What somebody may be; docs/accounts.md says what each one does."""

    OG_MEMBER = "og_member"
    OG_MANAGER = "og_manager"
    GRADES = "grades"
    ARS = "ars"
    SUPPORT = "support"
    ADMIN = "admin"


OF_ORGANISME = frozenset({Role.OG_MEMBER, Role.OG_MANAGER})
OF_TERRITORY = frozenset({Role.GRADES, Role.ARS, Role.SUPPORT})


@dataclass(frozen=True, slots=True)
class Belonging:
    """To whom an object belongs: the places it lies in, as (région, département or None for all of it), and
    its organisme. Neither: the whole country."""

    places: tuple[tuple[str, str | None], ...] = ()
    organisme_id: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one place: an organisme for those of an OG, a région (and département) for territorial
    ones, nothing for the national administrator."""

    role: Role
    organisme_id: int | None = None
    region: str | None = None
    departement: str | None = None

    @property
    def everywhere(self) -> bool:
        return self.role not in OF_ORGANISME and self.region is None

    def covers(self, belonging: Belonging) -> bool:
        """Whether an object lies within this grant."""
        if self.role in OF_ORGANISME:
            return self.organisme_id is not None and self.organisme_id == belonging.organisme_id
        return self.everywhere or any(
            region == self.region and self.departement in (None, departement)
            for region, departement in belonging.places
        )

    def reaches(self, belonging: Belonging) -> bool:
        """Whether this grant is in a département of the whole région that an object belongs to."""
        return self.departement is not None and (self.region, None) in belonging.places


@dataclass(frozen=True, slots=True)
class Ground:
    """All the places of several grants: what a list may show of what lies in a territory."""

    everywhere: bool
    places: frozenset[tuple[str, str | None]]

    def condition(self, region: Any, departement: Any) -> ColumnElement[bool]:
        """SQL over the two columns of an object: whether it lies on this ground."""
        if self.everywhere:
            return true()
        inside = [
            region == place if part is None else and_(region == place, departement == part)
            for place, part in sorted(self.places, key=lambda p: (p[0], p[1] or ""))
        ]
        return or_(*inside) if inside else false()

    def covers(self, region: str | None, departement: str | None) -> bool:
        """The same for one object in memory; an object of the whole country lies on no smaller ground."""
        return self.everywhere or (region, None) in self.places or (region, departement) in self.places


EVERYWHERE = Ground(everywhere=True, places=frozenset())


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. ``account_id`` None: the one person of an installation without accounts."""

    account_id: int | None
    name: str
    grants: tuple[Grant, ...]

    @property
    def actor(self) -> str:
        """How the journal names them: by number, so that erasing an account leaves no name behind."""
        return "local" if self.account_id is None else f"compte:{self.account_id}"

    def holds(self, roles: Collection[Role]) -> tuple[Grant, ...]:
        return tuple(grant for grant in self.grants if grant.role in roles)

    def covers(self, roles: Collection[Role], belonging: Belonging) -> bool:
        return any(grant.covers(belonging) for grant in self.holds(roles))

    def ground(self, roles: Collection[Role]) -> Ground:
        """Where these roles act, organismes apart."""
        held = [grant for grant in self.holds(roles) if grant.role not in OF_ORGANISME]
        if any(grant.everywhere for grant in held):
            return EVERYWHERE
        return Ground(False, frozenset((g.region, g.departement) for g in held if g.region is not None))


# An installation on one's own machine: its one user runs campaigns everywhere, and has no account.
LOCAL = Person(None, "Poste local", (Grant(Role.GRADES),))
