"""Tests of ``matchmaker solve`` as a user runs it: a process, its exit code, its lines, its file."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import disagreements
from tests.solver.drawing import draw_instance

_COMMAND = [sys.executable, "-m", "matchmaker", "solve"]
_ROOT = Path(__file__).parents[3]
Run = subprocess.CompletedProcess[str]
Document = dict[str, Any]


def _start(*arguments: str | Path, memory_bytes: int | None = None) -> subprocess.Popen[str]:
    def limit() -> None:
        if memory_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    return subprocess.Popen(
        [*_COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"]},  # neither configuration nor database
        preexec_fn=limit,
    )


def _run(*arguments: str | Path, memory_bytes: int | None = None, timeout: float = 120) -> Run:
    process = _start(*arguments, memory_bytes=memory_bytes)
    out, err = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(_COMMAND, process.returncode, out, err)


@pytest.fixture(scope="module")
def sound() -> Document:
    return draw_instance(3, 40, "amorcage-2021")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "proposal.json"


def _written(tmp_path: Path, document: Document | str) -> Path:
    path = tmp_path / "instance.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def _cpu_of_children() -> float:
    """Processor seconds of the processes that have ended: what a busy machine does not stretch much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _nothing_but(output: Path) -> list[str]:
    return [p.name for p in output.parent.iterdir()]


# a proposal ---------------------------------------------------------------------------------------------


def test_a_proposal_is_written_and_is_what_the_judge_finds(
    tmp_path: Path, sound: Document, output: Path
) -> None:
    run = _run(_written(tmp_path, sound), "--output", output, "--time-limit", "10", "--threads", "1")
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert " s  " in run.stderr
    assert "gap" in run.stderr
    instance = read_instance(json.dumps(sound).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    proposal = json.loads(output.read_text())
    assert disagreements(instance, scale, proposal) == []
    assert proposal["format"] == "matchmaker-proposal/1"
    assert proposal["threads"] == 1
    assert _nothing_but(output) == ["proposal.json"]


def test_quiet_says_nothing_when_all_is_well(tmp_path: Path, sound: Document, output: Path) -> None:
    run = _run(_written(tmp_path, sound), "--output", output, "--time-limit", "10", "--quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_no_grappe_at_all_is_still_a_proposal(tmp_path: Path, sound: Document, output: Path) -> None:
    alone = {**sound, "esms": sound["esms"][:1], "constraints": {}, "previous": None}
    run = _run(_written(tmp_path, alone), "--output", output, "--time-limit", "10")
    assert run.returncode == 0, run.stderr
    proposal = json.loads(output.read_text())
    assert (proposal["status"], proposal["grappes"], proposal["gap"]) == ("optimal", [], 0)


def test_a_proposal_replaces_the_one_that_was_there(tmp_path: Path, sound: Document, output: Path) -> None:
    output.write_text("an older proposal")
    run = _run(_written(tmp_path, sound), "--output", output, "--time-limit", "60", "--quiet")
    assert run.returncode == 0
    assert json.loads(output.read_text())["status"] == "optimal"


# signals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_search_and_the_file_is_there(tmp_path: Path, output: Path, number: int) -> None:
    document = draw_instance(1, 400, "generalisation-2022")
    process = _start(_written(tmp_path, document), "--output", output, "--time-limit", "600")
    lines = iter(process.stderr or ())
    first = next(line for line in lines if " loading " not in line)
    assert " s  " in first
    time.sleep(1.5)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)  # far under the limit of 600: a deaf command is killed here
    assert process.returncode == 0, err
    instance = read_instance(json.dumps(document).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    assert disagreements(instance, scale, json.loads(output.read_text())) == []


# an instance that is not usable -------------------------------------------------------------------------


def _without(key: str) -> Callable[[Document], None]:
    return lambda d: d["esms"][3].pop(key) and None


def _with(key: str, value: object) -> Callable[[Document], None]:
    return lambda d: d["esms"][3].__setitem__(key, value)


def _duplicate(d: Document) -> None:
    d["esms"].append(dict(d["esms"][0]))


def _fixed_of_fifty(d: Document) -> None:
    model = next(e for e in d["esms"] if e["need"] == "acquisition")
    solution = d["solutions"][0]
    solution["champs"] = ["PA"]
    d["esms"] += [
        {
            **model,
            "id": f"F{k:02}",
            "champ": "PA",
            "lot": None,
            "accepted_solutions": "any",
            "accepted_hosting": "any",
        }
        for k in range(50)
    ]
    d["constraints"] = {
        "fixed_grappes": [
            {
                "solution": solution["id"],
                "hosting": solution["hosting"][0],
                "porteur": "F00",
                "members": [f"F{k:02}" for k in range(50)],
                "extendable": False,
            }
        ]
    }
    d["parameters"] = {}


@pytest.mark.parametrize(
    ("break_it", "path", "words"),
    [
        (_without("need"), "esms[3].need", "missing"),
        (_with("name", 12), "esms[3].name", ""),
        (_with("can_be_porteur", 1), "esms[3].can_be_porteur", ""),
        (_with("organisme", "nobody"), "esms[3].organisme", "nobody"),
        (_with("lat", 148.2), "esms[3].lat", "148.2 is not a latitude"),
        (_with("lon", float("nan")), "esms[3].lon", "NaN"),
        (_with("colour", "blue"), "esms[3].colour", ""),
        (_duplicate, "esms[40].id", ""),
        (_fixed_of_fifty, "constraints.fixed_grappes[0]", "50"),
        (lambda d: d.__setitem__("esms", []), "esms", ""),
    ],
)
def test_a_broken_instance_is_told_at_its_path(
    tmp_path: Path, sound: Document, output: Path, break_it: Callable[[Document], None], path: str, words: str
) -> None:
    document = json.loads(json.dumps(sound))
    break_it(document)
    run = _run(_written(tmp_path, document), "--output", output)
    lines = run.stderr.splitlines()
    assert run.returncode == 2, run.stderr
    assert any(line.startswith(f"{path}: ") and words in line for line in lines), run.stderr
    assert "Traceback" not in run.stderr
    assert _nothing_but(output) == []


def test_every_problem_is_told_at_once(tmp_path: Path, sound: Document, output: Path) -> None:
    document = json.loads(json.dumps(sound))
    document["esms"][0]["lat"] = 148.2
    document["esms"][1]["organisme"] = "nobody"
    document["solutions"][0]["hosting"] = "saas"
    run = _run(_written(tmp_path, document), "--output", output, "--quiet")
    assert run.returncode == 2
    told = [line.split(": ")[0] for line in run.stderr.splitlines()]
    assert {"esms[0].lat", "esms[1].organisme", "solutions[0].hosting"} <= set(told)


@pytest.mark.parametrize(
    "text",
    ["", "not json", "[]", "null", "[" * 100_000, "[" * 50_000 + "]" * 50_000, '{"format": ' * 100_000, "{}"],
    ids=["empty", "words", "list", "null", "opened", "nested", "objects", "bare"],
)
def test_what_is_no_instance_is_refused_in_words(tmp_path: Path, output: Path, text: str) -> None:
    run = _run(_written(tmp_path, text), "--output", output)
    assert run.returncode == 2
    assert run.stderr.strip()
    assert all(": " in line for line in run.stderr.splitlines())
    assert "Traceback" not in run.stderr
    assert _nothing_but(output) == []


@pytest.mark.parametrize("name", ["absent.json", "folder"])
def test_an_instance_that_cannot_be_read_is_not_usable(tmp_path: Path, output: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    run = _run(tmp_path / name, "--output", output)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert name in run.stderr


def test_fifty_megabytes_of_one_list_are_refused_in_ten_seconds_under_one_gigabyte(
    tmp_path: Path, output: Path
) -> None:
    """The limit is on the address space, which is more than what is used."""
    path = tmp_path / "instance.json"
    path.write_text('{"format": "matchmaker-instance/1", "esms": [' + "1," * 25_000_000 + "1]}")
    before = _cpu_of_children()
    run = _run(path, "--output", output, memory_bytes=1_000_000_000)
    assert _cpu_of_children() - before < 10
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    assert _nothing_but(output) == []


def test_forty_thousand_sound_esms_are_read(tmp_path: Path, sound: Document, output: Path) -> None:
    """Read whole and answered within the limit; none has a need, so that reading is what is timed."""
    model = {**sound["esms"][0], "lot": None, "need": "acquisition", "current_solution": None}
    document = {**sound, "constraints": {}, "previous": None}
    document["esms"] = [{**model, "id": f"E{k:05}", "need": "aucun"} for k in range(40_000)]
    run = _run(_written(tmp_path, document), "--output", output, "--time-limit", "60", "--quiet")
    assert run.returncode == 0, run.stderr
    assert len(json.loads(output.read_text())["unplaced"]) == 40_000


# anything else ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["--time-limit", "nan"],
        ["--time-limit", "-1"],
        ["--time-limit", "0"],
        ["--time-limit", "inf"],
        ["--time-limit", "soon"],
        ["--gap", "-0.1"],
        ["--gap", "nan"],
        ["--seed", "1.5"],
        ["--seed", "-1"],
        ["--threads", "0"],
        ["--unknown"],
        ["another.json"],
    ],
)
def test_a_wrong_option_is_one_line(
    tmp_path: Path, sound: Document, output: Path, arguments: list[str]
) -> None:
    run = _run(_written(tmp_path, sound), "--output", output, *arguments)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert _nothing_but(output) == []


@pytest.mark.parametrize("place", ["absent/proposal.json", "folder"])
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, sound: Document, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = _cpu_of_children()
    run = _run(_written(tmp_path, sound), "--output", tmp_path / place, "--time-limit", "100")
    assert _cpu_of_children() - before < 10
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert place in run.stderr


def test_the_instance_is_never_overwritten(tmp_path: Path, sound: Document) -> None:
    path = _written(tmp_path, sound)
    before = path.read_bytes()
    run = _run(path, "--output", path)
    assert run.returncode == 1
    assert path.read_bytes() == before


def test_a_broken_instance_is_refused_before_the_optimiser_is_loaded(
    tmp_path: Path, sound: Document, output: Path
) -> None:
    """Start-up matters to whoever mends an instance: OR-Tools and the web are not loaded to refuse one."""
    path = _written(tmp_path, {**sound, "esms": []})
    script = (
        "import sys\nfrom matchmaker.cli import main\n"
        f"try:\n    main(['solve', {str(path)!r}, '--output', {str(output)!r}])\n"
        "except SystemExit as end:\n"
        "    heavy = {'ortools', 'numpy', 'flask', 'sqlalchemy', 'networkx'} & set(sys.modules)\n"
        "    print(end.code, sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=_ROOT, check=True
    )
    assert done.stdout.strip() == "2 []"
