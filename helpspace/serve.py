"""`helpspace serve`: the bot, the jobs and the web endpoints in one process, or some of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from helpspace import collecting, logs
from helpspace.core import cards, hearing, heartbeat
from helpspace.core.errors import HelpspaceError, SettingsFault
from helpspace.core.gateways import Outside
from helpspace.core.offload import Offload
from helpspace.core.payments import paying
from helpspace.core.practice import Practice
from helpspace.core.store import standing
from helpspace.jobs.scheduler import Scheduler
from helpspace.jobs.sweeps import JOBS
from helpspace.settings import Settings
from helpspace.wiring import open_outside, open_practice, remember_mode

if TYPE_CHECKING:
    from helpspace.bot.app import BotService
    from helpspace.web.app import Ears

log = logging.getLogger(__name__)

PATIENCE = 15.0
"""Seconds that each part is given to finish what is in flight after the word to stop."""

AT_MOST = 40.0
"""Seconds from the word to stop to the end of the process, whatever still hangs."""

LATE = 120
"""Seconds after which a job that should tick more often counts as late."""

SKEW = 300
"""Seconds that a Stripe webhook's signature may be old (A4)."""


def serve(
    settings: Settings,
    *,
    bot: bool = True,
    jobs: bool = True,
    web: bool = True,
    debug: bool = False,
) -> int:
    """Run until SIGTERM or Ctrl+C, then finish what is in flight; return the exit code.

    Raises a HelpspaceError when a part cannot begin, or ends by itself.
    """
    os.umask(0o077)
    logs.set_up(debug=debug)
    bot = bot and _can_have_bot(settings)
    if not (bot or jobs or web):
        raise SettingsFault("There is nothing to serve", "Leave out --no-jobs or --no-web.")
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(*settings.bind_address)) if web else None
        practice = open_practice(settings, make=True)
        stack.callback(practice.store.close)
        remember_mode(practice)
        if standing.rests(practice.store):
            log.warning(standing.RESTS)
        _say_what_is_missing(settings, jobs=jobs)
        asyncio.run(_Service(practice, bot=bot, jobs=jobs, listener=listener).run())
    log.info("stopped")
    return 0


def _can_have_bot(settings: Settings) -> bool:
    """Say whether there can be a bot, and refuse a webhook that nobody could reach."""
    if settings.telegram_token is None:
        log.warning("the bot is off: HELPSPACE_TELEGRAM_TOKEN is not set")
        return False
    if settings.telegram_webhook and settings.public_url is None:
        raise SettingsFault(
            "HELPSPACE_TELEGRAM_WEBHOOK is on, but HELPSPACE_PUBLIC_URL is not set",
            "Set it to where Telegram reaches this host, or turn the webhook off to poll.",
        )
    return True


def _say_what_is_missing(settings: Settings, *, jobs: bool) -> None:
    """Warn of what the jobs will leave undone."""
    if not jobs:
        return
    missing = (
        (settings.stripe_key, "HELPSPACE_STRIPE_KEY", "no cards are taken and nothing is charged"),
        (settings.mail, "HELPSPACE_MAIL", "mails wait until it is"),
        (settings.video, "HELPSPACE_VIDEO", "sessions have no video room"),
    )
    for value, name, meaning in missing:
        if value is None:
            log.warning("%s is not set: %s", name, meaning)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that a port that is taken is told before all else.

    Raises SettingsFault.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise SettingsFault(
            f"Nothing can listen on {host}:{port} ({os.strerror(error.errno or 0)})",
            "Set HELPSPACE_BIND to a free address.",
        ) from None


@dataclass
class _Service:
    """The parts that one process runs, started in the order in which they need each other."""

    practice: Practice
    bot: bool
    jobs: bool
    listener: socket.socket | None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    running: list[asyncio.Task[None]] = field(default_factory=list)
    scheduler: Scheduler | None = None
    client_bot: BotService | None = None
    last: threading.Timer = field(init=False)
    """Ends the process if something hangs; it runs from the word to stop until all has ended."""
    fell: bool = False
    """Whether a part ended before the word to stop."""
    late: bool = False
    """Whether a sweep was still under way when everything else had ended."""

    def __post_init__(self) -> None:
        self.last = _last_resort()

    async def run(self) -> None:
        """Start everything, wait for the word to stop or for a part to end, and stop in order.

        The sweeps stop first, since what they are sending goes through the bot; then the bot and
        the web; last what all of them use.
        """
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(logs.loop_fault)
        for word in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(word, self.stopping.set)
        async with AsyncExitStack() as stack:
            stack.callback(self._end_in_order)
            offload = Offload(self.practice)
            stack.push_async_callback(asyncio.to_thread, offload.close)
            outside = await asyncio.to_thread(open_outside, self.practice.settings, self.practice)
            stack.push_async_callback(asyncio.to_thread, outside.close)
            stack.push_async_callback(self._let_end)
            if self.bot:
                outside = await self._start_bot(outside, stack)
            if self.jobs:
                self.scheduler = Scheduler(self.practice, outside)
                stack.push_async_callback(self._stop_jobs, self.scheduler)
                self.scheduler.start()
                log.info("the jobs run")
            if self.listener is not None:
                self._begin(self._serve_web(self.listener, offload))
            collecting.steadily()
            await self._until_stopped()
        self._tell_failure()

    def _begin(self, part: Coroutine[Any, Any, None]) -> None:
        self.running.append(asyncio.create_task(part))

    async def _start_bot(self, outside: Outside, stack: AsyncExitStack) -> Outside:
        from helpspace.bot.app import BotService  # noqa: PLC0415 - not in a process without a bot
        from helpspace.jobs.telegram import TelegramChat  # noqa: PLC0415 - when first wanted

        service = BotService(self.practice, outside.stripe, nudge=self.nudge)
        stack.push_async_callback(service.stop)
        await service.start()
        self.client_bot = service
        webhook = self.practice.settings.telegram_webhook
        self._begin(service.run_webhook() if webhook else service.run_polling())
        log.info("the bot listens, by %s", "webhook" if webhook else "polling")
        chat = TelegramChat(service.bot, service.pacer, loop=asyncio.get_running_loop())
        return replace(outside, chat=service.chat_sender(chat))

    async def nudge(self, name: str) -> None:
        """Wake the bot, or a sweep of this process, by name."""
        if name == "bot":
            if self.client_bot is not None:
                self.client_bot.ring()
        elif self.scheduler is not None:
            self.scheduler.nudge(name)

    async def _until_stopped(self) -> None:
        """Wait for the word to stop; a part that ends by itself ends them all."""
        told = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({told, *self.running}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        self.fell = not self.stopping.is_set()
        self.stopping.set()
        log.info("stopping; what is in flight is finished first")
        self.last.start()

    async def _let_end(self) -> None:
        """Give what runs its time to end."""
        self.stopping.set()
        if self.running:
            _, late = await asyncio.wait(self.running, timeout=PATIENCE)
            for task in late:
                task.cancel()

    def _tell_failure(self) -> None:
        """Raise what a part has ended by."""
        for task in self.running:
            if task.done() and not task.cancelled():
                task.result()
        if self.fell:
            raise HelpspaceError("A part has ended by itself", "Start it again.")

    def _end_in_order(self) -> None:
        """Take the last resort back, except where a sweep would keep the process from ending."""
        if not self.late:
            self.last.cancel()

    async def _stop_jobs(self, scheduler: Scheduler) -> None:
        self.late = not await asyncio.to_thread(scheduler.stop, PATIENCE)
        if self.late:
            log.warning("a sweep is still under way; what it has begun is taken up again")

    async def _serve_web(self, listener: socket.socket, offload: Offload) -> None:
        import uvicorn  # noqa: PLC0415 - not in a process without a web

        from helpspace.web.app import create_app  # noqa: PLC0415 - when first wanted

        class Server(uvicorn.Server):
            """Leaves the signals to this process, which stops its parts in order."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

        config = uvicorn.Config(
            create_app(self._ears(offload), offload),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=10,
            server_header=False,
            # Who calls is read in one place, from the settings and no other variable.
            proxy_headers=False,
            ws="none",
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        watching = asyncio.create_task(self.stopping.wait())
        log.info("the web listens on %s:%d", *listener.getsockname()[:2])
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        watching.cancel()
        server.should_exit = True
        await serving

    def _ears(self, offload: Offload) -> Ears:
        from helpspace.bot import intake  # noqa: PLC0415 - when first wanted
        from helpspace.web.app import Ears  # noqa: PLC0415 - when first wanted

        practice = self.practice
        webhook = practice.settings.telegram_webhook

        async def telegram_update(body: bytes) -> bool:
            if self.client_bot is not None:
                return await self.client_bot.take_webhook(body)
            return await offload(intake.take_in_webhook, practice, body)

        def card_returned(session: str) -> int:
            return cards.look_now(practice, session=session) if session else 0

        return Ears(
            practice=practice,
            stripe_event=lambda body, signature: hear_stripe(practice, body, signature),
            telegram_update=telegram_update,
            telegram_secret=intake.webhook_secret(practice) if webhook else None,
            card_returned=card_returned,
            account_returned=lambda: hearing.look_at_accounts(practice),
            payment_returned=lambda payment: paying.returned(practice, payment),
            nudge=self.nudge,
            beats=lambda: how_jobs_are(practice),
        )


def _last_resort() -> threading.Timer:
    """Return a timer that ends the process; a kill loses nothing that was answered (D1)."""

    def leave() -> None:
        log.error("something did not end in time; what was answered is saved")
        os._exit(1)

    timer = threading.Timer(AT_MOST, leave)
    timer.daemon = True
    return timer


def hear_stripe(practice: Practice, body: bytes, signature: str) -> bool:
    """Take in a Stripe webhook, verified over its raw bytes with its age (A4).

    False for what verifies by none of the secrets, one of each endpoint, and where none is set;
    True as well for an event known already, which Stripe may send again in any order.
    """
    import stripe  # noqa: PLC0415 - slow to load

    def verifies(secret: str) -> bool:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, SKEW)
        except stripe.SignatureVerificationError:
            return False
        return True

    try:
        if not any(verifies(one) for one in practice.settings.stripe_webhook_secrets):
            return False
        event = json.loads(body)
    except ValueError:
        return False
    if not isinstance(event, dict):
        return False
    hearing.hear(practice, [hearing.event_of(event)])
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
