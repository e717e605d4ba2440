"""Killed in the middle of the course, in a real terminal: what was completed is there (J6, D1)."""

from __future__ import annotations

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.terminal import end_tour
from tests import makers
from tests.tui.learn.classroom import done
from tests.tui.stage import SMALL
from tests.tui.terminal import Terminal

_PROGRAM = """
import sys
from helpspace.core.actors import Actor
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.practice_ground import open_ground
from helpspace.tui.app import run
from tests import makers
url, therapist, now = sys.argv[1:4]
practice = makers.practice_at(url, MovableClock(int(now)))
sys.exit(run(practice, Actor.therapist(therapist), ground=open_ground))
"""


def begin(practice: Practice, therapist: Actor) -> Terminal:
    return Terminal(practice.settings.database, therapist.id, makers.NOW, SMALL, program=_PROGRAM)


def test_j6_a_kill_loses_no_completed_chapter(practice: Practice, therapist: Actor) -> None:
    end_tour(practice, therapist)
    with begin(practice, therapist) as terminal:
        terminal.until("? help")
        terminal.press("L")
        terminal.until("0 of 8 done")
        terminal.press("x")
        terminal.until("Where does that go?")
        terminal.press("down", "down", "enter")
        terminal.until("notes stay with you")
        terminal.press("enter")
        terminal.until("What happens?")
        terminal.press("down", "enter")
        terminal.until("1 of 8 done")
        terminal.press("enter", "x")
        terminal.until("how one joins Helpspace")
        # Leaving the context kills the process at once.
    assert done(practice, therapist) == {"helpspace"}
    with begin(practice, therapist) as terminal:
        terminal.until("? help")
        terminal.press("L")
        terminal.until("1 of 8 done")
        terminal.until("▸ · 2  Joining")
