"""Sign-in by OpenID Connect (ProConnect, Pro Santé Connect): who the provider says is there.

Authlib speaks the protocol (code with PKCE, state, nonce, ID token checked against the provider's keys).
People are known by (issuer, subject). An e-mail address that matches an account is never enough to enter it:
an account is opened for an address that the provider says it verified, or linked by its signed-in owner.

When to modify: a provider answers in another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.accounts import emails, people
from matchmaker.accounts.tables import Account, Identity
from matchmaker.database.instants import now
from matchmaker.settings import Provider, Settings

_TIMEOUT_S = 10
_EXTENSION = "sign_in_providers"


class ProviderError(RuntimeError):
    """The provider did not say who is there; the message is for the log, without any token."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider says of who signed in. ``email``: only when it says that it verified it. ``id_token``:
    as it was given."""

    issuer: str
    subject: str
    email: str | None
    name: str
    id_token: str


def configure(app: Flask, settings: Settings) -> None:
    """Make the clients of the configured providers; nothing is asked of them before somebody signs in."""
    oauth = OAuth(app)
    for provider in settings.providers:
        oauth.register(
            provider.name,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=provider.metadata_url,
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                "default_timeout": _TIMEOUT_S,
            },
        )
    app.extensions[_EXTENSION] = oauth


def leave_for(provider: Provider, redirect_uri: str) -> Response:
    """The answer that sends the browser to the provider.

    Raises
    ------
    ProviderError
        The provider's own description cannot be read.
    """
    extra = {"acr_values": provider.acr} if provider.acr else {}
    try:
        answer: Response = _client(provider).authorize_redirect(redirect_uri, **extra)
    except (RequestException, RuntimeError, ValueError) as error:
        raise ProviderError(f"{provider.name}: {type(error).__name__}") from error
    return answer


def come_back(provider: Provider) -> Said:
    """Who the provider says is there, from the address it sent the browser back to.

    Raises
    ------
    ProviderError
        The person gave up, the state is not ours, a signature or a claim does not hold.
    """
    client = _client(provider)
    try:
        metadata = client.load_server_metadata()
        issuer = metadata["issuer"]
        wanted = {"iss": {"values": [issuer]}, "aud": {"values": [provider.client_id]}}
        token = client.authorize_access_token(claims_options=wanted)
        claims = token["userinfo"]
        told = _userinfo(client, metadata, token, provider) if "userinfo_endpoint" in metadata else {}
    except (OAuthError, JoseError, RequestException, RuntimeError, KeyError, ValueError) as error:
        raise ProviderError(f"{provider.name}: {type(error).__name__}: {error}") from error
    if told and told.get("sub") != claims["sub"]:
        raise ProviderError(f"{provider.name}: the ID token and the user information are of two people")
    both = {**told, **claims}
    verified = both.get("email_verified") is True
    names = " ".join(str(both.get(part) or "") for part in ("given_name", "usual_name")).split()
    return Said(
        issuer=str(issuer),
        subject=str(claims["sub"]),
        email=emails.normal(both.get("email")) if verified else None,
        name=" ".join(names)[:120] or str(both.get("name") or "")[:120],
        id_token=str(token["id_token"]),
    )


def sign_out_address(provider: Provider, id_token: str, back: str, state: str) -> str | None:
    """Where the browser ends its session at the provider (OpenID Connect RP-Initiated Logout 1.0), to come
    back to ``back``; None: this provider ends none.

    Raises
    ------
    ProviderError
        The provider's own description cannot be read.
    """
    client = _client(provider)
    try:
        endpoint = client.load_server_metadata().get("end_session_endpoint")
        if urlsplit(str(endpoint)).scheme not in ("http", "https"):
            return None
        made = client.create_logout_url(
            post_logout_redirect_uri=back,
            id_token_hint=id_token,
            state=state,
            client_id=provider.client_id,
        )
    except (OAuthError, RequestException, RuntimeError, ValueError) as error:
        raise ProviderError(f"{provider.name}: {type(error).__name__}") from error
    return str(made["url"])


def account_of(session: Session, said: Said) -> Account | None:
    """The account that this identity is linked to."""
    return session.scalar(
        select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.issuer == said.issuer, Identity.subject == said.subject)
    )


def link(session: Session, account: Account, said: Said) -> None:
    """Link an identity, that no account has, to this one."""
    row = Identity(account_id=account.id, issuer=said.issuer, subject=said.subject, linked_at=now())
    session.add(row)
    detail = {"fournisseur": said.issuer}
    actor = f"compte:{account.id}"
    journal.record(session, actor, "compte.relier", f"account:{account.id}", detail=detail)


def open_account(session: Session, said: Said) -> Account | None:
    """A new account for an identity with a verified address that nobody has here; None otherwise."""
    if said.email is None or people.account_of(session, said.email) is not None:
        return None
    account = people.open_account(session, said.email, said.name)
    account.verified_at = now()
    link(session, account, said)
    return account


def _client(provider: Provider) -> Any:
    return current_app.extensions[_EXTENSION].create_client(provider.name)


def _userinfo(
    client: Any, metadata: Mapping[str, Any], token: Mapping[str, Any], provider: Provider
) -> Mapping[str, Any]:
    """User information, as JSON or, at ProConnect, as a JWT whose signature and audience are checked."""
    answer = client.get(metadata["userinfo_endpoint"], token=token)
    answer.raise_for_status()
    if not answer.headers.get("Content-Type", "").startswith("application/jwt"):
        plain: Mapping[str, Any] = answer.json()
        return plain
    algorithms = metadata.get("userinfo_signing_alg_values_supported") or ["RS256", "ES256"]
    signed = [name for name in algorithms if name != "none" and not name.startswith("HS")]
    keys = KeySet.import_key_set(client.fetch_jwk_set())
    registry = JWSRegistry(algorithms=signed, strict_check_header=False)
    claims: dict[str, Any] = dict(jwt.decode(answer.text, keys, registry=registry).claims)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != metadata["issuer"] or provider.client_id not in audiences:
        raise ProviderError(f"{provider.name}: user information for somebody else")
    return claims
