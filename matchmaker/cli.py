"""The ``matchmaker`` command: one group, the features' own commands in it, loaded when they are called."""

from __future__ import annotations

import gettext
import importlib
import os
from collections.abc import Sequence

import click

from matchmaker import shipped

# name of the command -> "module:attribute" of the feature that owns it
COMMANDS: dict[str, str] = {
    "ce-qui-change": "matchmaker.financement.commands:ce_qui_change",
    "check-baremes": "matchmaker.baremes.commands:check_baremes",
    "create-admin": "matchmaker.accounts.commands:create_admin",
    "demo-data": "matchmaker.demo.commands:demo_data",
    "frontier": "matchmaker.optimiser.commands:frontier_command",
    "prices": "matchmaker.optimiser.commands:prices_command",
    "import-besoins": "matchmaker.campaigns.commands:import_besoins",
    "import-etablissements": "matchmaker.register.commands:import_etablissements",
    "import-finess": "matchmaker.register.commands:import_finess",
    "mailer": "matchmaker.mail.commands:mailer",
    "repair": "matchmaker.optimiser.commands:repair_command",
    "notify": "matchmaker.start.notifying:notify",
    "purge-accounts": "matchmaker.accounts.commands:purge_accounts",
    "run": "matchmaker.runs.commands:run",
    "sensibilite": "matchmaker.financement.commands:sensibilite",
    "solve": "matchmaker.optimiser.commands:solve_command",
    "start": "matchmaker.start.commands:start",
    "verify": "matchmaker.optimiser.commands:verify_command",
    "web": "matchmaker.start.commands:web",
    "worker": "matchmaker.runs.commands:worker",
}
# What other features hold about people: loaded before the command, which knows none of them.
ALSO: dict[str, tuple[str, ...]] = {
    "purge-accounts": (
        "matchmaker.notifications.own_data",
        "matchmaker.partners.own_data",
        "matchmaker.og.own_data",
    ),
}


class _LazyGroup(click.Group):
    """Import a feature only when its command is called: ``solve`` must not pay for the web."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        for feature in ALSO.get(cmd_name, ()):
            importlib.import_module(feature)
        module, attribute = target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_LazyGroup, subcommand_metavar="COMMANDE [ARGUMENTS]...")
def group() -> None:
    """Former des grappes d'ESMS autour d'un même DUI."""


def _speak_french() -> None:
    """Let what click says by itself be French too: its words come from the process's gettext domain."""
    os.environ["LANGUAGE"] = "fr"  # whatever the machine's own language
    gettext.bindtextdomain("click", shipped.LANGUAGES)
    gettext.textdomain("click")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the ``matchmaker`` script."""
    _speak_french()
    group(args=arguments, prog_name="matchmaker")
