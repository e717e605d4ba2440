"""The races themselves, a round at a time: `tests/races` runs a few of them, `make soak` many."""

from __future__ import annotations

from collections import Counter

from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Claim
from tests.core.invariants import always_bookings, always_notices
from tests.makers import (
    SOON,
    acquaint,
    add_client,
    add_therapist,
    all_rows,
    follow_up,
    open_slot,
    session,
)
from tests.races.rival import Rivals, dealt

PROCESSES = 8
ATTEMPTS = 50


def crowd(practice: Practice, *, card: bool) -> list[Actor]:
    """Register as many clients as there are attempts."""
    return [add_client(practice, card=card) for _ in range(ATTEMPTS)]


def fifty_for_one_slot(practice: Practice, rivals: Rivals, clients: list[Actor], day: int) -> None:
    """C4: one is booked, the others are told at once, and nothing is booked twice."""
    slot = open_slot(practice, add_therapist(practice), SOON + day * DAY)
    attempts = [["book", client.id, slot] for client in clients]
    results = Counter(rivals.race(dealt(attempts, PROCESSES)))
    winners = results.pop("booked", 0)
    assert winners == 1, results
    # Who has won three rounds may not book a fourth (B5).
    assert set(results) <= {"SlotTaken", "TooManyAhead"}, results
    assert sum(results.values()) == ATTEMPTS - 1
    assert len([a for a in all_rows(practice, Appointment) if a["slot_id"] == slot]) == 1


def fifty_for_one_hold(practice: Practice, rivals: Rivals, clients: list[Actor], day: int) -> None:
    """C4, B3: one client holds the slot."""
    slot = open_slot(practice, add_therapist(practice), SOON + day * DAY)
    attempts = [["book", client.id, slot] for client in clients]
    results = Counter(rivals.race(dealt(attempts, PROCESSES)))
    assert results == {"held": 1, "SlotTaken": ATTEMPTS - 1}
    (held,) = [c for c in all_rows(practice, Claim) if c["id"] == slot]
    assert held["state"] == "held"


def one_client_for_many_slots(practice: Practice, rivals: Rivals, day: int) -> None:
    """B5, C3: one client in eight places at once has three sessions, none of them overlapping."""
    client = add_client(practice)
    slots = [
        open_slot(practice, add_therapist(practice), SOON + day * DAY + (n // 2) * HOUR)
        for n in range(PROCESSES)
    ]
    results = Counter(rivals.race([[["book", client.id, slot]] for slot in slots]))
    assert results["booked"] == 3, results
    assert set(results) <= {"booked", "TooManyAhead", "OwnOverlap"}


def therapist_against_client(practice: Practice, rivals: Rivals, day: int) -> None:
    """C2, C6: whoever is first has it, and the other is told."""
    start = SOON + day * DAY
    for kind in ("close", "follow_up", "open"):
        therapist, known, client = (
            add_therapist(practice),
            add_client(practice),
            add_client(practice),
        )
        acquaint(practice, therapist, known)
        slot = open_slot(practice, therapist, start)
        against = {
            "close": ["close", therapist.id, slot],
            "follow_up": ["follow_up", therapist.id, known.id, start + 600],
            "open": ["open", therapist.id, start + 600],
        }[kind]
        theirs, own = rivals.race([[["book", client.id, slot]], [against]])
        if kind == "open":
            assert (theirs, own) == ("booked", "Overlap")
        else:
            done = {"close": "closed", "follow_up": "booked"}[kind]
            assert (theirs, own) in (("booked", "Overlap"), ("SlotTaken", done)), (theirs, own)


def two_follow_ups_at_one_time(practice: Practice, rivals: Rivals, day: int) -> None:
    """C2: two windows of one therapist cannot book the same time."""
    therapist, one, two = add_therapist(practice), add_client(practice), add_client(practice)
    for client in (one, two):
        acquaint(practice, therapist, client)
    start = SOON + day * DAY
    attempts = [
        [["follow_up", therapist.id, client.id, start + 60 * n]]
        for n, client in enumerate((one, two) * 4)
    ]
    assert Counter(rivals.race(attempts)) == {"booked": 1, "Overlap": 7}


def both_cancel(practice: Practice, rivals: Rivals, day: int) -> None:
    """B8: a session is cancelled once, by one of the two."""
    therapist, client = add_therapist(practice), add_client(practice)
    first = session(practice, therapist, client, SOON + day * DAY)
    second = follow_up(practice, therapist, client, SOON + day * DAY + HOUR)
    for booked in (first, second):
        attempts = [
            [["cancel", actor.role, actor.id, booked.id]] for actor in (client, therapist) * 4
        ]
        results = Counter(rivals.race(attempts))
        assert results == {"cancelled": 1, "AlreadyCancelled": 7}


def two_moves_to_one_time(practice: Practice, rivals: Rivals, day: int) -> None:
    """C2, M10: sessions moved to the same time from eight places; one gets there."""
    therapist, client = add_therapist(practice), add_client(practice)
    acquaint(practice, therapist, client)
    start = SOON + day * DAY
    booked = [follow_up(practice, therapist, client, start + n * HOUR) for n in range(PROCESSES)]
    there = start + 12 * HOUR
    attempts = [[["move", therapist.id, one.id, there + 60 * n]] for n, one in enumerate(booked)]
    assert Counter(rivals.race(attempts)) == {"moved": 1, "Overlap": PROCESSES - 1}


def moved_and_cancelled(practice: Practice, rivals: Rivals, day: int) -> None:
    """B8, N3a: each of them is told of what happened, in whatever order it did."""
    therapist, client = add_therapist(practice), add_client(practice)
    acquaint(practice, therapist, client)
    booked = follow_up(practice, therapist, client, SOON + day * DAY)
    later = SOON + (day + 1) * DAY
    cancel = [["cancel", "client", client.id, booked.id]]
    results = rivals.race([[["move", therapist.id, booked.id, later]], cancel])
    assert results in (["moved", "cancelled"], ["AlreadyCancelled", "cancelled"]), results


def time_off_against_booking(practice: Practice, rivals: Rivals, day: int) -> None:
    """C7: what is booked first is hit by the time off, what comes later is refused."""
    therapist, known = add_therapist(practice), add_client(practice)
    acquaint(practice, therapist, known)
    start = SOON + day * DAY
    slot = open_slot(practice, therapist, start + 2 * HOUR)
    attempts = [
        [["take_off", therapist.id, start, start + DAY]],
        [["follow_up", therapist.id, known.id, start + 5 * HOUR]],
        [["book", add_client(practice).id, slot]],
        [["open", therapist.id, start + 8 * HOUR]],
    ]
    taken, made, theirs, own = rivals.race(attempts)
    assert taken == "taken"
    assert made in ("booked", "Overlap")
    assert theirs in ("booked", "SlotTaken", "CannotBeBooked"), theirs
    assert own in ("opened", "Overlap")
    inside = [
        c for c in all_rows(practice, Claim)
        if c["therapist_id"] == therapist.id and c["state"] != "closed"
    ]  # fmt: skip
    assert inside == []


def always(practice: Practice) -> None:
    """Ask what must hold after every round."""
    always_bookings(practice)
    always_notices(practice)
