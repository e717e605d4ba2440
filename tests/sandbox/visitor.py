"""Somebody who tries the demo and touches only what is on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from helpspace.core.moments import HOUR
from helpspace.sandbox.demo.app import DemoApp
from helpspace.sandbox.demo.bubble import KeyButton
from helpspace.sandbox.demo.mails import MailScreen
from helpspace.sandbox.demo.story import START
from tests.tui.screen_text import screen_text

MONDAY = START - HOUR
"""Monday 2 March 2026, 08:00: the demo's own first hour, in a week without surprises."""

MOST_TRIES = 30


class Visitor:
    """Presses keys that the screen names, and clicks or walks to words that it shows."""

    def __init__(self, app: DemoApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def calm(self) -> None:
        """Wait until nothing is under way any more."""
        quiet = 0
        for _ in range(1000):
            await self.pilot.pause()
            running = [worker for worker in self.app.workers if not worker.is_finished]
            if running:
                quiet = 0
                await self.app.workers.wait_for_complete(running)
            elif (quiet := quiet + 1) >= 3:
                return
        raise AssertionError("the demo never comes to rest")

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        return screen_text(self.app)

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def sees(self, *words: str) -> None:
        """Make sure that all of these are on the screen."""
        screen = self.screen
        missing = [word for word in words if word not in screen]
        assert not missing, f"{missing} not in\n{screen}"

    async def press(self, key: str, says: str) -> None:
        """Press a key that the screen names in these words."""
        self.sees(says)
        await self.pilot.press(key)
        await self.calm()

    async def click(self, words: str) -> None:
        """Click on words that are on the screen once."""
        found = [(y, line) for y, line in enumerate(self.lines) if words in line]
        assert len(found) == 1, f"{words} is there {len(found)} times\n{self.screen}"
        row, line = found[0]
        left = cell_len(line[: line.index(words)])
        await self.pilot.click(offset=(left + 1, row))
        await self.calm()

    async def write(self, text: str) -> None:
        """Begin to type a message on the phone, paste the rest, and send it."""
        self.sees("or just type")
        await self.pilot.press(text[0])
        self.app.phone.line.post_message(events.Paste(text[1:]))
        await self.pilot.pause()
        assert self.app.phone.line.value == text
        await self.pilot.press("enter")
        await self.calm()

    async def tap(self, label: str) -> None:
        """Tap a button of the phone that is in sight, by its keys."""
        self.sees(label, "↑↓ choose", "Enter tap")
        for _ in range(MOST_TRIES):
            focused = self.app.focused
            if isinstance(focused, KeyButton) and str(focused.render()).startswith(label):
                assert any("▌" in line and label in line for line in self.lines), self.screen
                await self.pilot.press("enter")
                await self.calm()
                return
            await self.pilot.press("down")
            await self.pilot.pause()
        raise AssertionError(f"no way to {label}\n{self.screen}")

    async def leaf_to(self, label: str) -> None:
        """Turn the pages of a list until a name is there, and tap it."""
        for _ in range(MOST_TRIES):
            if any(str(key.render()) == label for key in self.app.phone.query(KeyButton)):
                break
            await self.tap("Next")
        await self.tap(label)

    async def open_mail(self, recipient: str, subject: str) -> None:
        """Open the mails and go to the newest one to somebody about something."""
        await self.press("f8", "F8 mails")
        assert isinstance(self.app.screen, MailScreen)
        self.sees("↑↓ mail")
        for _ in range(MOST_TRIES):
            head = self.lines
            at = next((y for y, line in enumerate(head) if "Subject  " in line), None)
            if at is not None and subject in head[at] and recipient in head[at + 1]:
                return
            await self.pilot.press("down")
            await self.calm()
        raise AssertionError(f"no mail to {recipient} about {subject}\n{self.screen}")

    async def close(self) -> None:
        """Close what is on top."""
        await self.press("escape", "Esc")


@asynccontextmanager
async def visiting(size: tuple[int, int]) -> AsyncIterator[Visitor]:
    """Open the demo in a terminal of a size."""
    app = DemoApp(start=MONDAY, seed=1)
    async with app.run_test(size=size) as pilot:
        visitor = Visitor(app, pilot)
        await visitor.calm()
        yield visitor
