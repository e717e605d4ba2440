"""`helpspace serve`: the bot, the jobs and the web endpoints in one process, or some of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from helpspace import logs
from helpspace.core import cards, hearing, heartbeat
from helpspace.core.errors import SettingsFault
from helpspace.core.gateways import Outside
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice
from helpspace.jobs.scheduler import Scheduler
from helpspace.jobs.sweeps import JOBS
from helpspace.settings import Settings
from helpspace.wiring import open_outside, open_practice

if TYPE_CHECKING:
    from helpspace.bot.app import BotService
    from helpspace.web.app import Ears

log = logging.getLogger(__name__)

PATIENCE = 25.0
"""Seconds within which what is in flight may finish after the word to stop."""

LATE = 120
"""Seconds after which a job that should tick more often counts as late."""


def serve(settings: Settings, *, bot: bool = True, jobs: bool = True, web: bool = True) -> int:
    """Run until SIGTERM or Ctrl+C, then finish what is in flight; return the exit code."""
    os.umask(0o077)
    logs.set_up()
    practice = open_practice(settings, make=True)
    remember_mode(practice)
    asyncio.run(_Service(practice, bot=bot, jobs=jobs, web=web).run())
    practice.store.close()
    return 0


def remember_mode(practice: Practice) -> None:
    """Refuse a key of the other mode than the store has known: live and test never mix (A5)."""
    settings = practice.settings
    if settings.stripe_key is None:
        return
    mode = "live" if settings.stripe_is_live else "test"
    with practice.change() as tx:
        known = tx.fact("stripe_mode")
        if known is None:
            tx.set_fact("stripe_mode", mode)
        elif known != mode:
            raise SettingsFault(
                f"This store belongs to a Stripe {known} key, and HELPSPACE_STRIPE_KEY is {mode}",
                "Use another store for it: set HELPSPACE_DATABASE.",
            )


@dataclass
class _Service:
    """The parts that one process runs, started in the order in which they need each other."""

    practice: Practice
    bot: bool
    jobs: bool
    web: bool
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    scheduler: Scheduler | None = None
    client_bot: BotService | None = None

    async def run(self) -> None:
        """Start everything, wait for the word to stop or for a part to fail, and stop in order."""
        loop = asyncio.get_running_loop()
        for word in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(word, self.stopping.set)
        outside = await asyncio.to_thread(open_outside, self.practice.settings, self.practice)
        offload = Offload(self.practice)
        parts: list[Coroutine[Any, Any, None]] = []
        if self.bot:
            outside = await self._start_bot(outside, parts)
        if self.jobs:
            self.scheduler = Scheduler(self.practice, outside)
            self.scheduler.start()
            log.info("the jobs run")
        if self.web:
            parts.append(self._serve_web(offload))
        try:
            await self._until_stopped(parts)
        finally:
            await self._stop(outside, offload)

    async def _start_bot(self, outside: Outside, parts: list[Coroutine[Any, Any, None]]) -> Outside:
        settings = self.practice.settings
        if settings.telegram_token is None:
            log.warning("the bot is off: HELPSPACE_TELEGRAM_TOKEN is not set")
            return outside
        from helpspace.bot.app import BotService  # noqa: PLC0415 - not in a process without a bot
        from helpspace.jobs.telegram import TelegramChat  # noqa: PLC0415

        service = BotService(self.practice, outside.stripe, nudge=self.nudge)
        await service.start()
        self.client_bot = service
        webhook = settings.telegram_webhook and settings.public_url is not None
        parts.append(service.run_webhook() if webhook else service.run_polling())
        log.info("the bot listens, by %s", "webhook" if webhook else "polling")
        loop = asyncio.get_running_loop()
        chat = TelegramChat(service.bot, service.pacer, loop=loop)
        outside.close()
        return replace(outside, chat=service.chat_sender(chat))

    async def nudge(self, name: str) -> None:
        """Wake the bot, or a sweep of this process, by name."""
        if name == "bot":
            if self.client_bot is not None:
                self.client_bot.ring()
        elif self.scheduler is not None:
            self.scheduler.nudge(name)

    async def _until_stopped(self, parts: list[Coroutine[Any, Any, None]]) -> None:
        """Run the parts until told to stop; one that fails ends them all, with its reason."""
        running = [asyncio.create_task(part) for part in parts]
        told = asyncio.create_task(self._told())
        done, _ = await asyncio.wait({told, *running}, return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        log.info("stopping; what is in flight is finished first")
        if self.client_bot is not None:
            await self.client_bot.stop()
        _, late = await asyncio.wait(running, timeout=PATIENCE) if running else (None, set())
        for task in late:
            task.cancel()
        told.cancel()
        for task in done - {told}:
            task.result()

    async def _told(self) -> None:
        await self.stopping.wait()

    async def _stop(self, outside: Outside, offload: Offload) -> None:
        if self.scheduler is not None:
            await asyncio.to_thread(self.scheduler.stop, PATIENCE)
        await asyncio.to_thread(outside.close)
        await asyncio.to_thread(offload.close)

    async def _serve_web(self, offload: Offload) -> None:
        import uvicorn  # noqa: PLC0415 - not in a process without a web

        from helpspace.web.app import create_app  # noqa: PLC0415

        class Server(uvicorn.Server):
            """Leaves the signals to this process, which stops its parts in order."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

        host, port = self.practice.settings.bind_address
        config = uvicorn.Config(
            create_app(self._ears(), offload),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=10,
            server_header=False,
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve())
        watching = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await serving
        except SystemExit:
            raise SettingsFault(
                f"Nothing can listen on {host}:{port}", "Set HELPSPACE_BIND to a free address."
            ) from None
        finally:
            watching.cancel()

    def _ears(self) -> Ears:
        from helpspace.bot import intake  # noqa: PLC0415
        from helpspace.web.app import Ears  # noqa: PLC0415

        practice = self.practice

        def card_returned(session: str) -> int:
            return cards.look_now(practice, session=session) if session else 0

        return Ears(
            stripe_event=self._hear,
            telegram_update=lambda body: intake.take_in_webhook(practice, body),
            telegram_secret=intake.webhook_secret(practice),
            card_returned=card_returned,
            account_returned=lambda: hearing.look_at_accounts(practice),
            nudge=self.nudge,
            beats=lambda: how_jobs_are(practice),
        )

    def _hear(self, body: bytes, signature: str) -> bool:
        """Take in a Stripe webhook, verified over its raw bytes with its age (A4)."""
        import stripe  # noqa: PLC0415 - slow to load

        secret = self.practice.settings.stripe_webhook_secret
        if secret is None:
            return False
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, 300)
            event = json.loads(body)
            hearing.hear(self.practice, [hearing.event_of(event)])
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError):
            return False
        return True


def how_jobs_are(practice: Practice) -> dict[str, str]:
    """Return each job and how it is: "ok", "late", or the code of its last error."""
    now = practice.now()
    beats = {beat.job: beat for beat in heartbeat.beats(practice)}
    found: dict[str, str] = {}
    for job in JOBS:
        beat = beats.get(job.name)
        if beat is None or beat.began_at < now - max(LATE, 3 * job.every):
            found[job.name] = "late"
        else:
            found[job.name] = beat.error or "ok"
    return found
