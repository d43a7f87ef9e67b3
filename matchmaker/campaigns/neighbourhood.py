"""Who could be with whom in a campaign, before any run: the organismes that stay alone whatever is proposed.

When to modify: the page « Qui peut rejoindre qui » tells something more of an organisme.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.baremes import scale_for
from matchmaker.campaigns.instance import instance_of
from matchmaker.campaigns.tables import CampaignOrganisme
from matchmaker.campaigns.wording import plain
from solver.document import read_instance
from solver.neighbourhood import Standing, circles, who_reaches_whom

PAGE = 50
_CAMPAIGNS = 2  # graphs kept in memory, some 50 MB each for a large région


@dataclass(frozen=True, slots=True)
class Place:
    """An organisme among the others. ``reaches``: how many organismes it could be with."""

    code: str
    name: str
    fictitious: bool
    standing: Standing
    reaches: int

    @property
    def alone(self) -> bool:
        """Whether none of its ESMS can be in any grappe."""
        return self.standing.stranded == self.standing.esms


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All organismes with ESMS to place, those in trouble first; ``circles``: (organismes, ESMS) of each."""

    places: tuple[Place, ...]
    circles: tuple[tuple[int, int], ...]
    radius_km: float | None

    @property
    def esms(self) -> int:
        return sum(place.standing.esms for place in self.places)

    @property
    def stranded(self) -> int:
        return sum(place.standing.stranded for place in self.places)

    @property
    def touched(self) -> int:
        """Organismes that have a stranded ESMS."""
        return sum(place.standing.stranded > 0 for place in self.places)

    def page(self, text: str, number: int, size: int = PAGE) -> tuple[Sequence[Place], int, int]:
        """Places that hold every word of ``text``: those of one page, its number, the number of pages."""
        words = plain(text).split()
        found = [p for p in self.places if all(word in plain(f"{p.name} {p.code}") for word in words)]
        pages = max(1, -(-len(found) // size))
        number = min(max(number, 1), pages)
        return found[(number - 1) * size : number * size], number, pages


def neighbourhood(session: Session, campaign_id: int) -> Neighbourhood:
    """The whole campaign.

    Raises
    ------
    NotInCampaignError, UnusableGrappesError
        As ``instance_of``.
    """
    document = instance_of(session, campaign_id)
    graph = _graph(document)
    standings = {code: graph.nodes[code]["standing"] for code in graph}
    places = [
        Place(row.code, row.name, row.fictitious, standings[row.code], graph.degree(row.code))
        for row in _rows(session, campaign_id)
        if row.code in graph
    ]
    places.sort(key=lambda p: (-p.standing.stranded, p.standing.gathering, plain(p.name), p.code))
    sizes = [(len(circle), sum(standings[code].esms for code in circle)) for circle in circles(graph)]
    return Neighbourhood(tuple(places), tuple(sizes), document["parameters"]["max_radius_km"])


def of_organisme(session: Session, campaign_id: int, code: str) -> tuple[Place, list[Place]] | None:
    """One organisme and those it could be with, by name; None when it has no ESMS to place."""
    graph = _graph(instance_of(session, campaign_id))
    if code not in graph:
        return None
    near = set(graph[code]) | {code}
    places = {
        row.code: Place(
            row.code, row.name, row.fictitious, graph.nodes[row.code]["standing"], graph.degree(row.code)
        )
        for row in _rows(session, campaign_id)
        if row.code in near
    }
    own = places.pop(code)
    return own, sorted(places.values(), key=lambda p: (plain(p.name), p.code))


def _rows(session: Session, campaign_id: int) -> Sequence[CampaignOrganisme]:
    return session.scalars(
        select(CampaignOrganisme).where(CampaignOrganisme.campaign_id == campaign_id)
    ).all()


def _graph(document: dict[str, object]) -> nx.Graph[str]:
    return _of_text(json.dumps(document, sort_keys=True)) if document["esms"] else nx.Graph()


@lru_cache(maxsize=_CAMPAIGNS)
def _of_text(text: str) -> nx.Graph[str]:
    """A campaign that did not change is not computed again: seconds for a région."""
    instance = read_instance(json.loads(text))
    return who_reaches_whom(instance, scale_for(instance.regime, instance.parameters.readings))
