"""A chat in process: the sandbox's phone, the real library, the real bot, a store of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from helpspace.bot.app import BotService
from helpspace.core import holds
from helpspace.core.actors import Actor
from helpspace.core.cards import CardFound, PageOrder
from helpspace.core.errors import OutsideFault
from helpspace.core.pacing import Pacer
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, Call, Phone, TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest
from tests import makers

T = TypeVar("T")

LIFE = ("message is not modified", "query is too old", "blocked by the user", "Too Many Requests")
"""Refusals that happen to a bot which does nothing wrong."""


@dataclass
class Pages:
    """A Stripe that only makes card pages; `away` is one that does not answer."""

    away: bool = False
    made: list[str] = field(default_factory=list)

    def make_customer(self, order: PageOrder) -> str:
        self._must_answer()
        return f"cus_{order.client_id}"

    def make_page(self, order: PageOrder, _customer: str) -> tuple[str, str]:
        self._must_answer()
        self.made.append(order.request_id)
        return f"cs_{order.request_id}", f"https://pay.example.org/{order.request_id}"

    def _must_answer(self) -> None:
        if self.away:
            raise OutsideFault


@dataclass
class Scene:
    """A practice, its Telegram and its bot."""

    practice: Practice
    clock: MovableClock
    sandbox: TelegramSandbox
    stripe: Pages = field(default_factory=Pages)
    service: BotService | None = None
    nudges: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = LIFE
    waited: float = 0.0

    async def wait(self, seconds: float) -> None:
        """Note a wait instead of waiting: tests never sleep."""
        self.waited += seconds
        await asyncio.sleep(0)

    def phone(self, user_id: int = 501, first_name: str = "Sam") -> Phone:
        return self.sandbox.phone(user_id, first_name=first_name)

    @property
    def bot(self) -> BotService:
        assert self.service is not None
        return self.service

    async def settle(self) -> None:
        """Let the bot answer everything."""
        await self.bot.catch_up()

    async def take_in(self) -> None:
        """Let updates become durable without being handled."""
        await self.bot._door.once()

    async def tap(self, phone: Phone, label: str) -> None:
        """Touch the one visible button whose label begins so, and let the bot answer."""
        phone.tap(lambda button: button.label.startswith(label))
        await self.settle()

    async def write(self, phone: Phone, text: str) -> None:
        phone.write(text)
        await self.settle()

    async def start(self, phone: Phone, payload: str = "") -> None:
        phone.start(payload)
        await self.settle()

    async def press(self, phone: Phone, data: str, message_id: int | None = None) -> None:
        phone.press(data, message_id=message_id)
        await self.settle()

    def complete_card(self) -> None:
        """Do what the card sweep does for the newest page, which was completed."""
        request = self.stripe.made[-1]
        holds.card_completed(self.practice, request, CardFound("pm_1", "visa", "4242", 12, 2030))

    def make(self) -> BotService:
        """Return another service on the same store, as a restart would."""

        async def nudge(sweep: str) -> None:
            self.nudges.append(sweep)

        return BotService(
            self.practice,
            self.stripe,  # type: ignore[arg-type]
            request=SandboxRequest(self.sandbox),
            get_updates_request=SandboxRequest(self.sandbox),
            pacer=Pacer(now=lambda: self.waited, sleep=self.wait),
            nudge=nudge,
            sleep=self.wait,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Scene]:
        self.service = self.make()
        await self.service.start()
        try:
            yield self
        finally:
            await self.service.stop()

    def play(self, act: Callable[[Scene], Awaitable[T]]) -> T:
        """Play an act with the bot running, and check that nothing was refused or left spinning."""

        async def whole() -> T:
            async with self.running():
                return await act(self)

        try:
            return asyncio.run(whole())
        finally:
            assert not self.refusals(), self.refusals()

    def refusals(self) -> list[Call]:
        """The calls that Telegram would not have taken, but for those that are part of its life."""
        return [
            call
            for call in self.sandbox.calls
            if call.status >= 400
            and call.fault is None
            and not any(words in str(call.result) for words in self.expected)
        ]


def scene_at(template: Path, path: Path) -> Scene:
    """Return a scene on a store of its own in a new file."""
    shutil.copy(template, path)
    path.chmod(0o600)
    clock = MovableClock(makers.NOW)
    practice = makers.practice_at(f"sqlite:///{path}", clock, TELEGRAM_TOKEN=SANDBOX_KEY)
    return Scene(practice, clock, TelegramSandbox(clock, pace=None))


@pytest.fixture
def backend() -> str:
    """SQLite, where a test does not say otherwise."""
    return "sqlite"


@pytest.fixture
def practice(store_url: str, clock: MovableClock) -> object:
    """A practice with a bot's token."""
    made = makers.practice_at(store_url, clock, TELEGRAM_TOKEN=SANDBOX_KEY)
    yield made
    made.store.close()


@pytest.fixture
def scene(practice: Practice, clock: MovableClock) -> Scene:
    """A practice with a chat."""
    return Scene(practice, clock, TelegramSandbox(clock, pace=None))


@pytest.fixture
def client_of(practice: Practice) -> Callable[[Phone], Actor]:
    """How to find the client of a phone."""
    from helpspace.core import accounts

    def find(phone: Phone) -> Actor:
        found = accounts.client_of_chat(practice, phone.user.id)
        assert found is not None
        return Actor.client(found)

    return find
