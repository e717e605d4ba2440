"""A clock that was ahead has been set right: the store follows, when it is told to (D4)."""

from __future__ import annotations

import pytest

from helpspace.core import mending
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Claim, Notice
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, add_client, all_rows, hold, open_slot, row, session


@pytest.fixture
def ahead(practice: Practice, clock: MovableClock, therapist: Actor, client: Actor) -> Practice:
    """A practice that has acted three days ahead, by a clock that is right again."""
    session(practice, therapist, client)
    clock.advance(3 * DAY)
    open_slot(practice, therapist, NOW + 9 * DAY)
    clock._now = NOW
    assert practice.now() == NOW + 3 * DAY
    return practice


def test_d4_the_store_lives_by_the_clock_again(
    ahead: Practice, team: Actor, therapist: Actor
) -> None:
    newcomer = add_client(ahead, card=False)
    slot = open_slot(ahead, therapist, NOW + 10 * DAY)
    hold(ahead, newcomer, slot)
    assert mending.mend_clock(ahead, team) == 3 * DAY
    assert (ahead.now(), mending.ahead(ahead)) == (NOW, 0)
    assert row(ahead, Claim, slot)["hold_until"] == NOW + 33 * MINUTE
    assert {one["next_at"] for one in all_rows(ahead, Notice)} <= {None, NOW}
    open_slot(ahead, therapist, NOW + 2 * DAY)
    assert ahead.now() == NOW


def test_d4_from_then_on_it_never_runs_backwards(
    ahead: Practice, team: Actor, therapist: Actor, clock: MovableClock
) -> None:
    mending.mend_clock(ahead, team)
    clock.advance(DAY)
    open_slot(ahead, therapist, NOW + 20 * DAY)
    clock._now = NOW
    assert ahead.now() == NOW + DAY
    assert mending.mend_clock(ahead, team) == DAY
    assert ahead.now() == NOW


def test_d4_the_trail_keeps_what_it_said(ahead: Practice, team: Actor) -> None:
    before = all_rows(ahead, Audit)
    mending.mend_clock(ahead, team)
    *kept, last = all_rows(ahead, Audit)
    assert kept == before
    assert (last["act"], last["at"]) == ("mend_clock", NOW)


def test_d4_a_store_that_is_right_is_left_alone(
    practice: Practice, team: Actor, therapist: Actor
) -> None:
    with pytest.raises(Invalid, match="not ahead"):
        mending.mend_clock(practice, team)
    with pytest.raises(NotAllowed):
        mending.mend_clock(practice, therapist)
