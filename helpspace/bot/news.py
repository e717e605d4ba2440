"""News for people who wait for their card: what they look at is shown anew after it (B3)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from helpspace.core.gateways import Button, ChatSender, Outcome, Taken


class Freshen(Protocol):
    """Shows a chat's living screen anew, on the bot's event loop."""

    def __call__(self, chat_id: int) -> Coroutine[Any, Any, None]: ...


class News:
    """A chat sender for sweeps that lets the bot look at the chat after each message.

    The sender inside shares the bot's pace (N7); this one only passes on, from any thread.
    """

    def __init__(
        self, inner: ChatSender, loop: asyncio.AbstractEventLoop, freshen: Freshen
    ) -> None:
        self._inner = inner
        self._loop = loop
        self._freshen = freshen

    def send(
        self,
        chat_id: int,
        text: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
    ) -> Outcome:
        """Send one new message and return what came of it."""
        outcome = self._inner.send(chat_id, text, buttons, silent=silent)
        if isinstance(outcome, Taken) and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._freshen(chat_id), self._loop)
        return outcome
