"""A campaign of 48 ESMS around Mende, and workers in processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psutil
from sqlalchemy import select

from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.database import Database
from matchmaker.runs.tables import Run, RunEvent
from matchmaker.settings import Settings

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]


def fill_campaign(database: Database, esms_count: int = 48) -> int:
    """A campaign whose ESMS have all answered, spread over half a degree; returns its number."""
    with database.writing() as session:
        number = campaign.create(
            session,
            name=f"Lozère, {esms_count} ESMS",
            region="76",
            regime="generalisation-2022",
            parameters={"max_radius_km": 40},
            fictitious=True,
        )
        members.add(
            session,
            number,
            organismes=[NewOrganisme(f"48000{o:04}", f"Association {o}", 9 + o % 12) for o in range(12)],
            solutions=[
                NewSolution("dui-a", "DUI A", "referenced"),
                NewSolution("dui-b", "DUI B", "not_referenced"),
            ],
            esms=[_esms(i) for i in range(esms_count)],
        )
    return number


REGIONS = (
    ("48", "76", 44.5, 3.5),
    ("21", "27", 47.3, 5.0),
    ("29", "53", 48.2, -4.1),
    ("974", "04", -21.1, 55.5),
)


def fill_national(database: Database, a_region: int = 18, regions: int = 4) -> int:
    """A campaign of all of France: so many ESMS in each of so many regions, none near another's."""
    with database.writing() as session:
        number = campaign.create(
            session,
            name="France entière",
            region=None,
            regime="generalisation-2022",
            parameters={"max_radius_km": 60},
            fictitious=True,
        )
        members.add(
            session,
            number,
            organismes=[NewOrganisme(f"48000{o:04}", f"Association {o}", 9 + o % 12) for o in range(12)],
            solutions=[
                NewSolution("dui-a", "DUI A", "referenced"),
                NewSolution("dui-b", "DUI B", "referenced"),
            ],
            esms=[
                replace(
                    _esms(i),
                    code=f"{place:02}00{i:05}",
                    departement=departement,
                    region=region,
                    lat=lat + (i * 7 % 20) / 100,
                    lon=lon + (i * 11 % 20) / 100,
                )
                for place, (departement, region, lat, lon) in enumerate(REGIONS[:regions])
                for i in range(a_region)
            ],
        )
    return number


def _esms(i: int) -> NewEsms:
    need = ("acquisition", "renouvellement", "montee_de_version")[i % 3]
    return NewEsms(
        code=f"4800{i:05}",
        organisme=f"48000{i % 12:04}",
        name=f"Établissement {i}",
        champ=("PA", "PH", "DOM")[i % 3],
        category="EHPAD",
        departement="48",
        region="76",
        lat=44.3 + (i * 7 % 48) / 100,
        lon=3.2 + (i * 11 % 48) / 100,
        commune="Mende",
        position_origin="surveyed",
        answer=Answer(
            need,
            None if need == "acquisition" else "dui-a",
            "any" if i % 4 else ("dui-a",),
            "any" if i % 5 else ("saas",),
        ),
    )


def fresh_sqlite(folder: Path, template: Path) -> str:
    """URL of a copy of a migrated SQLite file."""
    path = folder / "matchmaker.sqlite3"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def row(database: Database, run_id: int) -> Run:
    with database.reading() as session:
        found = session.get(Run, run_id)
        assert found is not None
        session.expunge(found)
        return found


def events(database: Database, run_id: int) -> list[str]:
    """Kinds of the run's journal, in order."""
    with database.reading() as session:
        kinds = select(RunEvent.kind).where(RunEvent.run_id == run_id).order_by(RunEvent.id)
        return list(session.scalars(kinds))


def wait_until(look: Callable[[], T], what: str, timeout_s: float = 30.0) -> T:
    """Look again and again until it is true."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout_s} s: {what}")


def environment(settings: Settings, lease_s: int = 2) -> dict[str, str]:
    """The environment of a child process that works on the same installation."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MATCHMAKER_")}
    return kept | {
        "MATCHMAKER_HOME": str(settings.home),
        "MATCHMAKER_DATABASE_URL": settings.database_url,
        "MATCHMAKER_QUEUE_URL": settings.queue_url,
        "MATCHMAKER_SECRET_KEY": settings.secret_key,
        "MATCHMAKER_SOLVER_THREADS": "1",
        "MATCHMAKER_RUN_LEASE": str(lease_s),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


class Tree:
    """A process started by a test, with whatever it started itself."""

    def __init__(self, arguments: list[str], variables: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                arguments, env=variables, cwd=log.parent, stdout=stream, stderr=stream, start_new_session=True
            )
        self.seen: set[psutil.Process] = set()

    def processes(self) -> list[psutil.Process]:
        """The process and its descendants that live."""
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.process.pid)
            self.seen |= {top, *top.children(recursive=True)}
        return [p for p in self.seen if _lives(p)]

    def kill_all(self) -> None:
        """kill -9, from the leaves to the root, without any goodbye."""
        for process in sorted(self.processes(), key=lambda p: p.create_time(), reverse=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
