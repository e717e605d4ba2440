"""Where updates come in, by polling or webhook: durable first, then acknowledged (A4a).

What must be answered whatever happens is answered here: words that sound like a crisis at once and
from memory (K3), privacy and help also while nothing can be written down (D8).
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError

from helpspace.bot import intake
from helpspace.bot.intake import Incoming
from helpspace.bot.line import Line
from helpspace.bot.screens import help as screens
from helpspace.bot.screens.base import Screen
from helpspace.bot.sender import Sender, UnreachableError
from helpspace.bot.spoken import Spoken
from helpspace.bot.taps import AT_ONCE, Asides, Taps
from helpspace.core import inbox
from helpspace.core.errors import HelpspaceError, SettingsFault
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

POLL = 50
"""Seconds that Telegram keeps a request for updates open; its most."""

LONGEST_GAP = 30.0
"""Seconds between tries while Telegram or the store does not answer."""


class Door:
    """Takes updates in; `ring` wakes those who handle them and says whose they are."""

    def __init__(
        self,
        practice: Practice,
        bot: Line,
        offload: Offload,
        sender: Sender,
        taps: Taps,
        asides: Asides,
        spoken: Spoken,
        ring: Callable[[Iterable[str]], None],
        sleep: Callable[[float], Coroutine[Any, Any, None]],
    ) -> None:
        self._practice = practice
        self._bot = bot
        self._offload = offload
        self._sender = sender
        self._taps = taps
        self._asides = asides
        self._spoken = spoken
        self._ring = ring
        self._sleep = sleep
        self._offset = 0
        self._speaking: Counter[int] = Counter()

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until `stopping` is set; failures only slow it down.

        Raises SettingsFault when Telegram does not know the token.
        """
        await self._until_done(self._bot.delete_webhook, stopping)
        while not stopping.is_set():
            await self._until_done(lambda: self.once(POLL), stopping)

    async def hang_out(self, url: str, stopping: asyncio.Event) -> None:
        """Have updates sent to the web endpoint at an address, and wait until `stopping` is set."""
        await self.register(url, stopping)
        await stopping.wait()

    async def register(self, url: str, stopping: asyncio.Event) -> None:
        """Tell Telegram where updates go from now on; return once it knows, or when stopping."""
        secret = intake.webhook_secret(self._practice)
        await self._until_done(
            lambda: self._bot.set_webhook(url, secret_token=secret, allowed_updates=intake.ALLOWED),
            stopping,
        )

    async def _until_done(
        self, call: Callable[[], Coroutine[Any, Any, object]], stopping: asyncio.Event
    ) -> None:
        """Make a call until it works or `stopping` is set, with growing gaps."""
        gap = 1.0
        while not stopping.is_set():
            try:
                await _unless(stopping, call())
            except InvalidToken:
                raise SettingsFault(
                    "Telegram does not know this token", "Check HELPSPACE_TELEGRAM_TOKEN."
                ) from None
            except Exception as error:  # noqa: BLE001 - the bot goes on whatever happens here
                log.warning("no updates: %s", _why(error))
                await _unless(stopping, self._sleep(gap))
                gap = min(gap * 2, LONGEST_GAP)
            else:
                return

    async def once(self, timeout: int = 0) -> int:  # noqa: ASYNC109 - Telegram's own waiting
        """Take in what Telegram has and return how many updates that were.

        They are acknowledged by the next call, which asks for what comes after them.
        """
        updates = await self._bot.raw_updates(self._offset, timeout, intake.ALLOWED)
        if not updates:
            return 0
        found = [intake.read(update) for update in updates]
        await self._take([incoming for incoming in found if incoming is not None])
        self._offset = int(updates[-1]["update_id"]) + 1
        return len(updates)

    async def take_webhook(self, body: bytes) -> bool:
        """Take in the update of a webhook request; False for what is none (A4a).

        Raises HelpspaceError while nothing can be written down: Telegram then sends it again.
        """
        try:
            incoming = intake.read_webhook(body)
        except ValueError:
            return False
        if incoming is not None:
            await self._take([incoming])
        return True

    async def close(self) -> None:
        """Acknowledge what was taken in last, so that it does not come again."""
        if self._offset:
            try:
                await self._bot.raw_updates(self._offset, 0, intake.ALLOWED, limit=1)
            except TelegramError as error:
                log.debug("the last updates come again: %s", type(error).__name__)

    async def _take(self, updates: list[Incoming]) -> None:
        """Make updates durable; words of a crisis as a plain call for help, answered at once (K3).

        So a kill or a failed message leaves the call for help to the desk. Raises HelpspaceError
        while anything is neither durable nor answered: it must come again (A4a).
        """
        rows = []
        for incoming in updates:
            if incoming.query_id is not None:
                self._taps.answer_early(incoming.chat_id, incoming.query_id, incoming.payload["d"])
            if intake.is_crisis(incoming):
                self._speak(incoming, screens.at_once())
                rows.append(intake.as_help(incoming))
            elif incoming.kind != "none":
                rows.append(incoming)
        waiting = [incoming for incoming in rows if incoming.update_id not in self._spoken]
        if not waiting:
            return
        try:
            await self._offload(intake.take_in, self._practice, waiting)
        except HelpspaceError:
            self._without_store(waiting)
            raise
        self._ring(inbox.person(self._practice, incoming.chat_id) for incoming in waiting)

    def _without_store(self, rows: list[Incoming]) -> None:
        """Answer from memory, once an update; all but privacy and help is handled later (D8)."""
        support = self._practice.settings.support_email
        for incoming in rows:
            command = incoming.payload.get("c")
            if command == "privacy":
                self._speak(incoming, screens.privacy(support=support))
            elif command in ("help", "urgent"):
                self._speak(incoming, screens.urgent(support=support))
            elif incoming.kind in ("tap", "command", "text", "other"):
                self._speak(incoming, screens.no_store(), answers=False)

    def _speak(self, incoming: Incoming, screen: Screen, *, answers: bool = True) -> None:
        """Send something past every queue, once an update; `answers` if nothing more is owed.

        Of a flood only a few at a time: the others are handled, or come again.
        """
        if self._speaking[incoming.chat_id] < AT_ONCE:
            self._speaking[incoming.chat_id] += 1
            what = incoming.update_id if answers else (incoming.update_id, "no store")
            self._asides.begin(self._spoken_once(what, incoming.chat_id, screen))

    async def _spoken_once(self, what: object, chat_id: int, screen: Screen) -> None:
        try:
            await self._spoken.once(what, lambda: self._send(chat_id, screen))
        finally:
            self._speaking[chat_id] -= 1
            if not self._speaking[chat_id]:
                del self._speaking[chat_id]

    async def _send(self, chat_id: int, screen: Screen) -> None:
        try:
            await self._sender.send(chat_id, screen)
        except UnreachableError:
            log.debug("somebody cannot be reached")


def _why(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "another process polls for this bot, or a webhook is set"
    return type(error).__name__


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, object]) -> None:
    """Wait for some work, or for the word to stop, which ends it."""
    doing = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        doing.cancel()
        waiting.cancel()
