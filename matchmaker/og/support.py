"""Requests of OGs to the support cell of their région: asked, read by the cell, answered.

When to modify: a request says something more, or goes to somebody else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchmaker import journal, notifications
from matchmaker.accounts.people import ERASED
from matchmaker.accounts.tables import Account, Membership
from matchmaker.campaigns.spaces import Space
from matchmaker.campaigns.tables import Campaign, CampaignEsms, CampaignOrganisme
from matchmaker.database.instants import now
from matchmaker.og.tables import EsmsDetail, SupportRequest
from matchmaker.register.tables import Organisme
from matchmaker.web.people import Belonging, Ground

SUBJECTS: Mapping[str, str] = {
    "isolement": "Mes ESMS ne sont dans aucune grappe",
    "distance": "Accepter un porteur plus éloigné, ou d’un autre territoire",
    "registre": "Un établissement est faux, manque ou est fermé",
    "autre": "Autre question",
}
STATES: Mapping[str, str] = {"waiting": "En attente", "taken": "Prise en charge", "closed": "Close"}
LONGEST = 2000
MOST_OPEN = 10  # waiting requests of one organisme


class RequestRefusedError(ValueError):
    """What cannot be sent; ``problems``: field -> French sentence."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as pages show it."""

    id: int
    subject: str
    text: str
    asked_at: dt.datetime
    state: str
    answer: str
    answered_at: dt.datetime | None
    organisme: str
    campaign: str
    campaign_id: int
    by: str
    email: str | None

    @property
    def subject_name(self) -> str:
        return SUBJECTS.get(self.subject, self.subject)

    @property
    def state_name(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class UnknownDui:
    """A DUI that an organisme named in its own words: the campaign's catalogue does not hold it."""

    typed: str
    esms: str
    code: str
    organisme: str
    campaign_id: int
    campaign: str


def ask(session: Session, space: Space, account_id: int | None, subject: str, text: str) -> int:
    """Keep a request of the space's organisme; returns its number.

    Raises
    ------
    RequestRefusedError
        Nothing is said, too much is, or many requests wait already.
    """
    assert space.campaign is not None
    text = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    problems = {}
    if subject not in SUBJECTS:
        problems["objet"] = "Choisissez l’objet de votre demande."
    if not 1 <= len(text) <= LONGEST:
        problems["texte"] = f"Décrivez votre demande, en {LONGEST} caractères au plus."
    waiting = select(SupportRequest.id).where(
        SupportRequest.organisme_id == space.organisme.id, SupportRequest.state != "closed"
    )
    if len(session.scalars(waiting.limit(MOST_OPEN)).all()) >= MOST_OPEN:
        problems[""] = f"{MOST_OPEN} de vos demandes sont déjà en attente : complétez-en une par téléphone."
    if problems:
        raise RequestRefusedError(problems)
    row = SupportRequest(
        campaign_id=space.campaign.id,
        organisme_id=space.organisme.id,
        account_id=account_id,
        subject=subject,
        text=text,
        asked_at=now(),
        state="waiting",
        answer="",
    )
    session.add(row)
    session.flush()
    actor = "local" if account_id is None else f"compte:{account_id}"
    journal.record(
        session, actor, "appui.demander", f"campaign:{space.campaign.id}", label=space.organisme.name
    )
    return row.id


def follow(session: Session, request_id: int, state: str, answer: str, *, actor: str) -> None:
    """Say where a request stands, with words that the organisme reads.

    Raises
    ------
    RequestRefusedError
        An unknown state, or too many words.
    """
    answer = "".join(c for c in answer.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    problems = {}
    if state not in STATES:
        problems["etat"] = "Choisissez où en est la demande."
    if len(answer) > LONGEST:
        problems["reponse"] = f"La réponse compte {LONGEST} caractères au plus."
    if problems:
        raise RequestRefusedError(problems)
    row = session.scalar(select(SupportRequest).where(SupportRequest.id == request_id).with_for_update())
    if row is None:
        return
    news = (row.state, row.answer) != (state, answer) and state != "waiting"
    row.state, row.answer, row.answered_by, row.answered_at = state, answer, actor, now()
    if news:
        _tell(session, row)
    name = session.get_one(Organisme, row.organisme_id).name
    journal.record(session, actor, "appui.repondre", f"campaign:{row.campaign_id}", label=name)


def _tell(session: Session, row: SupportRequest) -> None:
    """People of the organisme learn that somebody answered, not what."""
    people = select(Membership.account_id).where(Membership.organisme_id == row.organisme_id).distinct()
    words = {"taken": "est prise en charge", "closed": "est close"}[row.state]
    notifications.tell(
        session,
        session.scalars(people).all(),
        "appui",
        f"Votre demande d’appui {words}{' : lisez la réponse' if row.answer else ''}.",
        "/og/appui",
        key=f"appui:{row.id}:{row.answered_at}",
    )


def of_organisme(session: Session, organisme_id: int) -> list[Shown]:
    """The requests of an organisme, the latest first."""
    return _shown(session, _rows().where(SupportRequest.organisme_id == organisme_id))


def on_ground(session: Session, ground: Ground) -> list[Shown]:
    """The requests of a ground: those that wait first, then the latest."""
    found = _shown(session, _rows().where(ground.condition(Campaign.region, Campaign.departement)).limit(200))
    return sorted(found, key=lambda one: list(STATES).index(one.state))


def unknown_duis(session: Session, ground: Ground) -> list[UnknownDui]:
    """DUI that OGs of campaigns in use named and that no catalogue holds yet."""
    rows = session.execute(
        select(
            EsmsDetail.current_typed,
            CampaignEsms.name,
            CampaignEsms.code,
            CampaignOrganisme.name,
            Campaign.id,
            Campaign.name,
        )
        .join(CampaignEsms, CampaignEsms.id == EsmsDetail.esms_id)
        .join(CampaignOrganisme, CampaignOrganisme.id == CampaignEsms.organisme_id)
        .join(Campaign, Campaign.id == CampaignEsms.campaign_id)
        .where(
            EsmsDetail.current_typed != "",
            Campaign.archived_at.is_(None),
            ground.condition(Campaign.region, Campaign.departement),
        )
        .order_by(EsmsDetail.current_typed, CampaignEsms.name)
        .limit(200)
    )
    return [UnknownDui(*row) for row in rows]


def belonging(session: Session, request_id: int) -> Belonging | None:
    """A request is followed where its campaign lies. None: no such one."""
    row = session.execute(
        select(Campaign.region, Campaign.departement)
        .join(SupportRequest, SupportRequest.campaign_id == Campaign.id)
        .where(SupportRequest.id == request_id)
    ).one_or_none()
    if row is None:
        return None
    return Belonging(() if row.region is None else ((row.region, row.departement),))


_Rows = Select[SupportRequest, str, str, str, str | None]


def _rows() -> _Rows:
    return (
        select(SupportRequest, Organisme.name, Campaign.name, Account.name, Account.email)
        .join(Organisme, Organisme.id == SupportRequest.organisme_id)
        .join(Campaign, Campaign.id == SupportRequest.campaign_id)
        .outerjoin(Account, Account.id == SupportRequest.account_id)
        .order_by(SupportRequest.id.desc())
    )


def _shown(session: Session, wanted: _Rows) -> list[Shown]:
    return [
        Shown(
            id=row.id,
            subject=row.subject,
            text=row.text,
            asked_at=row.asked_at,
            state=row.state,
            answer=row.answer,
            answered_at=row.answered_at,
            organisme=organisme,
            campaign=campaign,
            campaign_id=row.campaign_id,
            by=name or email or ERASED,
            email=email,
        )
        for row, organisme, campaign, name, email in session.execute(wanted)
    ]
