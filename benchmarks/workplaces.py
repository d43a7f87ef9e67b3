"""``matchmaker worker`` processes of a measurement: started, looked at, killed, heard to fall idle."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_IDLE_CPU_S = 0.05  # a worker that waits uses less between two looks
_IDLE_WITHIN_S = 60.0
_LOOK_S = 0.5


@dataclass
class Workplace:
    """One ``matchmaker worker`` with its processes: CPU seconds of each so far, MB of the largest."""

    process: subprocess.Popen[bytes]
    cpu: dict[int, float] = field(default_factory=dict)
    peak_mb: float = 0.0

    @classmethod
    def start(cls, processes: int, environment: Mapping[str, str], log: Path) -> Workplace:
        """A worker that does ``processes`` runs at a time."""
        command = [sys.executable, "-m", "matchmaker", "worker", "--processes", str(processes)]
        with log.open("ab") as stream:
            return cls(subprocess.Popen(command, env=dict(environment), stdout=stream, stderr=stream))

    def tree(self) -> list[psutil.Process]:
        """The worker and all that it has started."""
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def look(self) -> None:
        """Look at all processes; what ends between two looks is missed."""
        for process in self.tree():
            try:
                times = process.cpu_times()
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
            except (OSError, psutil.NoSuchProcess):
                continue
            self.cpu[process.pid] = times.user + times.system
            line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0")
            self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)

    def holds(self, pid: int) -> bool:
        """Whether a process is one of this worker's."""
        return any(process.pid == pid for process in self.tree())

    def kill(self) -> None:
        """SIGKILL to every process, the youngest first: a machine that goes dark."""
        self.look()
        for process in sorted(self.tree(), key=lambda one: one.create_time(), reverse=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)

    def end(self) -> None:
        """Ask it to leave, and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def idle_after_s(places: list[Workplace], since: float) -> float | None:
    """Seconds of the monotonic clock from ``since`` until the workers do nothing any more.

    None when they still work a minute later.
    """
    before, quiet_since = _used(places), time.monotonic()
    while quiet_since - since <= _IDLE_WITHIN_S:
        time.sleep(_LOOK_S)
        now = _used(places)
        if now - before <= _IDLE_CPU_S * len(places):
            return quiet_since - since
        before, quiet_since = now, time.monotonic()
    return None


def _used(places: list[Workplace]) -> float:
    for place in places:
        place.look()
    return sum(sum(place.cpu.values()) for place in places)
