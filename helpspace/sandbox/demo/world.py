"""The demo's world: a practice in a temporary store, with Stripe, Telegram and mail in process.

The real bot, the real sweeps and the real libraries run in it; only the transports are stand-ins,
and its clock stands still until it is moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from helpspace.bot.app import BotService
from helpspace.core import accounts, booking, cards, confirm, policy, profiles
from helpspace.core.actors import Actor
from helpspace.core.due import next_due
from helpspace.core.errors import SettingsFault
from helpspace.core.gateways import Outside, StripeGateway
from helpspace.core.ids import Ids
from helpspace.core.moments import HOUR, LONDON
from helpspace.core.offload import Offload
from helpspace.core.pacing import Pacer
from helpspace.core.practice import Practice
from helpspace.jobs import sweeps
from helpspace.jobs.report import Report
from helpspace.jobs.telegram import TelegramChat
from helpspace.sandbox import portraits, sample
from helpspace.sandbox.accounts import maker
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.mail import Mailbox, MailServer
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from helpspace.sandbox.telegram import SANDBOX_KEY, Phone, TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest
from helpspace.settings import Settings, settings_from
from helpspace.wiring import open_outside, open_practice

T = TypeVar("T")

TEAM = Actor.team("demo", "demo")

MOST_ROUNDS = 12
"""Rounds of bot and sweeps within which everything that is due has been done."""

REGULARS = (("Maya Lin", 7001, 3), ("Tom O’Hara", 7002, 5))
"""Sample clients of the first therapist: name, chat, and which of the free slots they book."""


class Seeded:
    """Random bytes that repeat by their seed, so that a story is told the same way each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a sample practice has no secrets

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


async def _at_once(_seconds: float) -> None:
    """The world's clock stands still, so nothing waits."""
    await asyncio.sleep(0)


@dataclass
class World:
    """Everything that exists in the demo."""

    practice: Practice
    clock: MovableClock
    telegram: TelegramSandbox
    stripe: StripeSandbox
    mails: Mailbox
    outside: Outside
    bot: BotService
    offload: Offload
    therapist_id: str = ""
    reports: list[tuple[str, Report]] = field(default_factory=list)

    @property
    def gateway(self) -> StripeGateway:
        """The way to the sandbox's Stripe, through the real library."""
        if self.outside.stripe is None:
            raise SettingsFault
        return self.outside.stripe

    @property
    def therapist(self) -> Actor:
        """The therapist whose calendar the demo shows."""
        return Actor.therapist(self.therapist_id)

    def phone(self, chat_id: int, first_name: str) -> Phone:
        """Return a client's phone."""
        return self.telegram.phone(chat_id, first_name=first_name)

    async def settle(self) -> None:
        """Let the bot answer and the sweeps run until nothing more is due now."""
        await self.bot.count_down()
        for _ in range(MOST_ROUNDS):
            await self.bot.catch_up()
            done = await self.offload(sweeps.run, self.practice, self.outside)
            self.reports += [(name, report) for name, report in done if report.did]
            await self.bot.catch_up()
            if not any(report.did for _, report in done):
                return

    async def advance(self, seconds: int) -> None:
        """Move the clock on, stopping at everything that falls due on the way."""
        until = self.clock.now() + seconds
        while True:
            due = await self.offload(next_due, self.practice)
            if due is None or due > until:
                break
            self.clock.move_to(due)
            await self.settle()
            if await self.offload(next_due, self.practice) == due:
                # It waits for something else than time.
                break
        self.clock.move_to(until)
        await self.settle()

    async def advance_to(self, instant: int) -> None:
        """Move the clock on to an instant."""
        await self.advance(max(0, instant - self.clock.now()))

    async def next_event(self) -> int | None:
        """Move the clock to the next thing that falls due, and return when that is.

        Where something due already waits for more than time, the clock moves on by an hour.
        """
        await self.settle()
        due = await self.offload(next_due, self.practice)
        if due is None:
            return None
        now = self.clock.now()
        await self.advance_to(due if due > now else now + HOUR)
        return due

    def type_card(self, session: str, number: str = "4242424242424242") -> bool:
        """Type a card into a card page of the sandbox; say whether it was taken."""
        return self.stripe.type_card(session, number).ok


async def _in_thread(call: Callable[[], T]) -> T:
    """Do something on a thread; who is told to stop meanwhile waits for its end first.

    So nobody clears away the folder in which it still works.
    """
    working = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await working
        raise


def _settings(folder: Path, telegram: TelegramSandbox, mail: str) -> Settings:
    values = {
        "HELPSPACE_DATABASE": f"sqlite:///{folder / 'demo.db'}",
        "HELPSPACE_KEY_FILE": str(folder / "demo.key"),
        "HELPSPACE_TELEGRAM_TOKEN": telegram.token,
        "HELPSPACE_STRIPE_KEY": "sk_test_demo",
        "HELPSPACE_STRIPE_RATE": "1000",
        "HELPSPACE_MAIL": mail,
        "HELPSPACE_MAIL_FROM": "Helpspace <appointments@example.org>",
        "HELPSPACE_VIDEO": "https://video.example.org",
        "HELPSPACE_SUPPORT_EMAIL": "support@example.org",
    }
    return settings_from(values, folder / "helpspace.env")


def _furnish(
    settings: Settings,
    clock: MovableClock,
    ids: Ids,
    stripe: StripeSandbox,
    telegram: TelegramSandbox,
) -> tuple[Practice, Outside, str]:
    """Make the store and the sample practice in it; return also its first therapist."""
    http, line = SandboxHTTPClient(stripe), SandboxRequest(telegram)
    practice = open_practice(settings, clock=clock, ids=ids, make=True)
    try:
        team = sample.build(practice, TEAM, maker(settings, http), clients=False)
        portraits.give(practice, team.therapists)
        outside = open_outside(settings, practice, stripe_http=http, telegram_request=line)
        return practice, outside, team.therapists[0]
    finally:
        # The connection belongs to this thread, which has no more use for it.
        practice.store.close()


@asynccontextmanager
async def open_world(folder: Path, start: int, *, seed: int | None = None) -> AsyncIterator[World]:
    """Make a world in a folder, at an instant; everything in it ends with the context.

    With a seed its ids repeat, and so does all that is ordered by them.
    """
    clock = MovableClock(start)
    mails = Mailbox(clock)
    telegram = TelegramSandbox(clock, token=SANDBOX_KEY, pace=None)
    stripe = StripeSandbox(clock)
    stripe.pay_out_daily()
    ids = Ids(None if seed is None else Seeded(seed))
    with MailServer(mails) as server:
        settings = _settings(folder, telegram, server.url)
        practice, outside, therapist_id = await _in_thread(
            lambda: _furnish(settings, clock, ids, stripe, telegram)
        )
        bot = BotService(
            practice,
            outside.stripe,
            request=SandboxRequest(telegram),
            get_updates_request=SandboxRequest(telegram),
            pacer=Pacer(sleep=_at_once),
            sleep=_at_once,
        )
        offload = Offload(practice, 1)
        try:
            await bot.start()
            chat = TelegramChat(bot.bot, bot.pacer, loop=asyncio.get_running_loop())
            outside = replace(outside, chat=bot.chat_sender(chat))
            yield World(
                practice, clock, telegram, stripe, mails, outside, bot, offload, therapist_id
            )
        finally:
            # The sweeps first and beside this loop: what they are sending goes through the bot.
            outside.stopping.set()
            await asyncio.to_thread(offload.close)
            await bot.stop()
            await asyncio.to_thread(outside.close)
            practice.store.close()


async def add_regulars(world: World) -> None:
    """Give the first therapist a few clients, each with a card, a past booking and a follow-up.

    They come the way all clients come: a chat, a card page, a slot, a follow-up by the therapist.
    """
    for name, chat_id, choice in REGULARS:
        await add_regular(world, name, chat_id, choice)
    await world.settle()


async def add_regular(
    world: World, name: str, chat_id: int, choice: int, card: str = "4242424242424242"
) -> None:
    """Give the first therapist one client more, who books one of the free slots by its place."""
    world.phone(chat_id, name.split(maxsplit=1)[0]).start()
    await world.bot.catch_up()
    await world.offload(_add_regular, world, name, chat_id, choice, card)


def _add_regular(world: World, name: str, chat_id: int, choice: int, card: str) -> None:
    practice = world.practice
    client = Actor.client(accounts.register(practice, chat_id), "demo")
    accounts.set_name(practice, client, name)
    accounts.set_email(practice, client, f"{name.split(maxsplit=1)[0].lower()}@example.org")
    confirm.confirm_email(practice, client, confirm.make_token(practice, client.id))
    request = cards.ask_for_card(practice, client)
    page = cards.page(practice, world.gateway, client, request)
    world.type_card(page.url.rsplit("/", maxsplit=1)[-1], card)
    cards.look_now(practice, client_id=client.id)
    sweeps.run(practice, world.outside, ["cards"])
    _, slots = profiles.profile(practice, world.therapist_id)
    slot = slots[choice]
    shown = booking.offer(practice, client, slot.id).shown
    booking.book(practice, client, slot.id, shown, accept_terms=True)
    later = policy.same_wall_time_next_week(slot.start, LONDON)
    booking.book_follow_up(practice, world.therapist, world.therapist_id, client.id, later)
