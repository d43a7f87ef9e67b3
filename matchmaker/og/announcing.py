"""Tell organismes of the plan that their region published: where it leaves their own ESMS, nobody else's.

Called by ``notify``, so that publishing waits for no mail. A plan published later is told to those for which
it reads otherwise than what they were last told.

When to modify: an organisme is told something more of a published plan.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from matchmaker import notifications
from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns.tables import CampaignOrganisme
from matchmaker.database import Database
from matchmaker.og.standing import Standing, standing
from matchmaker.og.tables import PlanTold
from matchmaker.partners.alerts import signing_in
from matchmaker.partners.meetings import people_of
from matchmaker.proposals import keeping, publishing, wording
from matchmaker.web.formats import capitalize_first, nombre, pluriel, typographie

KIND = "plan"
_PLAN, _ANSWERS = "/og/pourquoi-isole", "/og/mes-esms"


@dataclass(frozen=True, slots=True)
class News:
    """What one organisme reads in a plan. ``sha256``: of all that its page shows of its own ESMS."""

    organisme: int
    sha256: str
    words: str
    path: str


def announce(database: Database, moment: dt.datetime) -> int:
    """Tell of every plan that nobody was told of yet; returns how many organismes were told.

    Plans are read in a session that reads: nobody waits for it. That a plan was told and what was told of it
    are written together, so that a round cut short tells nothing, or all of it.
    """
    with database.reading() as session:
        waiting = publishing.unannounced(session)
    told = 0
    for campaign_id, number in waiting:
        with database.reading() as session:
            news = _news(session, campaign_id, number)
            name = campaigns.get(session, campaign_id).name
        with database.writing() as session:
            if publishing.mark_announced(session, campaign_id, number, moment):
                told += sum(_tell(session, one, name, number, moment) for one in news)
    return told


def _news(session: Session, campaign_id: int, number: int) -> list[News]:
    here = [row for campaign, row in signing_in(session) if campaign == campaign_id]
    if not here:
        return []
    plan = keeping.kept(session, number).plan
    found = []
    for row in here:
        seen = standing(plan, session.get_one(CampaignOrganisme, row).code)
        found.append(News(row, digest(seen), words(seen), _PLAN if seen.known else _ANSWERS))
    return found


def _tell(session: Session, news: News, name: str, number: int, moment: dt.datetime) -> bool:
    before = session.get(PlanTold, news.organisme)
    if before is not None and before.sha256 == news.sha256:
        return False
    if before is None:
        before = PlanTold(campaign_organisme_id=news.organisme)
        session.add(before)
        first = f"Le plan de la campagne « {name} » est publié"
    else:
        first = f"Le plan de la campagne « {name} » a changé pour vous"
    before.plan, before.sha256, before.told_at = number, news.sha256, moment
    notifications.tell(
        session,
        people_of(session, news.organisme),
        KIND,
        typographie(f"{first} : {news.words}"),
        news.path,
        key=f"plan:{news.organisme}:{moment.isoformat(timespec='microseconds')}",
    )
    return True


def digest(seen: Standing) -> str:
    """A digest of what an organisme reads of a plan; a grappe's number in the plan says nothing to it."""
    text: dict[str, list[Any]] = {
        "placed": [
            (
                sorted(e.id for e in one.own),
                one.grappe.esms,
                one.grappe.threshold,
                one.grappe.where,
                one.grappe.solution,
                one.grappe.hosting,
                one.own_eur,
                one.company,
            )
            for one in seen.placed
        ],
        "left": [(one.esms.id, one.reason) for one in seen.left],
        "options": [
            (
                one.kind,
                one.value,
                sorted(one.codes),
                one.joins and (one.joins.where, one.joins.esms),
                one.others,
                one.own_eur,
            )
            for one in seen.options
        ],
    }
    for found in text.values():
        found.sort(key=repr)
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()


def words(seen: Standing) -> str:
    """« vos 4 ESMS y sont placés… » or why they are not and what would place them; nobody is named in it."""
    if not seen.known:
        return (
            "vos ESMS n’y figurent pas, car leurs réponses n’étaient pas complètes. Complétez-les pour le "
            "prochain calcul."
        )
    placed = sum(len(one.own) for one in seen.placed)
    if seen.alone:
        return f"{_alone(seen, placed)} {_way_out(seen)}"
    if placed:
        grappes = "une grappe proposée" if len(seen.placed) == 1 else f"{len(seen.placed)} grappes proposées"
        yours = "votre ESMS y est placé" if placed == 1 else f"vos {nombre(placed)} ESMS y sont placés"
        return (
            f"{yours}, dans {grappes}. Regardez {'votre grappe' if len(seen.placed) == 1 else 'vos grappes'}."
        )
    return "vos ESMS n’y demandent rien, et ne sont dans aucune grappe."


def _alone(seen: Standing, placed: int) -> str:
    count, causes = len(seen.alone), Counter(one.cause for one in seen.alone)
    listed = ", ".join(
        wording.REASONS[cause][0] if cause in wording.REASONS else "aucune grappe possible"
        for cause, _count in causes.most_common()
    )
    if placed:
        isolated = f"{pluriel(count, 'de vos ESMS est isolé', 'de vos ESMS sont isolés')} ({listed})"
        others = "l’autre est dans une grappe" if placed == 1 else f"les {nombre(placed)} autres sont placés"
        return f"{isolated}, {others}."
    yours = "votre ESMS y est isolé" if count == 1 else f"vos {nombre(count)} ESMS y sont isolés"
    return f"{yours} ({listed})."


def _way_out(seen: Standing) -> str:
    enough = seen.enough
    if enough is not None and enough.own_choice:
        return f"Un seul changement suffirait : {enough.label}."
    if seen.options:
        possible = pluriel(len(seen.options), "changement est possible", "changements sont possibles")
        return f"{capitalize_first(possible)} : regardez lesquels, et ce que chacun apporterait."
    return "Regardez pourquoi, et demandez un appui si rien ne convient."


__all__ = ["News", "announce", "digest", "words"]
