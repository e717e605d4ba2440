"""Finding anything in the calendar and going there."""

from __future__ import annotations

import pytest

from helpspace.core.moments import DAY, show
from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.screens.find import FindModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

LONDON = "Europe/London"


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_a_client_is_found_by_a_part_of_the_name(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("slash", *"ayl")
        assert isinstance(stage.app.screen, FindModal)
        assert "3 found" in stage.flat
        assert_golden(stage.app, f"app_find_{name}")
        await stage.press("enter")
        assert stage.of(messages.Found)
        assert stage.pane.view.chosen is not None
        assert stage.pane.view.chosen.id == scene.friday
        await stage.press("slash", *"sam", "down", "enter")
        assert stage.pane.view.cursor == at(7, 9)

    play(week, scene.therapist, walk, size)


def test_dates_statuses_and_both(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(4, 9))
        await stage.press("slash", *"24 nov", "enter")
        assert show(pane.view.cursor, LONDON) == "Tue 24 Nov 09:00"
        await stage.press("slash", *"unpaid")
        assert "1 found" in stage.flat
        await stage.press("enter")
        assert show(pane.view.cursor, LONDON) == "Wed 4 Mar 15:00"
        await stage.press("3", "slash", *"open fri", "enter")
        assert pane.view.name == "month"
        assert pane.view.chosen is not None
        assert pane.view.chosen.id == scene.open_slot
        await stage.press("slash", *"zoe")
        assert "Nothing fits that." in stage.flat
        await stage.press("enter")
        assert isinstance(stage.app.screen, FindModal)
        assert "Nothing fits that" in stage.said
        await stage.press("escape")
        assert stage.app.focused is pane.view

    play(week, scene.therapist, walk)


def test_names_are_dots_when_hidden_and_far_sessions_are_found(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    makers.follow_up(week, scene.therapist, scene.anna, at(0, 10) + 420 * DAY)

    async def walk(stage: Stage) -> None:
        await stage.press("asterisk", "slash", *"anna")
        assert "Karenina" not in stage.text
        assert "•••• ••••••••" in stage.text
        await stage.press("escape", "slash", *"anna 2027")
        assert "Nothing fits" in stage.flat

    play(week, scene.therapist, walk)
