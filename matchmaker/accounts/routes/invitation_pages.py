"""Accept an invitation, with the token of its mail."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from matchmaker.accounts import invitations, people, signing_in
from matchmaker.accounts.routes.blueprint import blueprint, first_page
from matchmaker.accounts.tables import Account
from matchmaker.database.instants import now
from matchmaker.web import access as access_rules
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@access("public")
def invitation(token: str) -> Any:
    """What one is invited to; a POST accepts.

    An address without an account gets one here, for the mail proves it. An account that exists must be signed
    in: an invitation lasts a month, which is too long for something that signs somebody in.
    """
    with reading() as session:
        offered = invitations.find(session, token)
        known = offered is not None and people.account_of(session, offered.email) is not None
        asking = access_rules.person()
        account = None if asking is None else session.get(Account, asking.account_id)
        mine = offered is not None and account is not None and account.email == offered.email
    if offered is None:
        return render_page("comptes/invitation_perdue.html"), 410
    must_sign_in = known and not mine
    if request.method == "GET" or must_sign_in or (asking is not None and not mine):
        page = render_page(
            "comptes/invitation.html",
            offered=offered,
            must_sign_in=must_sign_in,
            other=asking is not None and not mine,
            here=url_for(".invitation", token=token),
        )
        return (page, 403) if request.method == "POST" else page
    with writing() as session:
        joining = people.open_account(session, offered.email)
        joining.verified_at = joining.verified_at or now()
        accepted = invitations.accept(session, token, joining)
        person = people.person_of(session, joining)
        if accepted is not None and asking is None:
            signing_in.start(session, joining, "invitation")
    if accepted is None:
        return render_page("comptes/invitation_perdue.html"), 410
    flash(f"Bienvenue : {accepted.where} ({accepted.role_name}).", "ok")
    return redirect(first_page(person), 303)
