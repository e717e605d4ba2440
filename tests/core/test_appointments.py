"""Appointments as each reader may see them, and nobody else (A1, K1, P1)."""

from __future__ import annotations

import pytest

from helpspace.core import appointments, booking
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Payment
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    follow_up,
    payment_of,
    practice_at,
    session,
    set_row,
)


def test_k1_the_client_sees_the_therapist_and_the_therapist_the_client(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    theirs = appointments.appointment(practice, client, booked.id)
    own = appointments.appointment(practice, therapist, booked.id)
    assert (theirs.other_name, theirs.other_contact) == ("Zoë O'Brien", "contact1")
    assert (own.other_name, own.other_contact) == ("Sam", "client1@example.org")
    assert theirs.video_url == own.video_url == booked.video_url


def test_p1_the_team_sees_neither_name_nor_contact(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    booked = session(practice, therapist, client)
    seen = appointments.appointment(practice, team, booked.id)
    assert (seen.other_name, seen.other_contact) == ("", "")
    assert "Sam" not in repr(seen)


@pytest.mark.parametrize("thing", ["theirs", "invented", "", "\0", "' OR 1=1 --"])
def test_a1_anothers_appointment_answers_like_none(
    practice: Practice, therapist: Actor, client: Actor, thing: str
) -> None:
    booked = session(practice, therapist, client)
    asked = booked.id if thing == "theirs" else thing
    strangers = (
        add_client(practice),
        add_therapist(practice),
        Actor.therapist(client.id),
        Actor.client(therapist.id),
    )
    for actor in strangers:
        with pytest.raises(NotFound) as refused:
            appointments.appointment(practice, actor, asked)
        assert str(refused.value) == str(NotFound())


def test_a1_lists_hold_only_ones_own(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    other_client, other_therapist = add_client(practice), add_therapist(practice)
    mine = session(practice, therapist, client)
    theirs = session(practice, other_therapist, other_client)

    def ids(actor: Actor, **options: str) -> list[str]:
        return [one.id for one in appointments.appointments(practice, actor, **options)]

    assert ids(client) == ids(therapist) == [mine.id]
    assert ids(other_client) == ids(other_therapist) == [theirs.id]
    assert set(ids(team)) == {mine.id, theirs.id}
    assert ids(client, client_id=other_client.id) == []
    assert ids(client, therapist_id=other_therapist.id) == []
    assert ids(therapist, therapist_id=other_therapist.id) == []
    assert ids(therapist, client_id=client.id) == [mine.id]
    assert ids(team, therapist_id=other_therapist.id) == [theirs.id]


def test_k1_ahead_and_live(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    first = session(practice, therapist, client)
    second = follow_up(practice, therapist, client, SOON + DAY)
    third = follow_up(practice, therapist, client, SOON + 2 * DAY)
    booking.cancel(practice, client, second.id)

    def ids(**options: bool) -> list[str]:
        return [one.id for one in appointments.appointments(practice, client, **options)]

    assert ids() == [first.id, second.id, third.id]
    assert ids(live_only=True) == [first.id, third.id]
    clock.move_to(first.end - 1)
    assert ids(ahead=True) == [first.id, second.id, third.id]
    clock.advance(1)
    assert ids(ahead=True, live_only=True) == [third.id]


@pytest.mark.parametrize(
    ("status", "at", "word"),
    [
        ("scheduled", NOW, "scheduled"),
        ("scheduled", SOON - 2 * DAY, "scheduled"),
        ("scheduled", SOON - 2 * DAY + 1, "due"),
        ("processing", SOON, "processing"),
        ("paid", SOON, "paid"),
        ("needs_approval", SOON, "needs_approval"),
        ("failed", SOON, "failed"),
        ("refunding", SOON, "refunding"),
        ("refunded", SOON, "refunded"),
        ("waived", SOON, "waived"),
        ("disputed", SOON, "disputed"),
    ],
)
def test_k1_where_the_money_stands(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    status: str,
    at: int,
    word: str,
) -> None:
    booked = session(practice, therapist, client)
    set_row(practice, Payment, booked.id, status=status)
    clock.move_to(at)
    assert appointments.appointment(practice, client, booked.id).payment == word


def test_k1_a_waived_fee_is_not_owed(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(SOON)
    assert appointments.appointment(practice, client, booked.id).owed_pence == 6000
    set_row(practice, Payment, booked.id, waived_at=NOW, status="waived")
    assert appointments.appointment(practice, client, booked.id).owed_pence == 0
    assert payment_of(practice, booked.id)["waived_at"] == NOW


def test_without_a_video_address_there_is_no_link(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    bare = practice_at(practice.settings.database, practice.clock, VIDEO="")
    assert appointments.appointment(bare, client, booked.id).video_url is None
    bare.store.close()
