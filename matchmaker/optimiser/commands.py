"""``matchmaker solve``, ``frontier``, ``prices``, ``repair`` and ``verify``, as the solver's contract says.

All but the last read an instance file and write one file (docs/solver-formats.md). verify reads both. Exit 0:
every check holds. 1: a check fails, one line each. 2: a file is not usable.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.baremes import scale_for
from matchmaker.optimiser.command_line import (
    FAILED,
    UNUSABLE,
    Asked,
    Document,
    Number,
    OneLine,
    Search,
    carry_out,
    content_of,
    fail,
    on_one_line,
    say,
    searching,
    usable,
)
from matchmaker.optimiser.progress_lines import ProgressLines
from solver.document import ProposalProblems
from solver.instance import Instance

if TYPE_CHECKING:
    from solver.frontier import PointProgress
    from solver.prices import PriceProgress


@click.command("solve", cls=OneLine)
@searching("PROPOSAL", "la proposition", 120.0, "en secondes")
@click.option(
    "--gap", metavar="G", type=Number(0), default=0.0, show_default=True,
    help="Arrêter la recherche quand borne / valeur - 1 ne dépasse plus G.",
)  # fmt: skip
def solve_command(gap: float, **asked: Any) -> None:
    """Former les grappes d’INSTANCE (matchmaker-instance/1) et écrire la proposition trouvée."""

    def work(search: Search) -> Document:
        from solver.solve import solve

        return solve(
            search.instance,
            search.scale,
            time_limit_s=search.time_limit_s,
            gap=gap,
            seed=search.seed,
            threads=search.threads,
            on_progress=search.lines,
            should_stop=search.should_stop,
        )

    carry_out(Asked(**asked), work)


@click.command("frontier", cls=OneLine)
@searching("FRONTIER", "la frontière", 300.0, "partagée entre les plans")
@click.option(
    "--points", metavar="N", type=click.IntRange(2, 24), default=8, show_default=True,
    help="Nombre de plans au plus, chacun avec son maximum prouvé.",
)  # fmt: skip
def frontier_command(points: int, **asked: Any) -> None:
    """Peser financement, ESMS placés, grappes, marge et distances d’INSTANCE (matchmaker-frontier/1)."""

    def work(search: Search) -> Document:
        from solver.frontier import frontier

        return frontier(
            search.instance,
            search.scale,
            points=points,
            time_limit_s=search.time_limit_s,
            seed=search.seed,
            threads=search.threads,
            on_progress=None if search.lines is None else _PointLines(search.lines),
            should_stop=search.should_stop,
        )

    carry_out(Asked(**asked), work)


class _PointLines:
    """A line when a point is begun, then the lines of its search."""

    def __init__(self, lines: ProgressLines) -> None:
        self._done = -1
        self._lines = lines

    def __call__(self, progress: PointProgress) -> None:
        step = progress.step
        if progress.done != self._done:
            self._done = progress.done
            value = "" if step.value is None else f" {step.value:g}"
            say(f"point {progress.done + 1} of {progress.total}: {step.axis.value}{value}")
            self._lines.about(step.parameters.objective)
        self._lines(progress.search)


@click.command("prices", cls=OneLine)
@searching("PRICES", "ce que coûte chaque règle", 600.0, "partagée entre les calculs")
def prices_command(**asked: Any) -> None:
    """Dire ce que coûte chaque règle d’INSTANCE, en recalculant sans elle (matchmaker-prices/1)."""

    def work(search: Search) -> Document:
        from solver.prices import prices

        return prices(
            search.instance,
            lambda instance: scale_for(instance.regime, instance.parameters.readings),
            time_limit_s=search.time_limit_s,
            seed=search.seed,
            threads=search.threads,
            on_progress=None if search.lines is None else _PriceLines(search.lines),
            should_stop=search.should_stop,
        )

    wanted = Asked(**asked)
    told = carry_out(wanted, work)
    if not wanted.quiet:
        for price in told["prices"]:
            value = "" if price["value"] is None else f" {json.dumps(price['value'])}"
            between = f"{price['at_least']} to {price['at_most']} {told['unit']}"
            say(f"{price['rule']}{value}: {between}, {price['gained']} found")


class _PriceLines:
    """A line when a rule is begun, then the lines of its search."""

    def __init__(self, lines: ProgressLines) -> None:
        self._done = -1
        self._lines = lines

    def __call__(self, progress: PriceProgress) -> None:
        if progress.done != self._done:
            self._done = progress.done
            relaxation = progress.relaxation
            word = "asked again" if progress.done else "asked"
            if relaxation is not None:
                word = f"without {relaxation.rule.value}"
            if relaxation is not None and relaxation.value is not None:
                word += f" {json.dumps(relaxation.value)}"
            say(f"solve {progress.done + 1} of {progress.total}: {word}")
        self._lines(progress.search)


@click.command("repair", cls=OneLine)
@searching("REPAIR", "le plan réparé", 120.0, "en secondes")
@click.option(
    "--weight", metavar="EUR", type=click.IntRange(1, 10**9), default=None,
    help="Ce que pèse un changement de grappe. Par défaut : la stabilité d’INSTANCE, sinon 5000.",
)  # fmt: skip
def repair_command(weight: int | None, **asked: Any) -> None:
    """Réparer le plan précédent d’INSTANCE en déplaçant peu d’ESMS, et prouver combien il en faut."""

    def check(instance: Instance) -> None:
        from solver.repair import question_of

        question_of(instance, weight)

    def work(search: Search) -> Document:
        from solver.repair import repair

        return repair(
            search.instance,
            search.scale,
            weight_eur=weight,
            time_limit_s=search.time_limit_s,
            seed=search.seed,
            threads=search.threads,
            on_progress=search.lines,
            should_stop=search.should_stop,
        )

    wanted = Asked(**asked)
    told = carry_out(wanted, work, check)
    if not wanted.quiet:
        moves, least = told["moves"]["total"], told["moves_at_least"]
        say(f"{moves} moves, nobody needs fewer than {least} for {told['funding_eur']} EUR")


@click.command("verify", cls=OneLine)
@click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path))
@click.argument("proposal_path", metavar="PROPOSAL", type=click.Path(path_type=Path))
def verify_command(instance_path: Path, proposal_path: Path) -> None:
    """Vérifier tout ce qu’affirme PROPOSAL sur INSTANCE, borne comprise, sans aucun solveur."""
    instance, scale = usable(instance_path)
    content = content_of(proposal_path)
    from solver.verify import verify

    try:
        report = verify(instance, scale, content)
    except ProposalProblems as found:
        for problem in found.problems:
            say(f"{proposal_path}: {problem}")
        raise SystemExit(UNUSABLE) from None
    except MemoryError:
        fail("not enough memory")
    for finding in report.findings:
        click.echo(on_one_line(str(finding)))
    if report.findings:
        raise SystemExit(FAILED)
    click.echo("every check holds")
    for note in report.notes:
        click.echo(f"not checked: {note}")
