"""``matchmaker repair``: an instance with its earlier proposal in, a repaired one out.

The format is in docs/solver-formats.md. Exit codes and manners are those of ``matchmaker solve``.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click

from matchmaker.optimiser.commands import (
    UNUSABLE,
    _fail,
    _in_a_thread,
    _Number,
    _OneLine,
    _outcome,
    _refuse_output,
    _say,
    _stop_on_signals,
    _usable,
)
from matchmaker.optimiser.output_file import os_words, write_whole
from matchmaker.optimiser.progress_lines import ProgressLines


@click.command("repair", cls=_OneLine)
@click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path))
@click.option(
    "--output", "output_path", metavar="REPAIR", required=True, type=click.Path(path_type=Path),
    help="Fichier qui recevra le plan réparé.",
)  # fmt: skip
@click.option(
    "--weight", metavar="EUR", type=click.IntRange(1, 10**9), default=None,
    help="Ce que pèse un changement de grappe. Par défaut : la stabilité d’INSTANCE, sinon 5000.",
)  # fmt: skip
@click.option(
    "--time-limit", metavar="SECONDS", type=_Number(0, open_=True), default=120.0, show_default=True,
    help="Durée de toute la commande, en secondes.",
)  # fmt: skip
@click.option("--seed", metavar="N", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(1, 1024),
    default=None,
    help="Cœurs du processeur. Par défaut : tous.",
)
@click.option("--quiet", is_flag=True, help="Ne pas montrer les progrès ; les problèmes sont toujours dits.")
def repair_command(
    instance_path: Path,
    output_path: Path,
    weight: int | None,
    time_limit: float,
    seed: int,
    threads: int | None,
    quiet: bool,
) -> None:
    """Réparer le plan précédent d’INSTANCE en déplaçant peu d’ESMS, et prouver combien il en faut."""
    started = time.monotonic()
    with _stop_on_signals() as stop:
        _refuse_output(instance_path, output_path)
        lines = ProgressLines(_say, started)
        beat = (lambda: None) if quiet else lines.beat
        instance, scale = _in_a_thread(lambda: _usable(instance_path), beat).result()
        lines.about(instance.parameters.objective)
        from solver.repair import question_of, repair

        try:
            question_of(instance, weight)
        except ValueError as problem:
            _say(str(problem))
            raise SystemExit(UNUSABLE) from None

        def work() -> bytes:
            document = repair(
                instance,
                scale,
                weight_eur=weight,
                time_limit_s=max(0.0, time_limit - (time.monotonic() - started)),
                seed=seed,
                threads=threads if threads is not None else len(os.sched_getaffinity(0)),
                on_progress=None if quiet else lines,
                should_stop=stop.is_set,
            )
            return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()

        content = _outcome(_in_a_thread(work, beat))
        try:
            write_whole(output_path, content)
        except OSError as problem:
            _fail(f"{output_path}: cannot be written: {os_words(problem)}")
    if not quiet:
        told = json.loads(content)
        moves, least = told["moves"]["total"], told["moves_at_least"]
        _say(f"{moves} moves, nobody needs fewer than {least} for {told['funding_eur']} EUR")
