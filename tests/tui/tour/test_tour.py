"""The tour: once by itself, six steps at most, and never in the way."""

from __future__ import annotations

import pytest

from helpspace.core import terminal
from helpspace.core.errors import StoreFault
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.actions import ACTIONS
from helpspace.tui.app import TherapistApp
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.tour.panel import TourPanel
from helpspace.tui.tour.steps import STEPS
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play
from tests.tui.terminal import Terminal


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_it_goes_through_its_steps_and_ends(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    fresh = makers.add_therapist(week, "Bob")

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("tour")
        await stage.settle()
        for number, step in enumerate(STEPS, start=1):
            assert f"{step.heading}  {number} of {len(STEPS)}" in stage.text
            for line in step.lines:
                assert USUAL.say(line) in stage.flat
            assert not terminal.settings_of(week, fresh).toured
            await stage.press("enter")
        assert not isinstance(stage.app.screen, TourPanel)

    play(week, fresh, walk, size)
    assert terminal.settings_of(week, fresh).toured


def test_back_and_leave(week: Practice, scene: Scene) -> None:
    fresh = makers.add_therapist(week, "Bob")

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("tour")
        await stage.settle()
        assert "back" not in stage.text.splitlines()[-2]
        await stage.press("right", "right", "left")
        assert STEPS[1].heading in stage.text
        await stage.press("escape")
        assert not isinstance(stage.app.screen, TourPanel)

    play(week, fresh, walk)
    assert terminal.settings_of(week, fresh).toured


def test_a_store_that_does_not_take_it_stops_nothing(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreFault

    monkeypatch.setattr(terminal, "end_tour", refuse)

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("tour")
        await stage.settle()
        await stage.press("escape")
        assert not isinstance(stage.app.screen, TourPanel)
        assert StoreFault().sentence in stage.said

    play(week, scene.therapist, walk)


def test_it_names_keys_that_there_are() -> None:
    """An own key is said, too; at most six steps, each three lines at most."""
    ids = {one.id for one in ACTIONS}
    said = " ".join(line for step in STEPS for line in step.lines)
    own = Keys({"slot.toggle": "b"})
    assert "b opens a slot" in " ".join(own.say(line) for line in STEPS[1].lines)
    assert "{" not in USUAL.say(said)
    assert all(name in ids for name in ("slot.toggle", "help.tour"))
    assert len(STEPS) <= 6
    assert all(len(step.lines) <= 3 for step in STEPS)
    assert all(len(USUAL.say(line)) <= 74 for step in STEPS for line in step.lines)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_it_comes_once_by_itself(week: Practice, size: tuple[int, int]) -> None:
    """Killed in the middle it comes again; left, it does not."""
    fresh = makers.add_therapist(week, "Bob")
    database = week.settings.database
    week.store.close()
    with Terminal(database, fresh.id, WEDNESDAY, size) as line:
        line.until("1 of 6")
        line.press("enter")
        line.until("2 of 6")
    with Terminal(database, fresh.id, WEDNESDAY, size) as line:
        line.until("1 of 6")
        line.press("q")
        line.until_gone("1 of 6")
        line.press("?")
        line.until("Esc close")
        line.press("\x11")
        assert line.wait() == 0
    again = makers.practice_at(database, MovableClock(WEDNESDAY))
    assert terminal.settings_of(again, fresh).toured
    again.store.close()


@pytest.mark.parametrize("toured", [True, False])
def test_the_line_of_the_day_waits_for_whoever_is_new(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch, *, toured: bool
) -> None:
    fresh = makers.add_therapist(week, "Bob")
    if toured:
        terminal.end_tour(week, fresh)
    app = TherapistApp(week, fresh, debug=True)
    app.greets = True
    begun: list[object] = []
    monkeypatch.setattr(app, "set_timer", lambda _after, call: begun.append(call))

    async def walk(stage: Stage) -> None:
        assert begun == [stage.pane.tell_day if toured else stage.pane.action_tour]

    play(week, fresh, walk, app=app)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_it_leaves_in_sight_what_it_speaks_of(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    """Golden screens: the first step below the week, the fourth above the lines of the cursor."""

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("tour")
        await stage.settle()
        assert_golden(stage.app, f"tour_week_{size[0]}x{size[1]}")
        await stage.press("enter", "enter", "enter")
        assert_golden(stage.app, f"tour_cursor_{size[0]}x{size[1]}")

    play(week, scene.therapist, walk, size)
