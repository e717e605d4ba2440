"""kill -9 of the process that charges or gives back, at every call: the money moves once (M5, D1).

Stripe lives in a file of its own, so what it did survives whoever asked for it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Ledger, Payment
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import FakeStripe, StripeFile, settle_all
from tests.core.invariants import always_money, settled_money
from tests.core.workers import Worker
from tests.makers import SOON, all_rows, payment_of, session

DUE = SOON - 2 * DAY + 60

SWEEP = """
from pathlib import Path
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import StripeFile, settle_all
from tests.makers import practice_at

url, stripe_file, now, calls, moment = sys.argv[1:]
clock = MovableClock(int(now))

class Stopping(StripeFile):
    left = int(calls)

    def carry_out(self, step):
        self.left -= 1
        if self.left == 0 and moment == "before the call":
            ready()
        answer = super().carry_out(step)
        if self.left == 0 and moment == "after the call":
            ready()
        return answer

settle_all(practice_at(url, clock, seed=9), Stopping(Path(stripe_file), clock.now))
say("done")
"""


@pytest.fixture
def stripe(tmp_path: Path, clock: MovableClock) -> StripeFile:
    return StripeFile(tmp_path / "stripe", clock.now)


def killed_at(
    practice: Practice, stripe: StripeFile, clock: MovableClock, calls: int, moment: str
) -> bool:
    """Run the sweep in a process and kill it at one of its calls; False if it got no further."""
    worker = Worker(
        SWEEP, practice.settings.database, str(stripe.path), str(clock.now()), str(calls), moment
    )
    said = worker.hear()
    worker.kill()
    return said == "ready"


def everything_holds(practice: Practice, stripe: StripeFile, *, settled: bool) -> None:
    def ask(fake: FakeStripe) -> None:
        always_money(practice, fake)
        if settled:
            settled_money(practice, fake)

    stripe.use(ask)


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
@pytest.mark.parametrize("calls", [1, 2])
def test_m5_killed_while_charging_there_is_one_charge(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: StripeFile,
    clock: MovableClock,
    calls: int,
    moment: str,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    assert killed_at(practice, stripe, clock, calls, moment)
    everything_holds(practice, stripe, settled=False)
    clock.advance(settle.LEASE)
    settle_all(practice, stripe)
    assert payment_of(practice, booked.id)["status"] == "paid"
    assert [e["amount"] for e in all_rows(practice, Ledger)] == [6000]
    assert stripe.use(lambda fake: len(fake.taken(booked.id))) == 1
    everything_holds(practice, stripe, settled=True)


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_m5_killed_while_giving_back_there_is_one_refund(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: StripeFile,
    clock: MovableClock,
    moment: str,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    booking.cancel(practice, therapist, booked.id)
    assert killed_at(practice, stripe, clock, 1, moment)
    clock.advance(settle.LEASE)
    settle_all(practice, stripe)
    assert payment_of(practice, booked.id)["status"] == "refunded"
    assert stripe.use(lambda fake: len(fake.refunds)) == 1
    everything_holds(practice, stripe, settled=True)


def test_m5_killed_again_and_again(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: StripeFile,
    clock: MovableClock,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    kills = 0
    for moment in ("before the call", "after the call") * 5:
        kills += killed_at(practice, stripe, clock, 1, moment)
        clock.advance(settle.LEASE)
    settle_all(practice, stripe)
    assert kills >= 3
    assert stripe.use(lambda fake: len(fake.taken(booked.id))) == 1
    everything_holds(practice, stripe, settled=True)


def test_d2_a_sweep_left_alone_is_the_same(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    stripe: StripeFile,
    clock: MovableClock,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(DUE)
    assert not killed_at(practice, stripe, clock, 99, "before the call")
    assert [p["status"] for p in all_rows(practice, Payment)] == ["paid"]
    assert stripe.use(lambda fake: fake.gross(booked.id)) == 6000
