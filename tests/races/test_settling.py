"""Two processes that settle, on both databases: one at a time, and no second attempt (M5, M5a)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import lease, policy
from helpspace.core.actors import Actor
from helpspace.core.gateways import Outside, StripeState
from helpspace.core.lease import GAP, LENGTH, Grip
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import settle
from helpspace.core.payments.steps import ConfirmIntent, NoAnswer
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Attempt, Payment
from helpspace.jobs import lanes, sweeps
from helpspace.jobs.report import Report
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import StripeFile
from tests.core.workers import Worker
from tests.makers import SOON, acquaint, add_client, add_therapist, all_rows, beside, follow_up

SESSIONS = 3


class Bank(StripeFile):
    """The Stripe in a file, as a sweep wants it."""

    role: Callable[[], bool] = staticmethod(lambda: False)

    def settles(self, still: Callable[[], bool]) -> None:
        self.role = still

    def clock_ahead(self) -> int:
        return 0

    def platform(self) -> str:
        return "acct_platform"

    def check(self) -> StripeState:
        return StripeState(None)


@pytest.fixture
def bank(tmp_path: Path, clock: MovableClock) -> Bank:
    return Bank(tmp_path / "stripe", clock.now)


@pytest.fixture
def due(practice: Practice, therapist: Actor, clock: MovableClock) -> list[str]:
    """Sessions whose fees are all due."""
    made = [acquaint_and_book(practice, therapist, -number * HOUR) for number in range(SESSIONS)]
    clock.move_to(SOON)
    return made


def acquaint_and_book(practice: Practice, therapist: Actor, after: int) -> str:
    """A session of a new client, whose fee falls due so many seconds after `SOON`."""
    client = add_client(practice)
    acquaint(practice, therapist, client)
    start = SOON + 2 * DAY - policy.CHARGE_GRACE + after
    return follow_up(practice, therapist, client, start).id


def outside(bank: Any, name: str) -> Outside:
    return Outside(stripe=bank, grip=Grip(holder=name, monotonic=lambda: 0.0))


def charge(practice: Practice, one: Outside) -> Report:
    return sweeps.run_one(practice, one, sweeps.job_named("charges"))


def attempts(practice: Practice) -> list[str]:
    return [str(row["outcome"]) for row in all_rows(practice, Attempt)]


def test_one_process_at_a_time_settles(
    practice: Practice, bank: Bank, due: list[str], clock: MovableClock
) -> None:
    one, two = outside(bank, "one"), outside(bank, "two")
    assert one.grip.take(practice)
    report = charge(practice, two)
    assert (report.did, report.error) == (0, None)
    assert "process one" in report.words
    assert not bank.role()
    assert bank.use(lambda fake: len(fake.calls)) == 0
    assert charge(practice, one).did == SESSIONS
    assert bank.role()
    assert {row["status"] for row in all_rows(practice, Payment)} == {"paid"}


def test_a_run_by_hand_lets_go_of_it(practice: Practice, bank: Bank, due: list[str]) -> None:
    """`jobs run` holds nothing up after it has ended."""
    sweeps.run(practice, outside(bank, "hand"), ["charges"])
    assert lease.holder(practice) is None


def test_an_idle_process_has_no_role(practice: Practice, bank: Bank) -> None:
    charge(practice, outside(bank, "one"))
    assert lease.holder(practice) is None


SETTLER = """
from pathlib import Path
from threading import Lock
from helpspace.core.gateways import Outside
from helpspace.core.lease import Grip
from helpspace.sandbox.clock import MovableClock
from tests.makers import practice_at
from tests.races.test_settling import Bank, charge, outside

url, stripe_file, now, calls, moment = sys.argv[1:]
clock = MovableClock(int(now))

class Stopping(Bank):
    left = int(calls)
    counting = Lock()  # the sweep calls from several threads

    def carry_out(self, step):
        with self.counting:
            self.left -= 1
            stops = self.left == 0
        if stops and moment == "before the call":
            ready()
        answer = super().carry_out(step)
        if stops and moment == "after the call":
            ready()
        return answer

charge(practice_at(url, clock, seed=9), outside(Stopping(Path(stripe_file), clock.now), "dead"))
say("done")
"""


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_killing_the_holder_causes_no_second_attempt(
    practice: Practice,
    bank: Bank,
    due: list[str],
    clock: MovableClock,
    moment: str,
) -> None:
    """kill -9 at a confirmation: the other goes on within a minute with what falls due, takes up
    what the dead one had in hand once its calls are over, and confirms nothing again."""
    due = [*due, acquaint_and_book(practice, add_therapist(practice), policy.CHARGE_GRACE)]
    clock.advance(policy.CHARGE_GRACE - 20)
    arguments = (practice.settings.database, str(bank.path), str(clock.now()), "2", moment)
    worker = Worker(SETTLER, *arguments)
    worker.wait_ready()
    worker.kill()
    other, waited = outside(bank, "other"), 0
    while charge(practice, other).did == 0:
        clock.advance(5)
        waited += 5
        assert waited <= 60
    assert waited >= LENGTH + GAP
    clock.advance(settle.LEASE)
    charge(practice, other)
    assert {row["status"] for row in all_rows(practice, Payment)} == {"paid"}
    steps = bank.use(lambda fake: [one for _, one in fake.calls])
    confirmed = [one.appointment_id for one in steps if isinstance(one, ConfirmIntent)]
    assert sorted(confirmed) == sorted(due)
    assert bank.use(lambda fake: [len(fake.taken(one)) for one in due]) == [1] * len(due)


class Sleepy:
    """A Stripe whose caller's machine sleeps right after its first confirmation was decided on."""

    def __init__(self, bank: Bank, clock: MovableClock, meanwhile: Any) -> None:
        self.bank, self.clock, self.meanwhile = bank, clock, meanwhile
        self.slept = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bank, name)

    def carry_out(self, step: Any) -> Any:
        if isinstance(step, ConfirmIntent) and not self.slept:
            self.slept = True
            self.clock.advance(settle.LEASE + LENGTH)
            self.meanwhile()
        # As the gateway does before every call.
        return self.bank.carry_out(step) if lanes.may_call() else NoAnswer("role_lost")


def test_a_holder_that_slept_finds_itself_fenced(
    practice: Practice, bank: Bank, due: list[str], clock: MovableClock
) -> None:
    """A laptop wakes with a confirmation in hand, which somebody else has made meanwhile."""
    other = beside(practice)
    awake = outside(bank, "awake")
    sleepy = Sleepy(bank, clock, lambda: charge(other, awake))
    report = sweeps.charges.sweep(
        practice, sleepy, worker="w", parallel=1, still=_held(practice, outside(sleepy, "sleeper"))
    )
    assert sleepy.slept
    assert report.did <= 1
    charge(other, awake)
    assert {row["status"] for row in all_rows(practice, Payment)} == {"paid"}
    steps = bank.use(lambda fake: [one for _, one in fake.calls])
    confirmed = [one.appointment_id for one in steps if isinstance(one, ConfirmIntent)]
    assert sorted(confirmed) == sorted(due)
    other.store.close()


def _held(practice: Practice, one: Outside) -> Any:
    assert one.grip.take(practice)
    return lambda: one.grip.still(practice)
