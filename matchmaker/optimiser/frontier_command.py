"""``matchmaker frontier``: an instance file in, a frontier file out (docs/solver-formats.md).

Exit codes and manners are those of ``matchmaker solve``.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matchmaker.optimiser.commands import (
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

if TYPE_CHECKING:
    from solver.frontier import PointProgress


@click.command("frontier", cls=_OneLine)
@click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path))
@click.option(
    "--output", "output_path", metavar="FRONTIER", required=True, type=click.Path(path_type=Path),
    help="Fichier qui recevra la frontière.",
)  # fmt: skip
@click.option(
    "--points", metavar="N", type=click.IntRange(2, 24), default=8, show_default=True,
    help="Nombre de plans au plus, chacun avec son maximum prouvé.",
)  # fmt: skip
@click.option(
    "--time-limit", metavar="SECONDS", type=_Number(0, open_=True), default=300.0, show_default=True,
    help="Durée de toute la commande, partagée entre les plans.",
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
def frontier_command(
    instance_path: Path,
    output_path: Path,
    points: int,
    time_limit: float,
    seed: int,
    threads: int | None,
    quiet: bool,
) -> None:
    """Peser financement, ESMS placés, grappes, marge et distances d’INSTANCE (matchmaker-frontier/1)."""
    started = time.monotonic()
    with _stop_on_signals() as stop:
        _refuse_output(instance_path, output_path)
        lines = ProgressLines(_say, started)
        beat = (lambda: None) if quiet else lines.beat
        instance, scale = _in_a_thread(lambda: _usable(instance_path), beat).result()
        tell = None if quiet else _Told(lines)

        def work() -> bytes:
            from solver.frontier import frontier

            document = frontier(
                instance,
                scale,
                points=points,
                time_limit_s=max(0.0, time_limit - (time.monotonic() - started)),
                seed=seed,
                threads=threads if threads is not None else len(os.sched_getaffinity(0)),
                on_progress=tell,
                should_stop=stop.is_set,
            )
            return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()

        content = _outcome(_in_a_thread(work, beat))
        try:
            write_whole(output_path, content)
        except OSError as problem:
            _fail(f"{output_path}: cannot be written: {os_words(problem)}")


class _Told:
    """A line when a point is begun, then the lines of its search."""

    def __init__(self, lines: ProgressLines) -> None:
        self._done = -1
        self._lines = lines

    def __call__(self, progress: PointProgress) -> None:
        step = progress.step
        if progress.done != self._done:
            self._done = progress.done
            value = "" if step.value is None else f" {step.value:g}"
            _say(f"point {progress.done + 1} of {progress.total}: {step.axis.value}{value}")
            self._lines.about(step.parameters.objective)
        self._lines(progress.search)
