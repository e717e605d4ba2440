"""Hostile names on the clients' screens in a real terminal: no control byte, no end (A3)."""

from __future__ import annotations

import pytest

from helpspace.core import booking, links
from helpspace.core.practice import Practice
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import LARGE, SMALL
from tests.tui.terminal import Terminal, only_drawn
from tests.tui.test_app_hostile import spoil


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_no_control_byte_reaches_a_terminal(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    links.remember_bot(week, "practice_bot")
    one = spoil(week, scene)[2]
    client = makers.appointment_of(week, one)["client_id"]
    booking.ask_to_move(week, scene.sam.client(client), one)
    week.store.close()
    with Terminal(week.settings.database, scene.therapist.id, WEDNESDAY, size) as terminal:
        terminal.until("q quit")
        terminal.press("C")
        terminal.until("12 clients")
        terminal.press("/")
        terminal.until("Find ")
        for key in "52;c":
            terminal.press(key)
        terminal.until_gone("Tom Hughes")
        terminal.until("]52;c;aGVsbG8=Osc")
        terminal.press("enter")
        terminal.until("@example.org")
        terminal.press("enter")
        terminal.until("What happened")
        terminal.press("r")
        terminal.until("answer later")
        terminal.press("n")
        terminal.until_gone("answer later")
        terminal.press("Q")
        terminal.until("▀" * 8)  # the code; the words beside it move when it comes
        terminal.press("escape")
        terminal.until_gone("▀" * 8)
        if size == SMALL:
            terminal.press("tab")
        terminal.until("You booked it")
        terminal.press("escape")
        terminal.until("c copy e-mail")
        terminal.press("escape")
        terminal.until("I invitations")
        terminal.press("i")
        terminal.until("make the link")
        terminal.press("y")
        terminal.until("practice_bot")
        terminal.press("\x11")
        assert terminal.wait() == 0
    only_drawn(terminal.raw)
