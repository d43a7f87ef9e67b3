"""The people of an organisme: members, invitations, approved e-mail domains."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from werkzeug import Response as AnyResponse

from matchmaker.accounts import claims, emails, invitations, limits, organismes, people
from matchmaker.accounts.claims import ClaimRefusedError
from matchmaker.accounts.forms import DomainForm, InviteForm, InviteOrganismeForm
from matchmaker.accounts.routes.blueprint import answer, blueprint, keyed, me, settings
from matchmaker.web.access import access, actor, covers
from matchmaker.web.people import Grant, Role
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

TOO_MANY = "Vous avez envoyé beaucoup d’invitations aujourd’hui : attendez demain."


@blueprint.get("/organismes/<int:organisme_id>/equipe")
@access("membres")
def team(organisme_id: int) -> Any:
    """Who is in the organisme, who is invited."""
    return _team(organisme_id, InviteForm(formdata=None), DomainForm(formdata=None))


@blueprint.post("/organismes/<int:organisme_id>/invitations")
@access("equipe")
def invite(organisme_id: int) -> Any:
    """Invite somebody as a member or a manager."""
    form = InviteForm()
    email = emails.normal(form.email.data)
    role = {r.value: r for r in (Role.OG_MEMBER, Role.OG_MANAGER)}.get(form.role.data or "")
    if email is None:
        form.attach({"email": emails.EXPECTED})
    if role is None:
        form.attach({"role": "Choisissez un rôle."})
    if email is not None and role is not None:
        if _send(email, Grant(role, organisme_id)):
            flash(f"L’invitation est envoyée à {email}.", "ok")
            return redirect(url_for(".team", organisme_id=organisme_id), 303)
        form.attach({"": TOO_MANY})
    return _team(organisme_id, form, DomainForm(formdata=None))


@blueprint.post("/organismes/<int:organisme_id>/invitations/<int:invitation_id>/retirer")
@access("equipe")
def withdraw_invitation(organisme_id: int, invitation_id: int) -> AnyResponse:
    """Take an invitation back."""
    with writing() as session:
        done = invitations.withdraw(session, invitation_id, actor=actor(), organisme_id=organisme_id)
    _say(done, "L’invitation est retirée.", "Cette invitation n’attendait plus de réponse.")
    return redirect(url_for(".team", organisme_id=organisme_id), 303)


@blueprint.post("/organismes/<int:organisme_id>/membres/<int:membership_id>/retirer")
@access("equipe")
def remove_member(organisme_id: int, membership_id: int) -> AnyResponse:
    """Take somebody's role in the organisme away; its last manager stays until there is another."""
    with writing() as session:
        team = people.of_organisme(session, organisme_id)
        managers = [held for held in team if held.grant.role is Role.OG_MANAGER]
        found = next((held for held in team if held.membership_id == membership_id), None)
        last = found is not None and managers == [found]
        if found is not None and not last:
            people.take(session, membership_id, actor=actor())
    if last:
        flash("C’est la seule personne responsable : nommez-en d’abord une autre.", "att")
    else:
        _say(found is not None, "Cette personne n’est plus dans l’équipe.", "Elle n’y était plus.")
    gone = found is not None and not last and found.account_id == me().account_id
    return redirect(url_for(".mine") if gone else url_for(".team", organisme_id=organisme_id), 303)


@blueprint.post("/organismes/<int:organisme_id>/domaines")
@access("gestion")
def approve_domain(organisme_id: int) -> Any:
    """Recognise an e-mail domain as the organisme's own."""
    form = DomainForm()
    try:
        with writing() as session:
            domain = claims.approve_domain(session, organisme_id, form.domain.data, actor=actor())
    except ClaimRefusedError as error:
        form.attach(error.problems)
        return _team(organisme_id, InviteForm(formdata=None), form)
    words = "devenir responsable de cet organisme, si personne d’autre ne l’est ni ne le demande"
    flash(f"Une adresse en @{domain} suffit désormais pour {words}.", "ok")
    return redirect(url_for(".team", organisme_id=organisme_id), 303)


@blueprint.post("/organismes/<int:organisme_id>/domaines/<int:domain_id>/retirer")
@access("gestion")
def withdraw_domain(organisme_id: int, domain_id: int) -> AnyResponse:
    """Stop recognising a domain."""
    with writing() as session:
        claims.withdraw_domain(session, organisme_id, domain_id, actor=actor())
    flash("Ce domaine n’est plus reconnu. Les rôles déjà donnés restent.", "ok")
    return redirect(url_for(".team", organisme_id=organisme_id), 303)


@blueprint.route("/invitations", methods=["GET", "POST"])
@access("gestion")
def invite_organisme() -> Any:
    """Invite an organisme of one's region, by its FINESS juridique and an address."""
    form = InviteOrganismeForm()
    if form.is_submitted():
        email = emails.normal(form.email.data)
        if email is None:
            form.attach({"email": emails.EXPECTED})
        card = _own_organisme(form)
        if email is not None and card is not None:
            if _send(email, Grant(Role.OG_MANAGER, card.id)):
                flash(f"L’invitation pour {card.name} est envoyée à {email}.", "ok")
                return redirect(url_for(".invite_organisme"), 303)
            form.attach({"": TOO_MANY})
    with reading() as session:
        sent = invitations.sent_by(session, actor())
    page = render_page("comptes/invitations.html", form=form, sent=sent)
    return answer(page, refused=form.is_submitted())


def _own_organisme(form: InviteOrganismeForm) -> organismes.Card | None:
    """The organisme of the form, if it has an ESMS where who asks runs campaigns."""
    with reading() as session:
        try:
            card = organismes.by_finess(session, form.finess.data)
        except organismes.UnknownFinessError as error:
            form.attach({"finess": str(error)})
            return None
        belonging = organismes.belonging(session, card.id)
    if belonging is None or not covers("gestion", belonging):
        form.attach({"finess": "Cet organisme n’a aucun ESMS dans votre région."})
        return None
    return card


def _send(email: str, grant: Grant) -> bool:
    with writing() as session:
        if not limits.count(session, limits.MAILS_OF_ACCOUNT, keyed(actor())):
            return False
        invitations.invite(session, email, grant, actor=actor(), by=me().name, base_url=settings().public_url)
    return True


def _say(done: bool, yes: str, no: str) -> None:
    flash(yes if done else no, "ok" if done else "neutre")


def _team(organisme_id: int, form: InviteForm, domain_form: DomainForm) -> Any:
    with reading() as session:
        belonging = organismes.belonging(session, organisme_id)
        page = render_page(
            "comptes/equipe.html",
            organisme=organismes.card(session, organisme_id),
            team=people.of_organisme(session, organisme_id),
            waiting=invitations.waiting(session, organisme_id),
            domains=claims.domains(session, organisme_id),
            manages=belonging is not None and covers("equipe", belonging),
            decides=belonging is not None and covers("gestion", belonging),
            form=form,
            domain_form=domain_form,
        )
    refused = any(f.errors or f.form_errors for f in (form, domain_form))
    return answer(page, refused=refused)
