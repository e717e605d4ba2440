"""A slot waits for its client's card: holds, card pages, and what completing one does (B3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helpspace.core import accounts, booking, calendar, cards, holds, profiles
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Held, Shown
from helpspace.core.cards import Page, PageOrder
from helpspace.core.errors import (
    CannotBeBooked,
    NotAllowed,
    NotFound,
    OutsideFault,
    SlotTaken,
    TermsChanged,
)
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Audit,
    CardRequest,
    Claim,
    Client,
    Notice,
    Payment,
    Therapist,
)
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    appointment_of,
    book,
    book_initial,
    card_of,
    follow_up,
    give_card,
    hold,
    open_page,
    open_slot,
    row,
    session,
    set_row,
    snapshot,
)


@pytest.fixture
def newcomer(practice: Practice) -> Actor:
    """A client without a card."""
    return add_client(practice, card=False)


def complete(practice: Practice, client: Actor, held: Held) -> AppointmentView | None:
    """Complete a hold's card page."""
    open_page(practice, client, held.request_id)
    return holds.card_completed(practice, held.request_id, card_of(client))


# --- the hold


def test_b3_without_a_card_the_slot_is_held_for_33_minutes(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    slot = open_slot(practice, therapist)
    held = hold(practice, newcomer, slot)
    assert held.until == NOW + 33 * MINUTE
    kept = row(practice, Claim, slot)
    assert (kept["state"], kept["hold_client_id"], kept["hold_fee"]) == ("held", newcomer.id, 6000)
    request = row(practice, CardRequest, held.request_id)
    assert request["expires_at"] == NOW + 31 * MINUTE
    assert not all_rows(practice, Payment)


@pytest.mark.parametrize(("late", "free"), [(-1, False), (0, True)])
def test_b3_others_see_a_held_slot_again_when_its_hold_ends(
    practice: Practice,
    therapist: Actor,
    newcomer: Actor,
    client: Actor,
    clock: MovableClock,
    late: int,
    free: bool,
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    clock.move_to(held.until + late)
    if free:
        assert profiles.profile(practice, therapist.id)[1]
        assert book_initial(practice, client, held.slot.id)
    else:
        with pytest.raises(CannotBeBooked):
            profiles.profile(practice, therapist.id)
        with pytest.raises(SlotTaken):
            booking.offer(practice, client, held.slot.id)


def test_b3_one_hold_a_client_the_new_one_lets_go_of_the_old(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    first = hold(practice, newcomer, open_slot(practice, therapist))
    second = hold(practice, newcomer, open_slot(practice, therapist, SOON + DAY))
    states = {claim["id"]: claim["state"] for claim in all_rows(practice, Claim)}
    assert states == {first.slot.id: "open", second.slot.id: "held"}


def test_b3_pressing_again_gives_the_same_hold_and_page(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist)
    first = hold(practice, newcomer, slot)
    open_page(practice, newcomer, first.request_id)
    clock.advance(5 * MINUTE)
    again = hold(practice, newcomer, slot)
    assert (again.request_id, again.until) == (first.request_id, first.until)
    assert len(all_rows(practice, CardRequest)) == 1


def test_b3_pressing_again_after_the_page_has_closed_holds_anew(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    slot = open_slot(practice, therapist)
    first = hold(practice, newcomer, slot)
    clock.advance(32 * MINUTE)
    again = hold(practice, newcomer, slot)
    assert again.request_id != first.request_id
    assert again.until == clock.now() + 33 * MINUTE


def test_b3_the_sweep_frees_what_has_expired(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    clock.move_to(held.until - 1)
    assert holds.sweep(practice) == 0
    clock.advance(1)
    assert holds.sweep(practice) == 1
    kept = row(practice, Claim, held.slot.id)
    assert (kept["state"], kept["hold_client_id"], kept["hold_until"]) == ("open", None, None)


def test_b3_a_hold_can_be_given_up(
    practice: Practice, therapist: Actor, newcomer: Actor, client: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    assert not holds.give_up(practice, client)
    assert holds.give_up(practice, newcomer)
    assert not holds.give_up(practice, newcomer)
    assert book_initial(practice, client, held.slot.id)


def test_a1_only_clients_hold(practice: Practice, therapist: Actor) -> None:
    with pytest.raises(NotAllowed):
        holds.give_up(practice, therapist)


def test_p3_holds_hide_silently(practice: Practice, therapist: Actor, newcomer: Actor) -> None:
    hold(practice, newcomer, open_slot(practice, therapist))
    assert all_rows(practice, Notice) == []


# --- completing the page


def test_b3_completing_the_page_books_the_slot(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    open_page(practice, newcomer, held.request_id)
    clock.move_to(held.until - 1)
    booked = holds.card_completed(practice, held.request_id, card_of(newcomer))
    assert booked is not None
    assert (booked.slot_id, booked.fee_pence, booked.state) == (held.slot.id, 6000, "booked")
    assert booked.card == "ok"
    assert row(practice, CardRequest, held.request_id)["state"] == "complete"
    trail = [(a["actor_id"], a["via"]) for a in all_rows(practice, Audit) if a["act"] == "book"]
    assert trail == [(newcomer.id, "card")]


def test_b3_completing_counts_once(practice: Practice, therapist: Actor, newcomer: Actor) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    assert complete(practice, newcomer, held)
    before = snapshot(practice)
    assert holds.card_completed(practice, held.request_id, card_of(newcomer)) is None
    assert snapshot(practice) == before


def test_b3_a_card_that_comes_late_is_only_put_on_record(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    open_page(practice, newcomer, held.request_id)
    clock.move_to(held.until)
    assert holds.card_completed(practice, held.request_id, card_of(newcomer)) is None
    assert accounts.me(practice, newcomer).card == "ok"
    assert all_rows(practice, Payment) == []
    (told,) = all_rows(practice, Notice)
    assert (told["event"], told["channel"]) == ("card_saved", "telegram")
    assert held.slot.id in told["facts"]
    assert book_initial(practice, newcomer, held.slot.id)  # with a tap


@pytest.mark.parametrize("state", ["expired", "swept", "given up", "taken"])
def test_b3_nothing_is_booked_on_a_hold_that_has_gone(
    practice: Practice,
    therapist: Actor,
    newcomer: Actor,
    client: Actor,
    clock: MovableClock,
    state: str,
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    open_page(practice, newcomer, held.request_id)
    if state == "given up":
        holds.give_up(practice, newcomer)
    else:
        clock.move_to(held.until)
        cards.page_closed(practice, held.request_id)
    if state == "swept":
        holds.sweep(practice)
    if state == "taken":
        book_initial(practice, client, held.slot.id)
    assert holds.card_completed(practice, held.request_id, card_of(newcomer)) is None
    assert accounts.me(practice, newcomer).card == "ok"
    assert len(all_rows(practice, Payment)) == (state == "taken")


GONE: list[tuple[str, dict[str, Any]]] = [
    ("suspended", {"suspended_at": 1}),
    ("payments", {"charges_enabled": 0}),
    ("notice", {"notice_s": 30 * DAY}),
]


@pytest.mark.parametrize("gate", GONE, ids=[name for name, _ in GONE])
def test_b1_a_slot_no_longer_bookable_at_the_commit_is_not_booked(
    practice: Practice, therapist: Actor, newcomer: Actor, gate: tuple[str, dict[str, Any]]
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    set_row(practice, Therapist, therapist.id, **gate[1])
    assert complete(practice, newcomer, held) is None
    assert row(practice, Claim, held.slot.id)["state"] == "open"
    assert accounts.me(practice, newcomer).card == "ok"


def test_b5_a_hold_that_would_be_a_second_session_is_not_booked(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    give_card(practice, newcomer)  # on another page
    book_initial(practice, newcomer, open_slot(practice, therapist, SOON + DAY))
    assert complete(practice, newcomer, held) is None


# --- M7a: the fee of a hold is the one on its button


def test_m7a_a_hold_keeps_the_fee_it_was_shown_with(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    set_row(practice, Therapist, therapist.id, initial_fee=9000)
    assert booking.offer(practice, newcomer, held.slot.id).slot.fee_pence == 6000
    booked = complete(practice, newcomer, held)
    assert booked is not None
    assert booked.fee_pence == 6000


def test_b3a_a_hold_that_slid_into_the_window_books_nothing(
    practice: Practice, clock: MovableClock, therapist: Actor, newcomer: Actor
) -> None:
    """M7a: the button promised a free cancellation that there would be none of by now."""
    slot = open_slot(practice, therapist, NOW + 2 * DAY + 10 * MINUTE)
    held = hold(practice, newcomer, slot)
    clock.advance(10 * MINUTE)
    assert complete(practice, newcomer, held) is not None
    other = open_slot(practice, add_therapist(practice), practice.now() + 2 * DAY + 10 * MINUTE)
    late = add_client(practice, card=False)
    held = hold(practice, late, other)
    clock.advance(10 * MINUTE + 1)
    assert complete(practice, late, held) is None
    assert row(practice, Claim, other)["state"] == "open"
    assert [n["event"] for n in all_rows(practice, Notice)].count("card_saved") > 0


def test_m7a_a_hold_that_has_expired_keeps_no_fee(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    """What is booked is what the button said, and that shows the therapist's fee of today again."""
    held = hold(practice, newcomer, open_slot(practice, therapist))
    set_row(practice, Therapist, therapist.id, initial_fee=9000)
    give_card(practice, newcomer)
    clock.move_to(held.until)
    assert booking.offer(practice, newcomer, held.slot.id).slot.fee_pence == 9000
    with pytest.raises(TermsChanged):
        booking.book(practice, newcomer, held.slot.id, Shown(6000, inside_window=False))
    assert book_initial(practice, newcomer, held.slot.id).fee_pence == 9000


def test_m7a_pressing_a_button_with_another_fee_is_refused_on_a_hold_too(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    with pytest.raises(TermsChanged):
        booking.book(practice, newcomer, held.slot.id, Shown(30, inside_window=False))


def test_b3_a_card_saved_elsewhere_lets_the_holder_book_at_once(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    give_card(practice, newcomer)
    booked = book(practice, newcomer, held.slot.id)
    assert isinstance(booked, AppointmentView)


# --- the page


class Stripe:
    """A gateway that makes pages, or does not answer."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.asked: list[PageOrder] = []

    def make_customer(self, order: PageOrder) -> str:
        self.asked.append(order)
        if not self.answers:
            raise OutsideFault
        return f"cus_{order.client_id}"

    def make_page(self, order: PageOrder, _customer: str) -> tuple[str, str]:
        self.asked.append(order)
        return f"cs_{order.request_id}", f"https://pay.example.org/{order.request_id}"


def test_b3_the_page_is_made_once(practice: Practice, therapist: Actor, newcomer: Actor) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    stripe: Any = Stripe()
    first = cards.page(practice, stripe, newcomer, held.request_id)
    assert cards.page(practice, stripe, newcomer, held.request_id) == first
    assert len(stripe.asked) == 2  # customer and page
    assert first.url.endswith(held.request_id)


def test_b3_an_unanswered_page_is_ordered_again_just_the_same(
    practice: Practice, therapist: Actor, newcomer: Actor, clock: MovableClock
) -> None:
    """A repeated key with other values would be refused."""
    held = hold(practice, newcomer, open_slot(practice, therapist))
    stripe: Any = Stripe(answers=False)
    for _ in range(2):
        with pytest.raises(OutsideFault):
            cards.page(practice, stripe, newcomer, held.request_id)
        clock.advance(7)
    assert stripe.asked[0] == stripe.asked[1]


def test_the_first_customer_of_a_client_stays(practice: Practice, newcomer: Actor) -> None:
    assert cards.customer_made(practice, newcomer.id, "cus_1") == "cus_1"
    assert cards.customer_made(practice, newcomer.id, "cus_2") == "cus_1"


@pytest.mark.parametrize("request_id", ["theirs", "invented", ""])
def test_a1_a_page_is_only_for_its_own_client(
    practice: Practice, therapist: Actor, newcomer: Actor, client: Actor, request_id: str
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    asked = held.request_id if request_id == "theirs" else request_id
    for actor in (client, therapist, therapist._replace(id=newcomer.id)):
        with pytest.raises(NotFound) as refused:
            cards.order(practice, actor, asked)
        assert str(refused.value) == str(NotFound())


@pytest.mark.parametrize(("late", "there"), [(-1, True), (0, False)])
def test_b3_a_page_closes_after_31_minutes(
    practice: Practice, newcomer: Actor, clock: MovableClock, late: int, there: bool
) -> None:
    request = cards.ask_for_card(practice, newcomer)
    open_page(practice, newcomer, request)
    clock.move_to(NOW + 31 * MINUTE + late)
    if there:
        assert isinstance(cards.order(practice, newcomer, request), Page)
    else:
        with pytest.raises(NotFound, match="closed"):
            cards.order(practice, newcomer, request)
        assert cards.ask_for_card(practice, newcomer) != request


def test_asking_for_a_card_twice_opens_one_page(practice: Practice, newcomer: Actor) -> None:
    assert cards.ask_for_card(practice, newcomer) == cards.ask_for_card(practice, newcomer)


# --- looking at open pages


def test_b3_open_pages_are_looked_at_every_minute(
    practice: Practice, newcomer: Actor, clock: MovableClock
) -> None:
    request = cards.ask_for_card(practice, newcomer)
    assert cards.due(practice) == []  # no page yet
    open_page(practice, newcomer, request)
    clock.advance(59)
    assert cards.due(practice) == []
    clock.advance(1)
    assert [page.request_id for page in cards.due(practice)] == [request]
    assert cards.due(practice) == []
    clock.advance(60)
    assert cards.due(practice)


@pytest.mark.parametrize("by", ["session", "client"])
def test_b3_a_hint_makes_the_next_sweep_look(practice: Practice, newcomer: Actor, by: str) -> None:
    request = cards.ask_for_card(practice, newcomer)
    open_page(practice, newcomer, request)
    hint = {"session": f"cs_{request}"} if by == "session" else {"client_id": newcomer.id}
    assert cards.look_now(practice, **hint) == 1
    assert cards.due(practice)


def test_b3_a_page_that_is_done_is_looked_at_no_more(
    practice: Practice, newcomer: Actor, client: Actor, clock: MovableClock
) -> None:
    expired = cards.ask_for_card(practice, newcomer)
    open_page(practice, newcomer, expired)
    cards.page_closed(practice, expired)
    give_card(practice, client)
    clock.advance(DAY)
    assert cards.due(practice) == []


# --- M6: a new card


def test_m6_a_new_card_lets_what_is_unpaid_be_tried_at_once(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    unpaid = session(practice, therapist, client)
    fine = follow_up(practice, therapist, client, SOON + 9 * DAY)
    for status, booked in (("failed", unpaid), ("scheduled", fine)):
        set_row(practice, Payment, booked.id, status=status, next_at=None)
    clock.advance(MINUTE)
    give_card(practice, client, card_of(client, 2))
    assert row(practice, Payment, unpaid.id)["next_at"] == clock.now()
    assert row(practice, Payment, fine.id)["next_at"] is None


def test_a_new_card_replaces_the_old_one(practice: Practice, client: Actor) -> None:
    give_card(practice, client, replace(card_of(client, 2), brand="mastercard", last4="4444"))
    assert accounts.me(practice, client).card_words == "Mastercard ending 4444, until 12/30"
    assert row(practice, Client, client.id)["card"] == card_of(client, 2).method


def test_b7_a_follow_up_without_a_card_stands_and_asks_for_one(
    practice: Practice, newcomer: Actor
) -> None:
    therapist = add_therapist(practice, initial_fee=0)
    session(practice, therapist, newcomer)
    booked = follow_up(practice, therapist, newcomer, SOON + DAY)
    assert (booked.card, booked.state) == ("missing", "booked")
    told = [n for n in all_rows(practice, Notice) if n["event"] == "card_needed"]
    assert {n["channel"] for n in told} == {"email", "telegram"}
    assert {n["appointment_id"] for n in told} == {booked.id}
    assert appointment_of(practice, booked.id)["fee"] == 6000


def test_b6_a_free_follow_up_asks_for_no_card(practice: Practice, newcomer: Actor) -> None:
    therapist = add_therapist(practice, initial_fee=0)
    session(practice, therapist, newcomer)
    follow_up(practice, therapist, newcomer, SOON + DAY, fee_pence=0)
    assert not [n for n in all_rows(practice, Notice) if n["event"] == "card_needed"]


def test_c1_a_slot_can_be_closed_after_its_hold_was_given_up(
    practice: Practice, therapist: Actor, newcomer: Actor
) -> None:
    held = hold(practice, newcomer, open_slot(practice, therapist))
    holds.give_up(practice, newcomer)
    assert calendar.close_slot(practice, therapist, held.slot.id).state == "closed"
    assert complete(practice, newcomer, held) is None
