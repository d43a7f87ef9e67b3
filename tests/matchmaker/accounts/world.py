"""Two régions that each hold one of everything, and an account in every role of the first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.accounts import claims, invitations, people
from matchmaker.accounts.tables import Account, ApprovedDomain, Invitation, Membership
from matchmaker.campaigns import campaign, constraints, members, needs_import
from matchmaker.campaigns.members import NewOrganisme
from matchmaker.campaigns.tables import (
    CampaignEsms,
    CampaignFixedGrappe,
    CampaignFixedMember,
    CampaignOrganisme,
    CampaignPair,
    CampaignSolution,
)
from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.grappes.tables import HandGrappe
from matchmaker.og.tables import SupportRequest
from matchmaker.proposals import publishing, store_proposal
from matchmaker.register.tables import Etablissement, Import, Organisme
from matchmaker.runs import request
from matchmaker.runs.comparison import asked as comparison
from matchmaker.runs.lifecycle import Asked
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import Visitor
from tests.matchmaker.campaigns.conftest import ESMS, ORGANISMES, SOLUTIONS, esms
from tests.matchmaker.proposals.pair import pair

OCCITANIE, RHONE_ALPES = "76", "84"
BASE = "http://127.0.0.1:8000"
FILE = b"finess;besoin;dui_acceptes;hebergements_acceptes\n480000105;acquisition;toutes;tous\n"


@dataclass(frozen=True)
class Place:
    """What one région holds: numbers of its objects, by the name of the argument that carries them."""

    region: str
    finess_ej: str
    numbers: dict[str, int]
    run: int
    plan: int


@dataclass(frozen=True)
class World:
    """``own``: where the accounts of ``accounts`` act (role -> address); ``foreign``: where none does."""

    own: Place
    foreign: Place
    accounts: dict[str, str]


def organisme(session: Session, finess_ej: str, name: str, region: str, departement: str) -> int:
    """An organisme with two ESMS in one département."""
    row = Organisme(key=f"ej:{finess_ej}", finess_ej=finess_ej, name=name, fictitious=True)
    session.add(row)
    session.flush()
    for number in (1, 2):
        session.add(
            Etablissement(
                finess_et=f"{finess_ej[:8]}{number}",
                organisme_id=row.id,
                name=f"{name}, établissement {number}",
                category="500",
                champ="PA",
                medicalised=True,
                address="",
                postal_code="",
                commune="32013" if region == OCCITANIE else "01053",
                departement=departement,
                region=region,
                lat=43.6,
                lon=0.6,
                position_origin="commune",
                position_note="",
                source="demonstration",
                fictitious=True,
            )
        )
    return row.id


def account(session: Session, email: str, *grants: Grant, name: str = "") -> Account:
    """An account that holds these roles."""
    made = people.open_account(session, email, name)
    for grant in grants:
        people.give(session, made, grant, actor="local")
    return made


def visitor_as(app: Flask, email: str) -> Visitor:
    """A browser signed in to this account, by link."""
    visitor = Visitor(app)
    assert visitor.sign_in(email).status_code == 303
    return visitor


def build(database: Database) -> World:
    """Everything twice, and the accounts."""
    with database.writing() as session:
        own = _place(session, OCCITANIE, "320999018", "32", "Côteaux")
        foreign = _place(session, RHONE_ALPES, "010999017", "01", "Dombes")
        session.add(_import())
        mine = own.numbers["organisme_id"]
        grants: dict[str, tuple[Grant, ...]] = {
            "no role": (),
            "OG member": (Grant(Role.OG_MEMBER, mine),),
            "OG manager": (Grant(Role.OG_MANAGER, mine),),
            "ARS département": (Grant(Role.ARS, region=OCCITANIE, departement="32"),),
            "ARS": (Grant(Role.ARS, region=OCCITANIE),),
            "support": (Grant(Role.SUPPORT, region=OCCITANIE),),
            "GRADeS": (Grant(Role.GRADES, region=OCCITANIE),),
            "administrator": (Grant(Role.ADMIN),),
        }
        accounts = {}
        for number, (role, held) in enumerate(grants.items()):
            accounts[role] = f"role{number}@essai.example"
            account(session, accounts[role], *held, name=role)
    return World(own, foreign, accounts)


def _place(session: Session, region: str, finess_ej: str, departement: str, name: str) -> Place:
    numbers = {"organisme_id": organisme(session, finess_ej, f"Association {name}", region, departement)}
    numbers["campaign_id"] = campaign.create(
        session, name=f"Campagne {name}", region=region, regime="generalisation-2022", fictitious=True
    )
    members.add(session, numbers["campaign_id"], organismes=ORGANISMES, solutions=SOLUTIONS, esms=ESMS)
    members.add(
        session,
        numbers["campaign_id"],
        organismes=(NewOrganisme(finess_ej, f"Association {name}", 2, fictitious=True),),
        esms=(esms(9, finess_ej, code=f"{finess_ej[:8]}1", finess_et=f"{finess_ej[:8]}1"),),
    )
    constraints.add_pair(
        session, numbers["campaign_id"], "apart", "480000011", "480000012", "essai", actor="local"
    )
    numbers["pair_id"] = session.scalars(
        select(CampaignPair.id).where(CampaignPair.campaign_id == numbers["campaign_id"])
    ).one()
    numbers["fixed_id"] = _fixed_grappe(session, numbers["campaign_id"])
    numbers["grappe_id"] = _offered_grappe(session, numbers["campaign_id"])
    numbers["upload_id"] = needs_import.keep_upload(
        session, numbers["campaign_id"], "besoins.csv", FILE, actor="local"
    )
    run = request.ask(session, numbers["campaign_id"], Asked(budget_s=5, gap=0.0, seed=1, threads=1))
    comparison.want(session, run, 2)
    numbers["request_id"] = support_request(session, numbers["campaign_id"], numbers["organisme_id"])
    plan = store_proposal(session, numbers["campaign_id"], run, *pair(f"Plan {name}"))
    publishing.publish(session, plan, actor="local")
    one = numbers["organisme_id"]
    manager = account(session, f"resp@{name.lower()}.example", Grant(Role.OG_MANAGER, one))
    numbers["membership_id"] = session.scalars(
        select(Membership.id).where(Membership.account_id == manager.id)
    ).one()
    invitations.invite(
        session,
        f"col@{name.lower()}.example",
        Grant(Role.OG_MEMBER, one),
        actor="local",
        by="x",
        base_url=BASE,
    )
    numbers["invitation_id"] = session.scalars(
        select(Invitation.id).where(Invitation.organisme_id == one)
    ).one()
    claims.approve_domain(session, one, "approuve.example", actor="local")
    numbers["domain_id"] = session.scalars(
        select(ApprovedDomain.id).where(ApprovedDomain.organisme_id == one)
    ).one()
    claimant = account(session, f"demande@{name.lower()}.example")
    claim = claims.claim(session, claimant, finess_ej, "Directrice", "Standard", b"%PDF-", base_url=BASE)
    numbers["claim_id"] = claim.id
    return Place(region, finess_ej, numbers, run, plan)


def support_request(session: Session, campaign_id: int, organisme_id: int) -> int:
    row = SupportRequest(
        campaign_id=campaign_id,
        organisme_id=organisme_id,
        subject="isolement",
        text="Seuls",
        asked_at=now(),
        state="waiting",
        answer="",
    )
    session.add(row)
    session.flush()
    return row.id


def _import() -> Import:
    counts = dict.fromkeys(
        ("read", "added", "changed", "unchanged", "kept", "closed", "out_of_scope", "refused", "absent"), 0
    )
    return Import(
        source="finess",
        layout="finess",
        file_name="essai.csv",
        sha256="0" * 64,
        snapshot_date=now().date(),
        imported_at=now(),
        **counts,
    )


def _fixed_grappe(session: Session, campaign_id: int) -> int:
    solution = session.scalars(
        select(CampaignSolution.id).where(CampaignSolution.campaign_id == campaign_id)
    ).first()
    porteur = session.scalars(select(CampaignEsms.id).where(CampaignEsms.campaign_id == campaign_id)).first()
    assert solution
    assert porteur
    row = CampaignFixedGrappe(
        campaign_id=campaign_id,
        code="G1",
        plan=1,
        solution_id=solution,
        hosting="saas",
        porteur_id=porteur,
        extendable=True,
        author="local",
        reason="essai",
        created_at=now(),
    )
    session.add(row)
    session.flush()
    session.add(CampaignFixedMember(esms_id=porteur, fixed_id=row.id))
    return row.id


def _offered_grappe(session: Session, campaign_id: int) -> int:
    """A grappe that an organisme formed by hand and offers to the region."""
    solution = select(CampaignSolution.id).where(CampaignSolution.campaign_id == campaign_id)
    holder = select(CampaignOrganisme.id).where(CampaignOrganisme.campaign_id == campaign_id)
    row = HandGrappe(
        campaign_id=campaign_id,
        opener_id=session.scalars(holder).first(),
        solution_id=session.scalars(solution).first(),
        hosting="saas",
        listed=True,
        opened_at=now(),
        offered_at=now(),
    )
    session.add(row)
    session.flush()
    return row.id


__all__ = ["World", "account", "build", "organisme", "visitor_as"]
