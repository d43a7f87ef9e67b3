"""The last page of a signing out: home, or the provider that signed the person in, to end its session too.

The browser goes to the provider by itself from a page of ours, not by a redirection: a form may lead nowhere
else than here (``form-action`` of the content policy), and providers send on to others.

When to modify: signing out asks something more of a provider.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, make_response, redirect, request, session, url_for

from matchmaker.accounts import providers
from matchmaker.accounts.providers import ProviderError
from matchmaker.accounts.routes.blueprint import blueprint, settings
from matchmaker.accounts.signing_in import Left
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page

_STATE, _LABEL = "deconnexion", "fournisseur"


def gone(left: Left | None, words: str, after: str) -> Any:
    """Say ``words`` and go on to the path ``after``; by the provider, when one signed the person in."""
    known = {provider.name: provider for provider in settings().providers}
    provider = None if left is None else known.get(left.provider)
    if left is None or provider is None:
        flash(words, "ok")
        return redirect(after, 303)
    state = secrets.token_urlsafe(24)
    back = settings().public_url + url_for("accounts.back_from_leaving")
    try:
        address = providers.sign_out_address(provider, left.id_token, back, state)
    except ProviderError:
        flash(f"{words} {provider.label} ne répond pas : fermez aussi votre session là-bas.", "att")
        return redirect(after, 303)
    if address is None:
        flash(f"{words} {provider.label} ne sait pas fermer votre session à distance.", "att")
        return redirect(after, 303)
    session[_STATE], session[_LABEL] = state, provider.label
    page = make_response(render_page("comptes/deconnexion.html", provider=provider, address=address))
    flash(words, "ok")  # on the page one comes back to
    page.headers["Refresh"] = f"0; url={address}"
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.get("/deconnexion/retour")
@access("public")
def back_from_leaving() -> Any:
    """Back from the provider's signing out; it is believed with the state that was sent along."""
    state, label = session.pop(_STATE, None), session.pop(_LABEL, "")
    given = request.args.get("state", "")
    if isinstance(state, str) and secrets.compare_digest(state.encode(), given.encode()):
        flash(f"Votre session chez {label} est fermée aussi.", "ok")
    return redirect(url_for("home.index"), 303)
