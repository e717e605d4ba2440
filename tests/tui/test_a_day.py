"""A day in practice by the keyboard alone, from painting to the tax year, in at most 60 keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpspace.core import booking
from helpspace.core.moments import HOUR
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui import messages
from tests.tui.scenes import WEDNESDAY, Scene, at
from tests.tui.stage import SMALL, Stage, play

MOST = 60
"""Keys of a whole day, besides the text that is typed into fields."""


class Hands:
    """Presses keys and counts them; what is typed into a field is not counted."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.keys = 0

    async def press(self, *keys: str) -> None:
        self.keys += len(keys)
        await self.stage.press(*keys)

    async def type(self, text: str) -> None:
        await self.stage.press(*text)


def test_a_day_takes_at_most_sixty_keys(
    week: Practice,
    week_clock: MovableClock,
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    week_clock.move_to(WEDNESDAY + 6 * HOUR)
    booking.complete_past(week)

    async def walk(stage: Stage) -> None:
        hands = Hands(stage)
        await hands.press("g")
        await hands.type("mon 6 apr")
        await hands.press("enter", "J", "shift+right", "s")
        await hands.type("9:00")
        await hands.press("tab")
        await hands.type("12:00")
        await hands.press("tab", "tab", "tab")
        await hands.type("6")
        await hands.press("enter")
        assert len(stage.of(messages.SlotsOpened)[0].opened.slots) == 36

        await hands.press("a")
        await hands.type("zoë tue 10 mar 14:00 x6")
        await hands.press("enter")
        assert len(stage.of(messages.SeriesBooked)[0].sessions) == 6

        await hands.press("t", ".", ".", "m", "m")
        await hands.type("client")
        await hands.press("tab")
        await hands.type("mon 9 mar")
        await hands.press("enter")
        moved = stage.of(messages.AppointmentMoved)[0].session
        assert (moved.start, moved.end) == (at(7, 12), at(7, 13, 20))

        await hands.press("t", "o")
        await hands.type("fri 6 mar")
        await hands.press("tab")
        await hands.type("thu 12 mar")
        await hands.press("tab", "tab")
        await hands.type("cancel")
        await hands.press("enter")
        taken = stage.of(messages.TimeOffTaken)[0].taken
        assert (len(taken.closed), len(taken.cancelled)) == (2, 6)

        await hands.press("t", ",", "enter", "n", "y")
        assert stage.said == "Marked Wed 4 Mar 15:00 as missed. The client is told."
        await hands.press("M", "w", "y")
        assert stage.said == "Waived Wed 4 Mar 15:00: nothing is charged."
        await hands.press("s")
        assert "helpspace-income-2025-26.csv" in stage.flat
        assert hands.keys <= MOST

    play(week, scene.therapist, walk, SMALL)
    written = (tmp_path / "helpspace-income-2025-26.csv").read_text()
    assert written.splitlines()[-1].startswith("Total,,,,,,,425.00,")
