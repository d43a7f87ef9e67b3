"""Fifty megabytes of nothing are refused in ten seconds under a gigabyte; 40,000 ESMS are read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.solver.examples import sound_document

ROOT = Path(__file__).resolve().parents[3]
MB = 1_000_000
READ = """
import sys, time
from solver.document import InstanceProblems, read_instance
with open(sys.argv[1], "rb") as file:
    data = file.read()
begun = time.process_time()
try:
    print(len(read_instance(data).esms))
except InstanceProblems as refused:
    print(len(refused.problems), refused.problems[0])
with open("/proc/self/status") as status:  # ru_maxrss would count the process that started this one
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(time.process_time() - begun, peak / 1024)
"""


def read(path: Path) -> tuple[str, float, float]:
    """What reading a file says, seconds of processor, peak memory in MiB, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said, figures = run.stdout.splitlines()
    seconds, mebibytes = map(float, figures.split())
    return said, seconds, mebibytes


def filled(before: str, unit: str, after: str) -> bytes:
    count = (50 * MB - len(before) - len(after)) // len(unit)
    return (before + (unit * count)[: -len(",")] + after).encode()


INSTANCE = '{"format":"matchmaker-instance/1","esms":['
FLOODS: dict[str, Callable[[], bytes]] = {
    "numbers": lambda: filled("[", "0,", "]"),
    "lists": lambda: filled("[", "[],", "]"),
    "objects, just few enough": lambda: filled(INSTANCE, '{"name":"' + "a" * 80 + '"},', "]}"),
    "words, just few enough": lambda: filled('{"esms":[', '"twenty letters or so",', "]}"),
    "keys": lambda: ("{" + ",".join(f'"{k}":0' for k in range(2_400_000)) + "}").encode(),
    "keys, each twice": lambda: ("{" + ",".join(f'"{k // 2}":0' for k in range(2_400_000)) + "}").encode(),
    "the same key": lambda: filled("{", '"format":1,', "}"),
    "one number": lambda: b"1" * 50 * MB,
    "brackets": lambda: b"[" * 50 * MB,
}


@pytest.mark.parametrize("name", list(FLOODS))
def test_fifty_megabytes_are_refused(tmp_path: Path, name: str) -> None:
    """Tests one huge list of each kind, and what else fills memory."""
    path = tmp_path / "flood.json"
    path.write_bytes(FLOODS[name]())
    said, seconds, mebibytes = read(path)
    print(f"{name}: {seconds:.1f} s, {mebibytes:.0f} MiB: {said[:200]}")
    assert int(said.split()[0]) <= 1001
    assert seconds < 10
    assert mebibytes < 950


def test_forty_thousand_esms_are_read(tmp_path: Path) -> None:
    """Tests that a sound instance as large as France is not taken for a flood."""
    document = sound_document()
    model = document["esms"][0] | {"accepted_solutions": ["SA", "SB"], "accepted_hosting": ["saas", "shared"]}
    document["esms"] = [{**model, "id": f"E{k}", "lat": 43 + k / 100_000} for k in range(40_000)]
    path = tmp_path / "france.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    said, seconds, mebibytes = read(path)
    print(f"40,000 ESMS, {path.stat().st_size / MB:.0f} MB: {seconds:.1f} s, {mebibytes:.0f} MiB")
    assert said == "40000"
    assert seconds < 10
    assert mebibytes < 950
