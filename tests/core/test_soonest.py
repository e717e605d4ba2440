"""Who could see a client soon, and what there is in place of a time that has gone (P4, C4)."""

from __future__ import annotations

from collections import Counter

import pytest

from helpspace.core import calendar, soonest
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed
from helpspace.core.hours import Stretch
from helpspace.core.matching import FEW
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Claim, Therapist
from helpspace.core.wishes import Wishes
from tests.makers import (
    NOW,
    SOON,
    add_client,
    add_therapist,
    hold,
    open_slot,
    session,
    set_row,
)

SOMEBODY = Actor.client("somebody")
WEEK: list[Stretch] = [(NOW, NOW + 7 * DAY)]


def told(found: list[soonest.FreeTime]) -> list[tuple[str, int]]:
    return [(time.therapist_name, (time.slot.start - NOW) // HOUR) for time in found]


def soon(
    practice: Practice,
    wishes: Wishes | None = None,
    stretches: list[Stretch] = WEEK,
    salt: str = "",
) -> list[tuple[str, int]]:
    wished = wishes or Wishes()
    return told(soonest.soonest(practice, SOMEBODY, wished, stretches, limit=50, salt=salt))


def test_each_is_named_once_with_their_first_time_of_the_hours_asked_for(
    practice: Practice,
) -> None:
    ann, ben = add_therapist(practice, "Ann", notice_s=0), add_therapist(practice, "Ben")
    for hour in (3, 30, 33):
        open_slot(practice, ann, NOW + hour * HOUR)
    for hour in (3, 28, 34):
        open_slot(practice, ben, NOW + hour * HOUR)
    assert soon(practice) == [("Ann", 3), ("Ben", 28)]
    assert soon(practice, stretches=[(NOW + 29 * HOUR, NOW + 40 * HOUR)]) == [
        ("Ann", 30),
        ("Ben", 34),
    ]
    two = [(NOW, NOW + HOUR), (NOW + 31 * HOUR, NOW + 34 * HOUR)]
    assert soon(practice, stretches=two) == [("Ann", 33)]
    assert soon(practice, stretches=[]) == []


def test_who_fits_best_comes_first_and_nobody_is_left_out(practice: Practice) -> None:
    """P4: the days and parts among the wishes do not count, since the question has its own."""
    ann, ben = add_therapist(practice, "Ann", concerns=2), add_therapist(practice, "Ben")
    open_slot(practice, ben, SOON)
    open_slot(practice, ann, SOON + HOUR)
    wishes = Wishes(concerns=2, parts=0b100)
    found = soonest.soonest(practice, SOMEBODY, wishes, WEEK, limit=9)
    assert [(time.therapist_name, time.words) for time in found] == [
        ("Ann", "fits 1 of 1: Low mood"),
        ("Ben", "fits 0 of 1; not Low mood"),
    ]


def test_only_what_can_be_booked_now_is_offered(practice: Practice) -> None:
    """P1, P2, B1: gates, holds and minimum notice."""
    people = {name: add_therapist(practice, name, notice_s=DAY) for name in "ABCDE"}
    slots = {name: open_slot(practice, people[name], NOW + 30 * HOUR) for name in "ABCD"}
    open_slot(practice, people["E"], NOW + 20 * HOUR)
    set_row(practice, Therapist, people["A"].id, suspended_at=NOW)
    hold(practice, add_client(practice, card=False), slots["B"])
    calendar.close_slot(practice, people["C"], slots["C"])
    assert soon(practice) == [("D", 30)]
    set_row(practice, Claim, slots["B"], hold_until=NOW)
    assert sorted(soon(practice)) == [("B", 30), ("D", 30)]


def test_large_and_small_groups_are_ordered_alike(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        made = add_therapist(practice, f"T{number}", concerns=number % 2)
        open_slot(practice, made, SOON + number // 4 * HOUR // 2)
        open_slot(practice, made, SOON + DAY)
    assert FEW > 12
    small = soon(practice, Wishes(concerns=1), salt="x")
    monkeypatch.setattr(soonest, "FEW", 2)
    assert soon(practice, Wishes(concerns=1), salt="x") == small
    assert len(small) == 12
    pages = [
        told(soonest.soonest(practice, SOMEBODY, Wishes(), WEEK, limit=5, offset=at, salt="x"))
        for at in (0, 5, 10)
    ]
    assert [one for page in pages for one in page] == soon(practice, salt="x")


def test_among_equals_everybody_is_first_in_turn(practice: Practice) -> None:
    """P4: at most twice the fair share of a thousand searches."""
    for number in range(6):
        open_slot(practice, add_therapist(practice, f"T{number}"))
    first: Counter[str] = Counter()
    for search in range(1000):
        [one] = soonest.soonest(practice, SOMEBODY, Wishes(), WEEK, limit=1, salt=str(search))
        first[one.therapist_name] += 1
    assert max(first.values()) <= 2 * 1000 / 6


def instead(
    practice: Practice, client: Actor, therapist_id: str, wishes: Wishes | None = None
) -> list[tuple[str, int]]:
    wished = wishes or Wishes()
    return told(soonest.instead(practice, client, therapist_id, wished, salt="s"))


def test_the_same_therapist_comes_first_then_who_fits(practice: Practice) -> None:
    """C4: three times for whoever was too late."""
    client = add_client(practice)
    zoe, best, worst = (
        add_therapist(practice, name, concerns=work)
        for name, work in (("Zoë", 0), ("Best", 1), ("Worst", 0))
    )
    for hour in (96, 97):
        open_slot(practice, zoe, NOW + hour * HOUR)
    for hour in (100, 106):
        open_slot(practice, best, NOW + hour * HOUR)
    open_slot(practice, worst, NOW + 99 * HOUR)
    wishes = Wishes(concerns=1, parts=0b100)
    assert instead(practice, client, zoe.id, wishes) == [("Zoë", 96), ("Zoë", 97), ("Best", 106)]
    assert instead(practice, client, "nobody", wishes)[0] == ("Best", 106)
    for hour in (98, 99):
        open_slot(practice, zoe, NOW + hour * HOUR)
    assert instead(practice, client, zoe.id) == [("Zoë", 96), ("Zoë", 97), ("Zoë", 98)]


def test_what_the_client_could_not_book_is_not_offered(practice: Practice) -> None:
    """C3, B5: nothing over their own sessions, nobody whom they have a first session with."""
    client = add_client(practice)
    known, other = add_therapist(practice, "Known"), add_therapist(practice, "Other")
    session(practice, known, client, SOON)
    open_slot(practice, known, SOON + 3 * HOUR)
    open_slot(practice, other, SOON)
    open_slot(practice, other, SOON + 2 * HOUR)
    wanted = [("Other", 98)]
    assert instead(practice, client, other.id)[:1] == wanted
    assert instead(practice, client, known.id)[:1] == wanted
    assert ("Known", 99) not in instead(practice, client, known.id)


def test_a_hidden_therapist_is_like_one_who_never_was(practice: Practice) -> None:
    """A1, P3."""
    client = add_client(practice)
    hidden, other = add_therapist(practice, "Hidden"), add_therapist(practice, "Other")
    for one in (hidden, other):
        open_slot(practice, one)
    set_row(practice, Therapist, hidden.id, switched_off_at=NOW)
    assert instead(practice, client, hidden.id) == instead(practice, client, "x" * 12)


def test_only_clients_look(practice: Practice) -> None:
    for ask in (
        lambda: soonest.soonest(practice, Actor.therapist("x"), Wishes(), WEEK, limit=1),
        lambda: soonest.instead(practice, Actor.therapist("x"), "x", Wishes()),
    ):
        with pytest.raises(NotAllowed):
            ask()
