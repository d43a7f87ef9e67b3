"""« Mon compte »: name, password, where one is signed in, roles, one's data, and leaving."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, redirect, url_for

from matchmaker import journal
from matchmaker.accounts import claims, consents, own_data, passwords, people, signing_in
from matchmaker.accounts.forms import EraseForm, NameForm, NewPasswordForm
from matchmaker.accounts.routes.blueprint import answer, blueprint, me, my_id, settings
from matchmaker.accounts.routes.leaving import gone
from matchmaker.accounts.tables import Account
from matchmaker.web.access import access
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

ERASE_SENTENCE = "effacer mon compte"
_LONGEST_NAME = 120


@blueprint.get("/compte")
@access("compte")
def mine() -> Any:
    """Everything about one's own account."""
    return _page(NameForm(formdata=None), NewPasswordForm(formdata=None), EraseForm(formdata=None))


@blueprint.post("/compte/nom")
@access("compte")
def change_name() -> Any:
    """The name that others see."""
    form = NameForm()
    name = " ".join((form.name.data or "").split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        form.attach({"name": f"Un nom de 1 à {_LONGEST_NAME} caractères est attendu."})
        return _page(form, NewPasswordForm(formdata=None), EraseForm(formdata=None))
    with writing() as session:
        session.get_one(Account, my_id()).name = name
        journal.record(session, me().actor, "compte.modifier", f"account:{my_id()}")
    flash("Votre nom est enregistré.", "ok")
    return redirect(url_for(".mine"), 303)


@blueprint.post("/compte/mot-de-passe")
@access("compte")
def change_password() -> Any:
    """Choose a password: every other browser is signed out."""
    form = NewPasswordForm()
    typed = form.password.data or ""
    with reading() as session:
        email = session.get_one(Account, my_id()).email or ""
    problem = passwords.problem(typed, email)
    if problem is not None:
        form.attach({"password": problem})
        return _page(NameForm(formdata=None), form, EraseForm(formdata=None))
    stored = passwords.kept(typed)
    with writing() as session:
        session.get_one(Account, my_id()).password = stored
        signing_in.end_all(session, my_id(), but_here=True)
        journal.record(session, me().actor, "compte.motdepasse", f"account:{my_id()}")
    flash("Votre mot de passe est enregistré. Les autres navigateurs sont déconnectés.", "ok")
    return redirect(url_for(".mine"), 303)


@blueprint.post("/compte/deconnexions")
@access("compte")
def sign_out_everywhere() -> Any:
    """Sign out from every browser, this one included."""
    with writing() as session:
        number = signing_in.end_all(session, my_id(), but_here=True) + 1
        journal.record(session, me().actor, "compte.deconnecter", f"account:{my_id()}")
        left = signing_in.end(session)
    words = f"{pluriel(number, 'navigateur déconnecté', 'navigateurs déconnectés')}, celui-ci compris."
    return gone(left, words, url_for(".sign_in"))


@blueprint.get("/compte/donnees.json")
@access("compte")
def my_data() -> Response:
    """What the installation holds about who asks."""
    with reading() as session:
        document = own_data.of_account(session, my_id())
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    response = Response(text, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="mes-donnees-matchmaker.json"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/compte/effacement")
@access("compte")
def erase() -> Any:
    """Erase one's account, once the sentence is typed."""
    form = EraseForm()
    if " ".join((form.sentence.data or "").split()).lower() != ERASE_SENTENCE:
        form.attach({"sentence": f"Recopiez la phrase « {ERASE_SENTENCE} » pour confirmer."})
        return _page(NameForm(formdata=None), NewPasswordForm(formdata=None), form)
    with writing() as session:
        number, who = my_id(), me().actor
        left = signing_in.end(session)
        own_data.erase(session, number, actor=who)
    words = "Votre compte est effacé. Ce que vous avez fait reste dans le journal, sans votre nom."
    return gone(left, words, url_for("home.index"))


def _page(name: NameForm, password: NewPasswordForm, erase_form: EraseForm) -> Any:
    with reading() as session:
        account = session.get_one(Account, my_id())
        page = render_page(
            "comptes/compte.html",
            account=account,
            roles=people.of_account(session, my_id()),
            windows=signing_in.windows(session, my_id()),
            claims=claims.of_account(session, my_id()),
            providers=settings().providers,
            consents=consents.of_account(session, my_id()),
            alone=own_data.left_without_manager(session, my_id()),
            name_form=name if name.is_submitted() else NameForm(formdata=None, name=account.name),
            password_form=password,
            erase_form=erase_form,
            sentence=ERASE_SENTENCE,
        )
    refused = any(f.errors or f.form_errors for f in (name, password, erase_form))
    return answer(page, refused=refused)
