"""What is an OG's own: the organismes of who asks, and the campaigns in use that hold each of them.

A *space* is one organisme in one campaign; somebody who has several chooses one, and every page of an OG is
about that one until they choose another.

When to modify: an organisme is in a campaign in another way than by its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort
from flask import session as cookie
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.campaign import values_of as campaign_values
from matchmaker.campaigns.from_register import code_of
from matchmaker.campaigns.tables import Campaign, CampaignOrganisme
from matchmaker.register.tables import Organisme
from matchmaker.web import access
from matchmaker.web.people import OF_ORGANISME, Person

_CHOSEN = "espace"


class NoCampaignError(LookupError):
    """No campaign in use holds the organisme."""


@dataclass(frozen=True, slots=True)
class OwnOrganisme:
    """An organisme of the register; ``code``: its id in campaigns (the FINESS juridique where it has one)."""

    id: int
    code: str
    name: str
    finess_ej: str | None
    fictitious: bool


@dataclass(frozen=True, slots=True)
class Space:
    """An organisme in a campaign; ``campaign`` None: no campaign in use holds it. ``campaign_organisme_id``:
    its row there."""

    organisme: OwnOrganisme
    campaign: CampaignValues | None
    campaign_organisme_id: int | None = None

    @property
    def key(self) -> str:
        """How a page and the cookie name it."""
        return f"{self.organisme.id}:{self.campaign.id if self.campaign else ''}"

    def in_campaign(self) -> tuple[CampaignValues, int]:
        """The campaign and the organisme's row there; raises ``NoCampaignError`` when it is in none."""
        if self.campaign is None or self.campaign_organisme_id is None:
            raise NoCampaignError(self.key)
        return self.campaign, self.campaign_organisme_id


def page_context(own: list[Space], **others: Any) -> dict[str, Any]:
    """What ``templates/og/base.html`` is rendered with; ``own``: as ``of_asking`` gives them."""
    space = own[0]
    return {
        "space": space,
        "spaces": own,
        "organisme": space.organisme,
        "campaign": space.campaign,
        "fictif": space.organisme.fictitious or (space.campaign is not None and space.campaign.fictitious),
        **others,
    }


_ORGANISMES = (
    select(Organisme).where(Organisme.id.in_(bindparam("ids", expanding=True))).order_by(Organisme.name)
)
_HELD = (
    select(Campaign, CampaignOrganisme.id, CampaignOrganisme.code)
    .join(CampaignOrganisme, CampaignOrganisme.campaign_id == Campaign.id)
    .where(CampaignOrganisme.code.in_(bindparam("codes", expanding=True)), Campaign.archived_at.is_(None))
    .order_by(Campaign.id.desc(), CampaignOrganisme.code)
)


def of_person(session: Session, person: Person) -> list[Space]:
    """Every space of a person, in two queries: those of a campaign first, the newest campaign first."""
    ids = {grant.organisme_id for grant in person.holds(OF_ORGANISME)}
    rows = session.scalars(_ORGANISMES, {"ids": ids})
    organismes = {
        code_of(row): OwnOrganisme(row.id, code_of(row), row.name, row.finess_ej, row.fictitious)
        for row in rows
    }
    held = session.execute(_HELD, {"codes": list(organismes)})
    found = [Space(organismes[code], campaign_values(row), key) for row, key, code in held]
    placed = {space.organisme.code for space in found}
    return found + [Space(one, None) for code, one in organismes.items() if code not in placed]


def current(session: Session) -> Space:
    """The space that who asks works in: the one chosen, else the first; 404 for who has none.

    A choice kept in the cookie counts only among the spaces that the person has today.
    """
    return of_asking(session)[0]


def of_asking(session: Session) -> list[Space]:
    """The spaces of who asks, the current one first; 404 for who has none."""
    asking = access.person()
    found = [] if asking is None else of_person(session, asking)
    if not found:
        abort(404)
    found.sort(key=lambda space: space.key != cookie.get(_CHOSEN))
    return found


def choose(session: Session, key: str) -> Space:
    """Work in another of one's spaces from now on; 404 when it is none of one's own."""
    wanted = next((space for space in of_asking(session) if space.key == key), None)
    if wanted is None:
        abort(404)
    cookie[_CHOSEN] = wanted.key
    return wanted
