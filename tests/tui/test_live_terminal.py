"""A real terminal follows what another process does, within a second, on both databases."""

from __future__ import annotations

import time

import pytest

from helpspace.core import booking, terminal
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from tests import makers
from tests.tui.scenes import WEDNESDAY, at
from tests.tui.stage import LARGE
from tests.tui.terminal import Terminal

SOON = 1.0 + 1.0
"""Seconds: the promise, and a second for drawing on a machine that is busy with other tests."""


@pytest.mark.long
def test_c2_what_another_process_does_is_seen_at_once(practice: Practice, store_url: str) -> None:
    """Booked, cancelled by its client: both are on the screen, and what is typed stays there."""
    me = makers.add_therapist(practice, notice_s=DAY)
    terminal.end_tour(practice, me)
    sam = makers.add_client(practice, "Samantha")
    slot = makers.open_slot(practice, me, at(4, 11))
    with Terminal(store_url, me.id, WEDNESDAY, LARGE) as window:
        window.until("visible to clients")
        window.press("/")
        window.until("A part of a name")
        window.press(*"wolf")
        window.until("wolf")
        made = makers.book_initial(practice, sam, slot)
        began = time.monotonic()
        window.until("Samantha", SOON)
        assert time.monotonic() - began < SOON
        assert "wolf" in window.text
        window.press("escape")
        booking.cancel(practice, sam, made.id)
        window.until_gone("Samantha", SOON)
        window.press("q")
        assert window.wait() == 0
