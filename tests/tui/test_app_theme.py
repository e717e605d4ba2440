"""The theme is remembered from one start of the terminal to the next."""

from __future__ import annotations

import pytest

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.practice import Practice
from tests import makers
from tests.tui.join import stage as joining
from tests.tui.join.conftest import begun, room
from tests.tui.scenes import Scene
from tests.tui.stage import Stage, play

__all__ = ["begun", "room"]

USUAL = "helpspace-dark"


def test_what_is_put_on_is_on_at_the_next_start(week: Practice, scene: Scene) -> None:
    """Also in the steps of joining; other therapists keep theirs."""
    other = makers.add_therapist(week, "Bob")

    async def put_on(stage: Stage) -> None:
        assert stage.app.theme == USUAL
        for name in ("high-contrast", "light"):
            await stage.pane.run_action(f"app.put_on('helpspace-{name}')")
        await stage.settle()
        assert stage.app.theme == "helpspace-light"

    async def light(stage: Stage) -> None:
        assert stage.app.theme == "helpspace-light"

    async def usual(stage: Stage) -> None:
        assert stage.app.theme == USUAL

    play(week, scene.therapist, put_on)
    play(week, scene.therapist, light)
    play(week, other, usual)


def test_joining_and_the_calendar_share_it(room: Practice, begun: str) -> None:
    async def put_on(visit: joining.Visit) -> None:
        await visit.app.run_action("app.put_on('helpspace-light')")
        await visit.settle()

    async def light(visit: joining.Visit) -> None:
        assert visit.app.theme == "helpspace-light"

    joining.play(room, put_on, begun)
    assert terminal.settings_of(room, Actor.therapist(begun)).theme == "helpspace-light"
    joining.play(room, light, begun)


def test_before_there_is_anybody_a_theme_can_be_put_on_too(room: Practice) -> None:
    async def walk(visit: joining.Visit) -> None:
        await visit.app.run_action("app.put_on('helpspace-light')")
        await visit.settle()
        assert visit.app.theme == "helpspace-light"

    joining.play(room, walk)


def test_a_theme_that_there_is_no_more_is_left_off(week: Practice, scene: Scene) -> None:
    terminal.keep_theme(week, scene.therapist, "helpspace-of-yesterday")

    async def walk(stage: Stage) -> None:
        assert stage.app.theme == USUAL

    play(week, scene.therapist, walk)


def test_a_store_that_does_not_take_it_stops_nothing(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on for this time, and one line says that it is not kept."""

    def refuse(*_: object) -> None:
        raise HelpspaceError("The store is busy", "Try again in a moment.")

    monkeypatch.setattr(terminal, "keep_theme", refuse)

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("app.put_on('helpspace-light')")
        await stage.settle()
        assert stage.app.theme == "helpspace-light"
        said = " ".join(stage.flat.replace("▌", " ").split())
        assert "The theme is not kept: the store is busy" in said

    play(week, scene.therapist, walk)
