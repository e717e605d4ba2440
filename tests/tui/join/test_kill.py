"""Killed at any page, the draft is there on return; in a real terminal (D1)."""

from __future__ import annotations

import os
import signal

from helpspace.core.joining import application
from helpspace.core.practice import Practice
from tests.core.applicants import TEAM
from tests.makers import NOW
from tests.tui.join.stage import SMALL
from tests.tui.terminal import Terminal

_PROGRAM = """
import sys
from helpspace.sandbox.clock import MovableClock
from tests import makers
from helpspace.tui.join.app import run
url, therapist, now, _ = sys.argv[1:]
practice = makers.practice_at(url, MovableClock(int(now)))
sys.exit(run(practice, therapist))
"""


def open_at(room: Practice, own: str) -> Terminal:
    return Terminal(room.settings.database, own, NOW, SMALL, program=_PROGRAM)


def test_d1_a_killed_terminal_has_lost_nothing_that_was_kept(room: Practice, begun: str) -> None:
    with open_at(room, begun) as terminal:
        terminal.until("1 Application")
        terminal.press("a")
        terminal.until("About you  1 of 9")
        terminal.press("tab", "tab", "020 7946 0000")
        terminal.until("020 7946 0000")
        terminal.until("✓ kept")
        os.kill(terminal._pid, signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
    with open_at(room, begun) as terminal:
        terminal.until("1 Application")
        terminal.press("a")
        terminal.until("020 7946 0000")
        for page in range(2, 10):
            terminal.press("\x0e")
            terminal.until(f"{page} of 9")
        terminal.press(" ")
        terminal.until("[x] Yes")
        terminal.until("✓ kept")
        os.kill(terminal._pid, signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL
    answers = application.application(room, TEAM, begun).answers
    assert answers["about"]["contact"] == "020 7946 0000"
    assert answers["declaration"]["agreed"]
