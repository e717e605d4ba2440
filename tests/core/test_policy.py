"""The pure rules, by tables: every edge at its second and one second either side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core import moments, policy
from helpspace.core.moments import DAY, HOUR, LONDON, read_moment
from helpspace.core.policy import Gates, Kind, Party, State, Terms

INITIAL, FOLLOW_UP = Kind.INITIAL, Kind.FOLLOW_UP
CLIENT, THERAPIST = Party.CLIENT, Party.THERAPIST
START = read_moment("2026-03-06T09:00", LONDON)
T = START - 48 * HOUR
TERMS = Terms(START, T, 6000)


def london(text: str) -> int:
    return read_moment(text, LONDON)


# --- free_until: M1, B3a


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-03-06T09:00", "2026-03-04T09:00", id="ordinary"),
        pytest.param("2026-03-30T10:00", "2026-03-28T09:00", id="spring"),
        pytest.param("2026-03-29T03:00", "2026-03-27T02:00", id="first hour of summer time"),
        pytest.param("2026-10-26T10:00", "2026-10-24T11:00", id="autumn"),
        pytest.param("2026-10-25T01:30+01:00", "2026-10-23T01:30", id="first 01:30"),
        pytest.param("2026-10-25T01:30+00:00", "2026-10-23T02:30", id="second 01:30"),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_m1_free_until_is_48_elapsed_hours_before_the_start(
    kind: Kind, start: str, expected: str
) -> None:
    assert policy.free_until(kind, london(start), london("2026-01-05T09:00")) == london(expected)


@pytest.mark.parametrize(
    ("kind", "ahead", "expected"),
    [
        (INITIAL, 48 * HOUR + 1, START - 48 * HOUR),
        (INITIAL, 48 * HOUR, START - 48 * HOUR),
        (INITIAL, 48 * HOUR - 1, START - 48 * HOUR + 1),
        (INITIAL, HOUR, START - HOUR),
        (FOLLOW_UP, 48 * HOUR, START - 48 * HOUR),
        (FOLLOW_UP, 48 * HOUR - 1, START - 46 * HOUR + 1),
        (FOLLOW_UP, 2 * HOUR + 1, START - 1),
        (FOLLOW_UP, 2 * HOUR, START),
        (FOLLOW_UP, 2 * HOUR - 1, START),
        (FOLLOW_UP, 1, START),
    ],
)
def test_b3a_booked_inside_the_window(kind: Kind, ahead: int, expected: int) -> None:
    assert policy.free_until(kind, START, START - ahead) == expected


def test_m2a_a_charge_starts_a_minute_after_free_until() -> None:
    assert policy.charge_from(TERMS) == T + 60


# --- cancelling: M2, M3


@pytest.mark.parametrize(
    ("by", "at", "allowed", "owed"),
    [
        (CLIENT, T - 1, True, 0),
        (CLIENT, T, True, 0),
        (CLIENT, T + 1, True, 6000),
        (CLIENT, START - 1, True, 6000),
        (CLIENT, START, False, 6000),
        (CLIENT, START + 1, False, 6000),
        (THERAPIST, T - 1, True, 0),
        (THERAPIST, T + 1, True, 0),
        (THERAPIST, START - 1, True, 0),
        (THERAPIST, START, False, 0),
    ],
)
def test_m2_m3_what_a_cancellation_owes(by: Party, at: int, allowed: bool, owed: int) -> None:
    found = policy.cancelling(by, at, TERMS, 0)
    assert (found.allowed, found.owed_pence) == (allowed, owed)


@pytest.mark.parametrize(
    ("by", "at", "paid", "charge", "refund"),
    [
        (CLIENT, T, 0, 0, 0),
        (CLIENT, T + 1, 0, 6000, 0),
        (CLIENT, T + 1, 6000, 0, 0),
        (THERAPIST, T - 1, 0, 0, 0),
        (THERAPIST, T + 1, 0, 0, 0),
        (THERAPIST, T + 1, 6000, 0, 6000),
    ],
)
def test_m4_a_preview_says_what_will_be_taken_or_given_back(
    by: Party, at: int, paid: int, charge: int, refund: int
) -> None:
    found = policy.cancelling(by, at, TERMS, paid)
    assert (found.charge_pence, found.refund_pence) == (charge, refund)


def test_b3a_a_late_initial_booking_is_late_a_second_later() -> None:
    booked_at = START - 24 * HOUR
    terms = Terms(START, policy.free_until(INITIAL, START, booked_at), 6000)
    assert policy.cancelling(CLIENT, booked_at + 1, terms, 0).owed_pence == 6000


# --- owed


@pytest.mark.parametrize(
    ("state", "cancelled_at", "now", "waived", "expected"),
    [
        (State.BOOKED, None, T, False, 0),
        (State.BOOKED, None, T + 1, False, 6000),
        (State.COMPLETED, None, START + HOUR, False, 6000),
        (State.NO_SHOW, None, START + HOUR, False, 6000),
        (State.NO_SHOW, None, START + HOUR, True, 0),
        (State.CANCELLED_BY_CLIENT, T, START, False, 0),
        (State.CANCELLED_BY_CLIENT, T + 1, T + 1, False, 6000),
        (State.CANCELLED_BY_CLIENT, T + 1, START + DAY, True, 0),
        (State.CANCELLED_BY_THERAPIST, T + 1, START, False, 0),
    ],
)
def test_m1_m2_m3_what_is_owed(
    state: State, cancelled_at: int | None, now: int, waived: bool, expected: int
) -> None:
    assert policy.owed(state, TERMS, cancelled_at, now, waived=waived) == expected


@given(
    by=st.sampled_from(Party),
    fee=st.one_of(st.just(0), st.integers(30, 20_000)),
    ahead=st.integers(1, 10 * DAY),
    kind=st.sampled_from(Kind),
    when=st.floats(0, 1, exclude_max=True),
)
def test_m4_preview_and_course_of_things_agree(
    by: Party, fee: int, ahead: int, kind: Kind, when: float
) -> None:
    """What the button says is what is owed from then on, for ever."""
    booked_at = START - ahead
    at = booked_at + int(when * ahead)
    terms = Terms(START, policy.free_until(kind, START, booked_at), fee)
    said = policy.cancelling(by, at, terms, 0)
    state = State.CANCELLED_BY_CLIENT if by is CLIENT else State.CANCELLED_BY_THERAPIST
    assert said.allowed
    for later in (at, START, START + 30 * DAY):
        assert policy.owed(state, terms, at, later, waived=False) == said.owed_pence
    assert said.charge_pence in (0, fee)
    assert booked_at <= terms.free_until <= START


# --- fees and commission: M7


@pytest.mark.parametrize(
    ("fee", "possible"),
    [(-1, False), (0, True), (1, False), (29, False), (30, True), (1_000_000, True),
     (10_000_000, True), (10_000_001, False)],
)  # fmt: skip
def test_a_fee_is_nothing_or_at_least_30_pence(fee: int, possible: bool) -> None:
    assert policy.fee_is_possible(fee) is possible


@pytest.mark.parametrize(
    ("fee", "hundredths", "fixed", "expected"),
    [
        (6000, 0, 0, 0),
        (6000, 750, 0, 450),
        (6001, 750, 0, 450),
        (6013, 750, 20, 470),
        (30, 750, 0, 2),
        (30, 0, 50, 30),
        (6000, 10_000, 100, 6000),
    ],
)
def test_m7_commission_is_rounded_down_and_never_more_than_the_fee(
    fee: int, hundredths: int, fixed: int, expected: int
) -> None:
    assert policy.commission(fee, hundredths, fixed) == expected


# --- reminders: N2


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("2026-03-06T00:00", LONDON, "2026-03-06T00:00"),
        ("2026-03-06T00:30", LONDON, "2026-03-06T00:00"),
        ("2026-03-06T02:00", LONDON, "2026-03-06T00:00"),
        ("2026-03-06T02:01", LONDON, "2026-03-06T00:01"),
        ("2026-03-06T07:00", LONDON, "2026-03-06T05:00"),
        ("2026-03-06T09:59", LONDON, "2026-03-06T07:59"),
        ("2026-03-06T10:00", LONDON, "2026-03-06T08:00"),
        ("2026-03-06T10:01", LONDON, "2026-03-06T08:00"),
        ("2026-03-06T23:30", LONDON, "2026-03-06T08:00"),
        ("2026-03-29T02:30", LONDON, "2026-03-29T00:00"),  # 2 h before is 23:30 the day before
        ("2026-03-29T10:00", LONDON, "2026-03-29T08:00"),
        ("2026-10-25T01:30+00:00", LONDON, "2026-10-25T00:30+01:00"),
        ("2026-03-06T09:00Z", "America/New_York", "2026-03-06T07:00Z"),  # 04:00 there
        ("2026-03-06T03:00Z", "America/New_York", "2026-03-05T13:00Z"),  # 22:00 the day before
        ("2026-03-06T20:00Z", "Pacific/Auckland", "2026-03-06T18:00Z"),  # 09:00 on the 7th
        ("2026-03-06T10:00Z", "Asia/Kathmandu", "2026-03-06T02:15Z"),
    ],
)
def test_n2_the_reminder_of_the_day(start: str, zone: str, expected: str) -> None:
    wall = LONDON if not start.endswith("Z") else zone
    assert policy.reminder_moment(read_moment(start, wall), zone) == read_moment(expected, LONDON)


@pytest.mark.parametrize(
    ("booked", "expected"),
    [
        pytest.param("2026-03-01T12:00", "08:00", id="days before"),
        pytest.param("2026-03-06T08:00", "08:00", id="at the moment itself"),
        pytest.param("2026-03-06T08:00:01", "13:00", id="a second later"),
        pytest.param("2026-03-06T12:30", "13:00", id="half an hour before the short one"),
        pytest.param("2026-03-06T12:30:01", None, id="too late: the confirmation says today"),
        pytest.param("2026-03-06T13:59", None, id="just before the start"),
    ],
)
def test_n2_booked_on_the_day_itself(booked: str, expected: str | None) -> None:
    due = policy.reminder_due(london("2026-03-06T14:00"), LONDON, london(booked))
    assert due == (None if expected is None else london(f"2026-03-06T{expected}"))


@given(
    start=st.integers(START, START + 400 * DAY),
    zone=st.sampled_from((LONDON, "America/New_York", "Pacific/Apia", "Africa/Cairo")),
    ahead=st.integers(1, 5 * DAY),
)
def test_n2_a_reminder_is_on_the_recipients_own_date_and_before_the_start(
    start: int, zone: str, ahead: int
) -> None:
    due = policy.reminder_due(start, zone, start - ahead)
    if due is not None:
        assert start - ahead <= due or due == policy.reminder_moment(start, zone)
        assert due <= start
        assert moments.local_date(due, zone) == moments.local_date(start, zone)


# --- declines: M6


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (48 * HOUR, 24), (24 * HOUR + 1, 24), (24 * HOUR, 12), (12 * HOUR + 1, 12),
        (12 * HOUR, None), (1, None), (-HOUR, None),
    ],
)  # fmt: skip
def test_m6_soft_declines_are_tried_again_at_24_and_12_hours(
    ahead: int, expected: int | None
) -> None:
    found = policy.retry_after(START - ahead, START)
    assert found == (None if expected is None else START - expected * HOUR)


# --- visibility: P1, P2


@pytest.mark.parametrize(
    ("notice", "ahead", "bookable"),
    [
        (DAY, DAY + 1, True), (DAY, DAY, True), (DAY, DAY - 1, False), (0, 1, True), (0, 0, False),
        (0, -1, False), (None, 30 * DAY, False),
    ],
)  # fmt: skip
def test_p2_bookable_from_the_minimum_notice_on(
    notice: int | None, ahead: int, bookable: bool
) -> None:
    assert policy.slot_is_bookable(START, notice, START - ahead) is bookable


OPEN = Gates(
    approved=True, suspended=False, payments_enabled=True, course_completed=True,
    proofs_until=START + 1, notice=DAY, switched_off=False, bookable_slot=True,
)  # fmt: skip
CLOSED = {
    "not_approved": {"approved": False},
    "suspended": {"suspended": True},
    "payments_not_enabled": {"payments_enabled": False},
    "course_not_completed": {"course_completed": False},
    "proofs_expired": {"proofs_until": START},
    "no_minimum_notice": {"notice": None},
    "switched_off": {"switched_off": True},
    "no_bookable_slot": {"bookable_slot": False},
}


def test_p1_visible_when_every_gate_is_open() -> None:
    assert policy.why_hidden(OPEN, START) == []


@pytest.mark.parametrize("code", CLOSED)
def test_p1_each_closed_gate_hides_and_says_so(code: str) -> None:
    assert policy.why_hidden(OPEN._replace(**CLOSED[code]), START) == [code]
    assert policy.WHY_HIDDEN[code]


def test_p1_missing_proofs_hide() -> None:
    assert policy.why_hidden(OPEN._replace(proofs_until=None), START) == ["proofs_expired"]


# --- words: M4


@pytest.mark.parametrize(
    ("fee", "until", "expected"),
    [
        (0, T, "free of charge"),
        (6000, T, "free to cancel until Wed 4 Mar 09:00"),
        (6000, START - 72 * HOUR, "charged today, no free cancellation"),
    ],
)
def test_m4_the_sentence_on_cancelling(fee: int, until: int, expected: str) -> None:
    terms = Terms(START, until, fee)
    assert policy.free_until_words(terms, LONDON, START - 72 * HOUR) == expected


def test_m4_the_year_is_said_when_it_is_another() -> None:
    terms = Terms(london("2027-01-04T09:00"), london("2027-01-02T09:00"), 6000)
    said = policy.free_until_words(terms, LONDON, london("2026-12-20T09:00"))
    assert said == "free to cancel until Sat 2 Jan 2027 09:00"
