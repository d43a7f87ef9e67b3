"""``matchmaker demo-data``: fill the database with the demonstration campaigns.

When to modify: a demonstration is built with other options.
"""

from __future__ import annotations

import click

from matchmaker.database import migrate, open_database
from matchmaker.demo import recipe as rule
from matchmaker.demo.campaign import SEED, NameTakenError, build
from matchmaker.demo.register import import_shipped_list
from matchmaker.settings import SettingsError, from_environment


@click.command("demo-data")
@click.option(
    "--graine", "seed", metavar="N", type=int, default=SEED, show_default=True, help="Graine du tirage."
)
@click.option(
    "--campagne",
    "names",
    type=click.Choice([recipe.name for recipe in rule.RECIPES]),
    multiple=True,
    help="Une seule campagne (répétable) ; sans cette option, toutes.",
)
def demo_data(seed: int, names: tuple[str, ...]) -> None:
    """Créer les campagnes de démonstration : établissements réels et fictifs, besoins tous fictifs."""
    try:
        database = open_database(from_environment().database_url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        migrate.upgrade(database)
        with database.writing() as session:
            import_shipped_list(session)
        for recipe in rule.RECIPES:
            if names and recipe.name not in names:
                continue
            built = build(database, seed, recipe)
            state = "créée" if built.created else "déjà présente, laissée telle quelle"
            click.echo(f"Campagne n° {built.campaign_id} « {recipe.name} » : {state}.")
    except NameTakenError as error:
        raise click.ClickException(
            f"Une campagne « {error} » existe déjà et ses besoins ne sont pas fictifs : renommez-la d’abord."
        ) from None
    finally:
        database.dispose()
