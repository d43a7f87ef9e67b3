"""The work of pages: CPU time beside a trivial page, queries, size; a failing page is no measure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from benchmarks.page_work import work_of


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://")
    yield made
    made.dispose()


def application(engine: Engine) -> Flask:
    app = Flask(__name__)

    def trivial() -> str:
        return "a"

    def heavy() -> str:
        with engine.connect() as connection:
            for number in range(3):
                connection.execute(text(f"SELECT {number}"))
        return str(sum(range(400_000)))[:1] * 2_000

    app.add_url_rule("/trivial", view_func=trivial)
    app.add_url_rule("/heavy", view_func=heavy)
    return app


def test_a_page_is_measured_beside_a_trivial_one(engine: Engine) -> None:
    found = work_of(application(engine).test_client(), engine, ("/trivial", "/heavy"), "/trivial", 5)
    assert (found["/trivial"].queries, found["/heavy"].queries) == (0, 3)
    assert (found["/trivial"].kilobytes, found["/heavy"].kilobytes) == (0.001, 2.0)
    assert found["/heavy"].ratio > found["/trivial"].ratio > 0
    assert found["/heavy"].median_s > found["/trivial"].median_s > 0


def test_a_page_that_fails_is_no_measure(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="/none: 404"):
        work_of(application(engine).test_client(), engine, ("/none",), "/trivial", 1)
