"""Pages of partners and grappes ask the database as much with 50 organismes as with 5."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import event

from matchmaker.database.instants import now
from matchmaker.partners.board import token_for
from matchmaker.partners.tables import PartnerInterest
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.partners.conftest import fill, signed_in

KEY = "a key of the tests"
PATHS = ("/og/partenaires?n=1000&bloques=1", "/og/mises-en-relation", "/og/grappe", "/og/notifications")


def asked(app: Flask, visitor: Visitor, path: str) -> int:
    """Statements of one request, the campaign having been read before."""
    assert visitor.get(path).status_code == 200
    statements: list[str] = []

    def heard(_c: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", heard)
    assert visitor.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", heard)
    return len(statements)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_number_of_queries_is_constant(accounts_app: Flask, new_visitor: NewVisitor) -> None:
    """Tests with a few and with many organismes, each interested in the first one, and each with a grappe."""
    counted = []
    for size in (5, 50):
        with accounts_app.extensions["database"].writing() as session:
            held = fill(session, organismes=size, people=1 if size == 5 else 0, name=f"Essai {size}")
            moment = now()
            for one, other in ((0, n) for n in range(1, size // 2)):
                for a, b in ((one, other), (other, one)):
                    session.add(
                        PartnerInterest(
                            campaign_id=held.id,
                            from_id=held.rows[a],
                            to_id=held.rows[b],
                            state="interested",
                            said_at=moment,
                            expires_at=moment + dt.timedelta(days=9),
                            said_by="local",
                        )
                    )
        visitor = signed_in(new_visitor, 0)
        page = visitor.get("/og/mises-en-relation").text
        assert page.count("<h3>") == size // 2 - 1
        counted.append({path: asked(accounts_app, visitor, path) for path in PATHS})
        token = token_for(KEY, held.rows[0], held.rows[1])
        counted[-1]["thread"] = asked(accounts_app, visitor, f"/og/mises-en-relation/{token}")
    assert counted[0] == counted[1]
    assert max(counted[0].values()) < 25, counted[0]
