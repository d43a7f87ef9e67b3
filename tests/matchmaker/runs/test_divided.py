"""A national campaign over several workers: a run divided, its parts done apart, the plan joined once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from benchmarks.run_phases import phases
from matchmaker.baremes import scale_for
from matchmaker.database import Database
from matchmaker.proposals.keeping import documents
from matchmaker.proposals.tables import Proposal
from matchmaker.runs import lifecycle, reading, request
from matchmaker.runs.lifecycle import Asked, Claim, Point
from matchmaker.runs.parts import presence, sharing, whole
from matchmaker.runs.parts.tables import RunPart, WorkPlace
from matchmaker.runs.parts.whole import NewPart
from matchmaker.runs.queue import enqueue
from matchmaker.runs.tables import Run, State
from matchmaker.settings import Settings
from solver.document import read_instance
from solver.verify import verify
from tests.matchmaker.pages import filled, soup
from tests.matchmaker.pages import text as words
from tests.matchmaker.runs.workplace import Tree, fill_national, row, wait_until

WORKER = str(Path(__file__).with_name("dwelling_worker.py"))
LEASE_S = 2
WORKERS = 3


def _ask(database: Database, campaign_id: int, budget_s: int = 20) -> int:
    with database.writing() as session:
        return request.ask(session, campaign_id, Asked(budget_s=budget_s, gap=0.0, seed=1, threads=1))


def _parts(database: Database, run_id: int) -> list[Run]:
    with database.reading() as session:
        numbers = whole.parts_of(session, run_id)
    return [row(database, number) for number in numbers]


def _processes(database: Database) -> int:
    with database.reading() as session:
        return presence.processes(session, LEASE_S)


@pytest.mark.parametrize(
    "database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)
def test_a_worker_dies_in_the_middle_of_a_national_run(
    database: Database, settings: Settings, start_tree: Callable[..., Tree]
) -> None:
    """Tests three workers, one killed by force at a part for which it has a plan: nothing lost, nothing
    doubled, all of it told; whoever takes the part up again begins with that plan.

    On SQLite three processes of one ``matchmaker worker``, on PostgreSQL three of them, each with its own.
    """
    campaign_id = fill_national(database)
    several = settings.database_url.startswith("postgresql")
    trees = [
        start_tree(
            WORKER,
            lease_s=LEASE_S,
            DWELL_S="0",
            HOLD_S="2.5",
            MATCHMAKER_DIVIDE_FROM="20",
            PROCESSES="1" if several else str(WORKERS),
        )
        for _ in range(WORKERS if several else 1)
    ]
    wait_until(lambda: _processes(database) == WORKERS, "three workers")
    run_id = _ask(database, campaign_id)
    enqueue(settings.queue_url, run_id)
    victim = wait_until(
        lambda: next(
            (p for p in _parts(database, run_id) if p.state == State.RUNNING and p.objective_value), None
        ),
        "a part that has something to lose",
        90,
    )
    pid = int((victim.worker or "").rpartition(":")[2])
    if several:
        next(t for t in trees if pid in {p.pid for p in t.processes()}).kill_all()
    else:
        psutil.Process(pid).kill()
    lost = row(database, victim.id)
    assert (lost.state, lost.attempt) == (State.RUNNING, 1)
    wait_until(lambda: row(database, run_id).finished_at, "the end of all", 120)

    run, parts = row(database, run_id), _parts(database, run_id)
    assert run.state == State.DONE, run.failure
    assert len(parts) == 4
    assert sum(part.esms_count for part in parts) == run.esms_count
    assert all(part.state == State.DONE for part in parts)
    again = row(database, victim.id)
    assert (again.attempt, again.lost) == (2, 1)
    assert (again.objective_value or 0) >= (lost.objective_value or 0) > 0
    begun = [int(n) for t in trees for n in re.findall(r"begins with (\d+) ESMS", t.said())]
    assert [n for n in begun if n] == [lost.esms_placed]
    assert len({part.worker for part in parts}) > 1
    # One plan, worth what the parts are (or more, met while explaining), that proves itself.
    with database.reading() as session:
        (kept,) = session.scalars(select(Proposal.id).where(Proposal.campaign_id == campaign_id)).all()
        assert kept == run.proposal_id
        instance_text, proposal_text = documents(session, kept)
        points = reading.points(session, run_id)
        told = reading.events(session, run_id)
        assert whole.answers(session, run_id) == []  # the plan holds them
    proposal, instance = json.loads(proposal_text), read_instance(instance_text)
    scale = scale_for(instance.regime, instance.parameters.readings)
    assert verify(instance, scale, proposal).findings == ()
    assert proposal["upper_bound"] == run.upper_bound == sum(part.upper_bound or 0 for part in parts)
    assert proposal["objective_value"] >= sum(part.objective_value or 0 for part in parts) > 0
    bounds = [point.upper_bound for point in points if point.upper_bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    # The journal: divided once, each part begun as often as it was claimed, gathered once, done once.
    kinds = Counter((event.part is None, event.kind.value) for event in told)
    assert kinds[True, "divided"] == kinds[True, "gathered"] == kinds[True, "done"] == 1
    assert kinds[False, "claimed"] == sum(part.attempt for part in parts)
    assert kinds[False, "done"] == len(parts)
    assert kinds[False, "lost"] == 1


# one state after the other, without a worker ----------------------------------------------------------


def _take(database: Database, run_id: int, worker: str = "w1") -> Claim:
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, worker)
    assert held is not None
    return held


def _divided(database: Database, run_id: int, bounds: tuple[int, ...] = (60, 40)) -> list[int]:
    """Cut a run up as its first worker would."""
    held = _take(database, run_id)
    question = {"parameters": {}, "esms": 24}
    parts = [NewPart("{}", question, ["48"], bound, None) for bound in bounds]
    with database.writing() as session:
        return whole.divide(session, held, parts, sharing.shares([24] * len(bounds), 2, 30.0))


def _ended(database: Database, part_id: int, value: int, bound: int) -> bool:
    """A worker does a part of the first run; whether it was the last one."""
    held = _take(database, part_id)
    with database.writing() as session:
        lifecycle.finish(
            session,
            held,
            Point(1.0, value, bound, 1, 15),
            lambda session: whole.keep_answer(session, held, f'{{"found": {value}}}'),
        )
        whole.carry_up(session, 1)
        return whole.settle(session, 1)


def test_the_whole_is_what_its_parts_are(database: Database, new_run: Callable[..., int]) -> None:
    """Tests sums that follow the parts, the join by one claim alone, and answers in order."""
    run_id = new_run()
    one, other = _divided(database, run_id)
    assert (row(database, run_id).upper_bound, row(database, run_id).objective_value) == (100, None)
    with database.writing() as session:
        assert lifecycle.give_up_silent(session, 0.0) == []  # nobody holds it: nobody is lost
        assert lifecycle.claim(session, run_id, "w1") is None
    assert _ended(database, other, 30, 38) is False
    assert (row(database, run_id).objective_value, row(database, run_id).upper_bound) == (30, 98)
    assert row(database, run_id).state == State.RUNNING
    assert _ended(database, one, 50, 75) is True
    now = row(database, run_id)
    assert (now.state, now.objective_value) == (State.QUEUED, 80)
    assert now.upper_bound == 98  # proven before, and no worse since
    with database.writing() as session:
        assert whole.settle(session, run_id) is False
    held = _take(database, run_id)
    with database.writing() as session:
        assert whole.answers(session, run_id) == ['{"found": 50}', '{"found": 30}']
        assert lifecycle.finish(session, held, Point(9.0, 80, 98, 2, 30), lambda _s: 7) is State.DONE
        whole.forget(session, run_id)
        assert whole.answers(session, run_id) == []
    with database.reading() as session:
        assert [p.id for p in reading.of_campaign(session, now.campaign_id)] == [run_id]
        values = [(p.objective_value, p.upper_bound) for p in reading.points(session, run_id)]
    assert values == [(None, 100), (30, 98), (80, 98), (80, 98)]


def test_where_the_time_of_a_divided_run_went(database: Database, new_run: Callable[..., int]) -> None:
    """Tests what a measurement reads in the journal: a part lost and taken up again, the join, the end."""
    run_id = new_run()
    one, other = _divided(database, run_id)
    _take(database, one, "machine:7")
    with database.writing() as session:
        session.execute(update(Run).where(Run.id == one).values(heartbeat_at=Run.heartbeat_at - 60))
        assert lifecycle.give_up_silent(session, 30) == [one]
    _ended(database, other, 30, 38)
    assert _ended(database, one, 50, 60) is True
    held = _take(database, run_id)
    with database.writing() as session:
        lifecycle.finish(session, held, Point(9.0, 80, 98, 2, 30), lambda _s: 7)
        session.execute(update(Run).where(Run.id == run_id).values(finished_at=Run.started_at + 100))
        session.execute(update(Run).where(Run.id.in_([one, other])).values(finished_at=Run.started_at + 40))
        budget_s = session.scalars(select(Run.budget_s).where(Run.id == run_id)).one()
    with database.reading() as session:
        found = phases(session, run_id)
    assert found.late_s == pytest.approx(100 - budget_s)
    divided, *parts, joined = found.lines
    assert "searches due at 30." in divided
    assert ["lost" in line for line in parts] == [True, False, False]
    assert ["process 7" in line for line in parts] == [True, False, False]
    assert "to 100.0" in joined


def test_a_run_is_divided_by_the_one_that_holds_it(database: Database, new_run: Callable[..., int]) -> None:
    """Tests the fence: a worker that was given up and comes back divides nothing a second time."""
    run_id = new_run()
    late = _take(database, run_id)
    with database.writing() as session:
        lifecycle.release(session, late)
    parts = _divided(database, run_id)
    with database.writing() as session:
        new = [NewPart("{}", {"parameters": {}, "esms": 48}, [], 1, None)]
        assert whole.divide(session, late, new, sharing.shares([48], 2, 30.0)) == []
        assert whole.parts_of(session, run_id) == parts


def test_a_stop_reaches_every_part(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that parts are told by the whole, which ends as stopped once they are joined."""
    run_id = new_run()
    one, other = _divided(database, run_id)
    with database.reading() as session:
        assert not whole.stop_asked(session, run_id)
    with database.writing() as session:
        assert lifecycle.request_stop(session, run_id) is State.RUNNING
        assert whole.stop_asked(session, run_id)
    _ended(database, one, 5, 60)
    assert _ended(database, other, 0, 40) is True
    held = _take(database, run_id)
    with database.writing() as session:
        assert lifecycle.finish(session, held, Point(3.0, 5, 100, 1, 15), lambda _s: 7) is State.STOPPED


def test_a_part_that_fails_ends_the_whole(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that the whole says why, keeps the best of all parts for another try, and stops the others."""
    run_id = new_run()
    one, other = _divided(database, run_id)
    found = '[{"id": "G001", "members": ["a"]}]'
    held = _take(database, other, "w2")
    with database.writing() as session:
        lifecycle.beat(session, held, 1.0, incumbent=found)
    for _ in range(3):
        held = _take(database, one)
        with database.writing() as session:
            lifecycle.beat(session, held, 1.0, incumbent=found)
            session.execute(update(Run).where(Run.id == one).values(heartbeat_at=Run.heartbeat_at - 60))
        with database.writing() as session:
            lifecycle.give_up_silent(session, 30)
            for waiting in whole.waiting(session):
                whole.settle(session, waiting)
    ended = row(database, run_id)
    assert (ended.state, ended.failure) == (State.FAILED, lifecycle.LOST_TOO_OFTEN)
    with database.writing() as session:
        assert whole.stop_asked(session, run_id)
        kept = json.loads(lifecycle.documents(session, run_id)[1] or "[]")
        assert [grappe["id"] for grappe in kept] == ["G001", "G001/2"]
        again = request.ask_again(session, run_id)
        assert again is not None
        assert whole.parts_of(session, again) == []


def test_the_page_of_a_divided_run(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests sums, the table of parts, their journal, the stop; a part's number leads to the whole."""
    run_id = new_run()
    one, other = _divided(database, run_id, (600_000, 400_000))
    held = _take(database, other, "machine:7")
    with database.writing() as session:
        lifecycle.beat(session, held, 2.0, points=[Point(2.0, 300_000, 390_000, 1, 15)])
        whole.carry_up(session, run_id)
    said = words(client.get(f"/calculs/{run_id}"))
    assert "Le plan trouvé vaut 300,0 k€. Aucun autre ne peut dépasser 990,0 k€." in said
    assert "Recherche de plans : 0 partie sur 2" in said
    assert "Partie 2 Occitanie 24 En cours 300,0 k€ 390,0 k€ 30,0 %" in said
    assert "Partie 1 Occitanie 24 En attente aucun 600,0 k€ pas encore connu" in said
    assert "Partie 2 : prise par le programme de calcul machine:7, tentative 1." in said
    assert "Divisé en parties qui n’ont aucun ESMS en commun" in said
    assert client.get(f"/calculs/{one}").location == f"/calculs/{run_id}"
    listed = words(client.get(f"/campagnes/{row(database, run_id).campaign_id}/optimiser"))
    assert f"Calcul {run_id}" in listed
    assert f"Calcul {other}" not in listed
    ends = words(client.get(f"/campagnes/{row(database, run_id).campaign_id}/fin"))
    assert f"Suivre le calcul {run_id}" in ends
    assert f"Suivre le calcul {one}" not in ends
    asked = filled(soup(client.get(f"/calculs/{run_id}")), f"/calculs/{run_id}/arreter")
    assert client.post(f"/calculs/{one}/arreter", data=asked).location == f"/calculs/{run_id}"
    assert row(database, run_id).cancel_requested
    assert not row(database, one).finished_at, "it still has to say what it has"
    with database.writing() as session:
        lifecycle.finish(
            session, held, Point(3.0, 300_000, 390_000, 1, 15), lambda s: whole.keep_answer(s, held, "{}")
        )
    _ended(database, one, 0, 600_000)
    said = words(client.get(f"/calculs/{run_id}"))
    assert "Toutes les parties sont calculées." in said
    assert "Recherche de plans : 2 parties sur 2" in said


def test_time_is_shared_so_that_all_end_together() -> None:
    """Tests equal and unequal parts: what one process does one after the other fits the whole time."""
    found = sharing.shares([30, 30, 30], 2, 60.0)
    assert sorted((s.begins_s, s.seconds) for s in found) == [(0.0, 30.0), (0.0, 60.0), (30.0, 30.0)]
    assert [s.seconds for s in sharing.shares([50, 20, 20, 10], 2, 100.0)] == [100.0, 40.0, 40.0, 20.0]
    assert [s.seconds for s in sharing.shares([5, 5], 8, 9.0)] == [9.0, 9.0]
    assert sharing.worth([50, 30])
    assert not sharing.worth([900, 50, 50])
    assert not sharing.worth([900])


def test_a_part_has_its_share_of_the_time_that_is_left() -> None:
    """Tests a late and an early beginning: whatever was lost or won, all end together."""
    found = {s.begins_s: s for s in sharing.shares([30, 30, 30], 2, 60.0)}
    for late_s in (0.0, 5.0, -10.0):
        left = 60.0 - 30.0 - late_s
        assert sharing.at_claim(30.0, left, found[30.0].of_what_is_left) == left
    assert sorted(s.of_what_is_left for s in sharing.shares([30, 30, 30], 2, 60.0)) == [0.5, 1.0, 1.0]
    # the first of three in a row, begun 6 s late: so are the others, by what is left to them
    left = 60.0 - 6.0
    first, second, third = sharing.shares([10, 10, 10], 1, 60.0)
    for share in (first, second, third):
        left -= sharing.at_claim(share.seconds, left, share.of_what_is_left)
    assert abs(left) < 1e-9
    assert sharing.at_claim(30.0, -4.0, 0.5) == 10.0, "a part without time would cost its grappes"


def test_parts_and_their_join_know_what_time_is_left(database: Database, new_run: Callable[..., int]) -> None:
    """Tests the database's clock: a part begun late has less, one of an earlier version what was planned."""
    run_id = new_run()
    one, other = _divided(database, run_id)
    with database.writing() as session:
        assert whole.time_of_part_s(session, run_id) is None
        assert 20.0 < (whole.time_of_part_s(session, one) or 0.0) <= 30.0
        assert -30.0 <= whole.late_s(session, run_id) < -20.0
        session.execute(update(RunPart).where(RunPart.run_id == one).values(due_at=RunPart.due_at - 12))
        assert 10.0 <= (whole.time_of_part_s(session, one) or 0.0) <= 18.0
        session.execute(update(RunPart).values(due_at=RunPart.due_at - 100))
        assert whole.time_of_part_s(session, one) == 10.0
        assert 60.0 < whole.late_s(session, run_id) < 100.0
        session.execute(update(RunPart).values(due_at=None, of_what_is_left=None))
        assert whole.time_of_part_s(session, other) == 30.0
        assert whole.late_s(session, run_id) == 0.0


def test_workers_are_counted_while_they_are_heard_of(database: Database) -> None:
    with database.writing() as session:
        presence.note(session, "one", 2)
        presence.note(session, "two", 1)
        presence.note(session, "one", 3)
        assert presence.processes(session, 30) == 4
        session.execute(
            update(WorkPlace).where(WorkPlace.name == "one").values(seen_at=WorkPlace.seen_at - 60)
        )
        assert presence.processes(session, 30) == 1
