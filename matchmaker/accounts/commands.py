"""``create-admin``: the first account of an installation. ``purge-accounts``: what is too old goes.

When to modify: a command about accounts is added.
"""

from __future__ import annotations

import datetime as dt

import click

from matchmaker.accounts import emails, links, people, retention
from matchmaker.database import migrate, open_database
from matchmaker.database.instants import now
from matchmaker.settings import Settings, SettingsError, from_environment
from matchmaker.web.people import Grant, Role

_LASTS = dt.timedelta(hours=1)


@click.command("create-admin")
@click.argument("adresse")
def create_admin(adresse: str) -> None:
    """Donner l’administration nationale à ADRESSE et afficher un lien de connexion, valable une heure."""
    email = emails.normal(adresse)
    if email is None:
        raise click.ClickException(emails.EXPECTED)
    settings = _settings()
    database = open_database(settings.database_url)
    migrate.upgrade(database)
    try:
        with database.writing() as session:
            account = people.open_account(session, email)
            new = people.give(session, account, Grant(Role.ADMIN), actor="local")
            token = links.make(session, email, lasts=_LASTS)
    finally:
        database.dispose()
    click.echo("Le compte d’administration est créé." if new else "Ce compte administrait déjà.")
    click.echo(
        f"Pour se connecter, une fois et avant une heure : {settings.public_url}/connexion/lien/{token}"
    )
    if settings.access != "accounts":
        click.echo("Les comptes ne servent qu’avec MATCHMAKER_ACCESS=accounts.", err=True)


@click.command("purge-accounts")
@click.option("--dry-run", is_flag=True, help="Compter sans rien effacer.")
def purge_accounts(dry_run: bool) -> None:
    """Effacer ce qui dépasse sa durée de conservation (docs/accounts.md) ; à lancer chaque jour."""
    database = open_database(_settings().database_url)
    migrate.upgrade(database)
    try:
        with database.writing() as session:
            counted = retention.purge(session, now())
            if dry_run:
                session.rollback()
    finally:
        database.dispose()
    for name, number in counted.items():
        click.echo(f"{number:6d}  {retention.name_of(name)}")
    if dry_run:
        click.echo("Rien n’a été effacé.")


def _settings() -> Settings:
    try:
        return from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
