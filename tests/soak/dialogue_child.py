"""The bot as a process that kills itself at a chosen point of its work (D1, A4a).

A point is a commit, just before it or just after it, or a call to Telegram, before it is made or
after it took effect. Points are known by what they are, so that each is met again in another run.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from telegram.request import HTTPXRequest

from helpspace.bot.app import BotService
from helpspace.core.practice import Practice
from helpspace.core.store import Store, Writer
from helpspace.settings import Settings
from helpspace.wiring import open_outside, open_practice
from tests.soak.wire_clock import FileClock, Hurry

GREETING = frozenset(
    {"getMe", "deleteWebhook", "setMyCommands", "deleteMyCommands", "setMyDescription",
     "setMyShortDescription", "remember_bot"}
)  # fmt: skip
"""What a process does before it takes anything in."""


class Points:
    """Writes down every point that is passed, and kills the process at one of them."""

    def __init__(self, path: Path, deadly: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._deadly = deadly
        self._met: Counter[str] = Counter()
        self._lock = threading.Lock()

    def passed(self, when: str, what: str) -> None:
        """Pass a point, if the process is to live on."""
        if what in GREETING:
            return
        with self._lock:
            self._met[f"{when} {what}"] += 1
            name = f"{when} {what} {self._met[f'{when} {what}']}"
            os.write(self._file, f"{name}\n".encode())
        if name == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched(Store):
    """A store whose commits are points."""

    def __init__(self, inner: Store, points: Points) -> None:
        super().__init__(inner.db, url=inner.url, path=inner.path)
        self._points = points

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; everything is committed at the end, or undone when an error leaves it."""
        if self.db.in_transaction():
            with super().writing() as writer:
                yield writer
            return
        act = _act()
        with super().writing() as writer:
            yield writer
            self._points.passed("before commit", act)
        self._points.passed("after commit", act)


def _act() -> str:
    """Return the name of the core's function that changes the store."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        path = frame.f_code.co_filename
        if "/helpspace/core/" in path and not path.endswith(("/practice.py", "/database.py")):
            return frame.f_code.co_name
        frame = frame.f_back
    return "change"


class Line(HTTPXRequest):
    """A line to Telegram whose calls are points."""

    def __init__(self, points: Points) -> None:
        super().__init__(connection_pool_size=32)
        self._points = points

    async def do_request(self, url: str, *rest: Any, **more: Any) -> tuple[int, bytes]:
        """Make one call."""
        method = url.rsplit("/", 1)[-1]
        self._points.passed("before", method)
        answer = await super().do_request(url, *rest, **more)
        self._points.passed("after", method)
        return answer


async def _talk(practice: Practice, points: Points) -> None:
    outside = await asyncio.to_thread(open_outside, practice.settings, practice)
    hurry = Hurry()
    watched = replace(practice, store=Watched(practice.store, points))
    bot = BotService(watched, outside.stripe, request=Line(points), pacer=hurry.pacer())
    await bot.start()
    await bot.run_polling()


def talk(settings: Settings, clock: FileClock, path: str, deadly: str) -> None:
    """Run the bot without any sweep, until it is killed."""
    practice = open_practice(settings, clock=clock, make=True)
    asyncio.run(_talk(practice, Points(Path(path), deadly)))
