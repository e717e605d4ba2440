"""The countdown of held times: what is shown to those who wait is edited now and then (B3, N7)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from helpspace.bot.screens.words import left
from helpspace.core import holds
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

EVERY = 20.0
"""Seconds between looks at the held times; most looks change nothing in any chat."""

OVER = "over"


class Countdown:
    """Shows a chat anew when the words of its countdown change, and once when its hold is over.

    So a hold takes some fifteen edits in half an hour. `freshen` shows the living screen of a chat
    as it is now, if that is one of waiting.
    """

    def __init__(
        self,
        practice: Practice,
        offload: Offload,
        freshen: Callable[[int], Coroutine[Any, Any, None]],
    ) -> None:
        self._practice = practice
        self._offload = offload
        self._freshen = freshen
        self._said: dict[int, str] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Count down until `stopping` is set; failures only leave a screen as it was."""
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY)
            if not stopping.is_set():
                await self.tick()

    async def tick(self) -> None:
        """Look at all held times once."""
        try:
            now, there = await self._offload(self._look)
        except Exception as error:  # noqa: BLE001 - the next look comes soon
            log.warning("no countdown: %s", type(error).__name__)
            return
        said = {one.chat_id: left(one.until - now) if one.until > now else OVER for one in there}
        chats = {**self._said, **said}
        changed = [chat for chat in chats if said.get(chat) != self._said.get(chat)]
        self._said = said
        for chat_id in changed:
            try:
                await self._freshen(chat_id)
            except Exception as error:  # noqa: BLE001 - the others' turns must come
                log.warning("a countdown stands still: %s", type(error).__name__)

    def _look(self) -> tuple[int, list[holds.Waiting]]:
        return self._practice.now(), holds.waiting(self._practice)
