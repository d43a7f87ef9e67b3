"""What was measured, kept: one JSON file a release, one record a run, with the machine and how busy it was.

``benchmarks/results/<version>.json``; the page docs/results.md is made of these files alone
(``benchmarks.page``). A record replaces the one of the same run (``key``), so that measuring again never adds
a second truth. Each one carries the digest of the code that it measured: a run is skipped by
``benchmarks.release`` when it is recorded for the code at hand.

When to modify: something else about a run is worth keeping.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from matchmaker import __version__

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks" / "results"
FORMAT = "matchmaker-results/1"
QUIET = 0.2  # cores that other work may take before a figure is said to be of a busy machine
_MOST_POINTS = 120  # of the progress of one run
_KEY = ("kind", "work", "seed", "method", "seconds", "threads", "clock", "gap_asked")
_SEARCHED = ("solver", "data/baremes", "benchmarks/regions.py", "benchmarks/works.py")
_COMPARED = ("benchmarks/peers", "data/baremes", "benchmarks/regions.py", "benchmarks/works.py")
_PRINTING = ROOT / "benchmarks" / "peers" / "__main__.py"  # decides nothing of what peers find
Record = dict[str, Any]


def file_of(release: str = __version__) -> Path:
    return FOLDER / f"{release}.json"


def digest(document: object) -> str:
    """Of the values of a JSON document: 16 hexadecimal digits of its SHA-256, keys in order."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


@cache
def code(kind: str = "solve") -> str:
    """Digest of the files that decide what a run of this kind finds (peers: not those of the search)."""
    seen = hashlib.sha256()
    for name in _COMPARED if kind == "peer" else _SEARCHED:
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.suffix in (".py", ".toml") and path != _PRINTING:
                seen.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return seen.hexdigest()[:16]


@cache
def commit() -> str | None:
    """The revision of the tree, None outside a clone."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None


@cache
def machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    return {
        "model": _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": int((_line("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in ("ortools", "numpy", "scipy")},
    }


def _line(path: str, key: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


class Busy:
    """How much else the machine did between two moments: ``others``, in cores, is what other work took."""

    def __init__(self) -> None:
        self._begun, self._busy = time.monotonic(), _busy_s()
        self.load = os.getloadavg()[0]

    def over(self, own_cpu: float) -> dict[str, float]:
        """``own_cpu``: processor seconds of what is measured, since this object was made."""
        wall = max(time.monotonic() - self._begun, 1e-9)
        others = max(0.0, _busy_s() - self._busy - own_cpu) / wall
        return {"load": round(max(self.load, os.getloadavg()[0]), 1), "others": round(others, 2)}


def _busy_s() -> float:
    """Processor seconds that all processes of the machine have used."""
    user, nice, system, *_ = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


class Trail:
    """The progress of a run, thinned: [seconds, processor seconds, value, bound], where one of the last two
    changed."""

    def __init__(self, limit_s: float) -> None:
        self._apart_s = limit_s / _MOST_POINTS
        self._kept: list[list[float]] = []
        self._last: list[float] | None = None

    def add(self, seconds: float, cpu: float, value: int | None, bound: int | None) -> None:
        if not value or bound is None:
            return
        point = [round(seconds, 1), round(cpu, 1), value, bound]
        if self._last is not None and self._last[2:] == point[2:]:
            return
        self._last = point
        if not self._kept or seconds - self._kept[-1][0] >= self._apart_s:
            self._kept.append(point)

    def points(self) -> list[list[float]]:
        """What was kept, and the last one whatever it is near to."""
        more = [self._last] if self._last is not None and self._kept[-1] is not self._last else []
        return [*self._kept, *more]


class Results:
    """The records of one release. ``machines`` are numbered; a record names its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if document and document["format"] != FORMAT:
            raise ValueError(f"{path}: not {FORMAT}")
        self.version: str = document.get("version", path.stem)
        self.machines: list[dict[str, Any]] = document.get("machines", [])
        self.records: list[Record] = document.get("records", [])

    def holds(self, measured: str, *, quiet: bool = False, **run: Any) -> bool:
        """Whether this run is recorded for the code of digest ``measured``; ``quiet``: on a quiet machine."""
        due = key({**run})
        mine = [r for r in self.records if key(r) == due and r["code"] == measured]
        return any(not quiet or r.get("others", 0.0) <= QUIET for r in mine)

    def add(self, record: Mapping[str, Any]) -> None:
        """Keep a run, in the place of an earlier one of the same key, and write the file.

        ``code`` may be given: what the optimiser finds among the peers depends on the search.
        """
        here = machine()
        if here not in self.machines:
            self.machines.append(here)
        full = {
            **record,
            "machine": self.machines.index(here),
            "code": record.get("code") or code(record["kind"]),
            "commit": commit(),
            "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        }
        self.records = [r for r in self.records if key(r) != key(full)]
        self.records.append(full)
        self.write()

    def write(self) -> None:
        """One record a line, in one step: a run that is killed loses its own record at most."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = ",\n".join("  " + json.dumps(r, ensure_ascii=False) for r in sorted(self.records, key=_order))
        head = {"format": FORMAT, "version": self.version, "machines": self.machines}
        text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "records": [\n{lines}\n ]\n}}\n'
        aside = self.path.with_suffix(".part")
        aside.write_text(text, encoding="utf-8")
        aside.replace(self.path)


def key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells two runs apart."""
    return tuple(record.get(name) for name in _KEY)


def _order(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{v:012.3f}" if isinstance(v, int | float) else str(v) for v in key(record))


def of_one_code(records: Iterable[Record]) -> list[Record]:
    """Those of the code that was measured last: figures of two versions are never mixed."""
    found: Sequence[Record] = sorted(records, key=lambda r: str(r["measured"]))
    return [r for r in found if r["code"] == found[-1]["code"]] if found else []


def adding(path: Path | None) -> Callable[[Mapping[str, Any]], None]:
    """A function that adds to the file, read again each time; nothing happens without a path."""
    if path is None:
        return lambda _: None
    return lambda record: Results(path).add(record)
