"""``matchmaker create-admin``: the first account of an installation.

When to modify: a command about accounts is added.
"""

from __future__ import annotations

import datetime as dt

import click

from matchmaker.accounts import emails, links, people
from matchmaker.database import migrate, open_database
from matchmaker.settings import SettingsError, from_environment
from matchmaker.web.people import Grant, Role

_LASTS = dt.timedelta(hours=1)


@click.command("create-admin")
@click.argument("adresse")
def create_admin(adresse: str) -> None:
    """Donner l’administration nationale à ADRESSE et afficher un lien de connexion, valable une heure."""
    email = emails.normal(adresse)
    if email is None:
        raise click.ClickException(emails.EXPECTED)
    try:
        settings = from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
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
