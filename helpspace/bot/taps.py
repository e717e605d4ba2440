"""Answering taps at once, each only once, beside the work that they ask for."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Coroutine
from typing import Any
from weakref import WeakValueDictionary

from helpspace.bot import routes
from helpspace.bot.sender import Sender
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

REMEMBERED = 10_000

AT_ONCE = 8
"""Taps of one chat that are answered past the queue; further ones are answered at their turn."""


class Recent:
    """The last few thousand numbers or names that have been seen."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._seen: OrderedDict[object, None] = OrderedDict()

    def add(self, thing: object) -> bool:
        """Remember a thing; False when it was there already."""
        if thing in self._seen:
            return False
        self._seen[thing] = None
        if len(self._seen) > self._size:
            self._seen.popitem(last=False)
        return True

    def __contains__(self, thing: object) -> bool:
        return thing in self._seen


class Asides:
    """Small things done beside the main work, whose failure must not disturb it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something soon, without waiting for it; whoever must, may wait for what is returned.

        It raises nothing.
        """
        task = asyncio.create_task(_quietly(what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end(self) -> None:
        """Wait for everything that was begun."""
        while self._tasks:
            await asyncio.gather(*self._tasks)


async def _quietly(what: Coroutine[Any, Any, None]) -> None:
    try:
        await what
    except Exception as error:  # noqa: BLE001 - nothing waits for it that could be told
        log.warning("beside the work: %s", type(error).__name__)


class Taps:
    """Ends the waiting circle on every button, with a word where it leads nowhere (A1)."""

    def __init__(
        self, practice: Practice, offload: Offload, sender: Sender, asides: Asides
    ) -> None:
        self._practice = practice
        self._offload = offload
        self._sender = sender
        self._asides = asides
        self._answered = Recent()
        self._waiting: Counter[int] = Counter()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def answer_early(self, chat_id: int, query_id: str, data: str) -> None:
        """Answer a tap before it is handled, unless so many of this chat wait for that already.

        Nobody taps so fast; a flood is answered at the pace at which it is handled, so that it
        neither slows others nor fills the memory.
        """
        if self._waiting[chat_id] < AT_ONCE:
            self.answer(chat_id, query_id, data)

    def answer(self, chat_id: int, query_id: str, data: str) -> None:
        """Answer a tap soon, unless it has been."""
        if self._answered.add(query_id):
            self._waiting[chat_id] += 1
            task = self._asides.begin(self._answer(chat_id, query_id, data))
            self._under_way[query_id] = task
            task.add_done_callback(lambda _: self._under_way.pop(query_id, None))

    async def answered(self, query_id: str) -> None:
        """Wait for the answer of a tap that is under way: a kill must not leave it without one."""
        task = self._under_way.get(query_id)
        if task is not None:
            await asyncio.wait([task])

    async def _answer(self, chat_id: int, query_id: str, data: str) -> None:
        try:
            await self._in_turn(chat_id, query_id, data)
        finally:
            self._waiting[chat_id] -= 1
            if not self._waiting[chat_id]:
                del self._waiting[chat_id]

    async def _in_turn(self, chat_id: int, query_id: str, data: str) -> None:
        turn = self._turns.get(chat_id)
        if turn is None:
            turn = self._turns[chat_id] = asyncio.Lock()
        # One at a time in a chat, so that a flood of one person's taps holds up nobody else's.
        async with turn:
            toast = routes.toast_at_once(data)
            if toast is None:
                toast = await self._offload(routes.toast, self._practice, chat_id, data)
            await self._sender.answer(query_id, toast)
