"""Sign in with a provider: there and back, or link one's identity to one's account."""

from __future__ import annotations

import logging
from typing import Any

from flask import abort, flash, redirect, request, session, url_for

from matchmaker.accounts import people, providers, signing_in
from matchmaker.accounts.providers import ProviderError, Said
from matchmaker.accounts.routes.blueprint import blueprint, first_page, settings
from matchmaker.accounts.signing_in import Left
from matchmaker.accounts.tables import Account
from matchmaker.settings import Provider
from matchmaker.web import access as access_rules
from matchmaker.web.access import access, own_path
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import writing

_logger = logging.getLogger(__name__)
_AFTER, _LINKING = "suite", "relier"


@blueprint.get("/connexion/avec/<name>")
@access("public")
def to_provider(name: str) -> Any:
    """Go to the provider; ``relier=1``: to link that identity to the account that is signed in."""
    provider = _provider(name)
    session[_AFTER] = own_path(request.args.get("suite"))
    session[_LINKING] = bool(request.args.get("relier")) and access_rules.person() is not None
    back = settings().public_url + url_for(".from_provider", name=name)
    try:
        return providers.leave_for(provider, back)
    except ProviderError as error:
        return _failed(provider, error)


@blueprint.get("/connexion/avec/<name>/retour")
@access("public")
def from_provider(name: str) -> Any:
    """Back from the provider: sign in, link, open an account, or say what to do first."""
    provider = _provider(name)
    after, linking = own_path(session.pop(_AFTER, None)), session.pop(_LINKING, False)
    try:
        said = providers.come_back(provider)
    except ProviderError as error:
        return _failed(provider, error)
    asking = access_rules.person()
    if linking and asking is not None and asking.account_id is not None:
        return _link(provider, said, asking.account_id)
    with writing(answer_of_provider=True) as database:
        account = providers.account_of(database, said) or providers.open_account(database, said)
        if account is not None:
            person = people.person_of(database, account)
            signing_in.start(database, account, provider.label, Left(provider.name, said.id_token))
    if account is None:
        return render_page("comptes/relier.html", provider=provider), 409
    return redirect(after or first_page(person), 303)


def _link(provider: Provider, said: Said, account_id: int) -> Any:
    with writing(answer_of_provider=True) as database:
        holder = providers.account_of(database, said)
        if holder is None:
            providers.link(database, database.get_one(Account, account_id), said)
    if holder is not None and holder.id != account_id:
        flash(f"Cette identité {provider.label} est déjà reliée à un autre compte.", "err")
    else:
        flash(f"Votre identité {provider.label} est reliée : elle suffit désormais à vous connecter.", "ok")
    return redirect(url_for(".mine"), 303)


def _provider(name: str) -> Provider:
    found = next((p for p in settings().providers if p.name == name), None)
    if found is None:
        abort(404)
    return found


def _failed(provider: Provider, error: ProviderError) -> Any:
    _logger.warning("sign-in with a provider failed: %s", error)
    return render_page("comptes/fournisseur_echec.html", provider=provider), 502
