"""Found by the kills of `tests/soak/test_wire_kills.py`: what a dying process must not cost."""

from __future__ import annotations

from helpspace.core import inbox
from helpspace.core.inbox import MOST_FAILURES, MOST_TRIES
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Inbox
from tests.makers import row


def test_d1_an_update_outlives_the_deaths_of_its_process(practice: Practice) -> None:
    """Three kills while it was in hand once set it aside, though Telegram was told it is safe."""
    inbox.take_in(practice, [(1, 7001, "tap", {"d": "x"})])
    sam = practice.vault.digest("7001", "client.chat")
    for _ in range(2 * MOST_FAILURES):
        found = inbox.next_of(practice, sam)
        assert found is not None
    assert row(practice, Inbox, 1)["state"] == "new"  # type: ignore[arg-type]


def test_a4a_an_update_that_kills_every_process_is_set_aside_in_the_end(
    practice: Practice,
) -> None:
    inbox.take_in(practice, [(1, 7001, "tap", {"d": "x"})])
    sam = practice.vault.digest("7001", "client.chat")
    for _ in range(MOST_TRIES):
        assert inbox.next_of(practice, sam) is not None
    assert inbox.next_of(practice, sam) is None
    assert row(practice, Inbox, 1)["state"] == "parked"  # type: ignore[arg-type]
