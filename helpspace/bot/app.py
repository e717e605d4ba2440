"""The bot as a service: its parts put together, updates in, answers out, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import LinkPreviewOptions
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Defaults, ExtBot
from telegram.request import BaseRequest

from helpspace.bot import menu
from helpspace.bot.countdown import Countdown
from helpspace.bot.desk import Desk, Nudge, nobody
from helpspace.bot.door import Door
from helpspace.bot.lanes import IN_FLIGHT, Lanes
from helpspace.bot.line import Line
from helpspace.bot.news import News
from helpspace.bot.sender import Sender
from helpspace.bot.spoken import Spoken
from helpspace.bot.taps import Asides, Taps
from helpspace.core import links
from helpspace.core.errors import Busy, SettingsFault, StoreFault
from helpspace.core.gateways import ChatSender, StripeGateway
from helpspace.core.offload import Offload
from helpspace.core.pacing import Pacer
from helpspace.core.practice import Practice
from helpspace.settings import Settings

log = logging.getLogger(__name__)

FIRST_GAP = 2.0
LONGEST_GAP = 60.0
"""Seconds between greetings while Telegram is away."""

LAST_WORDS = 5.0
"""Seconds for small things begun beside the work, when the process is to stop."""


def make_bot(
    settings: Settings,
    *,
    request: BaseRequest | None = None,
    get_updates_request: BaseRequest | None = None,
) -> Line:
    """Return the bot of these settings: no link previews, no parse mode.

    Raises SettingsFault without a token. The requests are for a stand-in at the transport.
    """
    if not settings.telegram_token:
        raise SettingsFault(
            "There is no Telegram token", "Set HELPSPACE_TELEGRAM_TOKEN to the one of your bot."
        )
    # Without it the library warns into the log at every wait that Telegram asks for.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    # The library under the bot logs whole addresses, and the token is part of them (A5).
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return Line(
        settings.telegram_token,
        base_url=f"{settings.telegram_api}/bot",
        base_file_url=f"{settings.telegram_api}/file/bot",
        request=request,
        get_updates_request=get_updates_request,
        defaults=Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)),
    )


class BotService:
    """The client's bot. `start` first, then `run_polling` or `run_webhook`, and `stop` at the end.

    `stripe` makes card pages for people who wait; `nudge` wakes a sweep by name; `request` and
    `get_updates_request` are the transport of the library; `sleep` waits between tries.
    """

    def __init__(
        self,
        practice: Practice,
        stripe: StripeGateway | None = None,
        *,
        request: BaseRequest | None = None,
        get_updates_request: BaseRequest | None = None,
        pacer: Pacer | None = None,
        nudge: Nudge = nobody,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._practice = practice
        self._bot = make_bot(
            practice.settings, request=request, get_updates_request=get_updates_request
        )
        # Taps are answered on threads of their own, past everything that waits for the store.
        self._answers = Offload(practice, 2)
        self._store = Offload(practice)
        self._acts = Offload(practice, IN_FLIGHT)
        self._pacer = pacer or Pacer()
        self._sender = Sender(self._bot, self._pacer, sleep=sleep)
        self._asides = Asides()
        spoken = Spoken()
        taps = Taps(practice, self._answers, self._sender, self._asides)
        self._desk = Desk(
            practice,
            stripe,
            self._store,
            self._acts,
            self._sender,
            taps,
            self._asides,
            spoken,
            nudge,
            sleep,
        )
        self._lanes = Lanes(practice, self._store, self._desk.act)
        self._door = Door(
            practice,
            self._bot,
            self._store,
            self._sender,
            taps,
            self._asides,
            spoken,
            self._lanes.ring,
            sleep,
        )
        self._countdown = Countdown(practice, self._store, self._freshen)
        self._stopping = asyncio.Event()
        self._greeted = False

    async def start(self) -> None:
        """Greet Telegram and set the bot's own words; a Telegram that is away does not matter yet.

        Raises SettingsFault when Telegram does not know the token.
        """
        try:
            await self._greet()
        except (TelegramError, StoreFault, Busy) as error:
            log.warning("the bot has not greeted yet: %s", type(error).__name__)

    async def _greet(self) -> None:
        """Learn the bot's own name, which the links in mails need, and set its words."""
        try:
            await self._bot.initialize()
        except InvalidToken:
            raise SettingsFault(
                "Telegram does not know this token", "Check HELPSPACE_TELEGRAM_TOKEN."
            ) from None
        await self._store(links.remember_bot, self._practice, self._bot.username)
        await menu.introduce(self._bot)
        self._greeted = True

    async def _greet_later(self) -> None:
        """Greet a Telegram that was away at the start, as soon as it is back."""
        gap = FIRST_GAP
        while not self._greeted and not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), gap)
            gap = min(gap * 2, LONGEST_GAP)
            if not self._stopping.is_set():
                await self.start()

    async def run_polling(self) -> None:
        """Take updates in by polling and handle them until `stop`."""
        await self._together(self._door.run(self._stopping))

    async def take_webhook(self, body: bytes) -> bool:
        """Take in the update of a webhook request; False for what is none."""
        return await self._door.take_webhook(body)

    async def run_webhook(self) -> None:
        """Handle what the web endpoint takes in until `stop`; call it once that listens (A4)."""
        public = self._practice.settings.public_url
        if public is None:
            raise SettingsFault(
                "A webhook needs a public address", "Set HELPSPACE_PUBLIC_URL, or poll."
            )
        await self._together(self._door.hang_out(f"{public}/telegram/webhook", self._stopping))

    async def _together(self, intake: Coroutine[Any, Any, None]) -> None:
        """Work off the inbox beside the intake; the failure of one ends both."""
        counting = self._countdown.run(self._stopping)
        work = (intake, self._lanes.run(), self._greet_later(), counting)
        all_of_it = {asyncio.create_task(part) for part in work}
        await asyncio.wait(all_of_it, return_when=asyncio.FIRST_EXCEPTION)
        self._stopping.set()
        await self._lanes.stop()
        await asyncio.gather(*all_of_it)

    async def catch_up(self) -> None:
        """Take in everything that Telegram has by now and handle it."""
        while await self._door.once():
            await self.handle_pending()
        await self.handle_pending()

    async def handle_pending(self) -> None:
        """Handle everything that is in the inbox now."""
        await self._lanes.drain()
        await self._asides.end()

    async def count_down(self) -> None:
        """Let those who hold a time see how long it is still theirs."""
        await self._countdown.tick()

    def ring(self) -> None:
        """Say that an update was taken in elsewhere, such as by the web endpoint."""
        self._lanes.ring()

    @property
    def bot(self) -> ExtBot[None]:
        """The library's bot, for a chat sender that shares its connections."""
        return self._bot

    @property
    def pacer(self) -> Pacer:
        """The one pace of everything this bot sends (N7)."""
        return self._pacer

    def chat_sender(self, inner: ChatSender) -> ChatSender:
        """Return a way for sweeps to send news, after which waiting people see how things stand.

        `inner` does the sending with `bot` and `pacer`, on this event loop; call it from others.
        """
        return News(inner, asyncio.get_running_loop(), self._news_sent)

    async def stop(self) -> None:
        """Take nothing more in, let what is in flight end, within reason, and let go of all."""
        self._stopping.set()
        await self._lanes.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asides.end(), LAST_WORDS)
        await self._door.close()
        await self._bot.shutdown()
        for offload in (self._answers, self._store, self._acts):
            await asyncio.to_thread(offload.close)

    async def _freshen(self, chat_id: int) -> None:
        await self._desk.freshen(self._lanes, chat_id)

    async def _news_sent(self, chat_id: int) -> None:
        self._asides.begin(self._freshen(chat_id))
