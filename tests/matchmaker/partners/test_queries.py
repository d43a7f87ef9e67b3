"""Pages of an OG's journey ask the database as much in a crowd as among a few."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import event

from benchmarks.crowd_life import live
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.partners.conftest import director, fill, signed_in

JOURNEY = (
    "/og",
    "/og/mes-esms",
    "/og/simulation",
    "/og/partenaires?n=1000&bloques=1",
    "/og/mises-en-relation",
    "/og/grappe?n=1000",
    "/og/pourquoi-isole",
    "/og/notifications",
)


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


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_number_of_queries_is_constant(accounts_app: Flask, new_visitor: NewVisitor) -> None:
    """Tests every page, a thread and a grappe too, with a few and with many organismes and grappes, each
    list shown whole."""
    counted = []
    for size, grappes in ((20, 1), (80, 11)):
        with accounts_app.extensions["database"].writing() as session:
            held = fill(session, organismes=size, people=1 if size == 20 else 0, name=f"Essai {size}")
            live(session, held.id, email=director(0), grappes=grappes)
        visitor = signed_in(new_visitor, 0)
        thread, grappe = (
            re.search(rf"{page}/[0-9a-f]{{32}}", visitor.get(page).text)
            for page in ("/og/mises-en-relation", "/og/grappe")
        )
        assert thread
        assert grappe
        whole, part = (visitor.get(f"/og/grappe?n={most}").text for most in (1000, 3))
        assert (whole.count("organismes ou plus"), part.count("organismes ou plus")) == (
            grappes,
            min(grappes, 3),
        )
        assert ("Afficher les suivantes" in whole, "Afficher les suivantes" in part) == (False, grappes > 3)
        assert "Pourquoi suis-je isolé" in visitor.get("/og/pourquoi-isole").text
        paths = {**{path: path for path in JOURNEY}, "a thread": thread[0], "a grappe": grappe[0]}
        counted.append({name: asked(accounts_app, visitor, path) for name, path in paths.items()})
    assert counted[0] == counted[1]
    assert max(counted[0].values()) < 25, counted[0]
