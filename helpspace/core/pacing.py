"""Keeping a chat service's limits: overall, in each chat, and answers before notices (N7)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

OVERALL = 25.0
"""Messages a second in all; Telegram's own limit is about 30."""

BURST = 0.2
"""Seconds by which answers may be ahead of the overall pace: five messages."""

CHAT_GAP = 1.0
"""Seconds between messages in one chat."""

CHAT_BURST = 3.0
"""Seconds by which answers may be ahead in one chat: Telegram bears short bursts."""

MOST_CHATS = 10_000


class Pacer:
    """Lets messages go at the right moment; one for all senders of a bot, on one event loop.

    Whoever is answered goes first: a notice takes its turn only when no answer is waiting. `now`
    tells monotonic seconds, `sleep` waits for some.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._next = 0.0
        self._held_until = 0.0
        self._chats: dict[int, float] = {}

    async def turn(self, chat_id: int, *, answer: bool = False) -> None:
        """Wait until a message may go to a chat; `answer` is one that a person waits for."""
        await self._turn_in_chat(chat_id, CHAT_BURST if answer else 0.0)
        if answer:
            now = self._now()
            at = max(now, self._next - BURST, self._held_until)
            self._take(now)
            if at > now:
                await self._sleep(at - now)
            return
        while (wait := max(self._next, self._held_until) - self._now()) > 0:
            await self._sleep(wait)
        self._take(self._now())

    def hold(self, seconds: float) -> None:
        """Let nothing go for a while: the other side has said that it was too much."""
        self._held_until = max(self._held_until, self._now() + seconds)

    def _take(self, now: float) -> None:
        self._next = max(now, self._next) + 1 / OVERALL

    async def _turn_in_chat(self, chat_id: int, burst: float) -> None:
        now = self._now()
        after = self._chats.get(chat_id, now)
        at = max(now, after - burst)
        self._chats[chat_id] = max(now, after) + CHAT_GAP
        if len(self._chats) > MOST_CHATS:
            self._chats = {chat: until for chat, until in self._chats.items() if until > now}
        if at > now:
            await self._sleep(at - now)
