"""Killed at any page, the draft is there on return; in a real terminal (D1)."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from helpspace.core import moments
from helpspace.core.joining import application, documents
from helpspace.core.joining.topics import TOPICS
from helpspace.core.moments import LONDON
from helpspace.core.practice import Practice
from tests.core.applicants import TEAM
from tests.makers import NOW
from tests.tui.join.stage import SMALL
from tests.tui.terminal import Terminal

_PROGRAM = """
import os
import sys
from helpspace.sandbox.clock import MovableClock
from tests import makers
from helpspace.tui.join.app import run
url, therapist, now, _ = sys.argv[1:]
files = os.environ["TEST_FILES"]
practice = makers.practice_at(url, MovableClock(int(now)), seed=os.getpid(), FILES=files)
sys.exit(run(practice, therapist))
"""


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch, room: Practice) -> None:
    """Let the terminals keep files where the practice of the test does."""
    monkeypatch.setenv("TEST_FILES", str(room.settings.files))


def open_at(room: Practice, own: str) -> Terminal:
    return Terminal(room.settings.database, own, NOW, SMALL, program=_PROGRAM)


def typed(papers: Path) -> dict[str, tuple[str, str]]:
    """What is typed on each page that a counsellor comes to, and what is seen when it is taken."""
    last = (moments.local_date(NOW, LONDON) + timedelta(days=365)).isoformat()
    return {
        "about": ("\t\t020 7946 0000\r ", "(•) woman"),
        "qualifications": (f"Diploma\t{papers}/diploma.pdf\r", "✓ diploma.pdf"),
        "body": (f" \t00123456\r{last}", "(•) BACP"),
        "supervision": ("Ann Lee\rann@example.org", "ann@example.org"),
        "insurance": (f"Calm Cover\r{last}\r{papers}/diploma.pdf\r", "✓ diploma.pdf"),
        "picture": (f"{papers}/face.png\r", "✓ face.png"),
        "style": ("Steady help\tI listen.\t \t \t \t ", "[x] Video"),
        "notice": ("24", "24 hours"),
        "declaration": (" ", "[x] Yes"),
    }


def test_d1_killed_at_each_page_the_draft_is_there_on_return(
    room: Practice, begun: str, papers: Path
) -> None:
    """ "Done when" 6: nine terminals, each killed on its page; the next goes on with the next one.

    Everything is typed ahead, faster than the screen can follow, as over a line that had stalled.
    """
    (papers / "Zoë's face.png").rename(papers / "face.png")
    for number, topic in enumerate(TOPICS, 1):
        keys, seen = typed(papers)[topic.name]
        with open_at(room, begun) as terminal:
            terminal.until("1 Application")
            terminal.press("a")
            terminal.until(f"{topic.title}  {number} of {len(TOPICS)}")
            terminal.press(keys)
            terminal.until(seen)
            terminal.until(f"{'●' * number}{'○' * (len(TOPICS) - number)}  ✓ kept")
            os.kill(terminal._pid, signal.SIGKILL)
            assert terminal.wait() == -signal.SIGKILL
    found = application.application(room, TEAM, begun)
    assert (found.state, found.lacks) == ("draft", ())
    assert found.answers["about"]["contact"] == "020 7946 0000"
    assert found.answers["supervision"]["supervisor_contact"] == "ann@example.org"
    assert {one.kind for one in found.documents} == {"qualification", "insurance", "picture"}
    for one in found.documents:
        assert documents.look_at(room, TEAM, one.id)[1]
