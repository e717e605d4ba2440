"""Slots painted over days and weeks, and the last opening or closing taken back with `u`."""

from __future__ import annotations

import pytest

from helpspace.core import calendar
from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.screens.paint import PaintModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = [("80x24", SMALL), ("140x40", LARGE)]


async def mark(stage: Stage) -> None:
    """Mark Monday to Wednesday of the week of the clock change, 09:00 to 12:00."""
    await stage.go_to(at(21, 9))
    await stage.press(*["J"] * 5, "shift+right", "shift+right", "shift+right", "shift+left")


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_c1_c5_the_same_hours_on_several_days_and_weeks(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """18 slots: all are listed with the clash and the clock change, then opened in one commit."""
    makers.open_slot(week, scene.therapist, at(29, 9))

    async def walk(stage: Stage) -> None:
        await mark(stage)
        assert [start for start, _ in stage.pane.grid.selections] == [
            at(21, 9), at(22, 9), at(23, 9),
        ]  # fmt: skip
        assert_golden(stage.app, f"app_marked_days_{name}")
        await stage.press("s")
        assert isinstance(stage.app.screen, PaintModal)
        await stage.fill("weeks", "2")
        assert "17 slots of 50 minutes" in stage.flat
        assert "The clocks go forward on Sun 29 Mar" in stage.flat
        assert "Not Tue 31 Mar 10:00" in stage.flat
        assert_golden(stage.app, f"app_paint_{name}")
        await stage.press("down", "enter")
        opened = stage.of(messages.SlotsOpened)[0].opened
        assert len(opened.slots) == 17
        assert stage.said.startswith("Opened Mon 23 Mar 09:00–09:50 and 16 more.")
        assert {slot.minutes for slot in opened.slots} == {50}
        assert stage.pane.grid.selection is None

    play(week, scene.therapist, walk, size)


def test_a_mark_goes_both_ways_and_stays_in_the_week(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        grid = stage.pane.grid
        await stage.go_to(at(26, 13))
        await stage.press("shift+right", "shift+right", "shift+right")
        assert [one[0] for one in grid.selections] == [at(26, 13), at(27, 12)]
        assert "on 2 days" in stage.pane.detail.facts.title
        await stage.press("H", "H", "H")
        assert [one[0] for one in grid.selections] == [at(24, 13), at(25, 13), at(26, 13)]
        await stage.press("down")
        assert grid.selections == ()
        await stage.press("shift+right", "escape")
        assert grid.selection is None

    play(week, scene.therapist, walk)


def test_an_opening_is_taken_back_where_nothing_has_happened(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("u")
        assert stage.said.startswith("There is nothing to take back.")
        await mark(stage)
        await stage.press("s", "enter")
        slots = stage.of(messages.SlotsOpened)[0].opened.slots
        assert len(slots) == 9
        calendar.close_slot(elsewhere, scene.therapist, slots[0].id)
        await stage.press("u")
        assert stage.said == "Taken back: 8 slots; 1 stay, since something happened with them."
        assert not stage.pane.desk.entries(stage.pane.first)
        await stage.press("u")
        assert "nothing to take back" in stage.said

    play(week, scene.therapist, walk)


def test_a_closing_is_taken_back_or_it_is_said_why_not(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.open_slot)
        await stage.press("s", "y", "u")
        assert stage.said.startswith("Opened Fri 6 Mar 11:00–11:50.")
        await stage.press("s", "y")
        makers.open_slot(elsewhere, scene.therapist, at(4, 10, 45))
        await stage.press("u")
        assert stage.said.startswith("Fri 6 Mar 11:00–11:50 overlaps something you have already.")

    play(week, scene.therapist, walk)
