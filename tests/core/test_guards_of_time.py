"""The schema itself refuses what a move or time off must not do: raw SQL on both databases (D3)."""

from __future__ import annotations

import pytest

from helpspace.core import time_off
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from tests.core.test_guards import CLAIM, Raw, booked, raw
from tests.makers import SOON, add_client, add_therapist, open_slot

__all__ = ["booked", "raw"]

TIME_OFF = """INSERT INTO time_off (id, therapist_id, start_at, end_at, created_at)
    VALUES (?, ?, ?, ?, 0)"""
MOVE = """UPDATE appointment SET claim_id = ?, start_at = start_at + 86400,
    end_at = end_at + 86400, sequence = sequence + {step} WHERE id = ?"""


@pytest.fixture
def elsewhere(practice: Practice, raw: Raw, therapist: Actor, booked: AppointmentView) -> str:
    """Claimed time a day later, where the session may go."""
    raw.run(CLAIM, "elsewhere", therapist.id, SOON + DAY, SOON + DAY + 3000, "booked")
    return "elsewhere"


# --- M10: times change only as a move changes them


@pytest.mark.parametrize("step", [-1, 0, 2])
def test_d3_a_move_takes_the_next_sequence(
    raw: Raw, booked: AppointmentView, elsewhere: str, step: int
) -> None:
    raw.must_refuse(MOVE.format(step=step), elsewhere, booked.id, by="appointment_")
    assert raw.run(MOVE.format(step=1), elsewhere, booked.id)


@pytest.mark.parametrize(
    "change", ["free_until = free_until + 1", "start_at = start_at + 60", "end_at = end_at - 60"]
)
def test_d3_times_do_not_change_by_themselves(
    raw: Raw, booked: AppointmentView, change: str
) -> None:
    raw.must_refuse(f"UPDATE appointment SET {change} WHERE id = ?", booked.id, by="appointment_")


@pytest.mark.parametrize(
    "change", ["fee = 30", "kind = 'follow_up'", "booked_at = 1", "currency = 'eur'",
               "client_id = 'x'", "therapist_id = 'x'", "slot_id = 'elsewhere'"],
)  # fmt: skip
def test_d3_a_move_changes_no_terms(
    raw: Raw, booked: AppointmentView, elsewhere: str, change: str
) -> None:
    move = MOVE.format(step=1).replace("SET claim_id", f"SET {change}, claim_id")
    raw.must_refuse(move, elsewhere, booked.id)


def test_d3_the_sequence_never_falls(raw: Raw, booked: AppointmentView) -> None:
    raw.must_refuse(
        "UPDATE appointment SET sequence = sequence - 1 WHERE id = ?", booked.id,
        by="appointment_sequence",
    )  # fmt: skip


@pytest.mark.parametrize("state", ["completed", "no_show"])
def test_b8_what_has_been_held_does_not_move(
    raw: Raw, booked: AppointmentView, elsewhere: str, state: str
) -> None:
    raw.run(f"UPDATE appointment SET state = '{state}' WHERE id = ?", booked.id)
    raw.must_refuse(MOVE.format(step=1), elsewhere, booked.id, by="appointment_moved")


def test_c4_a_move_needs_claimed_time_of_its_own(
    practice: Practice, raw: Raw, therapist: Actor, booked: AppointmentView
) -> None:
    slot = open_slot(practice, therapist, SOON + DAY)
    raw.must_refuse(MOVE.format(step=1), slot, booked.id, by="appointment_unclaimed_later")
    raw.must_refuse(MOVE.format(step=1), booked.slot_id, booked.id, by="appointment_")


def test_c4_two_live_appointments_do_not_move_onto_one_claim(
    practice: Practice, raw: Raw, therapist: Actor, booked: AppointmentView, elsewhere: str
) -> None:
    raw.run(MOVE.format(step=1), elsewhere, booked.id)
    columns = """kind, therapist_id, fee, currency, free_until, state, booked_at, booked_by,
        sequence, room_sealed, start_at, end_at, claim_id, slot_id"""
    raw.must_refuse(
        f"INSERT INTO appointment (id, client_id, {columns}) SELECT 'two', ?, {columns}"
        " FROM appointment WHERE id = ?", add_client(practice).id, booked.id,
    )  # fmt: skip


@pytest.mark.parametrize("asker", ["team", ""])
def test_m10_client_or_therapist_ask_for_a_move(
    raw: Raw, booked: AppointmentView, asker: str
) -> None:
    raw.must_refuse(
        "UPDATE appointment SET moved_for = ? WHERE id = ?", asker, booked.id,
        by="appointment_moved_for",
    )  # fmt: skip


# --- C7: time off


@pytest.fixture
def off(practice: Practice, therapist: Actor, booked: AppointmentView) -> str:
    """Two days off around a session that is kept."""
    taken = time_off.take(practice, therapist, therapist.id, SOON - DAY, SOON + DAY, cancel=False)
    return taken.time_off.id


@pytest.mark.parametrize("state", ["open", "booked"])
@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        (-DAY - HOUR, -DAY, True),
        (-DAY - HOUR, -DAY + 1, False),
        (-2 * HOUR, -HOUR, False),
        (DAY - 1, DAY + HOUR, False),
        (DAY, DAY + HOUR, True),
    ],
)
@pytest.mark.usefixtures("off")
def test_c7_nothing_is_claimed_in_it(
    raw: Raw, therapist: Actor, state: str, start: int, end: int, free: bool
) -> None:
    values = ("x", therapist.id, SOON + start, SOON + end, state)
    if free:
        assert raw.run(CLAIM, *values)
    else:
        raw.must_refuse(CLAIM, *values, by="claim_time_off")


def test_c7_nor_opened_again(raw: Raw, booked: AppointmentView, off: str) -> None:
    """What was kept may end, but its slot stays closed until the time off is lifted."""
    raw.run(
        """UPDATE appointment SET state = 'cancelled_by_client', cancelled_at = booked_at
            WHERE id = ?""", booked.id,
    )  # fmt: skip
    again = "UPDATE claim SET state = 'open' WHERE id = ?"
    raw.must_refuse(again, booked.slot_id, by="claim_time_off_later")
    raw.run("UPDATE time_off SET lifted_at = 1 WHERE id = ?", off)
    assert raw.run(again, booked.slot_id)


@pytest.mark.usefixtures("off")
def test_c7_closed_time_and_other_therapists_are_free(
    practice: Practice, raw: Raw, therapist: Actor
) -> None:
    assert raw.run(CLAIM, "x", therapist.id, SOON + HOUR, SOON + 2 * HOUR, "closed")
    other = add_therapist(practice)
    assert raw.run(CLAIM, "y", other.id, SOON, SOON + 3000, "open")


def test_c7_it_does_not_lie_over_open_slots(practice: Practice, raw: Raw, therapist: Actor) -> None:
    open_slot(practice, therapist)
    values = (therapist.id, SOON + 2999, SOON + DAY)
    raw.must_refuse(TIME_OFF, "x", *values, by="time_off_over_slots")
    assert raw.run(TIME_OFF, "x", therapist.id, SOON + 3000, SOON + DAY)


def test_c7_two_stretches_do_not_overlap(raw: Raw, therapist: Actor, off: str) -> None:
    raw.must_refuse(
        TIME_OFF, "x", therapist.id, SOON + DAY - 1, SOON + 2 * DAY, by="time_off_overlap"
    )
    raw.run("UPDATE time_off SET lifted_at = 1 WHERE id = ?", off)
    assert raw.run(TIME_OFF, "x", therapist.id, SOON + DAY - 1, SOON + 2 * DAY)


@pytest.mark.parametrize(
    "change", ["start_at = start_at + 1", "end_at = end_at + 1", "id = 'x'", "created_at = 1"]
)
def test_c7_it_does_not_change_and_is_lifted_once(raw: Raw, off: str, change: str) -> None:
    raw.must_refuse(f"UPDATE time_off SET {change} WHERE id = ?", off, by="time_off_fixed")
    raw.run("UPDATE time_off SET lifted_at = 1 WHERE id = ?", off)
    raw.must_refuse("UPDATE time_off SET lifted_at = NULL WHERE id = ?", off, by="time_off_fixed")


# --- M9: reports


@pytest.mark.parametrize(
    "values",
    [
        "'maybe', 1, NULL, NULL, NULL",
        "'agreed', 1, NULL, NULL, NULL",
        "'reported', 1, NULL, 2, 'team'",
        "'refused', 1, NULL, 2, 'team'",
    ],
)
def test_m9_a_report_is_open_or_decided(raw: Raw, booked: AppointmentView, values: str) -> None:
    columns = "appointment_id, state, reported_at, reason_sealed, decided_at, decided_by"
    raw.must_refuse(f"INSERT INTO absence ({columns}) VALUES (?, {values})", booked.id)
