"""Who may open which page: every route declares it, the server checks it before the route runs.

A level is a set of roles (``LEVELS``). An address that names an object (a campaign, a plan, an organisme)
is checked against its owner as well: each feature says with ``guard`` to whom the object of an argument
belongs. What belongs to somebody else answers 404, exactly as what does not exist.

``settings.access`` decides who asks: ``local`` (the server listens on this machine only) is one person who
runs campaigns everywhere; ``closed`` is nobody; with ``accounts``, whoever signed in.
docs/authorisation.md is the table of it all, read by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, make_response, redirect, request, url_for
from flask.sansio.app import App
from sqlalchemy.orm import Session

from matchmaker.web.people import LOCAL, Belonging, Grant, Ground, Person, Role
from matchmaker.web.sessions import reading

Level = Literal[
    "public",
    "compte",
    "synthese",
    "partie",
    "lecture",
    "gestion",
    "organisme",
    "membres",
    "equipe",
    "administration",
]
View = TypeVar("View", bound=Callable[..., Any])
Lookup = Callable[[Session, Any], Belonging | None]

# "compte": anybody with an account. The others: these roles only. "partie": as "synthese", for who acts in a
# département also what is of its whole région; the page then shows what lies there (``departements_of``).
LEVELS: dict[str, frozenset[Role]] = {
    "synthese": frozenset({Role.ARS, Role.SUPPORT, Role.GRADES, Role.ADMIN}),
    "partie": frozenset({Role.ARS, Role.SUPPORT, Role.GRADES, Role.ADMIN}),
    "lecture": frozenset({Role.SUPPORT, Role.GRADES, Role.ADMIN}),
    "gestion": frozenset({Role.GRADES, Role.ADMIN}),
    "organisme": frozenset({Role.OG_MEMBER, Role.OG_MANAGER}),
    "membres": frozenset({Role.OG_MEMBER, Role.OG_MANAGER, Role.GRADES, Role.ADMIN}),
    "equipe": frozenset({Role.OG_MANAGER, Role.GRADES, Role.ADMIN}),
    "administration": frozenset({Role.ADMIN}),
}
_ATTRIBUTE = "access_level"
_GUARDS = "access_guards"
_UNOWNED = "access_unowned"


class UndeclaredAccessError(RuntimeError):
    """Routes of the application say nothing of who may open them, or of whose object they show."""


def access(level: Level) -> Callable[[View], View]:
    """Declare who may open a route; stands right above the function, under the route decorator."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, level)
        return view

    return declare


def guard(app: App, blueprint: str, argument: str, lookup: Lookup) -> None:
    """Say to whom the object that an address names belongs. ``blueprint`` ``"*"``: wherever that name stands.

    ``lookup(session, value)`` returns None when there is no such object.
    """
    app.extensions.setdefault(_GUARDS, {})[blueprint, argument] = lookup


def unowned(app: App, blueprint: str, argument: str) -> None:
    """Say that an argument names a part of a guarded object, looked for in that object only, or what belongs
    to nobody."""
    app.extensions.setdefault(_UNOWNED, set()).add((blueprint, argument))


def level_of(app: Flask, endpoint: str) -> str | None:
    """The declared level of an endpoint; static files are public."""
    if endpoint == "static":
        return "public"
    level: str | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return level


def undeclared(app: Flask) -> list[str]:
    """Endpoints that declare nothing."""
    return sorted(endpoint for endpoint in app.view_functions if level_of(app, endpoint) is None)


def unguarded(app: Flask) -> list[str]:
    """Numbers in addresses of pages that are not public, of which nobody said whose object they name."""
    found = set()
    for rule in app.url_map.iter_rules():
        if level_of(app, rule.endpoint) == "public":
            continue
        blueprint = rule.endpoint.rpartition(".")[0]
        for argument in rule.arguments:
            numbered = f"<int:{argument}>" in rule.rule
            if (
                numbered
                and not _guards_of(app, blueprint, argument)
                and not _is_unowned(app, blueprint, argument)
            ):
                found.add(f"{rule.endpoint} <{argument}>")
    return sorted(found)


def require_declared(app: Flask) -> None:
    """Refuse to start with a route that says nothing of who may open it, or whose object is nobody's.

    Raises
    ------
    UndeclaredAccessError
        Names every endpoint without ``@access``, and every number without ``guard`` or ``unowned``.
    """
    missing = undeclared(app)
    if missing:
        raise UndeclaredAccessError(f"routes without @access: {', '.join(missing)}")
    nobodys = unguarded(app)
    if nobodys:
        raise UndeclaredAccessError(f"numbers in addresses without access.guard: {', '.join(nobodys)}")


def person() -> Person | None:
    """Who asks for this page; None: nobody we know."""
    if "person" not in g:
        settings = current_app.extensions["settings"]
        if settings.access == "local":
            g.person = LOCAL
        elif settings.access == "accounts":
            g.person = current_app.extensions["identify"]()
        else:
            g.person = None
    found: Person | None = g.person
    return found


def account_id() -> int:
    """The account of who asks; 404 where there are no accounts."""
    asking = person()
    if asking is None or asking.account_id is None:
        abort(404)
    return asking.account_id


def actor() -> str:
    """How the journal names who asks for this page."""
    asking = person()
    if asking is None:
        raise RuntimeError(f"{request.method} {request.path}: an act of nobody")
    return asking.actor


def holds(level: str) -> bool:
    """Whether who asks has a role of this level somewhere."""
    if level == "public":
        return True
    asking = person()
    if asking is None:
        return False
    if level == "compte":
        return asking.account_id is not None
    return bool(asking.holds(LEVELS[level]))


def may_manage() -> bool:
    """Whether who asks runs campaigns: templates hide by it what the others may not do."""
    return holds("gestion")


def ground(level: str = "synthese") -> Ground:
    """Where who asks may open pages of this level: lists show no more than that."""
    asking = person()
    return Ground(False, frozenset()) if asking is None else asking.ground(LEVELS[level])


def covers(level: str, belonging: Belonging) -> bool:
    """Whether who asks may do what this level does to an object that belongs there."""
    asking = person()
    return asking is not None and asking.covers(LEVELS[level], belonging)


def departements_of(level: str, belonging: Belonging) -> frozenset[str] | None:
    """The départements of an object that who asks may read; None: the whole of it."""
    asking = person()
    held = () if asking is None else asking.holds(LEVELS[level])
    if any(grant.covers(belonging) for grant in held):
        return None
    return frozenset(g.departement for g in held if g.departement is not None and g.reaches(belonging))


def may_open(endpoint: str) -> bool:
    """Whether who asks has a role that opens this page, somewhere."""
    level = level_of(current_app, endpoint)
    return level is not None and holds(level)


def own_path(target: str | None) -> str | None:
    """An address to go on to, if it is a path of this site: anything that a browser could read as another
    host, or as no page, gives None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 33 or character == "\\" for character in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


def configure(app: Flask) -> None:
    """Check access before anything else a request goes through."""
    app.before_request(_check)
    app.jinja_env.globals.update(may_manage=may_manage, may_open=may_open, personne=person)


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # no such page: the 404 follows
    level = level_of(current_app, request.endpoint)
    if level == "public":
        return None
    if level is None or not holds(level):
        return _refused()
    if level != "compte":
        _check_objects(level)
    return None


def _refused() -> Response:
    """403, or the way to sign in for who has not; 404 for pages of accounts where there are none."""
    settings = current_app.extensions["settings"]
    if settings.access == "local":
        abort(404)  # pages of accounts: there are none here
    if settings.access != "accounts" or person() is not None:
        abort(403)
    after = request.full_path.rstrip("?") if request.method == "GET" else None
    url = url_for("accounts.sign_in", suite=after)
    if request.headers.get("HX-Request"):
        response = make_response("", 401)
        response.headers["HX-Redirect"] = url_for("accounts.sign_in")
        return response
    return make_response(redirect(url, 303))


def _check_objects(level: str) -> None:
    """404 unless each object that the address names belongs to who asks, in a role of this level."""
    asking = person()
    arguments = request.view_args or {}
    blueprint = (request.endpoint or "").rpartition(".")[0]
    checks = [
        (lookup, value)
        for name, value in arguments.items()
        for lookup in _guards_of(current_app, blueprint, name)
    ]
    if asking is None or not checks:
        return
    held = asking.holds(LEVELS[level])
    with reading() as session:
        for lookup, value in checks:
            belonging = lookup(session, value)
            if belonging is None and any(grant.everywhere for grant in held):
                continue  # the page says in its own words that there is no such thing
            if belonging is None or not any(_opens(level, grant, belonging) for grant in held):
                abort(404)


def _opens(level: str, grant: Grant, belonging: Belonging) -> bool:
    return grant.covers(belonging) or (level == "partie" and grant.reaches(belonging))


def _guards_of(app: Flask, blueprint: str, argument: str) -> list[Lookup]:
    guards = app.extensions.get(_GUARDS, {})
    return [guards[key] for key in ((blueprint, argument), ("*", argument)) if key in guards]


def _is_unowned(app: Flask, blueprint: str, argument: str) -> bool:
    return (blueprint, argument) in app.extensions.get(_UNOWNED, set())
