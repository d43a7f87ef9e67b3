"""The web process: waitress on a socket that is already open."""

from __future__ import annotations

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


def serve_web(listening: socket.socket, settings: Settings, parent: int | None = None) -> None:
    """Answer requests until SIGTERM, SIGINT, or the death of the process ``parent`` that started us."""
    signal.signal(signal.SIGTERM, _leave)
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent,), name="parent", daemon=True).start()
    server = waitress.create_server(
        create_app(settings), sockets=[listening], threads=_THREADS, ident="matchmaker"
    )
    server.run()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _leave_with(parent: int) -> None:
    while not orphaned(parent):
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
