"""Measure the pages of an OG's journey in a crowd, against a trivial page of the same server.

    python -m benchmarks.bench_journey --rate 20 --seconds 60

A new installation of 1,000 organismes and 40,000 ESMS (``benchmarks.crowd``), its web server in a process of
its own, its director signed in by the link of a mail. Requests leave at the rate asked whether or not
earlier ones have come back, the trivial page and the others in turn. Prints per page the median and the
worst, and how many times the trivial page's median that is; the first request to each page, which fills
caches, is told apart.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from benchmarks.crowd import DIRECTOR, make
from matchmaker.settings import from_environment

TRIVIAL = "/regles/R34"
JOURNEY = (
    "/og",
    "/og/mes-esms",
    "/og/simulation",
    "/og/partenaires",
    "/og/mises-en-relation",
    "/og/grappes",
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
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), given) as base:
        browser = _signed_in(base)
        first = {page: _asked(browser, base + page) for page in (TRIVIAL, *given.pages)}
        _report(given, first, _load(browser, base, given))


@contextmanager
def _server(folder: Path, given: argparse.Namespace) -> Iterator[str]:
    """A filled installation, served until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    os.environ |= {
        "MATCHMAKER_HOME": str(folder),
        "MATCHMAKER_ACCESS": "accounts",
        "MATCHMAKER_PUBLIC_URL": base,
    }
    make(from_environment().database_url, given.organismes, given.esms)
    command = [sys.executable, "-m", "matchmaker", "web", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(base)
            yield base
        finally:
            process.terminate()


def _wait_for(base: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            requests.get(base + TRIVIAL, timeout=_PATIENCE_S)
        except requests.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


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


def _asked(browser: requests.Session, address: str) -> float:
    """Seconds of one request; raises when it is refused or sent elsewhere."""
    begun = time.monotonic()
    answer = browser.get(address, timeout=_PATIENCE_S, allow_redirects=False)
    taken = time.monotonic() - begun
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return taken


def _load(browser: requests.Session, base: str, given: argparse.Namespace) -> dict[str, list[float]]:
    """Page -> seconds of each request."""
    turns = [page for other in given.pages for page in (TRIVIAL, other)]
    times: dict[str, list[float]] = defaultdict(list)
    threads = []
    begun = time.monotonic()
    for count in range(int(given.rate * given.seconds)):
        page = turns[count % len(turns)]
        time.sleep(max(0.0, begun + count / given.rate - time.monotonic()))

        def ask(page: str = page) -> None:
            own = requests.Session()  # a connection each: nobody waits in the client
            own.cookies.update(browser.cookies)
            times[page].append(_asked(own, base + page))

        threads.append(threading.Thread(target=ask))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return times


def _report(given: argparse.Namespace, first: dict[str, float], times: dict[str, list[float]]) -> None:
    print(f"{given.rate:g} requests a second for {given.seconds:g} s, load {os.getloadavg()[0]:.1f}")
    for page in (TRIVIAL, *given.pages):
        found = times[page]
        print(
            f"{page:28} first {first[page] * 1e3:7.0f} ms  median {statistics.median(found) * 1e3:6.0f} ms  "
            f"worst {max(found) * 1e3:6.0f} ms  of {len(found)}"
        )
    trivial = statistics.median(times[TRIVIAL])
    for page in given.pages:
        ratio = statistics.median(times[page]) / trivial
        print(f"{page:28} {ratio:4.1f} times the trivial page{'' if ratio <= MOST else ', too slow'}")
    journey = statistics.median(t for page in given.pages for t in times[page])
    print(f"the journey: {journey / trivial:.1f} times (at most {MOST:g})")


if __name__ == "__main__":
    main()
