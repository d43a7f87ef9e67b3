"""Measure pages against a trivial page of the same server in the same run.

    python -m benchmarks.bench_pages          the public simulator, on a new installation
    python -m benchmarks.bench_pages --at URL --cookie VALUE --pages /og /og/simulation

Requests leave at the rate asked (20 a second) whether or not earlier ones have come back, the trivial page
and each other page in turn. Prints the median and the 95th centile of each, and how many times the trivial
page's median it is. Exit 1 when a median is beyond ``--most`` times. Without ``--at`` it starts the real web
process (waitress) on an empty database; ``--cookie`` is the value of the session cookie of who is signed in.
A page that holds ``{n}`` is another one each time: the count of the request takes its place.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
from sqlalchemy.orm import Session

from matchmaker.database import migrate, open_database
from matchmaker.settings import from_environment

TRIVIAL = "/regles/R34"
ASKED = "/simulateur?appel=generalisation-2022&region=76&segur=oui&partenaires=11&petits=2&PA_acquisition={n}"
PAGES = ("/simulateur", ASKED, f"{ASKED}&PH_montee_de_version=3")
COOKIE = "matchmaker"
_PATIENCE_S = 30.0
_WARM = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--at", help="address of a running server, http://host:port")
    parser.add_argument("--cookie", default="", help="value of the session cookie")
    parser.add_argument("--pages", nargs="+", default=PAGES)
    parser.add_argument("--trivial", default=TRIVIAL)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--most", type=float, default=3.0, help="times the trivial page's median")
    given = parser.parse_args()
    with served(given.at) as base:
        times = load(base, (given.trivial, *given.pages), given.rate, given.seconds, given.cookie)
    raise SystemExit(report(times, given.trivial, given.rate, given.most))


@contextmanager
def served(at: str | None) -> Iterator[str]:
    """The address of a server: the one given, else a new one until the block ends."""
    if at is not None:
        yield at.rstrip("/")
        return
    with new_server(lambda _session: None) as base:
        yield base


@contextmanager
def new_server(fill: Callable[[Session], None], **settings: str) -> Iterator[str]:
    """The address of the real web process on a new database that ``fill`` has filled; ``settings``:
    environment of the process, ``{base}`` in a value is the address."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        named = {name: value.format(base=base) for name, value in settings.items()}
        environment = {**os.environ, "MATCHMAKER_HOME": folder, **named}
        database = open_database(from_environment(environment).database_url)
        migrate.upgrade(database)
        with database.writing() as session:
            fill(session)
        database.dispose()
        command = [sys.executable, "-m", "matchmaker", "web", "--port", str(port)]
        root = Path(__file__).parents[1]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment, cwd=root) as process:
            try:
                _wait_for(base)
                yield base
            finally:
                process.terminate()


def load(
    base: str, pages: Sequence[str], rate: float, seconds: float, cookie: str = ""
) -> dict[str, list[float]]:
    """Page -> seconds of each request, sent at this rate in all. Each has a connection of its own.

    Raises
    ------
    RuntimeError
        A page answers anything but 200.
    """
    times: dict[str, list[float]] = defaultdict(list)
    failed: list[str] = []

    def ask(page: str, count: int, *, keep: bool) -> None:
        address = base + page.replace("{n}", str(1 + count % 40))
        begun = time.perf_counter()
        answer = requests.get(
            address, cookies={COOKIE: cookie} if cookie else {}, timeout=_PATIENCE_S, allow_redirects=False
        )
        taken = time.perf_counter() - begun
        if answer.status_code != 200:
            failed.append(f"{address}: {answer.status_code}")
        elif keep:
            times[page].append(taken)

    for page in pages:
        for count in range(_WARM):
            ask(page, count, keep=False)
    threads = []
    begun = time.monotonic()
    for count in range(int(rate * seconds)):
        time.sleep(max(0.0, begun + count / rate - time.monotonic()))
        page = pages[count % len(pages)]
        threads.append(threading.Thread(target=ask, args=(page, count), kwargs={"keep": True}))
        threads[-1].start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError("; ".join(sorted(set(failed))[:5]))
    return times


def report(times: dict[str, list[float]], trivial: str, rate: float, most: float) -> int:
    """Print medians and ratios; 1 when a page is too slow, else 0."""
    base = statistics.median(times[trivial])
    print(f"{rate:g} requests a second, load {os.getloadavg()[0]:.1f}")
    too_slow = 0
    for page, found in times.items():
        median = statistics.median(found)
        high = statistics.quantiles(found, n=20)[-1]
        told = "" if median <= most * base else f", more than {most:g}"
        too_slow += bool(told)
        print(
            f"median {median * 1e3:6.1f} ms  95 % {high * 1e3:6.1f} ms  of {len(found):4}  "
            f"{median / base:4.1f} times  {page}{told}"
        )
    return min(too_slow, 1)


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


if __name__ == "__main__":
    main()
