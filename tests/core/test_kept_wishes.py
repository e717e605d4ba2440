"""Wishes are kept only with a booking, encrypted, and only their client sees them (K3a, A1, D7)."""

from __future__ import annotations

import pytest

from helpspace.core import holds, inbox, kept_wishes
from helpspace.core.actors import Actor
from helpspace.core.inbox import Place
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Wish
from helpspace.core.wishes import Wishes, written
from tests.makers import (
    SOON,
    VISA,
    add_client,
    add_therapist,
    all_rows,
    follow_up,
    hold,
    open_page,
    open_slot,
    session,
)

WISHED = Wishes(concerns=0b1000, days=0b1100000, fee_up_to=5000)


@pytest.fixture
def therapist(practice: Practice) -> Actor:
    return add_therapist(practice)


def say(practice: Practice, chat: int, wishes: Wishes) -> None:
    """Let the chat remember wishes, as the bot does tap by tap."""
    draft = {kept_wishes.DRAFT: written(wishes)}
    inbox.move_to(practice, chat, Place("1:wishes", draft, 7))


def test_wishing_keeps_nothing_and_booking_does(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice, chat=501)
    say(practice, 501, WISHED)
    assert not all_rows(practice, Wish)
    assert kept_wishes.latest(practice, client) is None
    booked = session(practice, therapist, client)
    [kept] = all_rows(practice, Wish)
    assert kept["appointment_id"] == booked.id
    assert b"Grief" not in bytes(kept["wishes_sealed"])
    assert kept_wishes.latest(practice, client) == WISHED
    # A session that the therapist books says nothing of what somebody looked for.
    follow_up(practice, therapist, client, SOON + DAY)
    assert len(all_rows(practice, Wish)) == 1


def test_a_hold_keeps_nothing_until_its_card_books(practice: Practice, therapist: Actor) -> None:
    """B3: the commit that books keeps them, whichever process it is in."""
    client = add_client(practice, chat=501, card=False)
    say(practice, 501, WISHED)
    held = hold(practice, client, open_slot(practice, therapist))
    open_page(practice, client, held.request_id)
    assert not all_rows(practice, Wish)
    assert holds.card_completed(practice, held.request_id, VISA) is not None
    assert kept_wishes.latest(practice, client) == WISHED


def test_no_wish_and_a_forgotten_chat_leave_nothing(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice, chat=501)
    session(practice, therapist, client)
    other = add_client(practice, chat=502)
    say(practice, 502, Wishes())
    session(practice, therapist, other, SOON + DAY)
    assert not all_rows(practice, Wish)


def test_nobody_elses_are_seen(practice: Practice, therapist: Actor) -> None:
    """A1."""
    owner, stranger = add_client(practice, chat=501), add_client(practice, chat=502)
    say(practice, 501, WISHED)
    session(practice, therapist, owner)
    assert kept_wishes.latest(practice, stranger) is None


def test_the_newest_booking_counts(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice, chat=501)
    for number, wished in enumerate((WISHED, Wishes(parts=0b100))):
        say(practice, 501, wished)
        made = add_therapist(practice)
        session(practice, made, client, SOON + number * DAY)
        practice.clock.advance(60)  # type: ignore[attr-defined]
    assert kept_wishes.latest(practice, client) == Wishes(parts=0b100)


def test_forgetting_is_for_one_client(practice: Practice, therapist: Actor) -> None:
    """K4: what an erasure takes away."""
    people = []
    for number in (501, 502):
        people.append(add_client(practice, chat=number))
        say(practice, number, WISHED)
        session(practice, therapist, people[-1], SOON + (number - 500) * DAY)
    with practice.change() as tx:
        kept_wishes.forget(tx, people[0].id)
    assert kept_wishes.latest(practice, people[0]) is None
    assert kept_wishes.latest(practice, people[1]) == WISHED
