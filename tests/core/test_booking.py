"""Initial sessions: what a client may book, on which terms, and who loses (B1–B6, C3, C4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpspace.core import accounts, booking, calendar
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Held, Shown
from helpspace.core.errors import (
    AlreadyWithTherapist,
    CannotBeBooked,
    HelpspaceError,
    Invalid,
    NotAllowed,
    NotFound,
    NoticeTooShort,
    OwnOverlap,
    SlotTaken,
    TermsChanged,
    TooManyAhead,
)
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Client, Notice, Payment, Reminder, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    book,
    book_initial,
    follow_up,
    give_card,
    hold,
    open_slot,
    row,
    session,
    set_row,
    snapshot,
)

FULL = Shown(6000, inside_window=False)


# --- what booking does


def test_b1_a_client_books_what_the_button_showed(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    offer = booking.offer(practice, client, slot)
    booked = booking.book(practice, client, slot, offer.shown, accept_terms=True)
    assert isinstance(booked, AppointmentView)
    assert (booked.start, booked.end, booked.fee_pence) == (SOON, SOON + 3000, 6000)
    assert (booked.kind, booked.state, booked.slot_id) == ("initial", "booked", slot)
    assert (booked.therapist_id, booked.client_id) == (therapist.id, client.id)
    assert booked.free_until == offer.slot.free_until == SOON - 2 * DAY
    assert (booked.owed_pence, booked.paid_pence, booked.payment) == (0, 0, "scheduled")
    assert booked.video_url is not None
    assert booked.video_url.startswith("https://video.example.org/")


def test_d2_booking_writes_everything_it_owes(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    assert row(practice, Payment, booked.id)["next_at"] == booked.free_until + 60
    notices = all_rows(practice, Notice)
    told = {(n["event"], n["party"], n["channel"]) for n in notices if n["appointment_id"]}
    assert told == {
        ("booked", "client", "email"),
        ("booked", "client", "telegram"),
        ("booked", "therapist", "email"),
    }
    assert {(r["party"], r["state"]) for r in all_rows(practice, Reminder)} == {
        ("client", "waiting"),
        ("therapist", "waiting"),
    }


def test_n1_the_therapist_hears_that_the_last_slot_has_gone(
    practice: Practice, therapist: Actor
) -> None:
    slots = calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=2).slots
    for slot, last in zip(slots, ("false", "true"), strict=True):
        booked = book_initial(practice, add_client(practice), slot.id)
        (told,) = [
            n["facts"]
            for n in all_rows(practice, Notice)
            if n["party"] == "therapist" and n["appointment_id"] == booked.id
        ]
        assert told == f'{{"last_slot":{last}}}'


def test_video_rooms_are_each_ones_own_and_unguessable(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    first = session(practice, therapist, client)
    second = follow_up(practice, therapist, client, SOON + DAY)
    rooms = {str(one.video_url).rsplit("/", 1)[1] for one in (first, second)}
    assert len(rooms) == 2
    assert all(len(room) >= 26 for room in rooms)


# --- when a slot can be booked: B1, P2, P1


@pytest.mark.parametrize(("ahead", "free"), [(DAY, True), (DAY - 1, False), (1, False)])
def test_b1_the_notice_is_checked_to_the_second(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock, ahead: int, free: bool
) -> None:
    slot = open_slot(practice, therapist)
    clock.move_to(SOON - ahead)
    if free:
        assert book_initial(practice, client, slot)
    else:
        refuses(practice, client, slot, NoticeTooShort)


@pytest.mark.parametrize("ahead", [0, -1])
def test_p2_a_slot_that_has_begun_is_gone(
    practice: Practice, client: Actor, clock: MovableClock, ahead: int
) -> None:
    therapist = add_therapist(practice, notice_s=0)
    slot = open_slot(practice, therapist)
    clock.move_to(SOON - 1)
    assert booking.offer(practice, client, slot)
    clock.move_to(SOON - ahead)
    refuses(practice, client, slot, SlotTaken)


def test_b1_the_notice_counts_again_when_it_is_committed(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist)
    clock.move_to(SOON - DAY)
    shown = booking.offer(practice, client, slot).shown
    clock.advance(1)
    with pytest.raises(NoticeTooShort):
        booking.book(practice, client, slot, shown, accept_terms=True)


CLOSED_GATES = [
    {"status": "applied"}, {"suspended_at": 1}, {"switched_off_at": 1}, {"charges_enabled": 0},
    {"payouts_enabled": 0}, {"course_done_at": None}, {"proofs_until": NOW},
    {"proofs_until": None}, {"notice_s": None},
]  # fmt: skip


@pytest.mark.parametrize("closed", CLOSED_GATES, ids=lambda gate: next(iter(gate)))
def test_b1_only_visible_profiles_are_booked(
    practice: Practice, therapist: Actor, client: Actor, closed: dict[str, Any]
) -> None:
    slot = open_slot(practice, therapist)
    set_row(practice, Therapist, therapist.id, **closed)
    refuses(practice, client, slot, CannotBeBooked)


def refuses(
    practice: Practice, client: Actor, slot: str, error: type[HelpspaceError], shown: Shown = FULL
) -> None:
    """Check that offer and booking both refuse, and that nothing changes."""
    before = snapshot(practice)
    with pytest.raises(error):
        booking.offer(practice, client, slot)
    for accept in (True, False):
        with pytest.raises(error):
            booking.book(practice, client, slot, shown, accept_terms=accept)
    assert snapshot(practice) == before


def test_c4_the_losers_are_told_that_the_slot_has_gone(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    book_initial(practice, client, slot)
    refuses(practice, add_client(practice), slot, SlotTaken)


@pytest.mark.parametrize("slot", ["invented", "closed", "follow-up", "appointment", ""])
def test_a1_what_is_no_open_slot_answers_like_one_that_has_gone(
    practice: Practice, therapist: Actor, client: Actor, slot: str
) -> None:
    booked = session(practice, therapist, add_client(practice))
    acquaint(practice, therapist, client)
    later = follow_up(practice, therapist, client, SOON + DAY)
    slot_id = {"invented": "aaaaaaaaaaaa", "appointment": booked.id, "": ""}.get(slot)
    if slot == "closed":
        slot_id = open_slot(practice, therapist, SOON + 2 * DAY)
        calendar.close_slot(practice, therapist, slot_id)
    if slot == "follow-up":
        slot_id = row(practice, Appointment, later.id)["claim_id"]
    refuses(practice, client, str(slot_id), SlotTaken)


# --- M7a: the terms that were shown


def test_m7a_another_fee_than_shown_books_nothing(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    shown = booking.offer(practice, client, slot).shown
    set_row(practice, Therapist, therapist.id, initial_fee=8000)
    before = snapshot(practice)
    with pytest.raises(TermsChanged):
        booking.book(practice, client, slot, shown, accept_terms=True)
    assert snapshot(practice) == before
    assert book_initial(practice, client, slot).fee_pence == 8000


@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_b3a_sliding_into_the_window_since_it_was_shown_books_nothing(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    late: int,
    refused: bool,
) -> None:
    slot = open_slot(practice, therapist)
    shown = booking.offer(practice, client, slot).shown
    clock.move_to(SOON - 2 * DAY + late)
    if refused:
        with pytest.raises(TermsChanged):
            booking.book(practice, client, slot, shown, accept_terms=True)
    else:
        assert booking.book(practice, client, slot, shown, accept_terms=True)


def test_b3a_inside_the_window_the_button_says_charged_today(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist)
    clock.move_to(SOON - 2 * DAY + 1)
    offer = booking.offer(practice, client, slot)
    assert offer.slot.inside_window
    assert book_initial(practice, client, slot).free_until == clock.now() == offer.slot.free_until


def test_m7a_later_changes_do_not_touch_what_was_booked(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    set_row(practice, Therapist, therapist.id, initial_fee=9000, notice_s=7 * DAY)
    found = booking.preview_cancel(practice, client, booked.id)
    assert found.fee_pence == 6000


# --- B4, and what must be known of a client first


def test_b4_the_terms_are_accepted_once(
    practice: Practice, client: Actor, clock: MovableClock
) -> None:
    first, second = (open_slot(practice, add_therapist(practice), SOON + n * DAY) for n in (0, 1))
    with pytest.raises(Invalid, match="terms"):
        booking.book(practice, client, first, FULL)
    assert not accounts.me(practice, client).accepted_terms
    booking.book(practice, client, first, FULL, accept_terms=True)
    kept = row(practice, Client, client.id)
    assert kept["terms_at"] == NOW
    assert accounts.me(practice, client).accepted_terms
    clock.advance(MINUTE)
    booking.book(practice, client, second, FULL)
    assert row(practice, Client, client.id)["terms_at"] == NOW


@pytest.mark.parametrize("missing", ["name", "email"])
def test_a_name_and_an_address_come_first(
    practice: Practice, therapist: Actor, missing: str
) -> None:
    client = add_client(practice, **{missing: None})
    slot = open_slot(practice, therapist)
    before = snapshot(practice)
    with pytest.raises(Invalid, match="name and e-mail"):
        booking.book(practice, client, slot, FULL, accept_terms=True)
    assert snapshot(practice) == before


# --- B5, C3: how many


def test_b5_one_live_initial_session_with_a_therapist_ever(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    session(practice, therapist, client)
    second = open_slot(practice, therapist, SOON + 30 * DAY)
    refuses(practice, client, second, AlreadyWithTherapist)
    clock.move_to(SOON + DAY)
    booking.complete_past(practice)
    refuses(practice, client, second, AlreadyWithTherapist)


@pytest.mark.parametrize("by", ["client", "therapist"])
def test_b5_a_cancelled_one_does_not_count(
    practice: Practice, therapist: Actor, client: Actor, by: str
) -> None:
    first = session(practice, therapist, client)
    booking.cancel(practice, client if by == "client" else therapist, first.id)
    assert book_initial(practice, client, open_slot(practice, therapist, SOON + DAY))


def test_b5_at_most_three_ahead(practice: Practice, client: Actor, clock: MovableClock) -> None:
    for day in range(3):
        session(practice, add_therapist(practice), client, SOON + day * DAY)
    fourth = open_slot(practice, add_therapist(practice), SOON + 9 * DAY)
    refuses(practice, client, fourth, TooManyAhead)
    clock.move_to(SOON)  # the first one begins and is ahead no more
    assert book_initial(practice, client, fourth)


def test_b5_a_cancelled_one_makes_room(practice: Practice, client: Actor) -> None:
    booked = [
        session(practice, add_therapist(practice), client, SOON + day * DAY) for day in range(3)
    ]
    fourth = open_slot(practice, add_therapist(practice), SOON + 9 * DAY)
    booking.cancel(practice, client, booked[0].id)
    assert book_initial(practice, client, fourth)


def test_b5_follow_ups_do_not_count(practice: Practice, therapist: Actor, client: Actor) -> None:
    session(practice, therapist, client)
    for day in range(1, 4):
        follow_up(practice, therapist, client, SOON + day * DAY)
    assert session(practice, add_therapist(practice), client, SOON + 9 * DAY)


def test_b5_a_hold_counts_as_one_of_the_three(practice: Practice) -> None:
    client = add_client(practice, card=False)
    for day in range(2):
        free = add_therapist(practice, initial_fee=0)
        session(practice, free, client, SOON + day * DAY)
    hold(practice, client, open_slot(practice, add_therapist(practice), SOON + 5 * DAY))
    fourth = open_slot(practice, add_therapist(practice, initial_fee=0), SOON + 6 * DAY)
    shown = Shown(0, inside_window=False)
    refuses(practice, client, fourth, TooManyAhead, shown)


@pytest.mark.parametrize("shift", [-49, 0, 49])
def test_c3_a_client_cannot_book_over_their_own_session(
    practice: Practice, therapist: Actor, client: Actor, shift: int
) -> None:
    session(practice, therapist, client)
    slot = open_slot(practice, add_therapist(practice), SOON + shift * MINUTE)
    refuses(practice, client, slot, OwnOverlap)


def test_c3_a_follow_up_of_theirs_is_in_the_way_too(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    acquaint(practice, therapist, client)
    follow_up(practice, therapist, client, SOON)
    refuses(practice, client, open_slot(practice, add_therapist(practice)), OwnOverlap)


@pytest.mark.parametrize("shift", [-50, 50])
def test_c3_touching_is_no_overlap(
    practice: Practice, therapist: Actor, client: Actor, shift: int
) -> None:
    session(practice, therapist, client)
    other = add_therapist(practice)
    assert session(practice, other, client, SOON + shift * MINUTE)


def test_b2_a_client_who_ended_the_work_books_nothing_new(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booking.cancel(practice, client, session(practice, therapist, client).id)
    booking.end_relationship(practice, client, therapist.id)
    slot = open_slot(practice, therapist, SOON + DAY)
    refuses(practice, client, slot, NotFound)


# --- B6: a free session


def test_b6_a_free_session_needs_no_card(practice: Practice) -> None:
    therapist = add_therapist(practice, initial_fee=0)
    client = add_client(practice, card=False)
    slot = open_slot(practice, therapist)
    offer = booking.offer(practice, client, slot)
    assert not offer.needs_card
    booked = book_initial(practice, client, slot)
    assert (booked.payment, booked.fee_pence) == ("none", 0)
    assert row(practice, Payment, booked.id)["next_at"] is None


def test_b3_an_expired_card_is_no_card(practice: Practice, therapist: Actor, client: Actor) -> None:
    set_row(practice, Client, client.id, card_month=2, card_year=2026)
    slot = open_slot(practice, therapist)
    offer = booking.offer(practice, client, slot)
    assert (offer.card, offer.needs_card) == ("expired", True)
    assert isinstance(book(practice, client, slot), Held)


def test_a_card_is_good_until_the_end_of_its_month(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    set_row(practice, Client, client.id, card_month=3, card_year=2026)
    assert isinstance(book(practice, client, open_slot(practice, therapist)), AppointmentView)


# --- A1: who books


@pytest.mark.parametrize("role", ["therapist", "team"])
def test_b6_only_clients_book_initial_sessions(
    practice: Practice, therapist: Actor, team: Actor, role: str
) -> None:
    actor = therapist if role == "therapist" else team
    slot = open_slot(practice, therapist)
    refuses(practice, actor, slot, NotAllowed)


def test_a1_a_client_who_is_not_there_books_nothing(practice: Practice, therapist: Actor) -> None:
    slot = open_slot(practice, therapist)
    refuses(practice, Actor.client("aaaaaaaaaaaa"), slot, NotFound)


def test_a1_the_team_books_for_a_client_with_a_reason(
    practice: Practice, therapist: Actor, team: Actor, client: Actor
) -> None:
    slot = open_slot(practice, therapist)
    actor = team.on_behalf_of("client", client.id, "asked by phone")
    assert booking.book(practice, actor, slot, FULL, accept_terms=True)


def test_k1_an_offer_says_what_is_still_missing(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice, name=None, email=None, card=False)
    slot = open_slot(practice, therapist)

    def missing() -> list[bool]:
        offer = booking.offer(practice, client, slot)
        return [offer.has_name, offer.has_email, not offer.needs_card, offer.accepted_terms]

    steps: list[Callable[[], object]] = [
        lambda: accounts.set_name(practice, client, "Sam"),
        lambda: accounts.set_email(practice, client, "sam@example.org"),
        lambda: give_card(practice, client),
    ]
    for done, step in enumerate(steps):
        assert missing() == [True] * done + [False] * (4 - done)
        step()
    assert missing() == [True, True, True, False]


# --- afterwards


@pytest.mark.parametrize(("after", "state"), [(-1, "booked"), (0, "completed"), (DAY, "completed")])
def test_a_session_is_completed_at_its_end(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    after: int,
    state: str,
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(booked.end + after)
    assert booking.complete_past(practice) == (state == "completed")
    assert row(practice, Appointment, booked.id)["state"] == state
    assert booking.complete_past(practice) == 0


def test_a_cancelled_session_is_never_completed(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booked = session(practice, therapist, client)
    booking.cancel(practice, client, booked.id)
    clock.move_to(booked.end + HOUR)
    assert booking.complete_past(practice) == 0
