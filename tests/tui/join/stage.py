"""Plays a walk through the joining app, by keys alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from helpspace.core.joining import application
from helpspace.core.joining.application import ApplicationView
from helpspace.core.practice import Practice
from helpspace.tui.join.app import JoinApp
from tests.core.applicants import TEAM
from tests.tui.screen_text import screen_text
from tests.tui.stage import LARGE, SMALL

__all__ = ["LARGE", "SMALL", "Visit", "Walk", "play"]

_SECONDS = 20


class Visit:
    """The app in a test, and short words for what a person does and sees."""

    def __init__(self, app: JoinApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what they began."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text key by key, as fast as the terminal hands keys on."""
        driver = self.app._driver
        assert driver is not None
        for character in text:
            key = events.Key(_character_to_key(character), character)
            key.set_sender(self.app)
            driver.send_message(key)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no act is on its way and everything is drawn."""
        for _ in range(2):
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + _SECONDS
        while not seen():
            assert time.monotonic() < end, f"it did not happen:\n{self.text}"
            await self.pilot.pause(0.02)
        await self.settle()

    async def kept(self) -> None:
        """Wait until the page says that all is kept."""
        await self.until(lambda: "✓ kept" in self.text)

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(screen_text(self.app))

    @property
    def flat(self) -> str:
        """The screen as one line, so that broken sentences are whole."""
        return " ".join(self.text.split())

    @property
    def said(self) -> str:
        """What the topmost status line says."""
        return self.app.screen.query_one("StatusLine").text  # type: ignore[attr-defined]

    @property
    def seen(self) -> ApplicationView:
        """The application as the store has it."""
        desk = self.app.desk
        return application.application(desk.practice, TEAM, desk.therapist_id)

    def row(self, name: str) -> str:
        """The line of the screen that tells of something."""
        return next(" ".join(line.split()) for line in screen_text(self.app) if f" {name} " in line)


Walk = Callable[[Visit], Awaitable[None]]


def play(
    practice: Practice,
    walk: Walk,
    therapist_id: str = "",
    size: tuple[int, int] = SMALL,
    **options: Any,
) -> None:
    """Play a walk in the joining app."""
    app = JoinApp(practice, therapist_id, debug=True, **options)

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            await walk(Visit(app, pilot))

    asyncio.run(run())
