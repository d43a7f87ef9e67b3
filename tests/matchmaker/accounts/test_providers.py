"""Sign-in by OpenID Connect against a real provider: there and back, JSON and signed user information."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select

from matchmaker.accounts.routes.own_pages import ERASE_SENTENCE
from matchmaker.accounts.tables import Account, Identity, SignedIn
from matchmaker.app import create_app
from matchmaker.settings import Provider, Settings, SettingsError, from_environment
from tests.matchmaker.accounts.conftest import Visitor, plain
from tests.matchmaker.accounts.provider import running_provider, says, sign_in_there

EMAIL = "directrice@association.example"


@pytest.fixture(scope="module")
def issuers() -> Iterator[dict[str, str]]:
    """Three providers: user information as JSON, signed, and signed for somebody else."""
    with (
        running_provider() as plain,
        running_provider("client-signed", "no-end") as signed,
        running_provider("somebody-else") as foreign,
    ):
        yield {"plain": plain, "signed": signed, "foreign": foreign}


@pytest.fixture
def app(
    settings_with_accounts: Settings,
    issuers: dict[str, str],
    _compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Flask]:
    providers = tuple(
        Provider(
            name=name,
            label=f"Fournisseur {name}",
            metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_id=f"client-{name}",
            client_secret="secret",
            acr="eidas1" if name == "signed" else "",
            scope="openid email profile",
        )
        for name, issuer in issuers.items()
    )
    gone = dataclasses.replace(
        providers[0], name="gone", metadata_url="http://127.0.0.1:9/.well-known/openid-configuration"
    )
    made = create_app(dataclasses.replace(settings_with_accounts, providers=(*providers, gone)))
    made.testing = True
    made.jinja_env.bytecode_cache = _compiled_templates
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def there_and_back(visitor: Visitor, name: str, subject: str, query: str = "") -> tuple[int, str]:
    """Status and location of our answer to a sign-in at the provider."""
    leaving = visitor.get(f"/connexion/avec/{name}{query}")
    assert leaving.status_code == 302
    answer = visitor.get(sign_in_there(leaving.location, subject))
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize("name", ["plain", "signed"])
def test_a_verified_address_opens_an_account_and_later_signs_in(
    visitor: Visitor, app: Flask, issuers: dict[str, str], name: str
) -> None:
    """Tests the first time, the second, the path to go on to, and the protocol's own safeguards."""
    says(issuers[name], "s-1", email=EMAIL, email_verified=True, given_name="Ada", usual_name="Martin")
    query = parse_qs(urlsplit(visitor.get(f"/connexion/avec/{name}").location).query)
    assert query["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(query)
    assert query.get("acr_values") == (["eidas1"] if name == "signed" else None)
    assert there_and_back(visitor, name, "s-1") == (303, "/compte")
    page = visitor.get("/compte").text
    assert EMAIL in page
    assert f"Fournisseur {name}" in page
    visitor.post("/deconnexion")
    assert there_and_back(visitor, name, "s-1", "?suite=/registre") == (303, "/registre")
    with app.extensions["database"].reading() as session:
        (row,) = session.scalars(select(Identity)).all()
        assert (row.issuer, row.subject) == (issuers[name], "s-1")
        assert len(session.scalars(select(Account)).all()) == 1


def test_signing_out_ends_the_session_there_too(
    visitor: Visitor, app: Flask, issuers: dict[str, str]
) -> None:
    """Tests what is sent there, the way back, a state that is not ours, and that nothing is kept here."""
    says(issuers["plain"], "w-1", email="w@association.example", email_verified=True)
    there_and_back(visitor, "plain", "w-1")
    with app.extensions["database"].reading() as session:
        (kept,) = session.scalars(select(SignedIn)).all()
        by, id_token = kept.provider, kept.id_token
    assert by == "plain"
    assert id_token
    assert id_token not in visitor.get("/compte").text + visitor.get("/compte/donnees.json").text
    page = visitor.post("/deconnexion")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    address = page.headers["Refresh"].removeprefix("0; url=")
    assert html.escape(address) in page.text, "a link too, for who stays here"
    assert not visitor.is_signed_in()
    with app.extensions["database"].reading() as session:
        assert session.scalars(select(SignedIn)).all() == []
    assert address.startswith(f"{issuers['plain']}/oauth2/end_session?")
    sent = parse_qs(urlsplit(address).query)
    assert sent["id_token_hint"] == [id_token]
    assert sent["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/deconnexion/retour"]
    assert sent["client_id"] == ["client-plain"]
    form = requests.get(address, timeout=10).text
    (back,) = re.findall(r'name="redirect_uri"[^>]*value="([^"]*)"', form)
    confirm = f"{issuers['plain']}/oauth2/end_session/confirm"
    ended = requests.post(
        confirm, data={"redirect_uri": html.unescape(back)}, allow_redirects=False, timeout=10
    )
    path = ended.headers["Location"].removeprefix("http://127.0.0.1:8000")
    assert visitor.get("/deconnexion/retour?state=autre").status_code == 303
    assert "est fermée aussi" not in visitor.get("/").text
    assert visitor.get(path).location == "/", "its state was used by the try before"
    assert "est fermée aussi" not in visitor.get("/").text
    there_and_back(visitor, "plain", "w-1")
    state = parse_qs(urlsplit(visitor.post("/deconnexion").headers["Refresh"]).query)["state"][0]
    visitor.get(f"/deconnexion/retour?state={state}")
    assert "Votre session chez Fournisseur plain est fermée aussi" in plain(visitor.get("/").text)


def test_a_provider_that_ends_no_session(visitor: Visitor, issuers: dict[str, str]) -> None:
    """Tests signing out here only, said; from everywhere and with one's account too."""
    says(issuers["signed"], "w-2", email="w2@association.example", email_verified=True)
    for path, fields, after in (
        ("/deconnexion", {}, "/"),
        ("/compte/deconnexions", {}, "/connexion"),
        ("/compte/effacement", {"sentence": ERASE_SENTENCE}, "/"),
    ):
        there_and_back(visitor, "signed", "w-2")
        assert visitor.is_signed_in()
        answer = visitor.post(path, **fields)
        assert (answer.status_code, answer.location) == (303, after)
        assert not visitor.is_signed_in()
        assert "ne sait pas fermer votre session à distance" in visitor.get("/").text


def test_an_address_alone_enters_nobodys_account(visitor: Visitor, issuers: dict[str, str]) -> None:
    """Tests take-over: same address at a provider, verified or not; then linking by its signed-in owner."""
    visitor.sign_in(EMAIL)
    visitor.post("/deconnexion")
    for number, verified in enumerate((True, False)):
        says(issuers["plain"], f"t-{number}", email=EMAIL, email_verified=verified)
        assert there_and_back(visitor, "plain", f"t-{number}") == (409, "")
        assert not visitor.is_signed_in()
    says(issuers["plain"], "t-2", email="autre@association.example")
    assert there_and_back(visitor, "plain", "t-2") == (409, ""), "not verified: no account is opened"
    visitor.sign_in(EMAIL)
    assert there_and_back(visitor, "plain", "t-0", "?relier=1") == (303, "/compte")
    visitor.post("/deconnexion")
    assert there_and_back(visitor, "plain", "t-0") == (303, "/compte")
    assert EMAIL in visitor.get("/compte").text


def test_an_identity_belongs_to_one_account(visitor: Visitor, app: Flask, issuers: dict[str, str]) -> None:
    says(issuers["plain"], "u-1", email="une@association.example", email_verified=True)
    assert there_and_back(visitor, "plain", "u-1") == (303, "/compte")
    other = Visitor(app)
    other.sign_in("deux@association.example")
    there_and_back(other, "plain", "u-1", "?relier=1")
    assert "déjà reliée à un autre compte" in other.get("/compte").text
    with app.extensions["database"].reading() as session:
        assert len(session.scalars(select(Identity)).all()) == 1


def test_what_is_not_ours_is_refused(visitor: Visitor, app: Flask, issuers: dict[str, str]) -> None:
    """Tests a state of another browser, one used twice, a refusal, a foreign audience, a silent provider."""
    says(issuers["plain"], "v-1", email="v@association.example", email_verified=True)
    back = sign_in_there(visitor.get("/connexion/avec/plain").location, "v-1")
    assert Visitor(app).get(back).status_code == 502
    assert visitor.get(back.replace("code=", "code=x")).status_code == 502
    assert visitor.get(back).status_code == 502, "its state was used"
    assert visitor.get("/connexion/avec/plain/retour?error=access_denied&state=x").status_code == 502
    says(issuers["foreign"], "v-2", email="v2@association.example", email_verified=True)
    assert there_and_back(visitor, "foreign", "v-2")[0] == 502
    assert visitor.get("/connexion/avec/gone").status_code == 502
    assert visitor.get("/connexion/avec/inconnu").status_code == 404
    assert not visitor.is_signed_in()
    with app.extensions["database"].reading() as session:
        assert session.scalars(select(Account)).all() == []


def test_the_door_names_the_providers(visitor: Visitor) -> None:
    page = visitor.get("/connexion?suite=/registre").text
    assert "S’identifier avec Fournisseur signed" in page
    assert "/connexion/avec/signed?suite=/registre" in page


def test_a_provider_comes_from_the_environment() -> None:
    """Tests names, what is missing, and that a public address asks for TLS and mail."""
    given = {
        "MATCHMAKER_HOME": "/tmp/x",
        "MATCHMAKER_SECRET_KEY": "k",
        "MATCHMAKER_OIDC": "proconnect, psc",
        **{
            f"MATCHMAKER_OIDC_{name}_{part}": f"https://{name}.example/{part}"
            for name in ("PROCONNECT", "PSC")
            for part in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET")
        },
        "MATCHMAKER_OIDC_PSC_LABEL": "Pro Santé Connect",
    }
    first, second = from_environment(given).providers
    assert (first.name, first.label, second.label) == ("proconnect", "proconnect", "Pro Santé Connect")
    for wrong in (
        {"MATCHMAKER_OIDC_PSC_CLIENT_SECRET": ""},
        {"MATCHMAKER_OIDC": "Pro Connect"},
        {"MATCHMAKER_PUBLIC_URL": "http://matchmaker.example"},
        {"MATCHMAKER_PUBLIC_URL": "matchmaker.example"},
        {"MATCHMAKER_MAIL_URL": "mail.example"},
        {"MATCHMAKER_ACCESS": "accounts", "MATCHMAKER_PUBLIC_URL": "https://matchmaker.example"},
        {"MATCHMAKER_ACCESS": "open"},
    ):
        with pytest.raises(SettingsError):
            from_environment(given | wrong)
