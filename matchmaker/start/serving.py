"""The web process: waitress on a socket that is already open."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
from types import FrameType
from typing import NoReturn

import waitress

from matchmaker.app import create_app
from matchmaker.settings import Settings
from matchmaker.start.supervision import orphaned

_THREADS = 8
_YOUNG = 20_000  # new containers before garbage is looked for; 700 if nothing is said


def serve_web(listening: socket.socket, settings: Settings, parent: int | None = None) -> None:
    """Answer requests until SIGTERM, SIGINT, or the death of the process ``parent`` that started us."""
    signal.signal(signal.SIGTERM, _leave)
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), name="parent", daemon=True).start()
    app = create_app(settings)
    look_rarely_for_garbage()
    server = waitress.create_server(app, sockets=[listening], threads=_THREADS, ident="matchmaker")
    server.run()


def look_rarely_for_garbage() -> None:
    """Leave what the application is made of alone, and let a page make what it needs in one go.

    Pages make hardly any cycles, and a campaign or a plan read is a million objects that stay: half of the
    time of its reading went to looking through them again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _leave_with(parent: int) -> None:
    while not orphaned(parent):
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
