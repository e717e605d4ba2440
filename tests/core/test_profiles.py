"""What clients find: visible profiles with exactly their bookable slots (P1–P3, B4)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, calendar, matching, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import CannotBeBooked, NotAllowed, NotFound
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    book_initial,
    hold,
    open_slot,
    session,
    set_row,
)

GATES: list[tuple[str, dict[str, Any]]] = [
    ("not_approved", {"status": "applied"}),
    ("not_approved", {"status": "rejected"}),
    ("suspended", {"suspended_at": 1}),
    ("payments_not_enabled", {"charges_enabled": 0}),
    ("payments_not_enabled", {"payouts_enabled": 0}),
    ("course_not_completed", {"course_done_at": None}),
    ("proofs_expired", {"proofs_until": NOW}),
    ("proofs_expired", {"proofs_until": None}),
    ("no_minimum_notice", {"notice_s": None}),
    ("switched_off", {"switched_off_at": 1}),
]


def found(practice: Practice, client: Actor) -> set[str]:
    """Return whom a client finds in the list."""
    matches = matching.visible(practice, client, matching.Wishes(), limit=100)
    return {match.profile.therapist_id for match in matches}


def test_p1_a_new_therapist_is_hidden(practice: Practice, client: Actor, team: Actor) -> None:
    therapist = add_therapist(practice, account=None, proofs_until=None, notice_s=None)
    view = profiles.therapist(practice, team, therapist.id)
    assert not view.visible
    assert len(view.why_hidden) >= 5
    assert found(practice, client) == set()


def test_p1_visible_with_an_open_slot(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    assert profiles.therapist(practice, team, therapist.id).why_hidden == ("no_bookable_slot",)
    slot = open_slot(practice, therapist)
    profile, slots = profiles.profile(practice, therapist.id)
    assert [one.id for one in slots] == [slot]
    assert (profile.name, profile.next_start, profile.fee_pence) == ("Zoë O'Brien", SOON, 6000)
    assert found(practice, client) == {therapist.id}
    assert profiles.therapist(practice, team, therapist.id).visible


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: f"{gate[0]}-{next(iter(gate[1]))}")
def test_p1_every_gate_hides_at_once(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    team: Actor,
    gate: tuple[str, dict[str, Any]],
) -> None:
    """List, profile, link and the therapist's own screen agree."""
    open_slot(practice, therapist)
    code, closed = gate
    set_row(practice, Therapist, therapist.id, **closed)
    assert code in profiles.therapist(practice, team, therapist.id).why_hidden
    assert found(practice, client) == set()
    with pytest.raises(CannotBeBooked):
        profiles.profile(practice, therapist.id)
    with pytest.raises(CannotBeBooked):
        profiles.profile_by_handle(practice, "handle1")


@pytest.mark.parametrize(
    ("at", "visible"),
    [(SOON - DAY - 1, True), (SOON - DAY, True), (SOON - DAY + 1, False), (SOON, False)],
)
def test_b4_the_passing_of_time_hides_to_the_second(
    practice: Practice,
    therapist: Actor,
    client: Actor,
    clock: MovableClock,
    at: int,
    visible: bool,
) -> None:
    open_slot(practice, therapist)
    clock.move_to(at)
    assert bool(found(practice, client)) is visible
    if visible:
        assert profiles.profile(practice, therapist.id)
    else:
        with pytest.raises(CannotBeBooked):
            profiles.profile(practice, therapist.id)


@pytest.mark.parametrize(("at", "visible"), [(-1, True), (0, False), (1, False)])
def test_p1_proofs_are_good_until_their_last_second(
    practice: Practice, client: Actor, clock: MovableClock, at: int, visible: bool
) -> None:
    therapist = add_therapist(practice, proofs_until=NOW + DAY)
    open_slot(practice, therapist, SOON + DAY)
    clock.move_to(NOW + DAY + at)
    assert bool(found(practice, client)) is visible


def test_p3_booking_the_last_slot_hides_and_cancelling_shows_again(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = session(practice, therapist, client)
    assert found(practice, client) == set()
    booking.cancel(practice, client, booked.id)
    assert found(practice, client) == {therapist.id}


def test_p2_held_and_closed_slots_are_not_shown(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    slots = calendar.open_slots(practice, therapist, therapist.id, SOON, weeks=4).slots
    held = hold(practice, add_client(practice, card=False), slots[0].id)
    calendar.close_slot(practice, therapist, slots[1].id)
    book_initial(practice, client, slots[2].id)

    def shown() -> list[str]:
        return [one.id for one in profiles.profile(practice, therapist.id)[1]]

    assert shown() == [slots[3].id]
    clock.move_to(held.until)
    assert shown() == [slots[0].id, slots[3].id]


@pytest.mark.parametrize("which", ["hidden", "invented", ""])
def test_p3_a_hidden_profile_answers_like_one_that_does_not_exist(
    practice: Practice, therapist: Actor, which: str
) -> None:
    asked = therapist.id if which == "hidden" else which
    with pytest.raises(CannotBeBooked) as refused:
        profiles.profile(practice, asked)
    assert refused.value.title == "No space at the moment"
    assert str(refused.value) == str(CannotBeBooked())


@pytest.mark.parametrize("handle", ["handle1", "HANDLE1", "HanDle1"])
def test_a_profile_is_found_by_its_handle(
    practice: Practice, therapist: Actor, handle: str
) -> None:
    open_slot(practice, therapist)
    assert profiles.profile_by_handle(practice, handle)[0].therapist_id == therapist.id


@pytest.mark.parametrize("handle", ["handle2", "", "%", "x" * 10_000])
def test_an_unknown_handle_answers_like_a_hidden_one(practice: Practice, handle: str) -> None:
    with pytest.raises(CannotBeBooked):
        profiles.profile_by_handle(practice, handle)


def test_p1_a_profile_shows_no_private_contact(practice: Practice, therapist: Actor) -> None:
    open_slot(practice, therapist)
    shown = repr(profiles.profile(practice, therapist.id))
    assert "therapist1@example.org" not in shown
    assert "contact1" not in shown


def test_a1_a_therapist_sees_their_own_card_only(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    other = add_therapist(practice)
    assert profiles.therapist(practice, therapist, therapist.id).email == "therapist1@example.org"
    for actor, whose in ((other, therapist.id), (client, therapist.id), (therapist, "invented")):
        with pytest.raises(NotFound) as refused:
            profiles.therapist(practice, actor, whose)
        assert str(refused.value) == str(NotFound())


def test_a1_the_list_of_therapists_is_the_teams(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    assert [one.id for one in profiles.therapists(practice, team)] == [therapist.id]
    for actor in (therapist, client):
        with pytest.raises(NotAllowed):
            profiles.therapists(practice, actor)


def test_a3_names_are_cleaned_where_they_are_kept(practice: Practice) -> None:
    therapist = add_therapist(practice, "\x1b]52;c;x\x07Zoë\u202e [/b]\nBcc: x")
    open_slot(practice, therapist)
    assert profiles.profile(practice, therapist.id)[0].name == "]52;c;xZoë [/b] Bcc: x"
