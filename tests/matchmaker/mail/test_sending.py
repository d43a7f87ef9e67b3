"""Mails through a real SMTP server on this machine: once, again after a failure, forgotten when secret."""

from __future__ import annotations

import dataclasses
import datetime as dt
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from matchmaker import mail
from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.mail.sending import PAUSES, SENT_WORDS, send_waiting
from matchmaker.mail.tables import Mail
from matchmaker.settings import Settings


class Server(socketserver.ThreadingTCPServer):
    """A server that keeps what it receives, refuses some recipients for good and others for now."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[bytes] = []


class Conversation(socketserver.StreamRequestHandler):
    """What RFC 5321 asks of a server, and no more."""

    server: Server

    def handle(self) -> None:
        self.say("220 essai")
        for line in self.rfile:
            words = line.decode().strip()
            verb = words[:4].upper()
            if verb == "DATA":
                self.say("354 texte")
                self.server.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.say("250 pris")
            elif verb == "RCPT" and "inconnue" in words:
                self.say("550 personne")
            elif verb == "RCPT" and "pleine" in words:
                self.say("452 boite pleine")
            else:
                self.say("221 au revoir" if verb == "QUIT" else "250 bien")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join(5)


@pytest.fixture
def with_server(settings: Settings, server: Server) -> Settings:
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    return dataclasses.replace(settings, mail_url=url, mail_from="Matchmaker <m@essai.example>")


def write(database: Database, recipient: str, place: str = "l’Association") -> None:
    with database.writing() as session:
        words = {"by": "Équipe", "role": "membre", "url": "https://x/y", "days": 30, "site": "https://x"}
        mail.put(session, recipient, "invitation", secret=True, place=place, **words)


def rows(database: Database) -> list[tuple[str | None, bool, bool, int]]:
    """(failure, whether sent, whether it will be tried, tries) of each mail."""
    with database.reading() as session:
        found = session.scalars(select(Mail).order_by(Mail.id)).all()
        return [(m.failure, m.sent_at is not None, m.next_try_at is not None, m.tries) for m in found]


def test_a_mail_goes_out_once_as_plain_text(
    database: Database, with_server: Settings, server: Server
) -> None:
    write(database, "dir@coteaux.example")
    assert send_waiting(database, with_server) == (1, 0)
    assert send_waiting(database, with_server) == (0, 0)
    (raw,) = server.received
    received = email.message_from_bytes(raw, policy=email.policy.default)
    assert received["To"] == "dir@coteaux.example"
    assert received["From"] == "Matchmaker <m@essai.example>"
    assert received["Subject"] == "Invitation à rejoindre l’Association sur Matchmaker"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content_type() == "text/plain"
    assert "https://x/y" in received.get_content()
    with database.reading() as session:
        assert session.scalars(select(Mail.text)).one() == SENT_WORDS


def test_a_name_adds_no_header_and_no_line(database: Database, with_server: Settings, server: Server) -> None:
    """Tests header injection by the name of an organisme."""
    write(
        database, "dir@coteaux.example", place="l’Association\nBcc: tous@ailleurs.example\r\n\r\nAutre texte"
    )
    send_waiting(database, with_server)
    (raw,) = server.received
    received = email.message_from_bytes(raw, policy=email.policy.default)
    assert received["Bcc"] is None
    assert "\nBcc" not in received.get_content()


def test_a_refusal_for_good_is_not_tried_again_and_others_are(
    database: Database, with_server: Settings, server: Server
) -> None:
    write(database, "inconnue@coteaux.example")
    write(database, "pleine@coteaux.example")
    write(database, "dir@coteaux.example")
    assert send_waiting(database, with_server) == (1, 2)
    unknown, full, sent = rows(database)
    assert (unknown[1:], full[1:], sent[1:]) == ((False, False, 1), (False, True, 1), (True, False, 1))
    assert unknown[0] is not None
    assert "personne" in unknown[0]


def test_a_silent_server_is_asked_again_less_and_less(database: Database, settings: Settings) -> None:
    """Tests the pauses, and that it ends."""
    silent = dataclasses.replace(settings, mail_url="smtp://127.0.0.1:9")
    write(database, "dir@coteaux.example")
    moment = now()
    for pause in PAUSES:
        assert send_waiting(database, silent, clock=lambda at=moment: at) == (0, 1)  # type: ignore[misc]
        early = moment + pause - dt.timedelta(seconds=1)
        assert send_waiting(database, silent, clock=lambda at=early: at) == (0, 0)  # type: ignore[misc]
        moment += pause
    assert send_waiting(database, silent, clock=lambda: moment) == (0, 1)
    ((failure, sent, waiting, tries),) = rows(database)
    assert (sent, waiting, tries) == (False, False, len(PAUSES) + 1)
    assert failure
