"""Plays a walk through the course, in an app that has nothing but the course."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from helpspace.core.actors import Actor
from helpspace.core.joining import course
from helpspace.core.practice import Practice
from helpspace.sandbox.practice_ground import PracticeGround, open_ground
from helpspace.tui.learn.chapter import ChapterScreen
from helpspace.tui.learn.exercising import ExerciseScreen
from helpspace.tui.learn.screen import LearnScreen
from helpspace.tui.look import HelpspaceApp
from tests.tui.screen_text import screen_text
from tests.tui.stage import SMALL


class Classroom:
    """The course in a test: short words for what a person does and sees."""

    def __init__(self, app: HelpspaceApp, pilot: Pilot[None], grounds: list[PracticeGround]):
        self.app = app
        self.pilot = pilot
        self.grounds = grounds
        """Every ground that was made, the latest last."""

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what they began."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is on its way and everything is drawn."""
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def click(self, selector: str, x: int, y: int) -> None:
        """Click into a widget of the topmost screen."""
        await self.pilot.click(self.app.screen.query_one(selector), offset=(x, y))
        await self.settle()

    async def to_exercise(self, number: int) -> None:
        """Go from the list of chapters, wherever its cursor is, to a chapter's exercise."""
        listed = self.app.screen
        assert isinstance(listed, LearnScreen)
        listed.list.highlighted = number - 1
        await self.press("x")

    @property
    def exercise(self) -> ExerciseScreen:
        screen = self.app.screen
        assert isinstance(screen, ExerciseScreen), screen
        return screen

    @property
    def chapter(self) -> ChapterScreen:
        screen = self.app.screen
        assert isinstance(screen, ChapterScreen), screen
        return screen

    @property
    def why(self) -> str:
        """What was said of the last answer; empty before one is given."""
        found = self.exercise.verdict
        return "" if found is None else found.why

    @property
    def is_right(self) -> bool:
        """Whether the last answer was right."""
        found = self.exercise.verdict
        return found is not None and found.right

    @property
    def text(self) -> str:
        """The screen as one line, so that broken sentences are whole."""
        return " ".join(" ".join(screen_text(self.app)).split())

    @property
    def bar(self) -> str:
        """The line of keys."""
        return screen_text(self.app)[-1]


Walk = Callable[[Classroom], Awaitable[None]]


def attend(
    practice: Practice,
    actor: Actor,
    walk: Walk,
    size: tuple[int, int] = SMALL,
    make: Callable[[], Any] = open_ground,
) -> list[PracticeGround]:
    """Play a walk that begins at the list of chapters; return the grounds that were made."""
    grounds: list[PracticeGround] = []

    def ground() -> PracticeGround:
        grounds.append(make())
        return grounds[-1]

    async def run() -> None:
        app = HelpspaceApp(debug=True)
        async with app.run_test(size=size, tooltips=True, notifications=True) as pilot:
            app.push_screen(LearnScreen(practice, actor, ground))
            await pilot.pause()
            await walk(Classroom(app, pilot, grounds))

    asyncio.run(run())
    return grounds


def done(practice: Practice, actor: Actor) -> set[str]:
    """Return the chapters that the store has as completed."""
    return set(course.progress(practice, actor, actor.id).done)


def complete(practice: Practice, actor: Actor, *names: str) -> None:
    """Complete chapters without the terminal."""
    for name in names:
        course.complete(practice, actor, actor.id, name)
