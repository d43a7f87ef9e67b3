"""Organismes of a campaign: found by what a person types, and the number of all their ESMS.

When to modify: a campaign keeps something more of an organisme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.campaigns.wording import plain

LARGEST_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class OrganismeValues:
    """``esms_total``: all its ESMS; ``in_campaign``: those that the campaign holds."""

    code: str
    name: str
    esms_total: int
    in_campaign: int
    fictitious: bool


def get(session: Session, campaign_id: int, code: str) -> OrganismeValues:
    """One organisme; raises ``NotInCampaignError`` when it is not in the campaign."""
    row = _row(session, campaign_id, code)
    held = session.scalar(
        select(func.count()).select_from(CampaignEsms).where(CampaignEsms.organisme_id == row.id)
    )
    return OrganismeValues(row.code, row.name, row.esms_total, held or 0, row.fictitious)


def search(session: Session, campaign_id: int, text: str, most: int = 12) -> list[tuple[str, str]]:
    """Organismes (code, name) that hold every word of ``text``, those that start with it first."""
    wanted = plain(text)
    rows = session.execute(
        select(CampaignOrganisme.code, CampaignOrganisme.name)
        .where(CampaignOrganisme.campaign_id == campaign_id)
        .order_by(CampaignOrganisme.name, CampaignOrganisme.code)
    )
    known = [(row.code, row.name, plain(f"{row.name} {row.code}")) for row in rows]
    found = [one for one in known if all(word in one[2] for word in wanted.split())]
    found.sort(key=lambda one: not one[2].startswith(wanted))
    return [(code, name) for code, name, _ in found[:most]]


def shown(code: str, name: str) -> str:
    """How an organisme is offered and typed: the name alone may be that of several."""
    return f"{name} ({code})"


def named(session: Session, campaign_id: int, typed: str) -> str:
    """The code of the organisme that a person named: name and number, either alone, or words of the name.

    Raises
    ------
    RefusedError
        At ``organisme``: none, or several, with those it could be.
    """
    exact = re.search(r"\(([^()]+)\)$", typed.strip())
    for code in (exact[1] if exact else "", "".join(typed.split())):
        if code and _find(session, campaign_id, code) is not None:
            return code
    found = search(session, campaign_id, typed) if typed.strip() else []
    same = [code for code, name in found if plain(name) == plain(typed)]
    if len(same) == 1 or (not same and len(found) == 1):
        return (same or [found[0][0]])[0]
    if not typed.strip():
        raise RefusedError({"organisme": "Tapez le nom ou le numéro d’un organisme de la campagne."})
    if not found:
        raise RefusedError({"organisme": f"Aucun organisme de la campagne ne répond à « {typed.strip()} »."})
    offered = " ; ".join(shown(code, name) for code, name in found[:5])
    more = "" if len(found) <= 5 else " ; et d’autres"
    raise RefusedError({"organisme": f"Plusieurs organismes y répondent, précisez lequel : {offered}{more}."})


def correct_total(session: Session, campaign_id: int, code: str, total: object, *, actor: str) -> None:
    """Replace the number of all its ESMS.

    Raises
    ------
    RefusedError
        Not a whole number, or fewer than the campaign holds.
    """
    values = get(session, campaign_id, code)
    if not isinstance(total, int) or not 0 <= total <= LARGEST_TOTAL:
        raise RefusedError({"total": "Un nombre entier d’ESMS est attendu."})
    if total < values.in_campaign:
        raise RefusedError(
            {"total": f"La campagne compte déjà {values.in_campaign} ESMS de cet organisme : pas moins."}
        )
    if total == values.esms_total:
        return
    _row(session, campaign_id, code).esms_total = total
    journal.record(
        session,
        actor,
        "organisme.corriger",
        f"campaign:{campaign_id}",
        label=values.name,
        detail={"avant": values.esms_total, "après": total},
    )


def _row(session: Session, campaign_id: int, code: str) -> CampaignOrganisme:
    row = _find(session, campaign_id, code)
    if row is None:
        raise NotInCampaignError(f"organisme {code}")
    return row


def _find(session: Session, campaign_id: int, code: str) -> CampaignOrganisme | None:
    return session.scalar(
        select(CampaignOrganisme).where(
            CampaignOrganisme.campaign_id == campaign_id, CampaignOrganisme.code == code
        )
    )
