"""Measure the pages of an OG's journey in a crowd, against a trivial page of the same server.

    python -m benchmarks.bench_journey --rate 20 --seconds 60

A new installation of 1,000 organismes and 40,000 ESMS (``benchmarks.crowd``), its director signed in by the
link of a mail. The load and what is printed are those of ``benchmarks.bench_pages``; the first request to
each page, which fills caches, is told apart. Exit 1 when a median is beyond four times the trivial page's.
"""

from __future__ import annotations

import argparse
import re
import time

import requests

from benchmarks.bench_pages import COOKIE, TRIVIAL, load, new_server, report
from benchmarks.crowd import DIRECTOR, draw, fill

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
MOST = 4.0  # times the trivial page
_PATIENCE_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pages", nargs="+", default=JOURNEY)
    parser.add_argument("--organismes", type=int, default=1_000)
    parser.add_argument("--esms", type=int, default=40_000)
    given = parser.parse_args()
    drawn = draw(given.organismes, given.esms, seed=1)
    with new_server(
        lambda session: fill(session, drawn), MATCHMAKER_ACCESS="accounts", MATCHMAKER_PUBLIC_URL="{base}"
    ) as base:
        browser = _signed_in(base)
        for page in given.pages:
            print(f"first {_first(browser, base + page) * 1e3:7.0f} ms  {page}", flush=True)
        times = load(base, (TRIVIAL, *given.pages), given.rate, given.seconds, browser.cookies[COOKIE])
    raise SystemExit(report(times, TRIVIAL, given.rate, MOST))


def _signed_in(base: str) -> requests.Session:
    """A browser of the director, signed in by link as people do."""
    browser = requests.Session()

    def token(path: str) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(base + path).text)
        assert found
        return found[1]

    asked = {"csrf_token": token("/connexion"), "email": DIRECTOR}
    browser.post(f"{base}/connexion/lien", asked).raise_for_status()
    link = re.findall(r"/connexion/lien/[\w.-]+", browser.get(f"{base}/courriels").text)[-1]
    browser.post(base + link, {"csrf_token": token("/connexion")}).raise_for_status()
    return browser


def _first(browser: requests.Session, address: str) -> float:
    """Seconds of the first request to a page."""
    begun = time.perf_counter()
    browser.get(address, timeout=_PATIENCE_S).raise_for_status()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
