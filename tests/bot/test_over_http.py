"""Every screen again over HTTP, by polling and by webhook, as the library itself speaks it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from helpspace.bot import intake
from helpspace.bot.app import BotService
from helpspace.core.offload import Offload
from helpspace.core.pacing import Pacer
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from helpspace.sandbox.telegram.http import create_app
from helpspace.web.app import Ears
from helpspace.web.app import create_app as create_web
from tests import makers
from tests.bot.conftest import Scene
from tests.bot.test_limits import crawl, crowd
from tests.soak.wire_world import serving

PUBLIC = "https://helpspace.example.org"


class Wire(Scene):
    """A scene whose bot speaks HTTP, and polls for its updates."""

    def make(self) -> BotService:
        """Return a service with the library's own transport."""
        pacer = Pacer(now=lambda: self.waited, sleep=self.wait)
        return BotService(self.practice, self.stripe, pacer=pacer, sleep=self.wait)  # type: ignore[arg-type]


class Hung(Wire):
    """A scene whose updates come to the web endpoint."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Scene]:
        async with super().running():
            await self.bot._door.register(f"{PUBLIC}/telegram/webhook", asyncio.Event())
            offload = Offload(self.practice, 1)
            app = create_web(self._ears(), offload)
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport) as self.line:
                yield self
            await asyncio.to_thread(offload.close)

    def _ears(self) -> Ears:
        async def nudge(_name: str) -> None:
            pass

        return Ears(
            practice=self.practice,
            stripe_event=lambda _body, _signature: False,
            telegram_update=self.bot.take_webhook,
            telegram_secret=intake.webhook_secret(self.practice),
            card_returned=lambda _session: 0,
            account_returned=lambda: 0,
            nudge=nudge,
            beats=dict,
        )

    async def settle(self) -> None:
        """Let everything come in by the web endpoint, and let the bot answer it."""

        async def post(url: str, headers: dict[str, str], body: bytes) -> int:
            return (await self.line.post(url, headers=headers, content=body)).status_code

        while await self.sandbox.deliver_webhooks(post):
            await self.bot.handle_pending()


@pytest.fixture(params=[Wire, Hung], ids=["polling", "webhook"])
def wire(
    request: pytest.FixtureRequest, sqlite_template: Path, store_folder: Path
) -> Iterator[Scene]:
    """A scene beside a Telegram that listens on this machine."""
    path = store_folder / "helpspace.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    clock = MovableClock(makers.NOW)
    sandbox = TelegramSandbox(clock, pace=None)
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(serving(create_app(sandbox)))
        practice: Practice = makers.practice_at(
            f"sqlite:///{path}",
            clock,
            TELEGRAM_TOKEN=SANDBOX_KEY,
            TELEGRAM_API=api,
            PUBLIC_URL=PUBLIC,
        )
        stack.callback(practice.store.close)
        yield request.param(practice, clock, sandbox)


def test_every_screen_over_http(wire: Scene) -> None:
    """Whatever can be reached from home is taken by Telegram, and every button is answered."""
    crowd(wire, wide=True)
    reached = crawl(wire, wire.phone(501, "Sam"), each=2)
    assert {"find", "wishes", "who", "slot", "mine", "session", "cancel", "card"} <= set(reached)
