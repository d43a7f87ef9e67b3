"""What organismes do to a grappe formed by hand: open it, ask, answer, leave, change its offer, offer it.

Every act locks the grappe first: of two people who act at once, the second sees what the first did.

When to modify: organismes may do something more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from matchmaker import journal, notifications
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.grappes import rooms
from matchmaker.grappes.rooms import ACCEPTED, PENDING
from matchmaker.grappes.tables import HandGrappe, HandGrappeEsms, HandGrappeMember
from matchmaker.partners.meetings import people_of
from matchmaker.reference.limits import limit
from solver.vocabulary import Hosting

WEEK = dt.timedelta(days=7)
PAGE = "/og/grappe"


def open_grappe(
    session: Session,
    campaign_id: int,
    organisme: int,
    *,
    solution: str,
    hosting: str | None,
    esms: Collection[str],
    listed: bool,
    same_hosting: bool,
    actor: str,
    moment: dt.datetime,
) -> int:
    """Open a grappe around a solution, with one's own ESMS in it; returns its number.

    Raises
    ------
    RefusedError
        No such solution or hosting, no ESMS, one that is in another grappe, too many grappes open.
    """
    _lock_organisme(session, organisme)
    most = limit("open_grappes", moment.date())
    opened = select(func.count()).where(HandGrappe.opener_id == organisme, HandGrappe.closed_at.is_(None))
    if (session.scalar(opened) or 0) >= most.value:
        raise RefusedError({"": f"Vous tenez déjà {most.value} grappes ouvertes. {most.reason}"})
    solution_id, mode = _offer(session, campaign_id, solution, hosting, same_hosting)
    grappe = HandGrappe(
        campaign_id=campaign_id,
        opener_id=organisme,
        solution_id=solution_id,
        hosting=mode,
        listed=listed,
        opened_at=moment,
    )
    keys = _esms(session, organisme, esms, None)
    session.add(grappe)
    session.flush()
    member = HandGrappeMember(
        grappe_id=grappe.id,
        organisme_id=organisme,
        state=ACCEPTED,
        asked_at=moment,
        decided_at=moment,
        said_by=actor,
    )
    session.add(member)
    session.flush()
    session.add_all(HandGrappeEsms(member_id=member.id, esms_id=key) for key in keys)
    _journal(session, actor, "grappe.ouvrir", grappe.id)
    return grappe.id


def ask(
    session: Session,
    grappe_id: int,
    organisme: int,
    esms: Collection[str],
    *,
    actor: str,
    moment: dt.datetime,
) -> None:
    """Ask to join with these ESMS; again after a withdrawal, a departure or when the request expired.

    Raises
    ------
    RefusedError
        The grappe is closed, it refused, too many requests in seven days, or no ESMS that may come.
    """
    _lock_organisme(session, organisme)
    grappe = _open(session, grappe_id)
    member = _member(session, grappe_id, organisme)
    if member is not None and member.state in (ACCEPTED, "refused"):
        raise RefusedError({"": "Cette grappe a déjà répondu à votre demande."})
    most = limit("join_requests_per_week", moment.date())
    asked = select(func.count()).where(
        HandGrappeMember.organisme_id == organisme,
        HandGrappeMember.asked_at > moment - WEEK,
        HandGrappeMember.grappe_id != grappe_id,
        HandGrappeMember.expires_at.is_not(None),
    )
    if (session.scalar(asked) or 0) >= most.value:
        raise RefusedError({"": f"Vous avez fait {most.value} demandes en sept jours. {most.reason}"})
    keys = _esms(session, organisme, esms, grappe_id)
    if member is None:
        member = HandGrappeMember(grappe_id=grappe_id, organisme_id=organisme)
    member.state, member.asked_at, member.decided_at, member.said_by = PENDING, moment, None, actor
    member.expires_at = moment + dt.timedelta(days=limit("join_request_days", moment.date()).value)
    member.declines_porteur = False
    session.add(member)
    session.flush()
    session.execute(delete(HandGrappeEsms).where(HandGrappeEsms.member_id == member.id))
    session.add_all(HandGrappeEsms(member_id=member.id, esms_id=key) for key in keys)
    _touch(grappe)
    _tell(
        session,
        grappe.opener_id,
        "Un organisme demande à entrer dans votre grappe.",
        f"ask:{member.id}:{moment.date()}",
    )
    _journal(session, actor, "grappe.demander", grappe_id)


def withdraw(session: Session, grappe_id: int, organisme: int, *, actor: str) -> None:
    """Take one's request back."""
    grappe = _open(session, grappe_id)
    member = _member(session, grappe_id, organisme)
    if member is not None and member.state == PENDING:
        member.state, member.said_by = "withdrawn", actor
        _touch(grappe)
        _journal(session, actor, "grappe.retirer", grappe_id)


def decide(
    session: Session,
    grappe_id: int,
    opener: int,
    asking: int,
    *,
    accept: bool,
    actor: str,
    moment: dt.datetime,
) -> None:
    """Accept or refuse a request; no reason is asked.

    Raises
    ------
    RefusedError
        It is not the opener's to decide, nothing waits any more, or an ESMS entered another grappe meanwhile.
    """
    _lock_organisme(session, asking)  # before the grappe, as whoever asks does
    grappe = _open(session, grappe_id)
    member = _member(session, grappe_id, asking)
    if grappe.opener_id != opener:
        raise RefusedError({"": "Seul l’organisme qui tient la grappe répond aux demandes."})
    waiting = member is not None and member.state == PENDING and (member.expires_at or moment) > moment
    if member is None or not waiting:
        raise RefusedError({"": "Cette demande n’attend plus de réponse : la page montre où elle en est."})
    if accept:
        codes = select(CampaignEsms.code).join(HandGrappeEsms, HandGrappeEsms.esms_id == CampaignEsms.id)
        brought = set(session.scalars(codes.where(HandGrappeEsms.member_id == member.id)))
        if brought & rooms.taken(session, asking, grappe_id):
            raise RefusedError(
                {"": "Un de ses ESMS est entré dans une autre grappe : la demande est à refaire."}
            )
    member.state, member.decided_at = (ACCEPTED if accept else "refused"), moment
    _touch(grappe)
    words = (
        "Votre entrée dans une grappe est acceptée." if accept else "Une demande d’entrée reste sans suite."
    )
    _tell(session, asking, words, f"decided:{member.id}:{moment.date()}")
    _journal(session, actor, "grappe.accepter" if accept else "grappe.refuser", grappe_id)


def leave(session: Session, grappe_id: int, organisme: int, *, actor: str, moment: dt.datetime) -> None:
    """Leave a grappe. The oldest member left holds it then; without any it is closed.

    Raises
    ------
    RefusedError
        The organisme is not in it any more.
    """
    grappe = _open(session, grappe_id)
    member = _member(session, grappe_id, organisme)
    if member is None or member.state != ACCEPTED:
        raise RefusedError({"": "Votre organisme n’est plus dans cette grappe."})
    member.state, member.decided_at, member.said_by = "left", moment, actor
    left = session.scalars(
        select(HandGrappeMember)
        .where(HandGrappeMember.grappe_id == grappe_id, HandGrappeMember.state == ACCEPTED)
        .order_by(HandGrappeMember.decided_at, HandGrappeMember.id)
    ).all()
    left = [one for one in left if one.id != member.id]
    if not left:
        grappe.closed_at = moment
    elif grappe.opener_id == organisme:
        grappe.opener_id = left[0].organisme_id
    _touch(grappe)
    for one in left:
        _tell(
            session,
            one.organisme_id,
            "Un organisme a quitté votre grappe.",
            f"left:{member.id}:{moment.date()}",
        )
    _journal(session, actor, "grappe.quitter", grappe_id)


def change_offer(
    session: Session,
    grappe_id: int,
    opener: int,
    *,
    solution: str,
    hosting: str | None,
    listed: bool,
    version: int,
    same_hosting: bool,
    actor: str,
    moment: dt.datetime,
) -> None:
    """Change what the grappe is around, or whether it is listed.

    Raises
    ------
    RefusedError
        Not the opener's, not an offer, or somebody changed the grappe since ``version`` was read.
    """
    grappe = _open(session, grappe_id)
    if grappe.opener_id != opener:
        raise RefusedError({"": "Seul l’organisme qui tient la grappe en change l’offre."})
    if grappe.version != version:
        raise RefusedError(
            {
                "": "La grappe a changé depuis que vous avez ouvert cette page : relisez-la, puis "
                "recommencez. Rien n’a été enregistré."
            }
        )
    solution_id, mode = _offer(session, grappe.campaign_id, solution, hosting, same_hosting)
    if (grappe.solution_id, grappe.hosting, grappe.listed) == (solution_id, mode, listed):
        return
    other = (grappe.solution_id, grappe.hosting) != (solution_id, mode)
    grappe.solution_id, grappe.hosting, grappe.listed = solution_id, mode, listed
    _touch(grappe)
    if other:
        for one in session.scalars(_in(grappe_id)):
            if one.organisme_id != opener:
                words = "L’offre de votre grappe (solution ou hébergement) a changé."
                _tell(session, one.organisme_id, words, f"offer:{grappe_id}:{grappe.version}:{moment.date()}")
    _journal(session, actor, "grappe.modifier", grappe_id)


def choose_to_carry(session: Session, grappe_id: int, organisme: int, willing: bool, *, actor: str) -> None:
    """Decline to be porteur of this grappe, or take that back."""
    grappe = _open(session, grappe_id)
    member = _member(session, grappe_id, organisme)
    if member is not None and member.state == ACCEPTED and member.declines_porteur == willing:
        member.declines_porteur, member.said_by = not willing, actor
        _touch(grappe)
        _journal(session, actor, "grappe.porteur", grappe_id)


def offer(session: Session, grappe_id: int, organisme: int, *, actor: str, moment: dt.datetime) -> None:
    """Offer the grappe to the region as it is; who calls this has the judge's word that it is constituted."""
    grappe = _open(session, grappe_id)
    if grappe.opener_id != organisme:
        raise RefusedError({"": "Seul l’organisme qui tient la grappe la propose à l’équipe régionale."})
    grappe.offered_at = moment
    _journal(session, actor, "grappe.proposer", grappe_id)


def _open(session: Session, grappe_id: int) -> HandGrappe:
    grappe = session.scalar(select(HandGrappe).where(HandGrappe.id == grappe_id).with_for_update())
    if grappe is None or grappe.closed_at is not None:
        raise RefusedError({"": "Cette grappe est close."})
    return grappe


def _touch(grappe: HandGrappe) -> None:
    """What changed is no longer what was offered to the region; the row's version grows."""
    grappe.offered_at = None
    flag_modified(grappe, "listed")


def _member(session: Session, grappe_id: int, organisme: int) -> HandGrappeMember | None:
    return session.scalar(
        select(HandGrappeMember).where(
            HandGrappeMember.grappe_id == grappe_id, HandGrappeMember.organisme_id == organisme
        )
    )


def _in(grappe_id: int) -> Select[HandGrappeMember]:
    return select(HandGrappeMember).where(
        HandGrappeMember.grappe_id == grappe_id, HandGrappeMember.state == ACCEPTED
    )


def _lock_organisme(session: Session, organisme: int) -> None:
    """Acts of one organisme wait for one another."""
    session.execute(select(CampaignOrganisme.id).where(CampaignOrganisme.id == organisme).with_for_update())


def _offer(
    session: Session, campaign_id: int, solution: str, hosting: str | None, same_hosting: bool
) -> tuple[int, str | None]:
    """Key of the solution's row, and the mode; None where the campaign lets each keep its own."""
    row = session.execute(
        select(CampaignSolution.id, CampaignSolution.hosting).where(
            CampaignSolution.campaign_id == campaign_id, CampaignSolution.code == solution
        )
    ).one_or_none()
    if row is None:
        raise RefusedError({"solution": "Choisissez une solution de la liste."})
    if not same_hosting:
        return row.id, None
    if hosting not in set(Hosting):
        raise RefusedError({"hosting": "Choisissez un mode d’hébergement."})
    if hosting not in row.hosting:
        raise RefusedError({"hosting": "Cette solution n’est pas offerte avec cet hébergement."})
    return row.id, hosting


def _esms(session: Session, organisme: int, codes: Collection[str], grappe_id: int | None) -> list[int]:
    """Keys of one's own ESMS; nothing else that is sent along is looked at."""
    rows = {
        row.code: row.id
        for row in session.execute(
            select(CampaignEsms.code, CampaignEsms.id).where(
                CampaignEsms.organisme_id == organisme,
                CampaignEsms.code.in_(set(codes)),
                CampaignEsms.completeness == "complete",
                CampaignEsms.need != "aucun",
            )
        )
    }
    free = rows.keys() - rooms.taken(session, organisme, grappe_id)
    if not free:
        raise RefusedError(
            {"esms": "Choisissez un ESMS au moins, qui ne soit pas déjà dans une autre grappe."}
        )
    return [rows[code] for code in sorted(free)]


def _tell(session: Session, organisme: int, text: str, key: str) -> None:
    notifications.tell(session, people_of(session, organisme), "grappe", text, PAGE, key=key)


def _journal(session: Session, actor: str, action: str, grappe_id: int) -> None:
    journal.record(session, actor, action, f"grappe:{grappe_id}")
