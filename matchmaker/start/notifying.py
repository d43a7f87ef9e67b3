"""``matchmaker notify``: notice what happened between organismes, tell people, write the mails of the day.

What is noticed here is noticed by no request: that both said yes, that a plan was published, that a partner
fits, that a day draws near.

When to modify: something else must be noticed.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading

import click

from matchmaker.database import Database, migrate, open_database
from matchmaker.database.instants import now
from matchmaker.grappes import deadlines
from matchmaker.notifications import digest
from matchmaker.og import announcing, reminders
from matchmaker.partners import alerts, meetings
from matchmaker.settings import Settings, SettingsError, from_environment
from matchmaker.web.formats import day_of

_EVERY_S = 60.0
_SLOWLY = dt.timedelta(hours=1)  # what looks at every organisme


@click.command("notify")
@click.option("--once", is_flag=True, help="Faire tout une fois, puis rendre la main.")
@click.option(
    "--moment",
    type=click.DateTime(),
    hidden=True,
    help="Comme si c’était ce jour (UTC) : pour un essai, avec --once.",
)
@click.option("--parent", type=int, hidden=True)
def notify(once: bool, moment: dt.datetime | None, parent: int | None) -> None:
    """Remarquer les doubles accords, les plans publiés, les partenaires nouveaux, les échéances ; écrire."""
    try:
        settings = from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    database = open_database(settings.database_url)
    migrate.upgrade(database)
    last: dt.datetime | None = None
    try:
        while True:
            at = now() if moment is None else moment.replace(tzinfo=dt.UTC)
            slowly = last is None or at - last >= _SLOWLY
            last = at if slowly else last
            told = notice(database, settings, at, slowly=slowly)
            if once or told:
                click.echo(f"{told} courriel(s) écrit(s).")
            orphaned = parent is not None and os.getppid() != parent  # our supervisor is gone
            if once or orphaned or leave.wait(_EVERY_S):
                break
    finally:
        database.dispose()


def notice(database: Database, settings: Settings, moment: dt.datetime, *, slowly: bool) -> int:
    """One round, each part in a transaction of its own; returns how many mails were written."""
    with database.writing() as session:
        meetings.settle(session)
    announcing.announce(database, moment)
    if slowly:
        alerts.tell_of_new(database, settings.secret_key, moment)
        with database.writing() as session:
            deadlines.tell_of_deadlines(session, moment)
            reminders.remind_of_answers(session, day_of(moment))
    with database.writing() as session:
        return digest.write_mails(
            session, base_url=settings.public_url, secret_key=settings.secret_key, moment=moment
        )
