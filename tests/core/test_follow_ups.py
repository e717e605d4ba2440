"""Follow-ups: booked by the therapist alone, for their own clients (B2, B3a, B7, C3, C6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from helpspace.core import booking, calendar, policy
from helpspace.core.actors import Actor
from helpspace.core.errors import (
    HelpspaceError,
    Invalid,
    NotFound,
    NotYourClient,
    Overlap,
)
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit, Claim, Client, Notice, Payment, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    appointment_of,
    book_initial,
    follow_up,
    hold,
    open_slot,
    payment_of,
    row,
    session,
    set_row,
    snapshot,
)

LATER = SOON + 7 * DAY


@pytest.fixture
def known(practice: Practice, therapist: Actor, client: Actor) -> Actor:
    """A client who has a session with the therapist."""
    session(practice, therapist, client)
    return client


def refuses(
    practice: Practice,
    error: type[HelpspaceError],
    therapist: Actor,
    client: str,
    start: int = LATER,
    *,
    whose: str | None = None,
    match: str = "",
    **options: Any,
) -> None:
    """Check that plan and booking both refuse, and that nothing changes."""
    before = snapshot(practice)
    for act in (booking.plan_follow_up, booking.book_follow_up):
        with pytest.raises(error, match=match or None):
            act(practice, therapist, whose or therapist.id, client, start, **options)
    assert snapshot(practice) == before


# --- what it does


def test_b2_the_plan_says_what_booking_does(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    plan = booking.plan_follow_up(practice, therapist, therapist.id, known.id, LATER)
    before = snapshot(practice)
    assert snapshot(practice) == before
    booked = follow_up(practice, therapist, known, LATER)
    assert (plan.start, plan.end, plan.fee_pence) == (LATER, LATER + 3000, 6000)
    assert (booked.start, booked.end, booked.fee_pence) == (LATER, LATER + 3000, 6000)
    assert plan.free_until == booked.free_until == LATER - 2 * DAY
    assert plan.charge_at == payment_of(practice, booked.id)["next_at"] == LATER - 2 * DAY + 60
    assert (plan.client_name, plan.card, plan.withdraws) == ("Sam", "ok", ())
    assert (booked.kind, booked.slot_id, booked.other_name) == ("follow_up", None, "Sam")
    assert appointment_of(practice, booked.id)["booked_by"] == "therapist"


def test_n1_both_are_told_of_a_follow_up(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    booked = follow_up(practice, therapist, known, LATER)
    told = [n for n in all_rows(practice, Notice) if n["appointment_id"] == booked.id]
    assert {(n["event"], n["party"], n["person_id"], n["channel"]) for n in told} == {
        ("booked", "client", known.id, "email"),
        ("booked", "client", known.id, "telegram"),
        ("booked", "therapist", therapist.id, "email"),
    }


@pytest.mark.parametrize(
    ("options", "minutes", "fee"),
    [
        ({}, 50, 6000),
        ({"minutes": 90}, 90, 6000),
        ({"fee_pence": 4500}, 50, 4500),
        ({"fee_pence": 0}, 50, 0),
        ({"minutes": 10, "fee_pence": 30}, 10, 30),
    ],
)
def test_b2_length_and_fee_are_the_therapists_choice(
    practice: Practice, therapist: Actor, known: Actor, options: Any, minutes: int, fee: int
) -> None:
    booked = follow_up(practice, therapist, known, LATER, **options)
    assert (booked.minutes, booked.fee_pence) == (minutes, fee)


def test_m1_a_free_follow_up_has_nothing_to_charge(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    plan = booking.plan_follow_up(practice, therapist, therapist.id, known.id, LATER, fee_pence=0)
    booked = follow_up(practice, therapist, known, LATER, fee_pence=0)
    assert plan.charge_at is None
    kept = payment_of(practice, booked.id)
    assert (kept["status"], kept["next_at"]) == ("none", None)


@pytest.mark.parametrize("start", [NOW + 1, NOW + HOUR, NOW + 2 * HOUR, NOW + 47 * HOUR])
def test_b3a_inside_the_window_there_are_two_hours_to_think(
    practice: Practice, therapist: Actor, known: Actor, start: int
) -> None:
    booked = follow_up(practice, therapist, known, start)
    assert booked.free_until == min(NOW + 2 * HOUR, start)


def test_b1_the_therapist_is_not_limited_by_the_notice(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    set_row(practice, Therapist, therapist.id, notice_s=30 * DAY)
    assert follow_up(practice, therapist, known, NOW + HOUR)


@pytest.mark.parametrize(
    ("start", "options"),
    [
        (NOW, {}),
        (NOW - DAY, {}),
        (LATER, {"minutes": 9}),
        (LATER, {"minutes": 241}),
        (LATER, {"fee_pence": 29}),
        (LATER, {"fee_pence": -6000}),
        (LATER, {"fee_pence": 10_000_001}),
    ],
)
def test_what_makes_no_sense_is_refused(
    practice: Practice, therapist: Actor, known: Actor, start: int, options: Any
) -> None:
    refuses(practice, Invalid, therapist, known.id, start, **options)


# --- B2: for whom


def test_b2_not_for_a_client_without_a_session(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    session(practice, add_therapist(practice), client)
    refuses(practice, NotYourClient, therapist, client.id)


def test_a1_a_stranger_answers_like_nobody(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    said = set()
    for who in (client.id, "aaaaaaaaaaaa", "", therapist.id):
        with pytest.raises(NotYourClient) as refused:
            booking.plan_follow_up(practice, therapist, therapist.id, who, LATER)
        said.add(str(refused.value))
    assert len(said) == 1


def test_b2_not_after_their_only_session_was_cancelled(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booking.cancel(practice, client, session(practice, therapist, client).id)
    refuses(practice, NotYourClient, therapist, client.id)


def test_b2_after_a_session_that_was_held(
    practice: Practice, therapist: Actor, known: Actor, clock: MovableClock
) -> None:
    clock.move_to(SOON + DAY)
    booking.complete_past(practice)
    assert follow_up(practice, therapist, known, LATER)


def test_b2_an_accepted_invitation_is_enough(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    acquaint(practice, therapist, client)
    assert follow_up(practice, therapist, client, LATER)


@pytest.mark.parametrize("invited", [False, True])
def test_b2_a_client_may_end_it_at_any_time(
    practice: Practice, therapist: Actor, client: Actor, invited: bool
) -> None:
    if invited:
        acquaint(practice, therapist, client)
        booked = follow_up(practice, therapist, client, SOON)
    else:
        booked = session(practice, therapist, client)
    booking.end_relationship(practice, client, therapist.id)
    refuses(practice, NotYourClient, therapist, client.id)
    assert appointment_of(practice, booked.id)["state"] == "booked"


@pytest.mark.parametrize("therapist_id", ["stranger", "invented"])
def test_a1_only_what_there_is_can_be_ended(
    practice: Practice, therapist: Actor, client: Actor, therapist_id: str
) -> None:
    before = snapshot(practice)
    who = therapist.id if therapist_id == "stranger" else "aaaaaaaaaaaa"
    with pytest.raises(NotFound) as refused:
        booking.end_relationship(practice, client, who)
    assert str(refused.value) == str(NotFound())
    assert snapshot(practice) == before


def test_b2_an_erased_client_is_nobodys(practice: Practice, therapist: Actor, known: Actor) -> None:
    set_row(practice, Client, known.id, erased_at=NOW)
    refuses(practice, NotYourClient, therapist, known.id)


# --- B2, A1: by whom


def test_b2_no_client_books_a_follow_up(practice: Practice, therapist: Actor, known: Actor) -> None:
    refuses(practice, NotFound, known, known.id, whose=therapist.id)


@pytest.mark.parametrize("whose", ["theirs", "invented"])
def test_a1_no_therapist_books_for_another(
    practice: Practice, therapist: Actor, known: Actor, whose: str
) -> None:
    other = add_therapist(practice)
    owner = therapist.id if whose == "theirs" else "aaaaaaaaaaaa"
    refuses(practice, NotFound, other, known.id, whose=owner)


def test_a1_the_team_books_as_the_therapist_with_a_reason(
    practice: Practice, therapist: Actor, known: Actor, team: Actor
) -> None:
    actor = team.on_behalf_of("therapist", therapist.id, "asked by phone")
    follow_up(practice, actor, known, LATER)
    kept = [a for a in all_rows(practice, Audit) if a["act"] == "book"][-1]
    assert (kept["role"], kept["actor_id"]) == ("therapist", therapist.id)
    assert kept["by_whom"] == "team:ops"
    assert practice.vault.open(kept["why_sealed"], "audit.why") == "asked by phone"


# --- C2, C3, C6: what lies in the way


@pytest.mark.parametrize("shift", [-49, 0, 49])
def test_c2_not_over_a_booked_session(
    practice: Practice, therapist: Actor, known: Actor, shift: int
) -> None:
    start = SOON + shift * MINUTE
    refuses(practice, Overlap, therapist, known.id, start, match="Fri 6 Mar 09:00")


def test_c6_not_over_a_held_slot(
    practice: Practice, therapist: Actor, known: Actor, clock: MovableClock
) -> None:
    held = hold(practice, add_client(practice, card=False), open_slot(practice, therapist, LATER))
    refuses(practice, Overlap, therapist, known.id, match="just now")
    clock.move_to(held.until)
    plan = booking.plan_follow_up(practice, therapist, therapist.id, known.id, LATER)
    assert plan.withdraws == (held.slot.id,)
    assert follow_up(practice, therapist, known, LATER)
    assert row(practice, Claim, held.slot.id)["state"] == "closed"


@pytest.mark.parametrize("minutes", [50, 120])
def test_c6_over_own_open_slots_which_are_withdrawn(
    practice: Practice, therapist: Actor, known: Actor, minutes: int
) -> None:
    slots = [open_slot(practice, therapist, LATER + n * HOUR) for n in range(3)]
    hit = slots[: 1 if minutes == 50 else 2]
    plan = booking.plan_follow_up(
        practice, therapist, therapist.id, known.id, LATER, minutes=minutes
    )
    assert sorted(plan.withdraws) == sorted(hit)
    follow_up(practice, therapist, known, LATER, minutes=minutes)
    kept = {slot: row(practice, Claim, slot)["state"] for slot in slots}
    assert kept == {slot: "closed" if slot in hit else "open" for slot in slots}
    closed = {a["thing_id"] for a in all_rows(practice, Audit) if a["act"] == "close"}
    assert closed == set(hit)


def test_c6_a_withdrawn_slot_stays_withdrawn_when_the_follow_up_is_cancelled(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    slot = open_slot(practice, therapist, LATER)
    booked = follow_up(practice, therapist, known, LATER)
    booking.cancel(practice, known, booked.id)
    assert row(practice, Claim, slot)["state"] == "closed"
    assert calendar.slots(practice, therapist, therapist.id) == [
        s for s in calendar.slots(practice, therapist, therapist.id) if s.start == SOON
    ]


def test_c3_over_a_session_with_another_therapist_only_the_client_is_told(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    other = add_therapist(practice)
    acquaint(practice, other, known)
    booked = follow_up(practice, other, known, SOON)
    facts = {
        n["party"]: json.loads(n["facts"])
        for n in all_rows(practice, Notice)
        if n["appointment_id"] == booked.id
    }
    assert facts["client"] == {"overlaps": True}
    assert facts["therapist"] == {"last_slot": False}


def test_c3_without_an_overlap_the_client_is_told_of_none(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    booked = follow_up(practice, therapist, known, LATER)
    told = [n for n in all_rows(practice, Notice) if n["appointment_id"] == booked.id]
    assert [json.loads(n["facts"]) for n in told if n["party"] == "client"] == [
        {"overlaps": False}
    ] * 2


@pytest.mark.parametrize("gate", [{"suspended_at": 1}, {"switched_off_at": 1}])
def test_a_hidden_therapist_goes_on_with_their_clients(
    practice: Practice, therapist: Actor, known: Actor, gate: dict[str, Any]
) -> None:
    set_row(practice, Therapist, therapist.id, **gate)
    assert follow_up(practice, therapist, known, LATER)


def test_b7_an_expired_card_is_asked_for_anew(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    set_row(practice, Client, known.id, card_month=1, card_year=2026)
    booked = follow_up(practice, therapist, known, LATER)
    assert booked.card == "expired"
    assert [n for n in all_rows(practice, Notice) if n["event"] == "card_needed"]


def test_n4_the_same_follow_up_twice_is_refused_the_second_time(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    follow_up(practice, therapist, known, LATER)
    refuses(practice, Overlap, therapist, known.id)


# --- no way in for a client


def test_b2_no_act_of_a_client_makes_or_moves_an_appointment(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    """Whatever a client sends, only booking an open slot makes an appointment."""
    claim = open_slot(practice, therapist, LATER)
    before = len(all_rows(practice, Payment))
    attempts: list[Callable[[], object]] = [
        lambda: booking.book_follow_up(practice, known, therapist.id, known.id, LATER + HOUR),
        lambda: booking.book_follow_up(practice, known, known.id, known.id, LATER + HOUR),
        lambda: calendar.open_slots(practice, known, therapist.id, LATER + HOUR),
        lambda: calendar.open_slots(practice, known, known.id, LATER + HOUR),
        lambda: booking.book(practice, known, claim, booking.Shown(6000, False)),
    ]
    for attempt in attempts:
        with pytest.raises(HelpspaceError):
            attempt()
    assert len(all_rows(practice, Payment)) == before


def test_m4_the_plan_uses_the_rules_of_the_policy(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    for ahead in (1, HOUR, 47 * HOUR, 48 * HOUR, 49 * HOUR):
        plan = booking.plan_follow_up(
            practice, therapist, therapist.id, known.id, NOW + ahead, minutes=10
        )
        expected = policy.free_until(policy.Kind.FOLLOW_UP, NOW + ahead, NOW)
        assert (plan.free_until, plan.charge_at) == (expected, expected + 60)


def test_a_booked_slot_can_be_followed_up_next_to(
    practice: Practice, therapist: Actor, known: Actor
) -> None:
    assert follow_up(practice, therapist, known, SOON + 50 * MINUTE)
    assert book_initial(
        practice, add_client(practice), open_slot(practice, therapist, SOON + 100 * MINUTE)
    )
