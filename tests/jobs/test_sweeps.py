"""The table of jobs, their heartbeats, and the scheduler that only rings (house.md)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpspace.core import heartbeat, lease
from helpspace.core.errors import Busy, NotFound
from helpspace.core.gateways import Outside
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store import standing
from helpspace.core.store.tables import Heartbeat
from helpspace.jobs import scheduler, sweeps
from helpspace.jobs.report import Report
from helpspace.jobs.scheduler import Scheduler
from helpspace.jobs.sweeps import JOBS
from tests import makers
from tests.jobs.world import World

PROMISED = {
    "charges",
    "refunds",
    "reminders",
    "delivery",
    "holds",
    "stripe-events",
    "accounts",
    "proofs",
    "housekeeping",
}


def test_every_promised_name_is_a_job() -> None:
    """interface.md; `cards`, which card pages need, and what follows a payment in bad weather."""
    assert {job.name for job in JOBS} == PROMISED | {"cards", "disputes", "debts", "erasures"}
    assert all(5 <= job.every <= 60 for job in JOBS)
    assert all(name in {job.name for job in JOBS} for job in JOBS for name in job.then)


def test_all_jobs_run_and_leave_a_heartbeat(world: World) -> None:
    session = world.booked()
    world.to_charge(session)
    done = world.sweep()
    assert list(done) == [job.name for job in JOBS]
    assert done["charges"] == done["refunds"] == Report(1, "took up 1 payment")
    assert all(report.error is None for report in done.values())
    beats = {beat.job: beat for beat in heartbeat.beats(world.practice)}
    assert set(beats) == {job.name for job in JOBS}
    assert beats["charges"].began_at == world.clock.now()
    assert beats["refunds"].did == 1


def test_only_the_named_jobs_run(world: World) -> None:
    assert list(world.sweep("reminders", "holds")) == ["holds", "reminders"]
    with pytest.raises(NotFound, match="There is no job “charge”"):
        world.sweep("holds", "charge")


def test_without_any_setting_every_job_still_runs(practice: Practice) -> None:
    """`serve` with nothing but a store."""
    done = dict(sweeps.run(practice, Outside()))
    assert done["charges"].words == "Stripe is not set up"
    assert "mail is not set up" in done["delivery"].words
    assert all(report.error is None for report in done.values())


def broken(_practice: Practice, _outside: Outside) -> Report:
    raise RuntimeError("Sam Canary's address")


def busy(_practice: Practice, _outside: Outside) -> Report:
    raise Busy


def test_one_job_that_fails_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """P1: and its log says which and what kind, never with what text."""
    jobs = [
        replace(job, run={"holds": broken, "cards": busy}.get(job.name, job.run)) for job in JOBS
    ]
    monkeypatch.setattr(sweeps, "JOBS", tuple(jobs))
    done = world.sweep()
    assert done["holds"].error == "fault:RuntimeError"
    assert done["cards"].error == "Busy"
    assert done["delivery"].error is None
    assert "Canary" not in caplog.text
    assert "holds failed: RuntimeError" in caplog.text
    errors = {beat.job: beat.error for beat in heartbeat.beats(world.practice) if beat.error}
    assert errors == {"holds": "fault:RuntimeError", "cards": "Busy"}


def test_idle_runs_cost_no_commits(world: World) -> None:
    """A quiet practice writes its heartbeats twice a minute, not every five seconds."""
    world.sweep("holds")
    first = world.rows(Heartbeat)
    world.clock.advance(29)
    world.sweep("holds")
    assert world.rows(Heartbeat) == first
    world.clock.advance(1)
    world.sweep("holds")
    assert world.rows(Heartbeat) != first


def test_a_run_that_takes_long_is_seen_while_it_runs(world: World) -> None:
    """And one whose process dies leaves a beginning without an end."""
    world.sweep("holds")
    world.clock.advance(60)
    heartbeat.begin(world.practice, "holds")
    (beat,) = heartbeat.beats(world.practice)
    assert (beat.began_at, beat.ended_at) == (world.clock.now(), None)
    world.sweep("holds")
    (beat,) = heartbeat.beats(world.practice)
    assert beat.ended_at == world.clock.now()


def test_expiring_proofs_are_told_and_counted(world: World) -> None:
    """J7: one mail each, however often it runs."""
    world.therapist(proofs_until=world.clock.now() + 10 * DAY)
    world.therapist(proofs_until=world.clock.now() - 1)
    world.therapist()
    counts = "1 proof expiring within 30 days, 1 expired"
    assert world.sweep("proofs")["proofs"] == Report(2, f"{counts}; wrote 2 notices")
    assert world.sweep("proofs")["proofs"] == Report(0, counts)
    world.sweep("delivery")
    assert sorted(world.post.subjects) == [
        "Your insurance or registration ends on Thu 12 Mar 2026",
        "Your insurance or registration has ended",
    ]


class Bell:
    """A job that a test can watch: how often it ran, and where it is held."""

    def __init__(self) -> None:
        self.runs = 0
        self.ran = threading.Semaphore(0)
        self.may_go = threading.Event()
        self.may_go.set()

    def run(self, _practice: Practice, _outside: Outside) -> Report:
        self.runs += 1
        self.ran.release()
        assert self.may_go.wait(10)
        return Report(1, "rang")

    def wait(self) -> bool:
        return self.ran.acquire(timeout=10)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> dict[str, Bell]:
    """Jobs that only ring, once at the start and then when they are nudged."""
    made = {job.name: Bell() for job in JOBS}
    jobs = tuple(replace(job, run=made[job.name].run, every=3600, then=()) for job in JOBS)
    monkeypatch.setattr(sweeps, "JOBS", jobs)
    monkeypatch.setattr(scheduler, "JOBS", jobs)
    return made


@pytest.fixture
def ticking(world: World, bells: dict[str, Bell]) -> Iterator[Scheduler]:
    made = Scheduler(world.practice, world.outside, ["delivery", "refunds"])
    made.start()
    assert bells["delivery"].wait()
    yield made
    for bell in bells.values():
        bell.may_go.set()
    assert made.stop(10)


def test_each_sweep_rings_at_the_start_and_when_nudged(
    ticking: Scheduler, bells: dict[str, Bell]
) -> None:
    """`refunds` is the sweep of `charges`; what was not asked for stays still."""
    ticking.nudge("delivery")
    assert bells["delivery"].wait()
    assert bells["charges"].wait()
    ticking.nudge("refunds")
    assert bells["charges"].wait()
    ticking.nudge("holds")
    assert bells["holds"].runs == bells["refunds"].runs == 0


def test_a_nudge_while_it_runs_is_not_lost(ticking: Scheduler, bells: dict[str, Bell]) -> None:
    """Something was committed after the sweep had looked."""
    bell = bells["delivery"]
    bell.may_go.clear()
    ticking.nudge("delivery")
    assert bell.wait()
    for _ in range(3):
        ticking.nudge("delivery")
    bell.may_go.set()
    assert bell.wait()
    assert ticking.stop(10)
    assert bell.runs == 3


def test_a_nudge_at_the_very_end_of_a_run_is_not_lost(
    world: World, bells: dict[str, Bell], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has looked, and its thread only lets go of the store."""
    made = Scheduler(world.practice, world.outside, ["delivery"])
    nudged = threading.Event()
    close = world.practice.store.close

    def nudging() -> None:
        close()
        if not nudged.is_set():
            nudged.set()
            made.nudge("delivery")

    monkeypatch.setattr(world.practice.store, "close", nudging)
    made.start()
    for _ in range(2):
        assert bells["delivery"].wait()
    assert made.stop(10)
    assert bells["delivery"].runs == 2


def test_stopping_lets_what_is_in_flight_finish(
    world: World, ticking: Scheduler, bells: dict[str, Bell]
) -> None:
    """SIGTERM: nothing new begins; waiting has an end."""
    bell = bells["delivery"]
    bell.may_go.clear()
    ticking.nudge("delivery")
    assert bell.wait()
    assert not ticking.stop(0.01)
    assert world.outside.stopping.is_set()
    bell.may_go.set()
    assert ticking.stop(10)
    ticking.nudge("delivery")
    assert bell.runs == 2


def test_what_did_something_wakes_what_follows(
    world: World, bells: dict[str, Bell], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = tuple(
        replace(job, then=("delivery",) if job.name == "holds" else ()) for job in sweeps.JOBS
    )
    monkeypatch.setattr(scheduler, "JOBS", jobs)
    told: list[str] = []
    made = Scheduler(
        world.practice,
        world.outside,
        ["holds", "delivery"],
        after=lambda name, _report: told.append(name),
    )
    # Its own first run must be over: a nudge before it would be the same run.
    bells["holds"].may_go.clear()
    made.start()
    assert bells["delivery"].wait()
    bells["holds"].may_go.set()
    assert bells["delivery"].wait()
    assert made.stop(10)
    assert sorted(set(told)) == ["delivery", "holds"]


def test_a_real_practice_ticks(world: World) -> None:
    """The whole of it: real sweeps in the scheduler's own threads."""
    session = world.booked()
    world.to_charge(session)
    paid = threading.Event()

    def after(name: str, _report: Report) -> None:
        if name == "delivery" and any("Receipt" in one for one in world.post.subjects):
            paid.set()

    made = Scheduler(world.practice, world.outside, after=after)
    made.start()
    assert paid.wait(10)
    assert made.stop(10)
    assert makers.payment_of(world.practice, session.id)["status"] == "paid"


def test_d5_on_a_store_that_has_moved_away_nothing_more_is_done(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that was running when it moved says where to go, and asks Stripe for nothing."""
    session = world.booked()
    world.to_charge(session)
    with world.practice.change() as tx:
        standing.mark_moved(tx, "PostgreSQL db/helpspace", tx.now)
    before, asked = makers.snapshot(world.practice), len(world.posted("POST", ""))
    made = Scheduler(world.practice, world.outside)
    for job in JOBS:
        made._run_once(job)
    assert makers.snapshot(world.practice) == before
    assert len(world.posted("POST", "")) == asked
    assert world.post.sent == []
    lines = {record.getMessage() for record in caplog.records}
    assert (
        "job charges: This store has moved to PostgreSQL db/helpspace."
        " Set HELPSPACE_DATABASE to its address."
    ) in lines


def test_a_service_that_stops_lets_another_settle(world: World) -> None:
    """The role ends with the sweeps, not a minute later."""
    bells = Scheduler(world.practice, world.outside, ["holds"])
    bells.start()
    assert world.outside.grip.take(world.practice)
    assert bells.stop()
    assert lease.holder(world.practice) is None
