"""What happened to the director of the crowd: partners who said yes, messages, grappes, news, a plan.

Drawn, as the crowd is: the plan's grappes share an offer and a département, nobody searched for them.
"""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.crowd import DIRECTOR
from matchmaker.accounts.tables import Account
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.database.instants import now
from matchmaker.grappes.tables import HandGrappe, HandGrappeEsms, HandGrappeMember
from matchmaker.notifications.tables import Notification
from matchmaker.partners.question import Question, question_of
from matchmaker.partners.tables import PartnerInterest, PartnerMeeting, PartnerMessage
from matchmaker.proposals import publishing, store_proposal
from solver.document import instance_document, proposal_document
from solver.instance import Grappe
from solver.judge import figures
from solver.proposal import Appraisal, Change, Unplaced
from solver.vocabulary import ChangeKind, Hosting, Reason

_SIZE = 18  # ESMS of a grappe of the drawn plan
_DAYS = dt.timedelta(days=9)
_PARTNERS, _WAITING, _MESSAGES = 3, 4, 12
_ACCEPTED, _ASKING, _OTHER_GRAPPES = 4, 2, 25
_NEWS = 20


def live(session: Session, campaign_id: int, email: str = DIRECTOR, grappes: int = _OTHER_GRAPPES) -> None:
    """Everything that a page may show of the first organisme of the campaign to its director.

    ``grappes``: open ones of others; the campaign counts at least 14 organismes, and 6 more for each.
    """
    wanted = select(CampaignOrganisme.id).where(CampaignOrganisme.campaign_id == campaign_id)
    rows = list(session.scalars(wanted.order_by(CampaignOrganisme.code)))
    _meet(session, campaign_id, rows)
    _gather(session, campaign_id, rows, grappes)
    person = session.scalars(select(Account).where(Account.email == email)).one()
    session.add_all(
        Notification(
            account_id=person.id,
            kind="message",
            text="Vous avez un nouveau message d’un organisme partenaire.",
            path="/og/mises-en-relation",
            key=f"drawn:{campaign_id}:{number}",
            at=now(),
        )
        for number in range(_NEWS)
    )
    session.flush()
    publish(session, campaign_id)


def _meet(session: Session, campaign_id: int, rows: list[int]) -> None:
    """Some said yes as the director did, some did not answer yet."""
    me, moment = rows[0], now()
    said = [(me, other) for other in rows[1 : 1 + _PARTNERS + _WAITING]]
    said += [(other, me) for other in rows[1 : 1 + _PARTNERS]]
    session.add_all(
        PartnerInterest(
            campaign_id=campaign_id,
            from_id=one,
            to_id=other,
            state="interested",
            said_at=moment,
            expires_at=moment + _DAYS,
            said_by="local",
        )
        for one, other in said
    )
    meetings = [
        PartnerMeeting(
            campaign_id=campaign_id, first_id=min(me, other), second_id=max(me, other), met_at=moment
        )
        for other in rows[1 : 1 + _PARTNERS]
    ]
    session.add_all(meetings)
    session.flush()
    session.add_all(
        PartnerMessage(
            meeting_id=meeting.id,
            from_id=me if number % 2 else other,
            text="Bonjour, pouvons-nous comparer nos calendriers ?",
            at=moment,
        )
        for meeting, other in zip(meetings, rows[1 : 1 + _PARTNERS], strict=True)
        for number in range(_MESSAGES)
    )


def _gather(session: Session, campaign_id: int, rows: list[int], grappes: int) -> None:
    """The director's grappe with members and requests, and those of others, listed."""
    offers = list(
        session.scalars(
            select(CampaignSolution)
            .where(CampaignSolution.campaign_id == campaign_id)
            .order_by(CampaignSolution.code)
        )
    )
    first = dict[int, int]()
    for number, organisme in session.execute(
        select(CampaignEsms.id, CampaignEsms.organisme_id).where(CampaignEsms.campaign_id == campaign_id)
    ):
        first.setdefault(organisme, number)
    moment, others = now(), iter(rows[1 + _PARTNERS + _WAITING :])
    for place in range(1 + grappes):
        grappe = HandGrappe(
            campaign_id=campaign_id,
            opener_id=rows[0] if place == 0 else next(others),
            solution_id=offers[place % len(offers)].id,
            hosting="saas",
            listed=True,
            opened_at=moment,
        )
        session.add(grappe)
        session.flush()
        seats = [grappe.opener_id, *itertools.islice(others, _ACCEPTED + _ASKING - 1)]
        for seat, organisme in enumerate(seats):
            asks = seat >= _ACCEPTED
            member = HandGrappeMember(
                grappe_id=grappe.id,
                organisme_id=organisme,
                state="pending" if asks else "accepted",
                asked_at=moment,
                expires_at=moment + _DAYS if asks else None,
                decided_at=None if asks else moment,
                said_by="local",
            )
            session.add(member)
            session.flush()
            session.add(HandGrappeEsms(member_id=member.id, esms_id=first[organisme]))


def publish(session: Session, campaign_id: int) -> None:
    """A plan of the whole campaign, published: full grappes of an offer and a département, the rest alone.
    The director's ESMS are alone, one concession would place each."""
    question = question_of(session, campaign_id)
    assert question is not None
    grappes, alone = _drawn(question)
    judged = [(grappe, _appraised(question, grappe)) for grappe in grappes]
    total = sum(found.funding_eur for _grappe, found in judged)
    joined = grappes[0].id if grappes else None
    change = Change(ChangeKind.ACCEPT_HOSTING, "on_premise", joined, (), 12_000)
    own = {e.id for e in question.instance.esms if e.organisme == _first(question)}
    document = proposal_document(
        question.instance,
        grappes=judged,
        unplaced=[
            Unplaced(id_, Reason.OUTCOMPETED, {"loss_eur": 0}, (change,) if id_ in own else ())
            for id_ in alone
        ],
        changes_complete=True,
        objective_value=total,
        upper_bound=total,
        certified_bound=total,
        certificate={},
        wall_time_s=1.0,
        seed=1,
        threads=1,
        solver={},
    )
    number = store_proposal(session, campaign_id, None, instance_document(question.instance), document)
    publishing.publish(session, number, actor="local")


def _first(question: Question) -> str:
    """The director's organisme."""
    return min(one.code for one in question.answering.values())


def _drawn(question: Question) -> tuple[list[Grappe], list[str]]:
    """Grappes, and who is in none."""
    own = _first(question)
    together: dict[tuple[str, Hosting | None, str, tuple[str, bool]], list[str]] = {}
    alone = []
    for e in question.instance.esms:
        offers = question.checks.offers(e)
        if e.organisme == own or not offers:
            alone.append(e.id)
            continue
        solution, hosting = min(offers, key=str)
        together.setdefault((solution, hosting, e.departement, question.checks.kind(e)), []).append(e.id)
    grappes: list[Grappe] = []
    for (solution, hosting, _departement, _kind), ids in together.items():
        for begin in range(0, len(ids), _SIZE):
            members = tuple(ids[begin : begin + _SIZE])
            if len(members) < _SIZE:
                alone += members
            else:
                grappes.append(Grappe(f"g{len(grappes)}", solution, hosting, members[0], members))
    return grappes, sorted(alone)


def _appraised(question: Question, grappe: Grappe) -> Appraisal:
    """Its money by the rules; its distances are drawn with the rest."""
    members = [question.instance.esms_by_id[id_] for id_ in grappe.members]
    judge = question.judge
    paid = figures.forfaits(question.instance, judge.scale, grappe.solution, members)
    total = sum(forfait.unit_eur for forfait in paid)
    shares = figures.shares(total, [e.region for e in members])
    return Appraisal(total, figures.lines(paid), shares, 30.0, 12.0)
