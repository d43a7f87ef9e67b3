"""``matchmaker solve`` and ``matchmaker verify``, as the solver's contract says.

solve: an instance file in, a proposal file out. Exit 0: a proposal was written. 2: the instance is not
usable, one line per problem. 1: anything else, one line.
verify: both files in. Exit 0: every check holds. 1: a check fails, one line each. 2: a file is not usable.
Both need no database, no configuration and no environment variable; what is heavy is loaded once the
instance is known to be sound.
"""

from __future__ import annotations

import json
import math
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from matchmaker.baremes import scale_for
from matchmaker.optimiser.output_file import os_words, refusal, write_whole
from matchmaker.optimiser.progress_lines import ProgressLines
from solver.document import InstanceProblems, ProposalProblems, read_instance
from solver.instance import Instance
from solver.scale import Scale

_T = TypeVar("_T")

FAILED = 1
UNUSABLE = 2


class _OneLine(click.Command):
    """A wrong option is one line and exit 1: exit 2 is kept for the instance."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as problem:
            _fail(problem.format_message())


class _Number(click.ParamType[float]):
    """A finite number from ``least`` on, or above it when ``open_`` is set."""

    name = "number"

    def __init__(self, least: float, *, open_: bool = False) -> None:
        self._least, self._open = least, open_

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not math.isfinite(number) or number < self._least or (self._open and number == self._least):
            self.fail(
                f"{value!r} is not a number {'above' if self._open else 'from'} {self._least:g}", param, ctx
            )
        return number


@click.command("solve", cls=_OneLine)
@click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path))
@click.option(
    "--output", "output_path", metavar="PROPOSAL", required=True, type=click.Path(path_type=Path),
    help="Fichier qui recevra la proposition.",
)  # fmt: skip
@click.option(
    "--time-limit", metavar="SECONDS", type=_Number(0, open_=True), default=120.0, show_default=True,
    help="Durée de toute la commande, en secondes.",
)  # fmt: skip
@click.option(
    "--gap", metavar="G", type=_Number(0), default=0.0, show_default=True,
    help="Arrêter la recherche quand borne / valeur - 1 ne dépasse plus G.",
)  # fmt: skip
@click.option(
    "--seed", metavar="N", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True,
    help="Graine du hasard : la même donne la même proposition.",
)  # fmt: skip
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(1, 1024),
    default=None,
    help="Cœurs du processeur. Par défaut : tous.",
)
@click.option("--quiet", is_flag=True, help="Ne pas montrer les progrès ; les problèmes sont toujours dits.")
def solve_command(
    instance_path: Path,
    output_path: Path,
    time_limit: float,
    gap: float,
    seed: int,
    threads: int | None,
    quiet: bool,
) -> None:
    """Former les grappes d’INSTANCE (matchmaker-instance/1) et écrire la proposition trouvée."""
    started = time.monotonic()
    with _stop_on_signals() as stop:
        _refuse_output(instance_path, output_path)
        lines = ProgressLines(_say, started)
        beat = (lambda: None) if quiet else lines.beat
        instance, scale = _in_a_thread(lambda: _usable(instance_path), beat).result()
        lines.about(instance.parameters.objective)

        def work() -> bytes:
            from solver.solve import solve

            proposal = solve(
                instance,
                scale,
                time_limit_s=max(0.0, time_limit - (time.monotonic() - started)),
                gap=gap,
                seed=seed,
                threads=threads if threads is not None else len(os.sched_getaffinity(0)),
                on_progress=None if quiet else lines,
                should_stop=stop.is_set,
            )
            return json.dumps(proposal, ensure_ascii=False, allow_nan=False, indent=1).encode()

        content = _outcome(_in_a_thread(work, beat))
        try:
            write_whole(output_path, content)
        except OSError as problem:
            _fail(f"{output_path}: cannot be written: {os_words(problem)}")


@click.command("verify", cls=_OneLine)
@click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path))
@click.argument("proposal_path", metavar="PROPOSAL", type=click.Path(path_type=Path))
def verify_command(instance_path: Path, proposal_path: Path) -> None:
    """Vérifier tout ce qu’affirme PROPOSAL sur INSTANCE, borne comprise, sans aucun solveur."""
    instance, scale = _usable(instance_path)
    content = _content(proposal_path)
    from solver.verify import verify

    try:
        report = verify(instance, scale, content)
    except ProposalProblems as found:
        for problem in found.problems:
            _say(f"{proposal_path}: {problem}")
        raise SystemExit(UNUSABLE) from None
    except MemoryError:
        _fail("not enough memory")
    for finding in report.findings:
        click.echo(_on_one_line(str(finding)))
    if report.findings:
        raise SystemExit(FAILED)
    click.echo("every check holds")
    for note in report.notes:
        click.echo(f"not checked: {note}")


def _refuse_output(instance_path: Path, output_path: Path) -> None:
    words = refusal(output_path)
    if (
        words is None
        and output_path.is_file()
        and instance_path.is_file()
        and output_path.samefile(instance_path)
    ):
        words = "is the instance itself"
    if words is not None:
        _fail(f"{output_path}: cannot be written: {words}")


def _usable(path: Path) -> tuple[Instance, Scale]:
    """The instance and its scale, or exit 2 with every problem of the instance."""
    content = _content(path)
    try:
        instance = read_instance(content)
        from solver.judge import fixed_grappe_problems

        scale = scale_for(instance.regime, instance.parameters.readings)
        problems = fixed_grappe_problems(instance, scale)
    except InstanceProblems as found:
        problems = found.problems
    if problems:
        for place, message in problems:
            _say(f"{place}: {message}" if place else f"{path}: {message}")
        raise SystemExit(UNUSABLE)
    return instance, scale


def _content(path: Path) -> bytes:
    """What a file holds, or exit 2."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        _say(f"{path}: cannot be read: {os_words(problem)}")
        raise SystemExit(UNUSABLE) from None


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM only set the event: the work ends by itself, with what it has found."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_a_thread(work: Callable[[], _T], beat: Callable[[], None]) -> Future[_T]:
    """Run ``work`` beside the main thread, which stays free to receive signals; return when it has ended.

    ``beat`` is called several times a second meanwhile.

    Waits on an event: a ``join`` would be broken by a signal handler, and a solve in the main thread would
    keep the handler waiting until the search is over.
    """
    done = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="solve") as pool:
        future = pool.submit(work)
        future.add_done_callback(lambda _: done.set())
        while not done.wait(0.2):
            beat()
    return future


def _outcome(future: Future[bytes]) -> bytes:
    """What the work returned, or exit 1 with the failure in one line, place included."""
    problem = future.exception()
    if problem is None:
        return future.result()
    from solver.solve import JudgeDisagrees

    if isinstance(problem, JudgeDisagrees):
        _fail(f"the judge disagrees: {problem}")
    if isinstance(problem, MemoryError):
        _fail("not enough memory")
    frames = traceback.extract_tb(problem.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return _fail(f"internal error: {type(problem).__name__}: {problem}{place}")


def _say(line: str) -> None:
    """One line on standard error, control characters made visible; a closed standard error is no failure."""
    try:
        click.echo(_on_one_line(line), err=True)
    except OSError:
        return


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _fail(line: str) -> NoReturn:
    _say(line)
    raise SystemExit(FAILED)
