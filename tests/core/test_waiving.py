"""After the session: missed, waived, reported (M9, N4, A1)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, inbox
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointment
from helpspace.core.errors import (
    AlreadyCancelled,
    Busy,
    Changed,
    HelpspaceError,
    Invalid,
    NotAllowed,
    NotFound,
    NothingToWaive,
)
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Client, Notice, Payment
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import AFTER, FakeStripe, come_to_rest, settle_all
from tests.core.invariants import always_money, always_notices, settled_money
from tests.makers import (
    SOON,
    TEAM,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    appointment_of,
    follow_up,
    payment_of,
    row,
    session,
    set_row,
    snapshot,
)

T = SOON - 2 * DAY
DUE = T + 60
END = SOON + 3000


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    return session(practice, therapist, client)


def told(practice: Practice, event: str) -> list[tuple[str, str, str]]:
    found = [n for n in all_rows(practice, Notice) if n["event"] == event]
    return sorted((n["party"], n["person_id"], n["channel"]) for n in found)


def refuses(practice: Practice, error: type[HelpspaceError], act: Any, *args: Any) -> None:
    before = snapshot(practice)
    with pytest.raises(error):
        act(practice, *args)
    assert snapshot(practice) == before


# --- waiving


def test_m9_waiving_ends_an_unpaid_fee(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    stripe.cards[f"pm_{client.id}_1"] = "lost_card"
    clock.move_to(DUE)
    settle_all(practice, stripe)
    plan = booking.plan_waive(practice, therapist, booked.id)
    assert (plan.owed_pence, plan.paid_pence, plan.refund_pence) == (6000, 0, 0)
    done = booking.waive(practice, therapist, booked.id, reason="ill", shown=plan)
    assert (done.payment, done.owed_pence, done.state) == ("waived", 0, "booked")
    stripe.cards.clear()
    come_to_rest(practice, stripe, clock, END + 30 * DAY, lambda: always_money(practice, stripe))
    assert stripe.gross(booked.id) == 0
    assert [one.status for one in stripe.intents.values()] == ["canceled"]
    assert payment_of(practice, booked.id)["status"] == "waived"
    settled_money(practice, stripe)
    always_notices(practice)


def test_m9_waiving_gives_a_paid_fee_back_in_full(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    clock.move_to(END + 30 * DAY)
    assert booking.plan_waive(practice, therapist, booked.id).refund_pence == 6000
    booking.waive(practice, therapist, booked.id)
    settle_all(practice, stripe)
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 6000)
    assert appointment(practice, client, booked.id).payment == "refunded"
    assert len(told(practice, "refunded")) == 2
    settled_money(practice, stripe)


def test_m5_waived_while_a_charge_is_in_flight_it_goes_back(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    stripe.faults.extend([None, AFTER])
    clock.move_to(DUE)
    settle_all(practice, stripe)
    booking.waive(practice, therapist, booked.id)
    come_to_rest(practice, stripe, clock, END + 30 * DAY, lambda: always_money(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 6000)
    settled_money(practice, stripe)


def test_m9_a_fee_still_to_come_is_never_taken_once_waived(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    booking.waive(practice, therapist, booked.id)
    come_to_rest(practice, stripe, clock, END + DAY, lambda: always_money(practice, stripe))
    assert stripe.intents == {}
    assert payment_of(practice, booked.id)["next_at"] is None


def test_m9_the_fee_of_a_late_cancellation_can_be_waived(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(T + 1)
    booking.cancel(practice, client, booked.id)
    done = booking.waive(practice, therapist, booked.id)
    assert (done.state, done.owed_pence) == ("cancelled_by_client", 0)
    come_to_rest(practice, stripe, clock, END + DAY, lambda: always_money(practice, stripe))
    assert stripe.gross(booked.id) == 0


def test_m9_both_are_told_of_a_waiver_once(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    booking.waive(practice, therapist, booked.id)
    assert told(practice, "waived") == [
        ("client", client.id, "email"),
        ("client", client.id, "telegram"),
        ("therapist", therapist.id, "email"),
    ]
    refuses(practice, NothingToWaive, booking.waive, therapist, booked.id)


def test_m9_what_nobody_owes_is_not_waived(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    free = follow_up(practice, therapist, client, SOON + DAY, fee_pence=0)
    gone = follow_up(practice, therapist, client, SOON + 2 * DAY)
    mine = follow_up(practice, therapist, client, SOON + 3 * DAY)
    booking.cancel(practice, client, gone.id)
    booking.cancel(practice, therapist, mine.id)
    for one in (free, gone, mine):
        refuses(practice, NothingToWaive, booking.plan_waive, therapist, one.id)
        refuses(practice, NothingToWaive, booking.waive, therapist, one.id)


def test_a_disputed_payment_is_the_banks(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    set_row(practice, Payment, booked.id, status="disputed")
    refuses(practice, Invalid, booking.waive, therapist, booked.id)


def test_m4_a_waiver_that_means_something_else_by_now_is_shown_again(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    plan = booking.plan_waive(practice, therapist, booked.id)
    clock.move_to(DUE)
    settle_all(practice, stripe)
    with pytest.raises(Changed):
        booking.waive(practice, therapist, booked.id, shown=plan)


@pytest.mark.parametrize("act", [booking.plan_waive, booking.waive, booking.no_show])
def test_a1_only_their_own_therapist(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock, act: Any
) -> None:
    clock.move_to(END)
    stranger = add_therapist(practice)
    refuses(practice, NotFound, act, stranger, booked.id)
    refuses(practice, NotFound, act, stranger, "aaaaaaaaaaaa")
    refuses(practice, NotAllowed, act, client, booked.id)
    refuses(practice, NotAllowed, act, TEAM, booked.id)


def test_a2_the_reason_is_sealed_in_the_trail(
    practice: Practice, therapist: Actor, booked: AppointmentView
) -> None:
    booking.waive(practice, therapist, booked.id, reason="was \x1bill")
    entry = next(a for a in all_rows(practice, Audit) if a["act"] == "waive")
    assert practice.vault.open(entry["why_sealed"], "audit.why") == "was ill"


# --- not attended


@pytest.mark.parametrize(
    ("at", "possible"),
    [(SOON - 1, False), (SOON, True), (END + 7 * DAY, True), (END + 7 * DAY + 1, False)],
)
@pytest.mark.parametrize("completed", [True, False])
def test_m9_missed_from_the_start_until_seven_days_after_the_end(
    practice: Practice,
    therapist: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    at: int,
    possible: bool,
    completed: bool,
) -> None:
    clock.move_to(at)
    if completed:
        booking.complete_past(practice)
    if possible:
        assert booking.plan_no_show(practice, therapist, booked.id).id == booked.id
        assert booking.no_show(practice, therapist, booked.id).state == "no_show"
    else:
        refuses(practice, Invalid, booking.plan_no_show, therapist, booked.id)
        refuses(practice, Invalid, booking.no_show, therapist, booked.id)


def test_m9_the_charge_of_a_missed_session_stands(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
) -> None:
    clock.move_to(SOON)
    booking.no_show(practice, therapist, booked.id)
    come_to_rest(practice, stripe, clock, END + 9 * DAY, lambda: always_money(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)
    assert {party for party, _, _ in told(practice, "no_show")} == {"client"}
    assert len(told(practice, "no_show")) == 2
    refuses(practice, Invalid, booking.no_show, therapist, booked.id)
    settled_money(practice, stripe)


def test_b8_nothing_cancelled_is_missed(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView,
    clock: MovableClock,
) -> None:  # fmt: skip
    booking.cancel(practice, client, booked.id)
    clock.move_to(SOON)
    refuses(practice, AlreadyCancelled, booking.no_show, therapist, booked.id)


def test_m2a_a_client_who_has_just_written_is_heard_first(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView,
    clock: MovableClock,
) -> None:  # fmt: skip
    clock.move_to(SOON - 1)
    inbox.take_in(practice, [(1, 7001, "tap", {})])
    assert row(practice, Client, client.id)["chat_hash"]
    clock.move_to(SOON + 60)
    waiting = inbox.waiting(practice)
    assert waiting
    refuses(practice, Busy, booking.no_show, therapist, booked.id)
    booking.cancel(practice, client, booked.id, at=SOON - 1)
    assert appointment_of(practice, booked.id)["state"] == "cancelled_by_client"


# --- the therapist did not come


def test_m9_a_report_is_stored_and_told(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView,
    clock: MovableClock,
) -> None:  # fmt: skip
    clock.move_to(SOON + 900)
    assert booking.can_report(practice, client, booked.id)
    made = booking.report_absence(practice, client, booked.id)
    assert (made.state, made.reported_at) == ("reported", SOON + 900)
    assert told(practice, "absence_reported") == [
        ("team", "team", "email"),
        ("therapist", therapist.id, "email"),
    ]
    before = snapshot(practice)
    assert booking.report_absence(practice, client, booked.id) == made
    assert snapshot(practice) == before
    assert not booking.can_report(practice, client, booked.id)
    assert booking.absences(practice, TEAM, undecided=True) == [made]
    assert booking.absences(practice, therapist) == [made]
    assert booking.absences(practice, add_therapist(practice)) == []


@pytest.mark.parametrize(
    ("at", "received", "possible"),
    [
        (SOON - 1, None, False),
        (SOON, None, True),
        (END + DAY, None, True),
        (END + DAY + 1, None, False),
        (END + DAY + 600, END + DAY, True),
    ],
)
def test_m9_within_24_hours_of_the_end_by_when_it_was_received(
    practice: Practice,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    at: int,
    received: int | None,
    possible: bool,
) -> None:
    clock.move_to(at)
    if possible:
        assert booking.report_absence(practice, client, booked.id, at=received)
    else:
        refuses(practice, Invalid, booking.report_absence, client, booked.id)
        assert not booking.can_report(practice, client, booked.id)


@pytest.mark.parametrize("who", ["therapist", "team"])
def test_m9_agreed_the_fee_is_waived_and_the_state_stays(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    booked: AppointmentView,
    clock: MovableClock,
    stripe: FakeStripe,
    who: str,
) -> None:
    clock.move_to(DUE)
    settle_all(practice, stripe)
    clock.move_to(END + 60)
    booking.complete_past(practice)
    booking.report_absence(practice, client, booked.id)
    actor = therapist if who == "therapist" else TEAM
    done = booking.answer_absence(practice, actor, booked.id, agreed=True)
    assert (done.state, done.decided_at) == ("agreed", END + 60)
    settle_all(practice, stripe)
    assert stripe.refunded(booked.id) == 6000
    assert appointment(practice, client, booked.id).state == "completed"
    assert {party for party, _, _ in told(practice, "waived")} == {"client", "therapist"}
    refuses(practice, Invalid, _agree, actor, booked.id)
    settled_money(practice, stripe)


def _agree(practice: Practice, actor: Actor, about: str) -> None:
    booking.answer_absence(practice, actor, about, agreed=True)


def test_m9_refused_by_the_team_with_a_reason(
    practice: Practice, client: Actor, booked: AppointmentView, clock: MovableClock,
    stripe: FakeStripe,
) -> None:  # fmt: skip
    clock.move_to(END)
    booking.report_absence(practice, client, booked.id)
    done = booking.answer_absence(
        practice, TEAM, booked.id, agreed=False, reason="The room's log shows both of you"
    )
    assert (done.state, done.reason) == ("refused", "The room's log shows both of you")
    assert len(told(practice, "absence_answered")) == 2
    assert told(practice, "waived") == []
    come_to_rest(practice, stripe, clock, END + 9 * DAY, lambda: always_money(practice, stripe))
    assert (stripe.gross(booked.id), stripe.refunded(booked.id)) == (6000, 0)


def test_m9_who_may_decide(
    practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView,
    clock: MovableClock,
) -> None:  # fmt: skip
    clock.move_to(END)
    refuses(practice, NotFound, _agree, therapist, booked.id)
    booking.report_absence(practice, client, booked.id)
    refuses(practice, NotAllowed, _agree, client, booked.id)
    refuses(practice, NotFound, _agree, add_therapist(practice), booked.id)

    def refuse(practice: Practice, actor: Actor, why: str) -> None:
        booking.answer_absence(practice, actor, booked.id, agreed=False, reason=why)

    refuses(practice, NotAllowed, refuse, therapist, "I was there")
    refuses(practice, Invalid, refuse, TEAM, " ")


def test_m9_a_free_or_waived_session_can_be_agreed_upon_too(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    acquaint(practice, therapist, client)
    free = follow_up(practice, therapist, client, fee_pence=0)
    clock.move_to(END)
    booking.report_absence(practice, client, free.id)
    assert booking.answer_absence(practice, therapist, free.id, agreed=True).state == "agreed"
    assert len(told(practice, "absence_answered")) == 2
    assert payment_of(practice, free.id)["status"] == "none"


def test_a1_a_report_about_anothers_session_answers_like_nobodys(
    practice: Practice, booked: AppointmentView, clock: MovableClock
) -> None:
    clock.move_to(END)
    other = add_client(practice)
    refuses(practice, NotFound, booking.report_absence, other, booked.id)
    refuses(practice, NotFound, booking.report_absence, other, "aaaaaaaaaaaa")
    assert not booking.can_report(practice, other, booked.id)
    with pytest.raises(NotFound):
        booking.absence(practice, other, booked.id)
