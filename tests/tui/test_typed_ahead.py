"""What is typed before a form is on the screen goes into the form, in its order."""

from __future__ import annotations

import pytest

from helpspace.core.practice import Practice
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import SMALL
from tests.tui.terminal import Terminal


@pytest.mark.parametrize(
    ("keys", "seen"),
    [("/taylor", "taylor"), ("atue 10:00 anna", "tue 10:00 anna"), ("g2026-04-05", "2026-04-05")],
)
def test_keys_that_come_before_the_form(week: Practice, scene: Scene, keys: str, seen: str) -> None:
    week.store.close()
    with Terminal(week.settings.database, scene.therapist.id, WEDNESDAY, SMALL) as line:
        line.until("q quit")
        line.press(keys)
        line.until(seen)
        line.press("\x11")
        assert line.wait() == 0
