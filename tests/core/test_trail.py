"""The trail: every act leaves one row that says who, what, when and from where (A2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpspace.core import accounts, audit, booking, calendar, cards, holds
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Audit
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    DAY,
    NOW,
    SOON,
    add_client,
    add_therapist,
    all_rows,
    book_initial,
    card_of,
    follow_up,
    hold,
    open_page,
    open_slot,
    session,
)

Scene = Callable[[Practice], tuple[Callable[[], Any], Actor]]


def opening(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_therapist(practice)
    return lambda: open_slot(practice, actor), actor


def closing(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_therapist(practice)
    slot = open_slot(practice, actor)
    return lambda: calendar.close_slot(practice, actor, slot), actor


def naming(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice)
    return lambda: accounts.set_name(practice, actor, "Kim"), actor


def addressing(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice)
    return lambda: accounts.set_email(practice, actor, "kim@example.org"), actor


def zoning(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice)
    return lambda: accounts.set_zone(practice, actor, "Europe/Paris"), actor


def asking(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice, card=False)
    return lambda: cards.ask_for_card(practice, actor), actor


def holding(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice, card=False)
    slot = open_slot(practice, add_therapist(practice, initial_fee=6000))
    # The terms are accepted with another, free session first, so that only the hold is new.
    session(practice, add_therapist(practice, initial_fee=0), actor, SOON + 9 * DAY)
    return lambda: hold(practice, actor, slot), actor


def releasing(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice, card=False)
    hold(practice, actor, open_slot(practice, add_therapist(practice)))
    return lambda: holds.give_up(practice, actor), actor


def booking_(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice)
    session(practice, add_therapist(practice), actor, SOON + 9 * DAY)
    slot = open_slot(practice, add_therapist(practice))
    return lambda: book_initial(practice, actor, slot), actor


def following_up(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor, client = add_therapist(practice), add_client(practice)
    session(practice, actor, client)
    return lambda: follow_up(practice, actor, client, SOON + DAY), actor


def cancelling(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor = add_client(practice)
    booked = session(practice, add_therapist(practice), actor)
    return lambda: booking.cancel(practice, actor, booked.id), actor


def ending(practice: Practice) -> tuple[Callable[[], Any], Actor]:
    actor, therapist = add_client(practice), add_therapist(practice)
    session(practice, therapist, actor)
    return lambda: booking.end_relationship(practice, actor, therapist.id), actor


ACTS: dict[str, tuple[Scene, str, str]] = {
    "opening": (opening, "open", "slot"),
    "closing": (closing, "close", "slot"),
    "naming": (naming, "name", "client"),
    "addressing": (addressing, "email", "client"),
    "zoning": (zoning, "zone", "client"),
    "asking": (asking, "ask", "card"),
    "holding": (holding, "hold", "slot"),
    "releasing": (releasing, "release", "slot"),
    "booking": (booking_, "book", "appointment"),
    "following up": (following_up, "book", "appointment"),
    "cancelling": (cancelling, "cancel", "appointment"),
    "ending": (ending, "end", "bond"),
}


@pytest.mark.parametrize("name", ACTS)
def test_a2_every_act_leaves_its_row(practice: Practice, clock: MovableClock, name: str) -> None:
    scene, act, thing = ACTS[name]
    do, actor = scene(practice)
    clock.advance(60)
    before = len(all_rows(practice, Audit))
    do()
    (kept,) = all_rows(practice, Audit)[before:]
    assert (kept["act"], kept["thing"]) == (act, thing)
    assert (kept["role"], kept["actor_id"], kept["via"]) == (actor.role, actor.id, actor.via)
    assert kept["at"] == NOW + 60


def test_a2_the_sweeps_leave_theirs(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booked = session(practice, therapist, client)
    clock.move_to(booked.end)
    booking.complete_past(practice)
    kept = all_rows(practice, Audit)[-1]
    assert (kept["role"], kept["act"], kept["thing_id"]) == ("system", "complete", booked.id)


def test_b4_consent_and_card_are_in_the_trail(practice: Practice, therapist: Actor) -> None:
    client = add_client(practice, card=False)
    held = hold(practice, client, open_slot(practice, therapist))
    open_page(practice, client, held.request_id)
    holds.card_completed(practice, held.request_id, card_of(client))
    kept = [one["act"] for one in all_rows(practice, Audit)]
    for act in ("consent", "terms", "hold", "save", "book"):
        assert kept.count(act) == 1


def test_a2_the_team_reads_it(practice: Practice, client: Actor, team: Actor) -> None:
    booked = session(practice, add_therapist(practice), client)
    actor = team.on_behalf_of("client", client.id, "asked by phone")
    booking.cancel(practice, actor, booked.id)
    (kept,) = audit.trail(practice, team, act="cancel")
    assert (kept.by_whom, kept.why, kept.thing_id) == ("team:ops", "asked by phone", booked.id)
    assert [one.act for one in audit.trail(practice, team, thing=booked.id)] == ["cancel", "book"]
    assert audit.trail(practice, team, who="team:ops") == [kept]
    for reader in (client, Actor.therapist("aaaaaaaaaaaa")):
        with pytest.raises(NotAllowed):
            audit.trail(practice, reader)
