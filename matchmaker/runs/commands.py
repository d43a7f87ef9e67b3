"""``matchmaker worker`` does runs; ``matchmaker run`` asks for one and shows how it goes.

When to modify: one of the two takes another option.
"""

from __future__ import annotations

import time

import click

from matchmaker.campaigns import campaign
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.database import Database, migrate, open_database
from matchmaker.runs import request
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.logs import log_to_terminal
from matchmaker.runs.queue import QueueError, enqueue
from matchmaker.runs.reading import Standing, standing
from matchmaker.runs.sentences import gap_text, state_word, value_text
from matchmaker.runs.tables import State
from matchmaker.runs.tools import load_tools
from matchmaker.runs.worker import serve_runs
from matchmaker.settings import Settings, SettingsError, from_environment

_LOOK_S = 1.0
_NOBODY_S = 15.0


@click.command("worker")
@click.option(
    "--processes",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Calculs à la fois.",
)
@click.option("--parent", type=int, hidden=True)
def worker(processes: int, parent: int | None) -> None:
    """Faire les calculs demandés, jusqu’à Ctrl-C ou SIGTERM."""
    settings = _settings()
    log_to_terminal()
    if parent is None:
        _open(settings).dispose()
    try:
        serve_runs(settings, load_tools, processes, parent)
    except QueueError as error:
        raise click.ClickException(str(error)) from None


@click.command("run")
@click.argument("campagne")
@click.option(
    "--time-limit",
    "budget_s",
    metavar="SECONDES",
    type=click.IntRange(request.SHORTEST_S, request.LONGEST_S),
    default=request.USUAL_S,
    show_default=True,
    help="Durée du calcul, en secondes.",
)
@click.option(
    "--gap",
    metavar="G",
    type=click.FloatRange(0, 1),
    default=request.USUAL_GAP,
    show_default=True,
    help="Arrêter la recherche quand borne / valeur - 1 ne dépasse plus G.",
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**31 - 1),
    default=request.SEED,
    show_default=True,
    help="Graine du hasard : la même donne le même plan.",
)
@click.option("--no-wait", is_flag=True, help="Demander le calcul et rendre la main.")
def run(campagne: str, budget_s: int, gap: float, seed: int, no_wait: bool) -> None:
    """Demander un calcul pour CAMPAGNE (son numéro ou son nom) et suivre ses progrès."""
    settings = _settings()
    database = _open(settings)
    try:
        campaign_id = _find(database, campagne)
        asked = Asked(budget_s=budget_s, gap=gap, seed=seed, threads=settings.solver_threads)
        try:
            with database.writing() as session:
                run_id = request.ask(session, campaign_id, asked)
            enqueue(settings.queue_url, run_id)
        except (request.RefusedRunError, QueueError) as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Calcul {run_id} demandé, {budget_s} s au plus.")
        if not no_wait:
            _follow(database, run_id)
    finally:
        database.dispose()


def _follow(database: Database, run_id: int) -> None:
    """A line each time something changed, until the end; Ctrl-C leaves the run alone."""
    started = time.monotonic()
    told: tuple[object, ...] = ()
    warned = False
    try:
        while True:
            with database.reading() as session:
                now = standing(session, run_id)
            if now is None:
                raise click.ClickException(f"Le calcul {run_id} n’existe plus.")
            seen = (now.state, now.objective_value, now.upper_bound)
            if seen != told:
                told = seen
                click.echo(_line(now))
            if now.state.is_final:
                break
            if now.state is State.QUEUED and not warned and time.monotonic() - started > _NOBODY_S:
                warned = True
                click.echo("Personne ne l’a pris : « matchmaker worker » tourne-t-il ?", err=True)
            time.sleep(_LOOK_S)
    except KeyboardInterrupt:
        click.echo(f"Le calcul {run_id} continue sans vous ; sa page montre où il en est.", err=True)
        return
    if now.state is State.FAILED:
        reference = f" Référence {now.error_reference}." if now.error_reference else ""
        raise click.ClickException(f"{now.failure}{reference}")


def _line(now: Standing) -> str:
    parts = [f"{now.elapsed_s:6.0f} s", state_word(now.state)]
    if now.objective_value is not None:
        parts.append(f"trouvé {value_text(now.objective, now.objective_value)}")
    if now.upper_bound is not None:
        parts.append(f"borne {value_text(now.objective, now.upper_bound)}")
    if now.gap is not None:
        parts.append(f"écart {gap_text(now.gap)}")
    if now.proposal_id is not None:
        parts.append(f"plan {now.proposal_id}")
    return "  ".join(parts)


def _find(database: Database, text: str) -> int:
    with database.reading() as session:
        found: CampaignValues | None = campaign.find(session, text)
        if found is None and text.isdecimal():
            try:
                found = campaign.get(session, int(text))
            except NotInCampaignError:
                found = None
    if found is None:
        raise click.ClickException(f"Aucune campagne ne porte le numéro ou le nom « {text} ».")
    return found.id


def _settings() -> Settings:
    try:
        return from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _open(settings: Settings) -> Database:
    database = open_database(settings.database_url)
    migrate.upgrade(database)
    return database
