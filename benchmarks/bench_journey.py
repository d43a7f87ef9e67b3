"""Measure the pages of an OG's journey in a crowd, against trivial pages of the same server.

    python -m benchmarks.bench_journey --rate 20 --seconds 60     over HTTP, at a rate
    python -m benchmarks.bench_journey --work                      CPU time and queries of each page

Either on SQLite or, with ``--postgresql``, on a PostgreSQL server of its own (the tests' one).
A new installation of 1,000 organismes and 40,000 ESMS (``benchmarks.crowd``), with partners, messages,
grappes, news and a published plan (``benchmarks.crowd_life``); its director signed in by the link of a mail.
The first request to each page, which fills caches, is told apart. Trivial pages: the page of a rule, and the
lightest one that there is, without a query of its own. Exit 1 when a median is beyond four times that of the
rule's page, each page by itself.

``--work`` counts the CPU seconds of one process through the test client: what else the machine does does not
show in them. It also tells what the first view of partners takes in a process that has read nothing, after
one ESMS of the campaign changed its answer, and for other organismes when one has looked already; and the
first view of « Pourquoi suis-je isolé ? » in a process that has not read the plan.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.bench_pages import COOKIE, TRIVIAL, load, new_server, report
from benchmarks.crowd import DIRECTOR, draw, fill
from benchmarks.crowd_life import live
from benchmarks.page_work import work_of
from matchmaker.app import create_app
from matchmaker.campaigns import answers, campaign
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.database import migrate, open_database
from matchmaker.partners import question
from matchmaker.partners.board import board_of
from matchmaker.proposals import keeping
from matchmaker.settings import from_environment
from matchmaker.start.serving import look_rarely_for_garbage
from tests.postgres import running_server

LIGHTEST = "/connexion/lien-envoye"
JOURNEY = (
    "/og",
    "/og/mes-esms",
    "/og/simulation",
    "/og/partenaires",
    "/og/mises-en-relation",
    "/og/grappe",
    "/og/pourquoi-isole",
    "/og/notifications",
)
# Pages that hold a link to one of them: a thread of messages, a grappe.
LINKED = {
    "/og/mises-en-relation": r"/og/mises-en-relation/[0-9a-f]{32}",
    "/og/grappe": r"/og/grappe/[0-9a-f]{32}",
}
MOST = 4.0  # times the trivial page
_PATIENCE_S = 120.0
_ROUNDS, _OTHERS = 25, 20

Get = Callable[[str], str]
Post = Callable[[str, Mapping[str, str]], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--organismes", type=int, default=1_000)
    parser.add_argument("--esms", type=int, default=40_000)
    parser.add_argument("--work", action="store_true", help="CPU time and queries, in this process")
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    given = parser.parse_args()
    with _database(postgresql=given.postgresql) as environment:
        measured = _work if given.work else _over_http
        raise SystemExit(measured(given, {"MATCHMAKER_ACCESS": "accounts", **environment}))


@contextmanager
def _database(*, postgresql: bool) -> Iterator[dict[str, str]]:
    """Where the installation keeps its rows, as settings; SQLite in its folder when nothing is said."""
    if not postgresql:
        yield {}
        return
    with running_server() as server:
        yield {"MATCHMAKER_DATABASE_URL": server.url(server.create())}


def _over_http(given: argparse.Namespace, environment: Mapping[str, str]) -> int:
    filled = _filled(given.organismes, given.esms)
    with new_server(filled, **environment, MATCHMAKER_PUBLIC_URL="{base}") as base:
        browser = requests.Session()

        def get(path: str) -> str:
            answer = browser.get(base + path, timeout=_PATIENCE_S)
            answer.raise_for_status()
            return answer.text

        sign_in(get, lambda path, fields: browser.post(base + path, dict(fields)).raise_for_status())
        for page in JOURNEY:
            begun = time.perf_counter()
            get(page)
            print(f"first {(time.perf_counter() - begun) * 1e3:7.0f} ms  {page}", flush=True)
        pages = journey(get)
        times = load(base, (TRIVIAL, LIGHTEST, *pages), given.rate, given.seconds, browser.cookies[COOKIE])
    own = statistics.median(taken for page in pages for taken in times[page])
    for trivial in (TRIVIAL, LIGHTEST):
        print(f"all pages of the journey: {own / statistics.median(times[trivial]):.1f} times {trivial}")
    return report(times, TRIVIAL, given.rate, MOST)


def _filled(organismes: int, esms: int) -> Callable[[Session], None]:
    def filled(session: Session) -> None:
        live(session, fill(session, draw(organismes, esms, seed=1)))
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))  # which a server in use does by itself

    return filled


def sign_in(get: Get, post: Post) -> None:
    """Sign the director in by link, as people do."""

    def token(path: str) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', get(path))
        assert found
        return found[1]

    post("/connexion/lien", {"csrf_token": token("/connexion"), "email": DIRECTOR})
    link = re.findall(r"/connexion/lien/[\w.-]+", get("/courriels"))[-1]
    post(link, {"csrf_token": token("/connexion")})


def journey(get: Get) -> list[str]:
    """Addresses of all pages: one thread and one grappe with the lists of them."""
    linked = [found[0] for page, link in LINKED.items() if (found := re.search(link, get(page)))]
    return [*JOURNEY, *linked]


# the work of pages ----------------------------------------------------------------------------------------


def _work(given: argparse.Namespace, environment: Mapping[str, str]) -> int:
    with _application(_filled(given.organismes, given.esms), environment) as app:
        look_rarely_for_garbage()  # as the web process does
        client = app.test_client()
        _sign_in(client)
        pages = journey(lambda path: client.get(path).text)
        first, changed, others = _first_views(app, client)
        keeping.forget()
        plan = _cpu(lambda: client.get("/og/pourquoi-isole"))
        crowd = f"{given.esms} ESMS of {given.organismes} organismes"
        print(f"CPU of one process, load {os.getloadavg()[0]:.1f}; {crowd}")
        print(f"{first * 1e3:6.0f} ms  first view of partners in a process that has read nothing")
        print(f"{changed * 1e3:6.0f} ms  after one ESMS of the campaign changed its answer")
        print(f"{others * 1e3:6.0f} ms  cards of another organisme, the campaign having been read")
        print(f"{plan * 1e3:6.0f} ms  first view of « Pourquoi » in a process that has not read the plan")
        engine = app.extensions["database"].engine
        found = work_of(client, engine, (TRIVIAL, LIGHTEST, *pages), TRIVIAL, _ROUNDS)
    lightest = found[LIGHTEST].ratio
    for page, work in found.items():
        print(
            f"{work.median_s * 1e3:6.1f} ms  {work.ratio:4.1f} times the rule  "
            f"{work.ratio / lightest:4.1f} times the lightest  {work.queries:3} queries  "
            f"{work.kilobytes:5.0f} kB  {page}"
        )
    return int(any(found[page].ratio > MOST for page in pages))


@contextmanager
def _application(filled: Callable[[Session], None], environment: Mapping[str, str]) -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as folder:
        settings = from_environment({"MATCHMAKER_HOME": folder, **environment})
        database = open_database(settings.database_url)
        migrate.upgrade(database)
        with database.writing() as session:
            filled(session)
        database.dispose()
        app = create_app(settings)
        yield app
        app.extensions["database"].dispose()


def _sign_in(client: FlaskClient) -> None:
    here = {"REMOTE_ADDR": "127.0.0.1"}

    def post(path: str, fields: Mapping[str, str]) -> None:
        assert client.post(path, data=dict(fields), environ_overrides=here).status_code == 303, path

    sign_in(lambda path: client.get(path).text, post)


def _first_views(app: Flask, client: FlaskClient) -> tuple[float, float, float]:
    """CPU seconds of three kinds of first view, the templates having been read."""
    assert client.get("/og/partenaires").status_code == 200
    question.forget()
    first = _cpu(lambda: client.get("/og/partenaires"))
    database, key = app.extensions["database"], app.secret_key
    with database.writing() as session:
        one = session.scalars(select(CampaignEsms).order_by(CampaignEsms.code.desc()).limit(1)).one()
        answers.keep(session, one.campaign_id, one.code, Answer("aucun"), actor="local")
    with database.reading() as session:
        number = one.campaign_id
        changed = _cpu(lambda: question.question_of(session, number))
        changed += _cpu(lambda: client.get("/og/partenaires"))
        known = question.question_for(session, campaign.get(session, number), 0)
    assert known is not None
    viewers: Sequence[int] = sorted(known.profiles)[-_OTHERS:]

    def look(viewer: int) -> None:
        board = board_of(known, viewer, (), 3, str(key))
        assert board is not None
        assert board.cards

    return first, changed, statistics.median(_cpu(lambda v=v: look(v)) for v in viewers)


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
