"""Keys that arrive all at once mean what they would mean one by one, on whatever they lead to."""

from __future__ import annotations

import pytest

from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.tui.screens.again import AgainModal
from helpspace.tui.screens.ask import CancelModal
from helpspace.tui.screens.session import OpenedModal
from helpspace.tui.screens.slot import SlotModal
from tests.tui.scenes import Scene, at
from tests.tui.stage import LARGE, Stage, flat, play


@pytest.mark.parametrize(
    "keys", [("]", "home"), ("]", "]", "[", "home"), ("end", "]", "home"), ("]", "left", "]", "[")]
)
def test_a_key_after_another_week_acts_in_that_week(
    week: Practice, scene: Scene, keys: tuple[str, ...]
) -> None:
    async def walk(stage: Stage) -> None:
        start = at(3, 12)
        await stage.go_to(start)
        await stage.press(*keys)
        meant = stage.pane.view.cursor
        await stage.go_to(start)
        await stage.rush(*keys, "s")
        assert stage.pane.view.cursor == meant
        assert isinstance(stage.app.screen, SlotModal)
        await stage.press("escape")
        assert stage.pane.first.weekday() == 0

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize("form", ["2", "3", "4"])
@pytest.mark.parametrize(("key", "opens"), [("x", CancelModal), ("n", AgainModal)])
def test_a_key_after_a_move_acts_on_what_it_came_to(
    week: Practice, scene: Scene, form: str, key: str, opens: type
) -> None:
    """Whoever is named in a question is whom the cursor is on, in every view (M3)."""

    async def walk(stage: Stage) -> None:
        await stage.press(form)
        pane = stage.pane
        pane.view.move_cursor_to(at(2, 15))
        await stage.settle()
        await stage.rush(".", ".", key)
        facts = pane.detail.facts
        assert isinstance(stage.app.screen, opens), stage.text
        assert facts.title in flat(stage.text)
        assert facts.when.rpartition(" ")[2][:5] in flat(stage.text)

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize("form", ["2", "4"])
def test_what_is_opened_is_what_the_cursor_came_to(week: Practice, scene: Scene, form: str) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press(form)
        stage.pane.view.move_cursor_to(at(2, 15))
        await stage.settle()
        await stage.rush(".", ".", "enter")
        screen = stage.app.screen
        assert isinstance(screen, OpenedModal)
        entry = stage.pane.entry
        assert entry is not None
        assert screen.heading() == stage.pane.detail.facts.title
        assert stage.pane.detail.facts.contact in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_days_far_apart_are_shown_in_the_order_of_the_keys(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(2, 12))
        await stage.rush(*["]"] * 8, *["["] * 5)
        assert stage.pane.view.cursor == at(2, 12) + 21 * DAY
        assert stage.pane.grid.week is not None
        assert stage.pane.grid.week.first == stage.pane.first

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize("form", ["1", "3", "4"])
def test_keys_after_another_view_go_to_that_view(week: Practice, scene: Scene, form: str) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(2, 15))
        await stage.press(form, "right", ".")
        meant = pane.view.cursor
        await stage.press("2")
        pane.view.move_cursor_to(at(2, 15))
        await stage.settle()
        await stage.rush(form, "right", ".")
        assert pane.view.cursor == meant
        await stage.rush("2", "right", form, "left")
        assert pane.view.cursor == meant
        assert stage.app.focused is pane.view

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize("form", ["3", "4"])
def test_the_first_key_in_a_view_that_was_never_shown(
    week: Practice, scene: Scene, form: str
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(2, 15))
        await stage.rush(form, ".", ".", "x")
        assert isinstance(stage.app.screen, CancelModal)
        assert stage.pane.view.cursor == at(3, 10)
        assert stage.pane.detail.facts.title in flat(stage.text)

    play(week, scene.therapist, walk, LARGE)
