"""In a real terminal nothing of the practice is written while it is locked (A3, A5)."""

from __future__ import annotations

import pytest

from helpspace.core import terminal_lock
from helpspace.core.practice import Practice
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import LARGE, SMALL
from tests.tui.terminal import Terminal

WORDS = "grey heron at dusk"


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_no_name_is_written_before_it_is_open(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    terminal_lock.keep_lock(week, scene.therapist, WORDS, 10)
    week.store.close()
    with Terminal(week.settings.database, scene.therapist.id, WEDNESDAY, size) as line:
        line.until("This terminal is locked")
        line.press("\u202e\u05e9\u05dc\u05d5\u05dd" + "x" * 10_000)
        line.press("[/b]\x1b]52;c;aGVsbG8=\x07", "enter")
        line.until("That is not the passphrase")
        assert b"\xe2\x80\xae" not in line.raw
        assert b"Sam" not in line.raw
        assert b"visible to clients" not in line.raw
        line.press(WORDS, "enter")
        line.until("Sam Tay")
        line.press("\x0c")
        line.until("This terminal is locked")
        line.until_gone("Sam")
        before = len(line.raw)
        line.press("wrong", "enter")
        line.until("That is not the passphrase")
        line.press("\x10", "?")
        line.press("\x11")
        assert line.wait() == 0
    assert b"Sam" not in line.raw[before:]
    written = line.raw.decode()
    assert WORDS not in written
    assert "\x1b]52" not in written
