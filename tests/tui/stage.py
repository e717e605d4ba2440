"""Plays a walk through the therapist's app, with everything that happens kept for the test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from textual import events
from textual.keys import _character_to_key
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.sandbox.practice_ground import open_ground
from helpspace.tui import messages
from helpspace.tui.app import TherapistApp
from tests.tui.screen_text import screen_text

SMALL, LARGE = (80, 24), (140, 40)

KINDS = (
    messages.SlotsOpened,
    messages.SlotClosed,
    messages.FollowUpBooked,
    messages.SeriesBooked,
    messages.AppointmentCancelled,
    messages.AppointmentMoved,
    messages.SeriesCancelled,
    messages.TimeOffTaken,
    messages.TimeOffLifted,
    messages.SlotsTakenBack,
    messages.Found,
    messages.ProfileSaved,
    messages.ProfileSwitched,
    messages.VideoOpened,
    messages.ActRefused,
    messages.CalendarReloaded,
)
M = TypeVar("M", bound=Message)
W = TypeVar("W", bound=Widget)


class Stage:
    """The app in a test: its pilot, what it said, and short words for what a person does."""

    def __init__(self, app: TherapistApp, pilot: Pilot[None], seen: list[Message]) -> None:
        self.app = app
        self.pilot = pilot
        self.seen = seen
        self.pane = app.pane

    async def press(self, *keys: str) -> None:
        """Press keys, and wait for what they began."""
        await self.pilot.press(*keys)
        await self.settle()

    async def rush(self, *keys: str) -> None:
        """Let keys arrive all at once, as over a line that had stalled."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            single = len(key) == 1
            event = events.Key(_character_to_key(key) if single else key, key if single else None)
            event.set_sender(self.app)
            driver.send_message(event)
        await self.settle()
        await self.settle()

    async def settle(self) -> None:
        """Wait until no act is on its way and everything is drawn."""
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def go(self, entry_id: str) -> None:
        """Put the cursor on an entry of the week that is shown."""
        assert self.pane.grid.select(entry_id)
        await self.pilot.pause()

    async def go_to(self, instant: int) -> None:
        """Put the cursor on an instant, in whatever week it is."""
        self.pane.grid.move_cursor_to(instant)
        await self.pilot.pause()

    async def fill(self, name: str, text: str) -> None:
        """Type something into a field in place of what is there."""
        self.app.screen.query_one(f"#{name} Input", Input).value = text
        await self.pilot.pause()

    def of(self, kind: type[M]) -> list[M]:
        """Return what happened of one kind."""
        return [message for message in self.seen if isinstance(message, kind)]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(screen_text(self.app))

    @property
    def flat(self) -> str:
        """The panel, or else the screen, as one line, so that broken sentences are whole."""
        return flat(self.text)

    @property
    def said(self) -> str:
        """What the topmost status line says."""
        return self.app.screen.query_one("StatusLine").text  # type: ignore[attr-defined]


def flat(text: str) -> str:
    """Return a screen's panel, or else the screen, as one line."""
    inside = re.findall(r"│(.*)│", text)
    return " ".join(" ".join(inside or [text]).split())


Walk = Callable[[Stage], Awaitable[None]]


def play(
    practice: Practice,
    actor: Actor,
    walk: Walk,
    size: tuple[int, int] = SMALL,
    *,
    app: TherapistApp | None = None,
) -> list[Message]:
    """Play a walk in the app of a therapist and return what happened."""
    stage_app = app or TherapistApp(practice, actor, ground=open_ground, debug=True)
    seen: list[Message] = []

    def keep(message: Message) -> None:
        if isinstance(message, KINDS) and message not in seen:
            seen.append(message)

    async def run() -> None:
        async with stage_app.run_test(
            size=size, message_hook=keep, tooltips=True, notifications=True
        ) as pilot:
            await pilot.pause()
            seen.clear()
            await walk(Stage(stage_app, pilot, seen))

    asyncio.run(run())
    return seen


def clicked(stage: Stage, action_id: str) -> tuple[Any, tuple[int, int]]:
    """Return the key bar of the topmost screen and where in it an action stands."""
    bar = stage.app.screen.query_one("KeyBar")
    spans = bar._spans  # type: ignore[attr-defined]
    left = next(left for left, _, action in spans if action.id == action_id)
    return bar, (left, 0)
