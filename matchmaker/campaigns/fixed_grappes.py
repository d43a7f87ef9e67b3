"""Grappes of an earlier plan that every run of a campaign keeps, and why one of them no longer can be.

When to modify: the instance format asks something more of fixed grappes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchmaker.baremes import scale_for
from matchmaker.campaigns import verdicts
from matchmaker.campaigns.tables import CampaignEsms, CampaignFixedGrappe
from matchmaker.web.formats import euros, typographie
from solver.instance import Grappe, Instance
from solver.judge import Judge, Rule
from solver.vocabulary import Hosting


@dataclass(frozen=True, slots=True)
class Member:
    """An ESMS of a fixed grappe, as the campaign knows it now."""

    code: str
    name: str
    complete: bool


@dataclass(frozen=True, slots=True)
class FixedGrappe:
    """``code``: its id in the proposals; ``solution``: its code; ``plan``: where it was read, 0
    for one that its members formed by themselves."""

    id: int
    code: str
    plan: int
    solution: str
    solution_name: str
    hosting: str | None
    porteur: str
    members: tuple[Member, ...]
    extendable: bool
    author: str
    reason: str
    created_at: dt.datetime

    def document(self) -> dict[str, Any]:
        """As ``constraints.fixed_grappes[]`` of the instance document."""
        return {
            "id": self.code,
            "solution": self.solution,
            "hosting": self.hosting,
            "porteur": self.porteur,
            "members": [member.code for member in self.members],
            "extendable": self.extendable,
        }


def kept(session: Session, campaign_id: int) -> list[FixedGrappe]:
    """The fixed grappes of a campaign, in the order in which they were asked for."""
    rows = session.scalars(
        select(CampaignFixedGrappe)
        .where(CampaignFixedGrappe.campaign_id == campaign_id)
        .options(
            selectinload(CampaignFixedGrappe.members),
            selectinload(CampaignFixedGrappe.solution),
            selectinload(CampaignFixedGrappe.porteur),
        )
        .order_by(CampaignFixedGrappe.id)
    )
    return [_values(row) for row in rows]


def _values(row: CampaignFixedGrappe) -> FixedGrappe:
    return FixedGrappe(
        id=row.id,
        code=row.code,
        plan=row.plan,
        solution=row.solution.code,
        solution_name=row.solution.name,
        hosting=row.hosting,
        porteur=row.porteur.code,
        members=tuple(_member(esms) for esms in row.members),
        extendable=row.extendable,
        author=row.author,
        reason=row.reason,
        created_at=row.created_at,
    )


def _member(row: CampaignEsms) -> Member:
    return Member(row.code, row.name, row.completeness == "complete")


def faults(instance: Instance, fixed: Sequence[FixedGrappe]) -> dict[int, list[str]]:
    """Why fixed grappes cannot appear in a run: id -> French sentences; only those that cannot.

    ``instance``: the campaign's question without its fixed grappes. The judge decides, by the contract: every
    rule but the minimum size when extendable, the porteur as given, the budget of them all together.
    """
    found: dict[int, list[str]] = {}
    judge = Judge(instance, scale_for(instance.regime, instance.parameters.readings))
    total = 0
    for one in fixed:
        sentences = list(_broken(judge, one))
        if not sentences:
            total += judge.funding(one.solution, [member.code for member in one.members])
            budget = instance.parameters.budget_eur
            if budget is not None and total > budget:
                sentences = [f"Avec elle, les grappes conservées dépassent le budget de {euros(budget)}."]
        if sentences:
            found[one.id] = [typographie(sentence) for sentence in sentences]
    return found


def _broken(judge: Judge, one: FixedGrappe) -> Iterator[str]:
    away = [member.name for member in one.members if not member.complete]
    if away:
        yield from (f"« {name} » n’a plus de réponse complète." for name in away)
        return
    # A grappe whose members all keep their own hosting is only possible while the campaign allows it.
    hosting = None if one.hosting is None else Hosting(one.hosting)
    grappe = Grappe(one.code, one.solution, hosting, one.porteur, tuple(m.code for m in one.members))
    for violation in judge.grappe_violations(grappe):
        too_small = violation.rule is Rule.SIZE and str(violation.recomputed).startswith("at least")
        if violation.rule is Rule.CENTRE or (too_small and one.extendable):
            continue
        yield verdicts.sentence(violation, judge.instance)
