"""Send the mails that wait, through SMTP: each is claimed first, so that two senders never send it twice.

A mail that the server refuses for good is given up with the server's words; anything else is tried again,
later each time.

When to modify: when a mail is tried again, or how we speak to the server, changes.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import select, update

from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.mail.tables import Mail
from matchmaker.settings import Settings

_logger = logging.getLogger(__name__)
_AT_ONCE = 20
_CLAIM = dt.timedelta(minutes=10)  # longer than any server may keep us waiting
_TIMEOUT_S = 30
PAUSES = tuple(dt.timedelta(minutes=m) for m in (1, 5, 30, 120, 480))
SENT_WORDS = "(Le texte de ce courriel contenait un lien de connexion : il n’est pas conservé.)\n"


def send_waiting(
    database: Database, settings: Settings, *, clock: Callable[[], dt.datetime] = now
) -> tuple[int, int]:
    """Send what waits, twenty at most; returns how many were sent and how many failed."""
    claimed = _claim(database, clock())
    if not claimed:
        return 0, 0
    sent = failed = 0
    with _server(settings.mail_url) as connection:
        for mail in claimed:
            problem, for_good = _send_one(connection, settings, mail)
            with database.writing() as session:
                _note(session.get_one(Mail, mail.id), clock(), problem, for_good)
            sent, failed = sent + (problem is None), failed + (problem is not None)
    return sent, failed


def message(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes out: plain text, UTF-8, marked as written by a program."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = mail.recipient
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(mail.created_at)
    made["Message-ID"] = make_msgid(str(mail.id), domain=parseaddr(sender)[1].rpartition("@")[2])
    made["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe is not None:
        made["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.text)
    return made


def _claim(database: Database, moment: dt.datetime) -> list[Mail]:
    with database.writing() as session:
        waiting = session.scalars(
            select(Mail).where(Mail.next_try_at <= moment).order_by(Mail.id).limit(_AT_ONCE)
        ).all()
        ours = []
        for mail in waiting:
            taken = session.execute(
                update(Mail)
                .where(Mail.id == mail.id, Mail.next_try_at <= moment)
                .values(next_try_at=moment + _CLAIM, tries=Mail.tries + 1)
                .execution_options(synchronize_session=False)
            )
            if taken.rowcount == 1:  # type: ignore[attr-defined]
                ours.append(mail)
    return ours


class _Connection:
    """A server that is spoken to on the first mail; when it cannot be reached, each mail says so."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._open: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        if self._open is None:
            self._open = self._connect()
        self._open.send_message(mail)

    def close(self) -> None:
        if self._open is not None:
            try:
                self._open.quit()
            except (smtplib.SMTPException, OSError):
                self._open.close()

    def forget(self) -> None:
        self.close()
        self._open = None

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=_TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port or 587, timeout=_TIMEOUT_S)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


@contextmanager
def _server(url: str) -> Any:
    connection = _Connection(url)
    try:
        yield connection
    finally:
        connection.close()


def _send_one(connection: _Connection, settings: Settings, mail: Mail) -> tuple[str | None, bool]:
    """What went wrong, if anything, and whether trying again is useless."""
    try:
        connection.send(message(mail, settings.mail_from))
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _words in refused.recipients.values()]
        return str(refused.recipients), all(code >= 500 for code in codes)
    except (smtplib.SMTPException, OSError) as problem:
        connection.forget()
        # Never the text nor the address: the log is read by more people than the table.
        _logger.warning("mail %d was not sent: %s", mail.id, type(problem).__name__)
        return f"{type(problem).__name__}: {problem}", False
    return None, False


def _note(mail: Mail, moment: dt.datetime, problem: str | None, for_good: bool) -> None:
    if problem is None:
        mail.sent_at, mail.next_try_at, mail.failure = moment, None, None
        if mail.secret:
            mail.text = SENT_WORDS
        return
    mail.failure = problem[:500]
    given_up = for_good or mail.tries > len(PAUSES)
    mail.next_try_at = None if given_up else moment + PAUSES[mail.tries - 1]
