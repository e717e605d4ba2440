"""Sending: every message and edit at its turn, with Telegram's failures sorted out in one place.

Messages are protected from forwarding and saving one by one: as the library's default, the wish
would go into edits too, which know no such thing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from telegram import Bot, Message
from telegram.error import (
    BadRequest,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from helpspace.bot.render import cut, render
from helpspace.bot.screens.base import Screen
from helpspace.bot.visit import Document
from helpspace.core.pacing import Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 3
"""How often a message is tried that was not taken."""

LONGEST_WAIT = 30.0
"""Seconds that an answer waits when Telegram asks for it; after more nobody looks for it."""

TOAST = 200
"""UTF-16 units of what is shown over the chat."""

CAPTION = 1024
"""UTF-16 units below a picture."""

NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""Failures of the line before anything was said; after any other the message may have arrived."""

_UNCHANGED = "message is not modified"
_NOT_EDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "there is no text",
    "message_id_invalid",
)
_NOBODY = ("chat not found", "user not found", "peer_id_invalid")


class UnreachableError(Exception):
    """The person does not want the bot's messages, or is no more."""


class Sender:
    """Sends what people wait for; `sleep` waits before a message is tried again."""

    def __init__(
        self,
        bot: Bot,
        pacer: Pacer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._pacer = pacer
        self._sleep = sleep

    async def send(self, chat_id: int, screen: Screen) -> int | None:
        """Send a screen as a new message and return its id.

        None when the answer was lost: the message may well be there, and is not sent again (N7).
        """
        shown = render(screen)
        try:
            message = await self._paced(
                chat_id,
                lambda: self._bot.send_message(
                    chat_id,
                    shown.text,
                    entities=shown.entities,
                    reply_markup=shown.keyboard,
                    protect_content=True,
                ),
            )
        except NetworkError as error:
            if isinstance(error, BadRequest) or not _may_have_arrived(error):
                raise
            return None
        return message.message_id

    async def edit(self, chat_id: int, message_id: int, screen: Screen) -> bool:
        """Show a screen in place of another; False when that message cannot be edited any more.

        A repeated edit does no harm, so a lost answer is simply tried again.
        """
        shown = render(screen)

        async def once() -> Message | bool:
            return await self._bot.edit_message_text(
                shown.text,
                chat_id,
                message_id,
                entities=shown.entities,
                reply_markup=shown.keyboard,
            )

        try:
            await self._paced(chat_id, once, again=True)
        except BadRequest as error:
            said = error.message.lower()
            if _UNCHANGED in said:
                return True
            if any(words in said for words in _NOT_EDITABLE):
                return False
            raise
        return True

    async def strip(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off a message that is no longer the living one, if that still works."""
        try:
            await self._paced(
                chat_id,
                lambda: self._bot.edit_message_reply_markup(chat_id, message_id),
            )
        except (TelegramError, UnreachableError) as error:
            log.debug("buttons stay on a message: %s", type(error).__name__)

    async def document(self, chat_id: int, document: Document) -> None:
        """Send a file that the person may keep and pass on."""
        await self._paced(
            chat_id,
            lambda: self._bot.send_document(
                chat_id,
                document.content,
                caption=document.caption,
                filename=document.name,
            ),
        )

    async def photo(self, chat_id: int, photo: str | bytes, caption: str) -> tuple[int, str] | None:
        """Send a picture, new or by its number at Telegram; return the message and that number.

        None when the answer was lost. It makes no sound: the person is looking at the chat.
        """
        try:
            message = await self._paced(
                chat_id,
                lambda: self._bot.send_photo(
                    chat_id,
                    photo,
                    caption=cut(caption, CAPTION),
                    disable_notification=True,
                    protect_content=True,
                ),
            )
        except NetworkError as error:
            if isinstance(error, BadRequest) or not _may_have_arrived(error):
                raise
            return None
        return message.message_id, message.photo[-1].file_id

    async def remove(self, chat_id: int, message_id: int) -> None:
        """Take a message away, or at least its buttons; one that is too old for that stays.

        Telegram counts what is sent and edited, not what is taken away.
        """
        try:
            await self._bot.delete_message(chat_id, message_id)
        except TelegramError as error:
            log.debug("a message stays: %s", type(error).__name__)
            await self.strip(chat_id, message_id)

    async def answer(self, query_id: str, toast: str) -> None:
        """End the waiting circle on a button; one that waited too long is let be."""
        try:
            await self._bot.answer_callback_query(query_id, cut(toast, TOAST) or None)
        except TelegramError as error:
            log.debug("a tap was not answered: %s", type(error).__name__)

    async def leave(self, chat_id: int, screen: Screen) -> None:
        """Say goodbye to a group or channel and leave it, whatever of that is allowed there."""
        for act in (
            lambda: self._bot.send_message(chat_id, render(screen).text),
            lambda: self._bot.leave_chat(chat_id),
        ):
            try:
                await self._paced(chat_id, act)
            except (TelegramError, UnreachableError) as error:
                log.debug("a group was not left as wished: %s", type(error).__name__)

    async def _paced(
        self, chat_id: int, call: Callable[[], Awaitable[T]], *, again: bool = False
    ) -> T:
        """Make a call at its turn, and again a few times where nothing can have come of it.

        `again` is for calls that may take effect twice. Raises UnreachableError, or the last error.
        """
        left = TRIES
        while True:
            left -= 1
            await self._pacer.turn(chat_id, answer=True)
            try:
                return await call()
            except RetryAfter as error:
                wait = _seconds(error)
                if not left or wait > LONGEST_WAIT:
                    raise
                self._pacer.hold(wait)
            except Forbidden:
                raise UnreachableError from None
            except BadRequest as error:
                if _is_nobody(error):
                    raise UnreachableError from None
                raise
            except NetworkError as error:
                if not left or (_may_have_arrived(error) and not again):
                    raise
                await self._sleep(1.0)


def _is_nobody(error: BadRequest) -> bool:
    return any(words in error.message.lower() for words in _NOBODY)


def _may_have_arrived(error: NetworkError) -> bool:
    """Say whether a call whose line failed may have taken effect; a 5xx says that it has not."""
    if isinstance(error, TimedOut):
        return type(error.__cause__).__name__ not in NEVER_SENT
    failure = error.message.removeprefix("httpx.").partition(":")[0]
    return error.message.startswith("httpx.") and failure not in NEVER_SENT


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
