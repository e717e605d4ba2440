"""The side of the wire that is never killed: sandboxes, clock, people's phones, and the killer."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from helpspace.core.actors import Actor
from helpspace.core.gateways import StripeGateway
from helpspace.core.practice import Practice
from helpspace.sandbox import accounts as sandbox_accounts
from helpspace.sandbox.mail import Mail, Mailbox, MailServer
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.api import Response
from helpspace.sandbox.stripe.http import loopback
from helpspace.sandbox.telegram import TelegramSandbox
from helpspace.sandbox.telegram.api import Answer
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.http import create_app
from helpspace.wiring import open_outside, open_practice
from tests import makers
from tests.postgres import quick_folder
from tests.soak.wire_child import settings_of
from tests.soak.wire_clock import FileClock

ROOT = Path(__file__).parents[2]

TALK = ("POST sessions", "GET sessions", "mail", "getUpdates", "sendMessage", "editMessageText",
        "notice")  # fmt: skip
CHARGING = ("POST payment_intents", "POST confirm", "GET payment_intents")
REFUNDING = ("POST refunds", "GET refunds", "GET payment_intents")
"""What a kill can follow upon: a call that has just taken effect, whose answer may be lost."""


SLOWEST_START = 20.0
"""Seconds after which a process is killed that has not come up."""

USUAL_START = 0.3
"""Seconds that a process takes to come up on a machine that is not busy."""

SLOWEST = 4.0
"""How many times as slow a machine may be before lives become shorter in what they achieve."""


class Killer:
    """Kills a process after a while, or some microseconds after something happened outside it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._target: int | None = None
        self._spot: tuple[str, int, float] | None = None
        self._timer: threading.Timer | None = None
        self._life: float | None = None
        self._began = 0.0
        self.done = threading.Event()
        self.at = ""
        self.slowness = 1.0
        """How many times as long as usual the last process took to come up."""

    def after(self, pid: int, seconds: float) -> None:
        """Kill a process some seconds from now."""
        with self._lock:
            self.done.clear()
            self._target, self._spot, self._life = pid, None, None
            self._start_timer(pid, seconds)

    def upon(
        self, pid: int, life: float, spot: str = "never", nth: int = 1, seconds: float = 0.0
    ) -> None:
        """Kill a process some seconds after something has happened outside for the nth time.

        At the latest it dies when it has polled for updates for the time of `life`, which is longer
        the longer it took to come up: a busy machine shows as much as an idle one.
        """
        with self._lock:
            self.done.clear()
            self._target, self._spot, self._life = pid, (spot, nth, seconds), life
            self._began = time.monotonic()
            self._start_timer(pid, SLOWEST_START)

    def polls(self) -> None:
        """Hear that the process has come up and asks for updates."""
        with self._lock:
            if self._life is not None and self._target is not None:
                life, self._life = self._life, None
                slow = (time.monotonic() - self._began) / USUAL_START
                self.slowness = min(max(slow, 1.0), SLOWEST)
                self._start_timer(self._target, life * self.slowness)

    def _start_timer(self, pid: int, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._fire, (pid, "time"))
        self._timer.start()

    def seen(self, spot: str) -> None:
        """Hear of something that happened outside; called from the thread in which it did."""
        with self._lock:
            if self._spot is None or self._spot[0] != spot or self._target is None:
                return
            name, left, seconds = self._spot
            self._spot = (name, left - 1, seconds) if left > 1 else None
            target = None if left > 1 else self._target
        if target is not None:
            time.sleep(seconds)
            self._fire(target, spot)

    def _fire(self, pid: int, at: str) -> None:
        with self._lock:
            if self._target != pid:
                return
            os.kill(pid, signal.SIGKILL)
            self._target, self.at = None, at
            if self._timer is not None:
                self._timer.cancel()
            self.done.set()

    def forget(self) -> None:
        """Kill nobody any more."""
        with self._lock:
            self._target = self._spot = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None


class Bank(StripeSandbox):
    """Stripe, which tells the killer what has just happened."""

    killer: Killer

    def newest_event(self, types: Sequence[str]) -> str | None:
        """Return the id of the newest event of some types on the platform's own account."""
        with self.turn() as world:
            found = (one.id for one in reversed(world.events)
                     if one.type in types and not one.account)  # fmt: skip
            return next(found, None)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response:
        response = super().handle(method, path, headers, body)
        words = [word for word in path.partition("?")[0].split("/") if "_" not in word[:4]]
        self.killer.seen(f"{method} {words[-1]}")
        return response


class Telegram(TelegramSandbox):
    """Telegram, which tells the killer what has just happened."""

    killer: Killer

    async def call(
        self,
        method: str,
        params: Mapping[str, object],
        uploads: Mapping[str, Upload] | None = None,
    ) -> Answer:
        if method == "getUpdates":
            self.killer.polls()
        answer = await super().call(method, params, uploads)
        if method != "getUpdates" or len(answer.body) > 40:
            self.killer.seen(method)
        if method == "sendMessage" and '"1:' not in str(params.get("reply_markup")):
            self.killer.seen("notice")
        return answer


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an application on 127.0.0.1 until the block ends; yields its address."""
    config = uvicorn.Config(
        app,
        access_log=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=1,
        ws="none",
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Forge:
    """The template process, and the processes that it forks."""

    def __init__(self, settings: dict[str, str], clock: Path, log: Path) -> None:
        command = [sys.executable, "-m", "tests.soak.wire_child", json.dumps(settings)]
        self._process = subprocess.Popen(
            [*command, str(clock), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def service(self) -> int:
        """Start the service and return its process id."""
        return self._ask("service")

    def desk(self, address: str) -> int:
        """Start the therapists' desk, which calls back at an address."""
        return self._ask(f"desk {address}")

    def talk(self, path: Path, deadly: str) -> int:
        """Start the bot alone and return its process id.

        It writes the points that it passes into a file, and dies at the one of this name.
        """
        return self._ask(f"talk {path} {deadly}")

    def reap(self, pid: int) -> int:
        """Wait for the end of a process that was killed, and return how it ended."""
        return self._ask(f"reap {pid}")

    def _ask(self, word: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the template, and with it whatever it has forked."""
        self._process.communicate(timeout=10)


@dataclass
class World:
    """Everything that outlives the killed processes."""

    clock: FileClock
    killer: Killer
    bank: Bank
    telegram: Telegram
    mails: Mailbox
    practice: Practice
    gateway: StripeGateway
    forge: Forge
    folder: Path
    handles: dict[str, str]
    """Each therapist's id and the handle of their profile."""

    @property
    def log(self) -> str:
        """What the killed processes had to complain of."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


def _settings(folder: Path, database: str, *addresses: str) -> dict[str, str]:
    stripe, telegram, mail, token = addresses
    return {
        "DATABASE": database,
        "KEY_FILE": str(folder / "key"),
        "TELEGRAM_TOKEN": token,
        "TELEGRAM_API": telegram,
        "STRIPE_KEY": "sk_test_soak",
        "STRIPE_API": stripe,
        "STRIPE_RATE": "1000",
        "MAIL": mail,
        "MAIL_FROM": "Helpspace <appointments@example.org>",
        "VIDEO": "https://video.example.org",
    }


def _therapists(practice: Practice, bank: Bank, stripe_api: str, count: int) -> dict[str, str]:
    values = {"STRIPE_KEY": "sk_test_soak", "STRIPE_API": stripe_api, "STRIPE_RATE": "1000"}
    make = sandbox_accounts.maker(settings_of(values))
    assert make is not None
    made = make([f"therapist{number}@example.org" for number in range(1, count + 1)])
    found: dict[str, str] = {}
    for number, account in enumerate(made, start=1):
        bank.complete_onboarding(account)
        name = f"Counsellor {number}"
        actor: Actor = makers.add_therapist(practice, name, account=account, notice_s=3600)
        found[actor.id] = f"handle{number}"
    return found


@contextmanager
def open_world(database: str | None = None, *, therapists: int = 4) -> Iterator[World]:
    """Make a world with an empty practice, in a SQLite file or in the database of a URL."""
    with ExitStack() as stack:
        name = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="helpspace-wire-", dir=quick_folder())
        )
        folder = Path(name)
        (folder / "clock").write_bytes(makers.NOW.to_bytes(8, sys.byteorder))
        clock = FileClock(folder / "clock")
        stack.callback(clock.close)
        killer = Killer()
        stack.callback(killer.forget)
        bank, telegram, mails = Bank(clock), Telegram(clock, pace=None), Mailbox(clock)
        bank.killer = telegram.killer = killer

        def arrived(_mail: Mail) -> None:
            killer.seen("mail")

        mails.on_arrival(arrived)
        server = stack.enter_context(MailServer(mails))
        stripe_api = stack.enter_context(loopback(bank))
        telegram_api = stack.enter_context(serving(create_app(telegram)))
        url = database or f"sqlite:///{folder / 'helpspace.db'}"
        values = _settings(folder, url, stripe_api, telegram_api, server.url, telegram.token)
        settings = settings_of(values)
        practice = open_practice(settings, clock=clock, make=True)
        stack.callback(practice.store.close)
        outside = open_outside(settings, practice)
        stack.callback(outside.close)
        assert outside.stripe is not None
        handles = _therapists(practice, bank, stripe_api, therapists)
        forge = Forge(values, folder / "clock", folder / "log")
        stack.callback(forge.close)
        yield World(
            clock, killer, bank, telegram, mails, practice, outside.stripe, forge, folder, handles
        )


def shortly(chance: random.Random) -> float:
    """Return a random wait from microseconds to a few milliseconds, short ones as often as long."""
    return 10 ** chance.uniform(-6, -2.3)


class Line:
    """The parent's end of the therapists' desk."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._address = str(world.folder / "desk")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen()
        self._socket: socket.socket | None = None
        self._rest = b""
        self.pid: int | None = None

    def ask(self, number: int, act: str, *arguments: Any) -> None:
        """Ask for an act; a desk that is dead is opened anew."""
        if self._socket is None:
            self.pid = self._world.forge.desk(self._address)
            self._socket, _ = self._listener.accept()
            self._rest = b""
        self._socket.sendall(json.dumps([number, act, *arguments]).encode() + b"\n")

    def answers(self, timeout: float) -> list[list[Any]]:
        """Return the answers that came within a time."""
        if self._socket is not None:
            self._socket.settimeout(timeout)
            with contextlib.suppress(TimeoutError, BlockingIOError):
                self._rest += self._socket.recv(65536)
        *whole, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in whole]

    def kill(self) -> list[list[Any]]:
        """Kill the desk and return what it had still answered."""
        if self._socket is None or self.pid is None:
            return []
        self._world.forge.reap(self.pid)
        self._socket.settimeout(5)
        with contextlib.suppress(ConnectionError):
            while more := self._socket.recv(65536):
                self._rest += more
        self._socket.close()
        self._socket = self.pid = None
        return self.answers(0)

    def close(self) -> None:
        """Close the desk for good."""
        self.kill()
        self._listener.close()
