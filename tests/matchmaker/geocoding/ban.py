"""A local server speaking the Base adresse nationale's protocol: GET /geocodage/search?q=…&limit=1."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def feature(
    lat: float, lon: float, citycode: str, score: float = 0.93, kind: str = "housenumber"
) -> dict[str, Any]:
    """One answer as the service writes it: longitude first."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "label": "12 Rue de l'Église 01000 Bourg-en-Bresse",
            "score": score,
            "type": kind,
            "citycode": citycode,
            "postcode": "01000",
        },
    }


@dataclass
class Ban:
    """``replies``: query -> features, an HTTP status, or raw bytes. ``asked``: (moment, query, agent)."""

    url: str = ""
    replies: dict[str, Any] = field(default_factory=dict)
    default: Any = field(default_factory=list)
    asked: list[tuple[float, str, str]] = field(default_factory=list)

    @property
    def queries(self) -> list[str]:
        return [query for _, query, _ in self.asked]


@contextmanager
def serving() -> Iterator[Ban]:
    """The server on a free port of this machine, until the block ends."""
    ban = Ban()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = parse_qs(parts.query)
            query = parameters.get("q", [""])[0]
            ban.asked.append((time.monotonic(), query, self.headers["User-Agent"]))
            reply = ban.replies.get(query, ban.default)
            if parts.path != "/geocodage/search" or parameters.get("limit") != ["1"]:
                reply = 404
            if isinstance(reply, list):
                body = json.dumps({"type": "FeatureCollection", "features": reply, "query": query}).encode()
                self._send(200, body)
            elif isinstance(reply, bytes):
                self._send(200, reply)
            else:
                self._send(reply, b'{"code": 0, "message": "refused"}')

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: the tests read ``asked``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ban.url = f"http://127.0.0.1:{server.server_port}/geocodage"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield ban
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
