"""The pure rules of moving and of what comes after a session, by tables (M4, M9, M10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core import policy
from helpspace.core.moments import DAY, HOUR, LONDON, read_moment
from helpspace.core.policy import Moved, Party, State, Terms

CLIENT, THERAPIST = Party.CLIENT, Party.THERAPIST
D = 48 * HOUR
START = read_moment("2026-03-06T09:00", LONDON)
T = START - D
TERMS = Terms(START, T, 6000)
LATER = START + 7 * DAY


def london(text: str) -> int:
    return read_moment(text, LONDON)


@pytest.mark.parametrize(
    ("asked_by", "at", "paid", "locked", "until", "taken"),
    [
        # Unpaid takes the new free_until, unless the client asks for it inside D.
        (THERAPIST, T - 1, 0, False, LATER - D, False),
        (THERAPIST, T + 1, 0, False, LATER - D, False),
        (THERAPIST, START - 1, 0, False, LATER - D, False),
        (CLIENT, T - 1, 0, False, LATER - D, False),
        (CLIENT, T, 0, False, LATER - D, False),
        (CLIENT, T + 1, 0, True, T, False),
        (CLIENT, START - 1, 0, True, T, False),
        # Paid: locked for the client, free with a refund when the therapist asked for it.
        (THERAPIST, T + 61, 6000, False, LATER - D, True),
        (CLIENT, T + 61, 6000, True, T, True),
    ],
)
def test_m10_what_a_move_does_to_the_terms(
    asked_by: Party, at: int, paid: int, locked: bool, until: int, taken: bool
) -> None:
    found = policy.moving(asked_by, at, TERMS, LATER, paid)
    assert found == Moved(Terms(LATER, until, 6000, taken), locked)


@pytest.mark.parametrize(
    ("at", "start", "expected"),
    [
        pytest.param(T - 1, START + 1, T + 1, id="a second later"),
        pytest.param(START - 3 * DAY, START - 3 * DAY + D, START - 3 * DAY, id="exactly D ahead"),
        pytest.param(
            START - 3 * DAY, START - 3 * DAY + D - 1, START - 3 * DAY + 2 * HOUR, id="into D"
        ),
        pytest.param(
            START - 3 * DAY, START - 3 * DAY + 2 * HOUR - 1, START - 3 * DAY + 2 * HOUR - 1,
            id="at most until the start",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked_by", [CLIENT, THERAPIST])
def test_b3a_moved_into_the_window_there_are_two_hours_to_think(
    asked_by: Party, at: int, start: int, expected: int
) -> None:
    assert policy.moving(asked_by, at, TERMS, start, 0).terms.free_until == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-03-30T10:00", "2026-03-28T09:00", id="spring"),
        pytest.param("2026-03-29T03:00", "2026-03-27T02:00", id="first hour of summer time"),
        pytest.param("2026-10-26T10:00", "2026-10-24T11:00", id="autumn"),
        pytest.param("2026-10-25T01:30+00:00", "2026-10-23T02:30", id="second 01:30"),
    ],
)
@pytest.mark.parametrize("paid", [0, 6000])
def test_m10_the_new_free_until_is_48_elapsed_hours_before(
    paid: int, start: str, expected: str
) -> None:
    found = policy.moving(THERAPIST, T, TERMS, london(start), paid)
    assert found.terms.free_until == london(expected)


@pytest.mark.parametrize(("start", "until"), [(T - 1, T - 1), (T, T), (T + 1, T), (LATER, T)])
def test_m10_a_locked_fee_keeps_its_free_until_but_none_after_the_start(
    start: int, until: int
) -> None:
    assert policy.moving(CLIENT, T - HOUR, TERMS, start, 6000).terms.free_until == until


def test_m10_the_window_of_a_late_follow_up_is_neither_lengthened_nor_taken_away() -> None:
    """B3a: booked a day ahead it is free for two hours, also when its client has it moved."""
    late = Terms(START, START - 22 * HOUR, 6000)
    found = policy.moving(CLIENT, START - 23 * HOUR, late, LATER, 0)
    assert found == Moved(Terms(LATER, START - 22 * HOUR, 6000), locked=True)


def test_m10_a_free_session_is_never_locked() -> None:
    free = Terms(START, T, 0)
    assert policy.moving(CLIENT, START - 1, free, LATER, 0).locked is False


PAID_AND_MOVED = Terms(LATER, LATER - D, 6000, taken=True)


@pytest.mark.parametrize(
    ("state", "cancelled_at", "now", "waived", "expected"),
    [
        (State.BOOKED, None, START, False, 6000),
        (State.BOOKED, None, LATER - D, False, 6000),
        (State.BOOKED, None, LATER - D + 1, False, 6000),
        (State.BOOKED, None, START, True, 0),
        (State.COMPLETED, None, LATER + DAY, False, 6000),
        (State.CANCELLED_BY_CLIENT, LATER - D, LATER, False, 0),
        (State.CANCELLED_BY_CLIENT, LATER - D + 1, LATER, False, 6000),
        (State.CANCELLED_BY_THERAPIST, LATER - 1, LATER, False, 0),
    ],
)
def test_m10_what_was_paid_before_a_move_stays_paid_until_it_is_cancelled_in_time(
    state: State, cancelled_at: int | None, now: int, waived: bool, expected: int
) -> None:
    assert policy.owed(state, PAID_AND_MOVED, cancelled_at, now, waived=waived) == expected


@pytest.mark.parametrize(
    ("at", "refund", "allowed"),
    [(LATER - D, 6000, True), (LATER - D + 1, 0, True), (LATER, 0, False)],
)
def test_m10_cancelled_by_the_new_free_until_it_goes_back(
    at: int, refund: int, allowed: bool
) -> None:
    found = policy.cancelling(CLIENT, at, PAID_AND_MOVED, 6000)
    assert (found.refund_pence, found.charge_pence, found.allowed) == (refund, 0, allowed)


@given(
    asked_by=st.sampled_from([CLIENT, THERAPIST]),
    fee=st.one_of(st.just(0), st.integers(30, 20_000)),
    ahead=st.integers(1, 10 * DAY),
    away=st.integers(1, 30 * DAY),
    late=st.booleans(),
)
def test_m10_a_move_never_takes_time_to_cancel_away_before_the_act(
    asked_by: Party, fee: int, ahead: int, away: int, late: bool
) -> None:
    at = START - ahead
    terms = Terms(START, START - D if ahead >= D else START - ahead - int(late), fee)
    found = policy.moving(asked_by, at, terms, at + away, fee if late else 0)
    assert found.terms.free_until <= found.terms.start
    assert found.terms.fee_pence == fee
    # Whoever could cancel free at the moment of the move can do so still at that moment.
    assert not (at <= terms.free_until < found.terms.start and at > found.terms.free_until)
    if found.locked:
        assert found.terms.free_until <= terms.free_until


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (Moved(Terms(LATER, LATER - D, 0), locked=False), "free of charge"),
        (Moved(Terms(LATER, LATER - D, 6000), locked=False),
         "free to cancel until Wed 11 Mar 09:00"),
        (Moved(PAID_AND_MOVED, locked=False),
         "the fee stays paid; free to cancel until Wed 11 Mar 09:00, refunded in full"),
        (Moved(Terms(LATER, T, 6000, taken=True), locked=True),
         "the fee stays paid; moving opens no new free cancellation"),
        (Moved(Terms(LATER, T, 6000), locked=True),
         "the fee stays due; moving opens no new free cancellation"),
        (Moved(Terms(LATER, START, 6000), locked=True), "free to cancel until Fri 6 Mar 09:00"),
    ],
)  # fmt: skip
def test_m4_the_sentence_on_a_move(moved: Moved, words: str) -> None:
    assert policy.moved_words(moved, LONDON, START - HOUR) == words


# --- after the session: M9

END = START + 3000


@pytest.mark.parametrize(
    ("state", "at", "possible"),
    [
        (State.BOOKED, START - 1, False),
        (State.BOOKED, START, True),
        (State.BOOKED, END + 1, True),
        (State.COMPLETED, END, True),
        (State.COMPLETED, END + 7 * DAY, True),
        (State.COMPLETED, END + 7 * DAY + 1, False),
        (State.NO_SHOW, END, False),
        (State.CANCELLED_BY_CLIENT, END, False),
    ],
)
def test_m9_when_a_session_can_be_marked_as_missed(state: State, at: int, possible: bool) -> None:
    assert policy.may_be_no_show(state, START, END, at) is possible


@pytest.mark.parametrize(
    ("state", "at", "possible"),
    [
        (State.BOOKED, START - 1, False),
        (State.BOOKED, START, True),
        (State.COMPLETED, END + DAY, True),
        (State.COMPLETED, END + DAY + 1, False),
        (State.NO_SHOW, END + DAY, True),
        (State.CANCELLED_BY_THERAPIST, START, False),
    ],
)
def test_m9_when_a_client_can_report(state: State, at: int, possible: bool) -> None:
    assert policy.may_report_absence(state, START, END, at) is possible
