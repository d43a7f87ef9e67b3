"""``matchmaker start`` (web and worker together) and ``matchmaker web`` (the pages alone).

When to modify: the embedded mode takes another option.
"""

from __future__ import annotations

import os
import socket
import sys

import click

from matchmaker.database import Database, migrate, open_database
from matchmaker.demo import recipe as rule
from matchmaker.demo.campaign import SEED, NameTakenError, build
from matchmaker.demo.register import import_shipped_list
from matchmaker.runs import request
from matchmaker.runs.comparison import asking
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.logs import log_to_terminal
from matchmaker.runs.queue import enqueue
from matchmaker.settings import Settings, SettingsError, from_environment
from matchmaker.start.listening import AddressError, listen, url_of
from matchmaker.start.serving import serve_web
from matchmaker.start.supervision import Child, Supervisor

_COMPARING_S, _COMPARED = 240, 6  # of the demonstration: seconds, plans at most
_HOST = click.option(
    "--host", metavar="ADRESSE", default="127.0.0.1", show_default=True, help="Adresse d’écoute."
)
_PORT = click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 : un port libre.",
)


@click.command("start")
@_HOST
@_PORT
@click.option("--demo", is_flag=True, help="Créer d’abord les campagnes de démonstration.")
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    envvar="MATCHMAKER_WORKERS",
    show_envvar=True,
    help="Calculs à la fois ; plusieurs se partagent aussi un calcul national.",
)
def start(host: str, port: int, demo: bool, workers: int) -> None:
    """Ouvrir Matchmaker sur cette machine : pages et calculs, jusqu’à Ctrl-C."""
    if workers > 1:  # each has its share of the cores, for whoever asks for a run too
        os.environ.setdefault("MATCHMAKER_SOLVER_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))
    settings = _settings()
    listening = _listen(host, port, settings)
    first_runs = _prepare(settings, demo)
    parent = str(os.getpid())
    matchmaker = (sys.executable, "-m", "matchmaker")
    fd = listening.fileno()
    children = [
        Child(
            "le serveur des pages", (*matchmaker, "web", "--socket-fd", str(fd), "--parent", parent), (fd,)
        ),
        Child(
            "le programme de calcul",
            (*matchmaker, "worker", "--processes", str(workers), "--parent", parent),
        ),
    ]
    if settings.access == "accounts" and settings.mail_url:
        children.append(Child("l’envoi des courriels", (*matchmaker, "mailer", "--parent", parent)))
    if settings.access == "accounts":
        children.append(Child("les notifications", (*matchmaker, "notify", "--parent", parent)))
    url = url_of(listening)
    click.echo(f"Matchmaker est ouvert à l’adresse {url} (Ctrl-C pour l’arrêter).")
    for name, run_id in first_runs:
        click.echo(f"Premier calcul de la campagne « {name} » : {url}calculs/{run_id}")
    status = Supervisor(children, _say).run()
    listening.close()
    click.echo("Matchmaker est arrêté. Un calcul en cours reprendra au prochain démarrage.")
    raise SystemExit(status)


@click.command("web")
@_HOST
@_PORT
@click.option("--socket-fd", type=int, hidden=True)
@click.option("--parent", type=int, hidden=True)
def web(host: str, port: int, socket_fd: int | None, parent: int | None) -> None:
    """Servir les pages seules ; les calculs demandent aussi « matchmaker worker »."""
    settings = _settings()
    log_to_terminal()
    if socket_fd is not None:
        listening = socket.socket(fileno=socket_fd)
    else:
        listening = _listen(host, port, settings)
        _prepare(settings, demo=False)
        click.echo(f"Pages ouvertes à l’adresse {url_of(listening)} (Ctrl-C pour arrêter).")
    serve_web(listening, settings, parent)


def _settings() -> Settings:
    try:
        return from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _listen(host: str, port: int, settings: Settings) -> socket.socket:
    try:
        return listen(host, port, settings.access, mails_on_a_page=settings.mails_on_a_page)
    except AddressError as error:
        raise click.ClickException(str(error)) from None


def _prepare(settings: Settings, demo: bool) -> list[tuple[str, int]]:
    """Bring the database up to date; with ``demo``, add the campaigns that are not there yet.

    A demonstration that was just made gets a first run: (name of the campaign, run id).
    """
    database = open_database(settings.database_url)
    first_runs = []
    compared = None
    try:
        migrate.upgrade(database)
        if demo:
            with database.writing() as session:
                import_shipped_list(session)
        for recipe in rule.RECIPES if demo else ():
            built = build(database, SEED, recipe)
            if built.created:
                click.echo(f"Campagne de démonstration « {recipe.name} » créée (besoins fictifs).")
                first_runs.append((recipe.name, _first_run(database, settings, built.campaign_id)))
                compared = compared or built.campaign_id
        if compared is not None:
            _first_comparison(database, settings, compared)
    except NameTakenError as error:
        _say(f"Une campagne « {error} » existe déjà : celle de démonstration n’est pas créée.")
    finally:
        database.dispose()
    return first_runs


def _first_run(database: Database, settings: Settings, campaign_id: int) -> int:
    asked = Asked(
        budget_s=request.USUAL_S,
        gap=request.USUAL_GAP,
        seed=request.SEED,
        threads=settings.solver_threads,
    )
    with database.writing() as session:
        run_id = request.ask(session, campaign_id, asked)
    enqueue(settings.queue_url, run_id)
    return run_id


def _first_comparison(database: Database, settings: Settings, campaign_id: int) -> None:
    """Plans to compare, of the first demonstration, once the first plan of each is there."""
    wanted = Asked(budget_s=_COMPARING_S, gap=0.0, seed=request.SEED, threads=settings.solver_threads)
    with database.writing() as session:
        run_id = asking.ask(session, campaign_id, wanted, _COMPARED)
    enqueue(settings.queue_url, run_id)


def _say(line: str) -> None:
    click.echo(line, err=True)
