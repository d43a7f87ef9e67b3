"""The table of docs/authorisation.md, the addresses it speaks of, and a browser that asks for them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from flask import Flask
from sqlalchemy import delete

from matchmaker.accounts import people
from matchmaker.accounts.tables import SignedIn
from matchmaker.accounts.tokens import digest
from matchmaker.database.instants import now
from tests.matchmaker.accounts.world import Place, World

TABLE = Path(__file__).resolve().parents[3] / "docs" / "authorisation.md"
ROLES = (
    "visitor",
    "no role",
    "OG member",
    "OG manager",
    "ARS département",
    "ARS",
    "support",
    "GRADeS",
    "administrator",
)

# Arguments that are no row of a région, by what stands before them: values that exist in each world.
PARTS = {
    "/regles/<rule_id>": "R34",
    "/finess/<finess>": "320999018",
    "/solutions/<code>": "dui-a",
    "/organismes/<path:code>": "480000011",
    "/voisinages/<path:code>": "480000011",
    "/og/mes-esms/<code>": "{finess}1",
    "/donnees/<code>/retirer": "480000106",
    "/donnees/<code>": "480000101",
    "/regions/<code>": "76",
    "/modele.<kind>": "csv",
    "/lectures.<kind>": "csv",
    "/besoins/modele.<kind>": "csv",
    "/export/<name>": "csv",
    "/avec/<name>": "proconnect",
    "/grappes/<path:grappe_id>": "G1",
    "/lien/<token>": "x",
    "/invitations/<token>": "x",
    "/partenaires/<token>": "x",
    "/grappe/<token>/demandes/<asking>/<answer>": "x",
    "/grappe/<token>": "x",
    "/mises-en-relation/<token>": "x",
    "/desabonnement/<token>": "x",
}


def lines() -> dict[str, dict[str, str]]:
    """``GET /campagnes`` -> role -> cell."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| route"):
            assert tuple(cells[1:]) == ROLES
        elif line.startswith("| `"):
            route = cells[0].strip("`")
            assert route not in found, route
            found[route] = dict(zip(ROLES, cells[1:], strict=True))
    return found


def address(route: str, place: Place) -> str:
    """The address of a route for the objects of one région."""
    path = route.split(" ", 1)[1]
    for pattern, known in PARTS.items():
        if pattern in path:
            known = known.format(finess=place.finess_ej[:8])
            path = path.replace(pattern, re.sub(r"<[^>]+>", known, pattern))
    numbers = place.numbers | {"number": place.run if "/calculs/" in path else place.plan, "import_id": 1}
    return re.sub(r"<int:(\w+)>", lambda match: str(numbers[match[1]]), path)


# After these the browser is no longer signed in.
ENDING = ("POST /deconnexion", "POST /compte/deconnexions", "POST /compte/effacement")


class Asking:
    """A browser signed in to the account of one role, again whenever a route ended that."""

    def __init__(self, app: Flask, world: World, role: str) -> None:
        self.client, self._app, self._world, self._role = app.test_client(), app, world, role
        self._sign_in()

    def told(self, route: str, place: Place) -> str:
        """What the application answers, in the words of the table."""
        answer = self.client.open(address(route, place), method=route.split(" ", 1)[0])
        location = answer.headers.get("Location", "").split("?")[0]
        if route in ENDING:
            self._sign_in()
            if self._role != "visitor":
                location = ""  # having signed out, one is sent to the door
        if answer.status_code == 303 and location == "/connexion":
            return "sign-in"
        return "yes" if answer.status_code in (200, 302, 303, 409, 410, 415, 422) else str(answer.status_code)

    def _sign_in(self) -> None:
        if self._role == "visitor":
            return
        key = f"key of {self._role}"
        with self._app.extensions["database"].writing() as session:
            account = people.account_of(session, self._world.accounts[self._role])
            assert account
            row = SignedIn(token_sha256=digest(key), account_id=account.id, method="essai", browser="essai")
            row.started_at, row.expires_at = now(), now() + dt.timedelta(hours=1)
            session.execute(delete(SignedIn))
            session.add(row)
        with self.client.session_transaction() as cookie:
            cookie["key"] = key
