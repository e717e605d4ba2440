"""The course's throw-away practice: the real core, in memory, with money that follows its clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpspace.core import appointments, booking, calendar, profiles
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import Overlap
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments.steps import FindIntent, NotThere
from helpspace.core.policy import CHARGE_GRACE, DECISION_WINDOW
from helpspace.sandbox.practice_ground import FEE, START, PracticeGround, Till, open_ground
from helpspace.tui.learn.ground import Ground

SESSION = START + 4 * DAY


@pytest.fixture
def ground() -> Iterator[PracticeGround]:
    made = open_ground()
    yield made
    made.close()


def book(ground: PracticeGround, client: Actor, start: int = SESSION) -> AppointmentView:
    """Open a slot and let a client book it."""
    own = ground.therapist
    slot = calendar.open_slots(ground.practice, own, own.id, start).slots[0]
    shown = booking.offer(ground.practice, client, slot.id).shown
    booked = booking.book(ground.practice, client, slot.id, shown, accept_terms=True)
    assert isinstance(booked, AppointmentView)
    return booked


def look(ground: PracticeGround, session: AppointmentView) -> tuple[str, int]:
    """Return where a session's money stands."""
    found = appointments.appointment(ground.practice, ground.therapist, session.id)
    return found.payment, found.paid_pence


def test_it_is_what_the_exercises_ask_for(ground: PracticeGround) -> None:
    asked: Ground = ground
    assert asked.practice.now() == START
    view = profiles.therapist(ground.practice, ground.therapist, ground.therapist.id)
    assert view.why_hidden == ("no_bookable_slot",)
    assert (view.notice_s, view.initial_fee_pence) == (DAY, FEE)


def test_a_client_has_a_card_and_books_at_once(ground: PracticeGround) -> None:
    session = book(ground, ground.add_client("Sam Taylor"))
    assert (session.fee_pence, session.card) == (FEE, "ok")
    assert session.free_until == SESSION - DECISION_WINDOW
    kim = ground.add_client("Kim Hall")
    assert book(ground, kim, SESSION + DAY).client_id == kim.id


def test_m1_the_fee_is_taken_when_its_moment_has_come(ground: PracticeGround) -> None:
    session = book(ground, ground.add_client("Sam Taylor"))
    due = SESSION - DECISION_WINDOW + CHARGE_GRACE
    for instant, money in (
        (due - 1, ("due", 0)),
        (due, ("paid", FEE)),
        (SESSION + HOUR, ("paid", FEE)),
    ):
        ground.move_to(instant)
        assert look(ground, session) == money
    assert appointments.appointment(ground.practice, ground.therapist, session.id).state == (
        "completed"
    )


def test_the_clock_stops_at_everything_on_the_way(ground: PracticeGround) -> None:
    session = book(ground, ground.add_client("Sam Taylor"))
    ground.move_to(SESSION - HOUR)
    with ground.practice.reading() as view:
        assert view.sql("SELECT kind, amount, at FROM ledger") == [
            ("charge", FEE, SESSION - DECISION_WINDOW + CHARGE_GRACE)
        ]
    assert look(ground, session) == ("paid", FEE)


@pytest.mark.parametrize(
    ("by_client", "hours", "in_the_end"),
    [(True, 49, 0), (True, 47, FEE), (False, 49, 0), (False, 47, 0)],
)
def test_m2_m3_cancelling_moves_the_money(
    ground: PracticeGround, by_client: bool, hours: int, in_the_end: int
) -> None:
    sam = ground.add_client("Sam Taylor")
    session = book(ground, sam)
    ground.move_to(SESSION - hours * HOUR)
    assert look(ground, session)[1] == (FEE if hours == 47 else 0)
    actor = sam if by_client else ground.therapist
    booking.cancel(ground.practice, actor, session.id)
    ground.move_to(SESSION)
    assert look(ground, session)[1] == in_the_end


def test_time_does_not_go_back(ground: PracticeGround) -> None:
    ground.move_to(START + DAY)
    ground.move_to(START)
    assert ground.practice.now() == START + DAY


def test_two_grounds_know_nothing_of_each_other(ground: PracticeGround) -> None:
    second = open_ground()
    own = second.therapist
    calendar.open_slots(second.practice, own, own.id, SESSION)
    with pytest.raises(Overlap):
        calendar.open_slots(second.practice, own, own.id, SESSION)
    assert calendar.slots(ground.practice, ground.therapist, ground.therapist.id) == []
    second.close()


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = open_ground()
    book(made, made.add_client("Sam Taylor"))
    made.move_to(SESSION)
    made.close()
    assert made.practice.store.path is None
    assert list(tmp_path.iterdir()) == []


def test_the_till_makes_nothing_up() -> None:
    assert Till().carry_out(FindIntent("a", "i", "cus", "store")) == NotThere()


_LOADED = """
import sys
from helpspace.sandbox.practice_ground import open_ground
open_ground().close()
heavy = {"stripe", "telegram", "apscheduler", "starlette", "jinja2", "aiosmtpd", "textual"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_nothing_of_the_outside_is_loaded_for_it() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
