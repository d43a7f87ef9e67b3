"""A real OpenID Connect provider on this machine, and the person who signs in there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

PROCESS = Path(__file__).with_name("provider_process.py")


@contextmanager
def running_provider(*options: str) -> Iterator[str]:
    """The issuer's address, until the block ends."""
    command = [sys.executable, str(PROCESS), *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        port = process.stdout.readline().strip()
        assert port.isdecimal(), "the provider did not start"
        yield f"http://localhost:{port}"
        assert process.stdin
        process.stdin.close()


def says(issuer: str, subject: str, **claims: Any) -> None:
    """What the provider says from now on of one person."""
    answer = requests.put(f"{issuer}/users/{subject}", json={"sub": subject, **claims}, timeout=10)
    answer.raise_for_status()


def sign_in_there(address: str, subject: str) -> str:
    """Open the provider's page, say who one is, and return the path that the browser is sent back to."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith("http://127.0.0.1:8000/connexion/avec/")
    return location.removeprefix("http://127.0.0.1:8000")
