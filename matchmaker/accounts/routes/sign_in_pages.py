"""Sign in by link or password, and sign out.

Whatever is typed, the answers of this module are the same for an address with an account and without, and the
same work is done for both.
"""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for

from matchmaker.accounts import emails, limits, links, passwords, people, signing_in
from matchmaker.accounts.forms import LinkForm, PasswordSignInForm
from matchmaker.accounts.routes.blueprint import (
    answer,
    blueprint,
    first_page,
    keyed,
    machine,
    settings,
)
from matchmaker.accounts.routes.leaving import gone
from matchmaker.accounts.tables import Account
from matchmaker.database.instants import now
from matchmaker.web import access as access_rules
from matchmaker.web.access import access, own_path
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

REFUSED = "L’adresse et le mot de passe ne vont pas ensemble, ou ce compte n’a pas de mot de passe."
TOO_MANY = (
    "Trop d’essais depuis un quart d’heure : attendez quinze minutes, ou demandez un lien par courriel, qui "
    "reste possible."
)
TOO_MANY_LINKS = (
    "Plusieurs liens ont déjà été demandés : regardez vos courriels, indésirables compris, ou attendez "
    "quinze minutes."
)


@blueprint.get("/connexion")
@access("public")
def sign_in() -> Any:
    """Ask for an address; ``suite``: the path to go on to."""
    asking = access_rules.person()
    if asking is not None:
        return redirect(own_path(request.args.get("suite")) or first_page(asking), 303)
    return _page(LinkForm(formdata=None), PasswordSignInForm(formdata=None))


@blueprint.post("/connexion/lien")
@access("public")
def ask_link() -> Any:
    """Send a link to the address, known here or not."""
    form = LinkForm()
    email = emails.normal(form.email.data)
    if email is None:
        form.attach({"email": emails.EXPECTED})
        return _page(form, PasswordSignInForm(formdata=None))
    with writing() as session:
        sent = links.send(
            session,
            email,
            base_url=settings().public_url,
            subject=keyed(email),
            machine=machine(),
            after=own_path(request.form.get("suite")),
        )
    if not sent:
        form.attach({"": TOO_MANY_LINKS})
        return _page(form, PasswordSignInForm(formdata=None))
    return redirect(url_for(".link_sent"), 303)


@blueprint.get("/connexion/lien-envoye")
@access("public")
def link_sent() -> str:
    """Look at your mails."""
    return render_page("comptes/lien_envoye.html", minutes=int(links.LASTS.total_seconds() // 60))


@blueprint.route("/connexion/lien/<token>", methods=["GET", "POST"])
@access("public")
def use_link(token: str) -> Any:
    """Confirm, then sign in. A GET uses nothing up: mail scanners open the links they see."""
    if request.method == "GET":
        with reading() as session:
            found = links.find(session, token)
            email = None if found is None else found.email
        if email is None:
            return render_page("comptes/lien_perdu.html"), 410
        return render_page("comptes/lien.html", email=email)
    with writing() as session:
        link = links.use(session, token)
        if link is not None:
            account = people.open_account(session, link.email)
            account.verified_at = account.verified_at or now()
            person = people.person_of(session, account)
            signing_in.start(session, account, "lien")
    if link is None:
        return render_page("comptes/lien_perdu.html"), 410
    return redirect(own_path(link.after) or first_page(person), 303)


@blueprint.post("/connexion/mot-de-passe")
@access("public")
def with_password() -> Any:
    """Sign in with a password; refused the same way, after the same work, whether the account exists."""
    form = PasswordSignInForm()
    email = emails.normal(form.email.data)
    if email is None:
        form.attach({"email": emails.EXPECTED})
        return _page(LinkForm(formdata=None), form)
    subject, visitor = keyed(email), machine()
    # Counted before the password is looked at: a crowd of tries at once passes the limit no more than one.
    with writing() as session:
        of_address = limits.count(session, limits.PASSWORDS_OF_ADDRESS, subject)
        of_machine = limits.count(session, limits.PASSWORDS_OF_MACHINE, visitor)
        known = people.account_of(session, email)
    if not (of_address and of_machine):
        form.attach({"": TOO_MANY})
        return _page(LinkForm(formdata=None), form)
    stored, typed = None if known is None else known.password, form.password.data or ""
    if not passwords.matches(stored, typed) or known is None:
        form.attach({"": REFUSED})
        return _page(LinkForm(formdata=None), form)
    with writing() as session:
        limits.forget(session, limits.PASSWORDS_OF_ADDRESS, subject)
        account = session.get_one(Account, known.id)
        if passwords.HASHER.check_needs_rehash(stored or ""):
            account.password = passwords.kept(typed)
        person = people.person_of(session, account)
        signing_in.start(session, account, "mot de passe")
    return redirect(own_path(request.form.get("suite")) or first_page(person), 303)


@blueprint.post("/deconnexion")
@access("public")
def sign_out() -> Any:
    """Sign out from this browser, and from the provider that signed in."""
    with writing() as session:
        left = signing_in.end(session)
    return gone(left, "Vous êtes déconnecté de ce navigateur.", url_for("home.index"))


def _page(link: LinkForm, password: PasswordSignInForm) -> Any:
    refused = bool(link.errors or link.form_errors or password.errors or password.form_errors)
    page = render_page(
        "comptes/connexion.html",
        link_form=link,
        password_form=password,
        password_open=bool(password.errors or password.form_errors),
        providers=settings().providers,
        after=own_path(request.values.get("suite")),
    )
    return answer(page, refused=refused)
