"""Accounts of the teams (GRADeS, ARS, support cell, national administration): who has which role where."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from werkzeug import Response as AnyResponse

from matchmaker.accounts import emails, invitations, people
from matchmaker.accounts.forms import StaffForm
from matchmaker.accounts.people import PlaceError
from matchmaker.accounts.routes.blueprint import answer, blueprint, me, settings
from matchmaker.accounts.tables import Membership
from matchmaker.web.access import access, actor
from matchmaker.web.people import OF_ORGANISME, Grant, Role
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/admin/comptes", methods=["GET", "POST"])
@access("administration")
def staff() -> Any:
    """Who holds a role that is not in an organisme; invite somebody else."""
    form = StaffForm()
    if form.is_submitted():
        email, grant = emails.normal(form.email.data), _grant(form)
        if email is None:
            form.attach({"email": emails.EXPECTED})
        if grant is not None and email is not None:
            with writing() as session:
                invitations.invite(
                    session, email, grant, actor=actor(), by=me().name, base_url=settings().public_url
                )
            flash(f"L’invitation est envoyée à {email}.", "ok")
            return redirect(url_for(".staff"), 303)
    with reading() as session:
        page = render_page(
            "comptes/equipes.html",
            held=people.staff(session),
            waiting=invitations.waiting(session, None),
            form=form,
        )
    return answer(page, refused=form.is_submitted())


@blueprint.post("/admin/roles/<int:membership_id>/retirer")
@access("administration")
def take_role(membership_id: int) -> AnyResponse:
    """Take a team's role away; the last national administrator keeps theirs."""
    with writing() as session:
        admins = [held for held in people.staff(session) if held.grant.role is Role.ADMIN]
        last = [held.membership_id for held in admins] == [membership_id]
        row = session.get(Membership, membership_id)
        found = row is not None and row.role not in OF_ORGANISME and not last
        if found:
            people.take(session, membership_id, actor=actor())
    if last:
        flash("C’est le seul compte d’administration : nommez-en d’abord un autre.", "att")
    else:
        flash("Le rôle est retiré." if found else "Ce rôle n’était plus tenu.", "ok" if found else "neutre")
    return redirect(url_for(".staff"), 303)


@blueprint.post("/admin/invitations/<int:invitation_id>/retirer")
@access("administration")
def withdraw_staff_invitation(invitation_id: int) -> AnyResponse:
    """Take an invitation to a team back."""
    with writing() as session:
        done = invitations.withdraw(session, invitation_id, actor=actor(), organisme_id=None)
    flash("L’invitation est retirée." if done else "Cette invitation n’attendait plus de réponse.", "neutre")
    return redirect(url_for(".staff"), 303)


def _grant(form: StaffForm) -> Grant | None:
    """The role and place asked for; None, with messages at the fields, when they do not go together."""
    teams = {role.value: role for role in Role if role not in OF_ORGANISME}
    role = teams.get(form.role.data or "")
    if role is None:
        form.attach({"role": "Choisissez un rôle."})
        return None
    region, _sep, departement = (form.place.data or "").partition(":")
    try:
        return people.checked(Grant(role, region=region or None, departement=departement or None))
    except PlaceError:
        wanted = {
            Role.ADMIN: "L’administration nationale se tient en France entière.",
            Role.ARS: "Choisissez la région ou le département de cette ARS.",
        }
        form.attach({"place": wanted.get(role, "Choisissez la région de cette équipe.")})
        return None
