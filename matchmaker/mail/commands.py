"""``matchmaker mailer``: send the mails that the pages write, until it is stopped.

When to modify: the command takes an option.
"""

from __future__ import annotations

import os
import signal
import threading

import click

from matchmaker.database import migrate, open_database
from matchmaker.mail.sending import send_waiting
from matchmaker.settings import SettingsError, from_environment

_EVERY_S = 2.0


@click.command("mailer")
@click.option("--once", is_flag=True, help="Envoyer ce qui attend, puis rendre la main.")
@click.option("--parent", type=int, hidden=True)
def mailer(once: bool, parent: int | None) -> None:
    """Envoyer les courriels en attente, jusqu’à Ctrl-C ou SIGTERM."""
    try:
        settings = from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if not settings.mail_url:
        raise click.ClickException(
            "MATCHMAKER_MAIL_URL n’est pas défini : les courriels restent sur la page /courriels."
        )
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    database = open_database(settings.database_url)
    migrate.upgrade(database)
    try:
        while True:
            sent, failed = send_waiting(database, settings)
            if sent or failed:
                click.echo(f"{sent} envoyé(s), {failed} en échec.")
            orphaned = parent is not None and os.getppid() != parent  # our supervisor is gone
            if once or orphaned or leave.wait(0 if sent else _EVERY_S):
                break
    finally:
        database.dispose()
