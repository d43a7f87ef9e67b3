"""What the commands of the optimiser share: options, the instance read, work beside signals, one file out.

Exit 0: the file was written. 2: the instance is not usable, one line per problem. 1: anything else, one
line. No database, no configuration, no environment variable; what is heavy is loaded once the instance is
known to be sound.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from matchmaker.baremes import scale_for
from matchmaker.optimiser.output_file import os_words, refusal, text_of, write_whole
from matchmaker.optimiser.progress_lines import ProgressLines
from solver.beside import uncollected
from solver.document import InstanceProblems, read_instance
from solver.instance import Instance
from solver.scale import Scale

_T = TypeVar("_T")
Document = dict[str, Any]

FAILED = 1
UNUSABLE = 2
_BEAT_S = 0.1


class OneLine(click.Command):
    """A wrong option is one line and exit 1: exit 2 is kept for the instance."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as problem:
            fail(problem.format_message())


class Number(click.ParamType[float]):
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


@dataclass(frozen=True)
class Asked:
    """What every search is asked on the command line; the names are those of the options."""

    instance_path: Path
    output_path: Path
    time_limit: float
    seed: int
    threads: int | None
    quiet: bool


@dataclass(frozen=True)
class Search:
    """A search about to begin: a sound instance, and what is handed to the solver."""

    instance: Instance
    scale: Scale
    time_limit_s: float
    seed: int
    threads: int
    lines: ProgressLines | None
    should_stop: Callable[[], bool]


def searching(output: str, written: str, seconds: float, shared: str) -> Callable[[Callable[..., Any]], Any]:
    """The argument and the options of ``Asked``.

    ``output``: the word for the file written, ``written`` what it holds; ``seconds``: the default limit, and
    ``shared`` what is said of it (French).
    """
    declared = [
        click.argument("instance_path", metavar="INSTANCE", type=click.Path(path_type=Path)),
        click.option(
            "--output", "output_path", metavar=output, required=True, type=click.Path(path_type=Path),
            help=f"Fichier qui recevra {written}.",
        ),
        click.option(
            "--time-limit", metavar="SECONDS", type=Number(0, open_=True), default=seconds,
            show_default=True, help=f"Durée de toute la commande, {shared}.",
        ),
        click.option(
            "--seed", metavar="N", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True,
            help="Graine du hasard : la même donne le même résultat.",
        ),
        click.option(
            "--threads", metavar="N", type=click.IntRange(1, 1024), default=None,
            help="Cœurs du processeur. Par défaut : tous.",
        ),
        click.option(
            "--quiet", is_flag=True, help="Ne pas montrer les progrès ; les problèmes sont toujours dits."
        ),
    ]  # fmt: skip
    return lambda command: reduce(lambda inner, declare: declare(inner), reversed(declared), command)


def carry_out(
    asked: Asked, work: Callable[[Search], Document], check: Callable[[Instance], None] = lambda _: None
) -> Document:
    """Read the instance, search until the limit or a signal, write the document; returns it.

    ``check`` raises ValueError when the instance cannot be used for this work: its words are told, exit 2.
    """
    started = time.monotonic()
    with _stop_on_signals() as stop:
        _refuse_output(asked.instance_path, asked.output_path)
        lines = ProgressLines(say, started)
        beat = (lambda: None) if asked.quiet else lines.beat
        instance, scale = _in_a_thread(lambda: usable(asked.instance_path), beat).result()
        gc.freeze()  # the instance is there to the end: looking for cycles in it would stop every thread
        lines.about(instance.parameters.objective)
        try:
            check(instance)
        except ValueError as problem:
            say(str(problem))
            raise SystemExit(UNUSABLE) from None

        def search() -> tuple[Document, bytes]:
            left = max(0.0, asked.time_limit - (time.monotonic() - started))
            threads = asked.threads if asked.threads is not None else len(os.sched_getaffinity(0))
            told = None if asked.quiet else lines
            document = work(Search(instance, scale, left, asked.seed, threads, told, stop.is_set))
            return document, text_of(document)

        document, content = _outcome(_in_a_thread(search, beat))
        try:
            write_whole(asked.output_path, content)
        except OSError as problem:
            fail(f"{asked.output_path}: cannot be written: {os_words(problem)}")
    return document


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
        fail(f"{output_path}: cannot be written: {words}")


def usable(path: Path) -> tuple[Instance, Scale]:
    """The instance and its scale, or exit 2 with every problem of the instance."""
    content = content_of(path)
    try:
        with uncollected():
            instance = read_instance(content)
        from solver.judge import fixed_grappe_problems

        scale = scale_for(instance.regime, instance.parameters.readings)
        problems = fixed_grappe_problems(instance, scale)
    except InstanceProblems as found:
        problems = found.problems
    if problems:
        for place, message in problems:
            say(f"{place}: {message}" if place else f"{path}: {message}")
        raise SystemExit(UNUSABLE)
    return instance, scale


def content_of(path: Path) -> bytes:
    """What a file holds, or exit 2."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        say(f"{path}: cannot be read: {os_words(problem)}")
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
        while not done.wait(_BEAT_S):
            beat()
    return future


def _outcome(future: Future[_T]) -> _T:
    """What the work returned, or exit 1 with the failure in one line, place included."""
    problem = future.exception()
    if problem is None:
        return future.result()
    from solver.solve import JudgeDisagrees

    if isinstance(problem, JudgeDisagrees):
        fail(f"the judge disagrees: {problem}")
    if isinstance(problem, MemoryError):
        fail("not enough memory")
    frames = traceback.extract_tb(problem.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return fail(f"internal error: {type(problem).__name__}: {problem}{place}")


def say(line: str) -> None:
    """One line on standard error, control characters made visible; a closed standard error is no failure."""
    try:
        click.echo(on_one_line(line), err=True)
    except OSError:
        return


def on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def fail(line: str) -> NoReturn:
    say(line)
    raise SystemExit(FAILED)
