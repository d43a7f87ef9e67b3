"""The measure of pages: every page is asked in turn, with the cookie, and one that is too slow is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import bench_pages

ASKED: list[tuple[str, str]] = []


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append((self.path, self.headers.get("Cookie", "")))
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_are_asked_in_turn_and_each_answer_is_timed(base: str) -> None:
    begun = time.monotonic()
    times = bench_pages.load(base, ("/a", "/b?x={n}"), rate=100, seconds=0.2, cookie="key")
    assert {page: len(found) for page, found in times.items()} == {"/a": 10, "/b?x={n}": 10}
    assert all(0 < taken < time.monotonic() - begun for found in times.values() for taken in found)
    assert {cookie for _path, cookie in ASKED} == {"matchmaker=key"}
    assert len({path for path, _cookie in ASKED if path.startswith("/b")}) > 5


def test_a_page_that_fails_is_no_measure(base: str) -> None:
    with pytest.raises(RuntimeError, match="/none: 404"):
        bench_pages.load(base, ("/a", "/none"), rate=100, seconds=0.1)


def test_a_page_too_slow_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    times = {"/a": [0.01, 0.02, 0.03], "/b": [0.05, 0.07, 0.09], "/c": [0.05, 0.06, 0.07]}
    assert bench_pages.report(times, "/a", 20, 3) == 1
    said = capsys.readouterr().out
    assert "3.5 times  /b, more than 3" in said
    assert "3.0 times  /c\n" in said
    assert bench_pages.report({"/a": times["/a"], "/c": times["/c"]}, "/a", 20, 3) == 0
