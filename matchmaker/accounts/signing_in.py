"""Being signed in: a row per browser, known by a token that changes at every sign-in.

The cookie that a visitor had before signing in is emptied, so a cookie that somebody planted there signs
nobody in (session fixation). A row ends twelve hours after it began: a working day. A browser that nobody
uses for two hours is signed out; the signed cookie tells when it was last used, so that a page which is only
looked at writes nothing, and pages that ask for news by themselves do not count.

When to modify: how long one stays signed in changes.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import flask
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.accounts import people, tokens
from matchmaker.accounts.tables import Account, SignedIn
from matchmaker.database.instants import now
from matchmaker.web.people import Person
from matchmaker.web.sessions import reading

LASTS = dt.timedelta(hours=12)
IDLE = dt.timedelta(hours=2)
_NOTED = dt.timedelta(minutes=5)  # how often the cookie says again that it is used
_KEY, _USED = "key", "used"
_BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A browser that is signed in, as its owner sees it."""

    id: int
    method: str
    browser: str
    started_at: dt.datetime
    expires_at: dt.datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A sign-in by a provider that has just ended: the provider's name, and what it asks to end its own."""

    provider: str
    id_token: str


def start(session: Session, account: Account, method: str, by: Left | None = None) -> None:
    """Sign the account in from this browser. ``method``: « lien », « mot de passe », a provider's label.
    ``by``: the provider's name and its ID token, when it can sign out there. Sign-ins that are over go."""
    token, moment = tokens.new(), now()
    _end_here(session)
    session.execute(delete(SignedIn).where(SignedIn.expires_at <= moment))
    session.add(
        SignedIn(
            token_sha256=tokens.digest(token),
            account_id=account.id,
            method=method[:40],
            browser=_browser(flask.request.user_agent.string),
            provider=by and by.provider,
            id_token=by and by.id_token,
            started_at=moment,
            expires_at=moment + LASTS,
        )
    )
    account.signed_in_at = moment
    detail = {"moyen": method}
    journal.record(
        session, f"compte:{account.id}", "compte.connecter", f"account:{account.id}", detail=detail
    )
    flask.session.clear()  # nothing of before survives, the CSRF token neither
    flask.session[_KEY] = token
    flask.session[_USED] = int(moment.timestamp())
    flask.g.pop("person", None)


def end(session: Session) -> Left | None:
    """Sign out from this browser; returns what the provider that signed in asks to sign out there too."""
    left = _end_here(session)
    flask.session.clear()
    flask.g.pop("person", None)
    return left


def end_all(session: Session, account_id: int, *, but_here: bool = False) -> int:
    """Sign an account out from everywhere (or everywhere else); returns from how many browsers."""
    closing = delete(SignedIn).where(SignedIn.account_id == account_id)
    if but_here:
        closing = closing.where(SignedIn.token_sha256 != tokens.digest(flask.session.get(_KEY, "")))
    return int(session.execute(closing).rowcount)  # type: ignore[attr-defined]


_SIGNED_IN = (
    select(Account)
    .join(SignedIn, SignedIn.account_id == Account.id)
    .where(SignedIn.token_sha256 == bindparam("token"), SignedIn.expires_at > bindparam("now"))
)


def identify() -> Person | None:
    """Who holds the token of this request's cookie; None when it is unknown, over or closed."""
    token = flask.session.get(_KEY)
    if not isinstance(token, str) or not _in_use():
        return None
    with reading() as session:
        account = session.scalar(_SIGNED_IN, {"token": tokens.digest(token), "now": now()})
        return None if account is None else people.person_of(session, account)


def windows(session: Session, account_id: int) -> list[Window]:
    """Browsers that are signed in to an account, the latest first."""
    here = tokens.digest(flask.session.get(_KEY, ""))
    rows = session.scalars(
        select(SignedIn)
        .where(SignedIn.account_id == account_id, SignedIn.expires_at > now())
        .order_by(SignedIn.id.desc())
    )
    return [
        Window(r.id, r.method, r.browser, r.started_at, r.expires_at, r.token_sha256 == here) for r in rows
    ]


def _in_use() -> bool:
    """Whether the browser was used lately; notes that it is now."""
    moment = now().timestamp()
    used = flask.session.get(_USED)
    # A cookie of before this was noted is one that we signed: it begins to count now.
    idle = moment - used if isinstance(used, int) else _NOTED.total_seconds()
    if idle >= IDLE.total_seconds():
        return False
    asks_by_itself = flask.request.method == "GET" and "HX-Request" in flask.request.headers
    if idle >= _NOTED.total_seconds() and not asks_by_itself:
        flask.session[_USED] = int(moment)
    return True


def _end_here(session: Session) -> Left | None:
    token = flask.session.get(_KEY)
    if not isinstance(token, str):
        return None
    row = session.scalar(select(SignedIn).where(SignedIn.token_sha256 == tokens.digest(token)))
    if row is None:
        return None
    left = Left(row.provider, row.id_token) if row.provider and row.id_token else None
    session.delete(row)
    session.flush()
    return left


def _browser(agent: str) -> str:
    """« Firefox, Windows »: enough for its owner to recognise it, and no more."""
    named = next((name for mark, name in _BROWSERS if re.search(re.escape(mark), agent)), "Navigateur")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "système inconnu")
    return f"{named}, {system}"
