"""Sending to Telegram through its real library, at our own pace (N7)."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooLong
from datetime import timedelta

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, HTTPXRequest

from helpspace.core.gateways import Button, NotNow, Outcome, Refused, Taken
from helpspace.core.pacing import Pacer

PATIENCE = 90
"""Seconds until a message that waits for its turn and its answer is left for another time."""

NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})
"""Failures of the line before anything was said; after any other the message may have arrived."""


def make_bot(token: str, api: str, request: BaseRequest | None = None) -> Bot:
    """Return a bot that only sends; `request` stands in for the network."""
    # Without it the library warns into the log at every RetryAfter.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    line = request or HTTPXRequest(read_timeout=20, connect_timeout=10)
    return Bot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=line,
        get_updates_request=line,
    )


class TelegramChat:
    """Sends notices; the sweep calls it from its own threads.

    The library and the pacer live on one event loop: the given one, which must be running in
    another thread (the bot's, so that both share one pace), or one of its own.
    """

    def __init__(
        self, bot: Bot, pacer: Pacer, *, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self._bot = bot
        self._pacer = pacer
        self._loop = loop
        self._own: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def send(
        self,
        chat_id: int,
        text: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
    ) -> Outcome:
        """Send one new message and return what came of it."""
        sending = asyncio.run_coroutine_threadsafe(
            self._send(chat_id, text, buttons, silent=silent), self._running_loop()
        )
        try:
            return sending.result(PATIENCE)
        except TooLong:
            sending.cancel()
            return NotNow("no_turn")

    def close(self) -> None:
        """Stop the loop of its own, if there is one."""
        with self._starting:
            loop, thread, self._own = self._own, self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._bot.request.shutdown(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is not None:
            return self._loop
        with self._starting:
            if self._own is None:
                self._own = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._own.run_forever, name="telegram", daemon=True
                )
                self._thread.start()
            return self._own

    async def _send(
        self, chat_id: int, text: str, buttons: Sequence[Sequence[Button]], *, silent: bool
    ) -> Outcome:
        await self._pacer.turn(chat_id)
        try:
            await self._bot.send_message(
                chat_id,
                text,
                reply_markup=_keyboard(buttons),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                protect_content=True,
                disable_notification=silent,
            )
        except RetryAfter as error:
            wait = _seconds(error.retry_after)
            self._pacer.hold(wait)
            return NotNow("retry_after", wait=wait)
        except TelegramError as error:
            return outcome_of(error)
        return Taken()


def _keyboard(buttons: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(one.label, callback_data=one.data) for one in row]
            for row in buttons
        ]
    )


def _seconds(wait: int | timedelta) -> int:
    return wait if isinstance(wait, int) else round(wait.total_seconds())


def outcome_of(error: TelegramError) -> Outcome:
    """Say what a failed send means; a lost answer is not a lost message (N7)."""
    if isinstance(error, Forbidden):
        return Refused("blocked", blocked=True)
    if isinstance(error, BadRequest | ChatMigrated):
        gone = "chat not found" in error.message.lower()
        return Refused("no_chat" if gone else "bad_request", blocked=gone)
    if isinstance(error, InvalidToken):
        return NotNow("invalid_token", wait=PATIENCE, down=True)
    if isinstance(error, TimedOut):
        return _of_line(type(error.__cause__).__name__, otherwise="ReadTimeout")
    if isinstance(error, NetworkError) and error.message.startswith("httpx."):
        return _of_line(error.message.removeprefix("httpx.").partition(":")[0])
    return NotNow("telegram")


def _of_line(failure: str, otherwise: str = "") -> Outcome:
    """Say whether a message can have arrived when the line failed in this way."""
    if failure in NEVER_SENT:
        return NotNow((failure or otherwise).lower(), down=True)
    return Taken()
