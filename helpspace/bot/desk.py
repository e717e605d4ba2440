"""Handling one update: the core's act and screen on a thread, then the answer, then the tick."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from helpspace.bot import codec, portraits, routes
from helpspace.bot.lanes import Lanes
from helpspace.bot.portraits import Portraits, Shown
from helpspace.bot.screens import help as screens
from helpspace.bot.screens.base import Screen
from helpspace.bot.sender import Sender, UnreachableError
from helpspace.bot.spoken import Spoken
from helpspace.bot.taps import Asides, Taps
from helpspace.bot.visit import Answered, Reply
from helpspace.core import accounts, inbox
from helpspace.core.gateways import StripeGateway
from helpspace.core.inbox import MOST_FAILURES, Update
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

GAP = 2.0
"""Seconds before an update is tried again whose handling has failed."""

Nudge = Callable[[str], Coroutine[Any, Any, None]]
"""Wakes a sweep by its name."""


async def nobody(_sweep: str) -> None:
    """Nudge nobody: the sweeps come round by themselves."""


class Desk:
    """Answers updates one by one; whose turn it is decide the lanes.

    `store` are threads for short core calls, `acts` those for handlers, which may wait for Stripe.
    """

    def __init__(
        self,
        practice: Practice,
        stripe: StripeGateway | None,
        store: Offload,
        acts: Offload,
        sender: Sender,
        taps: Taps,
        asides: Asides,
        spoken: Spoken,
        nudge: Nudge,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._practice = practice
        self._stripe = stripe
        self._store = store
        self._acts = acts
        self._sender = sender
        self._taps = taps
        self._asides = asides
        self._spoken = spoken
        self._nudge = nudge
        self._sleep = sleep
        self._portraits = Portraits(practice, acts, sender)
        self._failures: dict[int, int] = {}

    async def act(self, update: Update) -> int:
        """Handle an update and mark it; return how many more its person has, as far as counted.

        One that fails stays for another try, at most three. Failures of ours do not count, since
        the update is not to blame and was acknowledged: they are raised, and it stays until they
        are over (A4a, M2a).
        """
        number = update.update_id
        try:
            await self._spoken.once(number, lambda: self._handle(update))
        except Exception as error:
            if _is_ours(update, error):
                await self._held_up(update)
                raise
            await self._failed(update, error)
            return 1
        if update.kind == "tap":
            await self._taps.answered(str(update.payload["q"]))
        more = await self._store(inbox.handled, self._practice, number)
        self._failures.pop(number, None)
        return more

    async def _held_up(self, update: Update) -> None:
        """Say once, when it lasts, that the answer comes later."""
        failures = self._failures[update.update_id] = self._failures.get(update.update_id, 0) + 1
        if failures > 1:
            await self._tell(update, screens.held_up())

    async def _failed(self, update: Update, error: Exception) -> None:
        """Wait before the next try, or set aside an update that has failed too often (A4a)."""
        number = update.update_id
        failures = self._failures[number] = self._failures.get(number, 0) + 1
        # Ids and types only: neither texts nor names belong in a log (A2).
        log.error("update %d failed on try %d: %s", number, failures, _kind(error))
        if failures < MOST_FAILURES:
            await self._sleep(GAP * failures)
            return
        await self._tell(update, screens.trouble())
        await self._store(inbox.set_aside, self._practice, number)
        del self._failures[number]

    async def freshen(self, lanes: Lanes, chat_id: int) -> None:
        """Show anew what somebody sees who waits for their card, after news for them."""
        person = self._practice.vault.digest(str(chat_id), "client.chat")
        async with lanes.alone(person):
            answered = await self._acts(routes.look_again, self._practice, self._stripe, chat_id)
            if answered is None or answered.place.message_id is None:
                return
            living = answered.place.message_id
            if await self._sender.edit(chat_id, living, answered.reply.screen):
                await self._remember(chat_id, answered, living, portraits.shown(answered))

    async def _handle(self, update: Update) -> None:
        chat_id = int(update.payload["p"])
        if update.kind == "group":
            await self._sender.leave(chat_id, screens.only_private())
            return
        if update.kind in ("blocked", "back"):
            await self._store(self._reachable, chat_id, blocked=update.kind == "blocked")
            return
        if update.kind == "tap":
            self._taps.answer(chat_id, str(update.payload["q"]), str(update.payload["d"]))
        answered = await self._acts(routes.attend, self._practice, self._stripe, update)
        living = answered.place.message_id
        shown = _to_edit(update, living)
        # Before it is shown: whoever answers a question at once must find it asked (A4a).
        portrait = portraits.shown(answered)
        answered = await self._remember(chat_id, answered, shown or living, portrait)
        above: int | None = None
        try:
            below = shown is None
            portrait = await self._picture(chat_id, answered, below=below)
            if portrait is not None and portraits.is_new(answered, below=below):
                # What was tapped stands above the picture now; the answer comes below it.
                above, shown = shown, None
            shown = await self._show(chat_id, answered.reply, shown)
        except UnreachableError:
            await self._store(self._reachable, chat_id, blocked=True)
            return
        if above is not None:
            self._asides.begin(self._sender.remove(chat_id, above))
        if living is not None and living not in (shown, above):
            self._asides.begin(self._sender.strip(chat_id, living))
        await self._remember(chat_id, answered, shown, portrait)
        if answered.reply.nudge:
            self._asides.begin(self._nudge(answered.reply.nudge))

    async def _picture(self, chat_id: int, answered: Answered, *, below: bool) -> Shown | None:
        """Send a picture that is not there yet, take away one that is over; return what is there.

        The living message follows the picture, so that it stays the last one; `below` is for one
        that goes below everything anyway.
        """
        before = portraits.shown(answered)
        if before is not None and portraits.is_over(answered, below=below):
            self._asides.begin(self._sender.remove(chat_id, before[0]))
            before = None
        portrait = answered.reply.portrait
        if portrait is None or not portraits.is_new(answered, below=below):
            return before
        return await self._portraits.show(chat_id, portrait)

    async def _show(self, chat_id: int, reply: Reply, message_id: int | None) -> int | None:
        """Show a reply in a message or else in a new one, and return the living message's id.

        A tap is answered where it was made; what was written, and a tap on news, by a new message
        at the bottom. Only the living message keeps its buttons.
        """
        for document in (reply.document, *reply.also):
            if document is not None:
                await self._sender.document(chat_id, document)
        if message_id is not None and await self._sender.edit(chat_id, message_id, reply.screen):
            return message_id
        return await self._sender.send(chat_id, reply.screen)

    async def _remember(
        self,
        chat_id: int,
        answered: Answered,
        message_id: int | None,
        portrait: Shown | None,
    ) -> Answered:
        return await self._store(
            routes.remember, self._practice, chat_id, answered, message_id, portrait
        )

    async def _tell(self, update: Update, screen: Screen) -> None:
        """Say once that it was our fault."""
        if update.kind not in ("tap", "command", "text", "other"):
            return
        chat_id = int(update.payload["p"])

        async def say() -> None:
            await self._sender.send(chat_id, screen)

        try:
            await self._spoken.once((update.update_id, screen.title), say)
        except (TelegramError, UnreachableError) as error:
            log.warning("no apology reached update %d: %s", update.update_id, _kind(error))

    def _reachable(self, chat_id: int, *, blocked: bool) -> None:
        client_id = accounts.client_of_chat(self._practice, chat_id)
        if client_id is not None:
            accounts.chat_blocked(self._practice, client_id, blocked=blocked)


def _to_edit(update: Update, living: int | None) -> int | None:
    """Return the message that a tap changes in place, or None for one that stays as it is."""
    message_id = update.payload.get("m")
    if update.kind != "tap" or message_id is None:
        return None
    tap = codec.read(str(update.payload["d"]))
    own = tap is not None and not tap.shared
    return int(message_id) if own or message_id == living else None


def _is_ours(update: Update, error: Exception) -> bool:
    """Say whether a failure is over some day, whatever the update said; help waits for the line."""
    if isinstance(error, routes.FAULTS):
        return True
    line = isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)
    return line and update.payload.get("c") in ("help", "urgent")


def _kind(error: Exception) -> str:
    return type(error).__name__
