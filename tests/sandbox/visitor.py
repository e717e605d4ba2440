"""Somebody who tries the demo and touches only what is on the screen."""

from __future__ import annotations

import time
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
from helpspace.tui.actions import shown_key
from tests.tui.screen_text import screen_text

MONDAY = START - HOUR
"""Monday 2 March 2026, 08:00: the demo's own first hour, in a week without surprises."""

NAMES = {"f2": "F2", "f6": "F6", "f7": "F7", "f8": "F8", "f9": "F9"}
"""How the demo names its own keys."""

PATIENCE = 60.0
"""Seconds within which the demo opens, also on a busy machine."""

MOST_TRIES = 30


class Visitor:
    """Presses keys that the screen names, and clicks or walks to words that it shows."""

    def __init__(self, app: DemoApp, pilot: Pilot[None]) -> None:
        self.app = app
        self._pilot = pilot
        self._lines: list[str] | None = None
        """The screen as it was read last, until something may have changed it."""

    @property
    def pilot(self) -> Pilot[None]:
        """What presses and clicks; whoever takes it may change the screen."""
        self._lines = None
        return self._pilot

    async def arrive(self) -> None:
        """Wait until the practice is open."""
        until = time.monotonic() + PATIENCE
        while not self.app.is_open:
            assert time.monotonic() < until, f"the demo does not open\n{self.screen}"
            await self.pilot.pause()
        await self.calm()

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
        if self._lines is None:
            self._lines = screen_text(self.app)
        return self._lines

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def sees(self, *words: str) -> None:
        """Make sure that all of these are on the screen."""
        screen = self.screen
        missing = [word for word in words if word not in screen]
        assert not missing, f"{missing} not in\n{screen}"

    async def press(self, key: str, says: str) -> None:
        """Press a key that the screen names, with these words beside it."""
        name = NAMES.get(key) or shown_key(key)
        assert name in says.split(maxsplit=1)[0], f"{says!r} does not name {name}"
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
        assert "or just type" in self.screen or "type · Enter send" in self.screen, self.screen
        await self.pilot.press(text[0])
        self.app.phone.line.post_message(events.Paste(text[1:]))
        await self.pilot.pause()
        assert self.app.phone.line.value == text
        self.sees(text)
        await self.press("enter", "Enter send")

    async def tap(self, label: str) -> None:
        """Tap a button of the phone that is in sight, by its keys."""
        self.sees(label, "↑↓")
        for _ in range(MOST_TRIES):
            focused = self.app.focused
            if isinstance(focused, KeyButton) and str(focused.render()).startswith(label):
                assert any("▌" in line and label in line for line in self.lines), self.screen
                await self.press("enter", "Enter tap")
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
        self.sees("↑↓ mail", "Esc close")
        for _ in range(MOST_TRIES):
            head = self.lines
            at = next((y for y, line in enumerate(head) if "Subject  " in line), None)
            if at is not None and subject in head[at] and recipient in head[at + 1]:
                return
            await self.press("down", "↑↓ mail")
        raise AssertionError(f"no mail to {recipient} about {subject}\n{self.screen}")

    async def close(self) -> None:
        """Close what is on top."""
        await self.press("escape", "Esc close")

    def guided(self, words: str) -> None:
        """Make sure that the guide, which is the second line, says this."""
        lines = self.lines
        screen = "\n".join(lines)
        assert words in lines[1], f"{words!r} is not what the guide says\n{screen}"
        assert not lines[1].rstrip().endswith("…"), f"the guide is cut off\n{screen}"


@asynccontextmanager
async def visiting(size: tuple[int, int]) -> AsyncIterator[Visitor]:
    """Open the demo in a terminal of a size."""
    app = DemoApp(start=MONDAY, seed=1)
    async with app.run_test(size=size) as pilot:
        visitor = Visitor(app, pilot)
        await visitor.arrive()
        yield visitor
