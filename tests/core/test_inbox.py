"""Updates: durable before they are acknowledged, in each person's order, once, then wiped (A4a)."""

from __future__ import annotations

from typing import Any

from helpspace.core import inbox
from helpspace.core.inbox import CROWD, HOME, KEEP, MOST_TRIES, Place
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Dialogue, Inbox
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, all_rows, practice_at, row

SAM, KIM = 7001, 7002


def update(number: int, chat: int = SAM, **payload: Any) -> tuple[int, int, str, dict[str, Any]]:
    return number, chat, "tap", payload or {"data": f"tap {number}"}


def who(practice: Practice, chat: int) -> str:
    return practice.vault.digest(str(chat), "client.chat")


def test_a4a_an_update_is_taken_in_once(practice: Practice) -> None:
    assert inbox.take_in(practice, [update(1), update(2)]) == 2
    assert inbox.take_in(practice, [update(2), update(3)]) == 1
    assert inbox.take_in(practice, [update(1), update(2), update(3)]) == 0
    assert len(all_rows(practice, Inbox)) == 3


def test_a4a_it_is_there_after_a_restart(practice: Practice, clock: MovableClock) -> None:
    inbox.take_in(practice, [update(1, data="x")])
    again = practice_at(practice.settings.database, clock, seed=5)
    found = inbox.next_of(again, who(again, SAM))
    assert found is not None
    assert (found.update_id, found.payload, found.received_at) == (1, {"data": "x"}, NOW)
    again.store.close()


def test_a4a_an_update_handled_is_not_handled_again(practice: Practice) -> None:
    inbox.take_in(practice, [update(1)])
    inbox.handled(practice, 1)
    assert inbox.next_of(practice, who(practice, SAM)) is None
    assert inbox.take_in(practice, [update(1)]) == 0
    assert inbox.next_of(practice, who(practice, SAM)) is None


def test_a4a_what_it_said_is_wiped(practice: Practice) -> None:
    inbox.take_in(practice, [update(1)])
    assert row(practice, Inbox, 1)["sealed"] is not None
    inbox.handled(practice, 1)
    assert row(practice, Inbox, 1)["sealed"] is None


def test_a4a_each_persons_updates_come_in_their_order(practice: Practice) -> None:
    inbox.take_in(practice, [update(3), update(1), update(2, KIM)])
    seen = []
    while (found := inbox.next_of(practice, who(practice, SAM))) is not None:
        seen.append(found.update_id)
        inbox.handled(practice, found.update_id)
    assert seen == [1, 3]
    found = inbox.next_of(practice, who(practice, KIM))
    assert found is not None
    assert found.update_id == 2


def test_a4a_who_waits_longest_is_first(practice: Practice) -> None:
    inbox.take_in(practice, [update(5), update(2, KIM), update(9, 7003)])
    sam, kim, lee = (who(practice, chat) for chat in (SAM, KIM, 7003))
    assert inbox.waiting(practice) == [kim, sam, lee]
    assert inbox.waiting(practice, exclude=frozenset({kim})) == [sam, lee]
    assert inbox.waiting(practice, exclude=frozenset({kim}), limit=1) == [sam]
    inbox.handled(practice, 2)
    assert inbox.waiting(practice) == [sam, lee]


def test_a4a_what_is_left_is_counted_as_far_as_a_crowd(practice: Practice) -> None:
    inbox.take_in(practice, [update(number) for number in range(1, CROWD + 4)])
    inbox.take_in(practice, [update(100, KIM)])
    assert inbox.handled(practice, 1) == CROWD + 1
    assert inbox.handled(practice, 2) == CROWD + 1
    assert inbox.handled(practice, 3) == CROWD
    assert inbox.handled(practice, 100) == 0
    assert inbox.waiting(practice) == [who(practice, SAM)]


def test_a4a_an_update_that_kills_its_handler_is_set_aside(practice: Practice) -> None:
    inbox.take_in(practice, [update(1), update(2)])
    sam = who(practice, SAM)
    for tries in range(1, MOST_TRIES + 1):
        found = inbox.next_of(practice, sam)
        assert found is not None
        assert (found.update_id, found.tries) == (1, tries)
    found = inbox.next_of(practice, sam)
    assert found is not None
    assert found.update_id == 2
    parked = row(practice, Inbox, 1)
    assert (parked["state"], parked["sealed"]) == ("parked", None)


def test_d7_the_inbox_names_nobody(practice: Practice) -> None:
    inbox.take_in(practice, [update(1, data="canary")])
    kept = repr(all_rows(practice, Inbox))
    assert "canary" not in kept
    assert str(SAM) not in kept


def test_a4a_ids_are_forgotten_when_telegram_has_forgotten_them(
    practice: Practice, clock: MovableClock
) -> None:
    inbox.take_in(practice, [update(1), update(2)])
    inbox.handled(practice, 1)
    clock.move_to(NOW + KEEP)
    assert inbox.sweep(practice) == 0
    clock.advance(1)
    assert inbox.sweep(practice) == 1
    assert [one["update_id"] for one in all_rows(practice, Inbox)] == [2]  # not handled, so kept


def test_a_dialogue_is_where_it_was_left(practice: Practice, clock: MovableClock) -> None:
    assert inbox.place(practice, SAM) == HOME
    inbox.move_to(practice, SAM, Place("slots", {"therapist": "abc"}, 17))
    assert inbox.place(practice, SAM) == Place("slots", {"therapist": "abc"}, 17)
    inbox.move_to(practice, SAM, Place("review", {}, 18))
    assert inbox.place(practice, SAM) == Place("review", {}, 18)
    assert inbox.place(practice, KIM) == HOME
    clock.advance(DAY + 1)
    inbox.sweep(practice)
    assert inbox.place(practice, SAM) == HOME


def test_d7_a_dialogue_names_nobody(practice: Practice) -> None:
    inbox.move_to(practice, SAM, Place("name", {"name": "canary"}, None))
    kept = repr(all_rows(practice, Dialogue))
    assert "canary" not in kept
    assert str(SAM) not in kept


def test_a4a_a_damaged_update_does_not_block_its_person(practice: Practice) -> None:
    inbox.take_in(practice, [update(1), update(2)])
    with practice.change() as tx:
        tx.set(Inbox, "update_id = 1", sealed=b"damaged")
    found = inbox.next_of(practice, who(practice, SAM))
    assert found is not None
    assert found.update_id == 2
    assert row(practice, Inbox, 1)["state"] == "parked"
