"""How `serve` and `sandbox serve` begin, refuse to begin, wait, and end, as real processes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from helpspace.core.errors import SettingsFault
from helpspace.core.practice import Practice
from helpspace.jobs.scheduler import Scheduler
from helpspace.serve import _Service
from helpspace.settings import settings_from
from helpspace.wiring import open_outside, remember_mode
from tests import makers
from tests.wire.processes import PATIENCE, Process, eventually, free_port, run
from tests.wire.sandbox import Person, bare_environment, sandbox

NOBODY = "http://127.0.0.1:1"
TOKEN = "7000000001:SANDBOX-only-never-a-real-one-0000"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings for a store and an address of its own, and nothing outside."""
    return {
        **bare_environment(tmp_path),
        "HELPSPACE_DATABASE": f"sqlite:///{tmp_path}/data/store.db",
        "HELPSPACE_KEY_FILE": str(tmp_path / "store.key"),
        "HELPSPACE_BIND": "127.0.0.1:0",
    }


@pytest.fixture
def taken() -> Iterator[int]:
    """A port where somebody listens already."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one.getsockname()[1]


def test_what_cannot_begin_says_why_in_one_line(
    tmp_path: Path, environment: dict[str, str], taken: int
) -> None:
    live = {
        "HELPSPACE_STRIPE_KEY": "sk_live_canary",
        "HELPSPACE_MAIL": "smtp://127.0.0.1:1",
    }
    hook = {"HELPSPACE_TELEGRAM_TOKEN": TOKEN, "HELPSPACE_TELEGRAM_WEBHOOK": "on"}
    cases: list[tuple[tuple[str, ...], dict[str, str], str]] = [
        (("serve",), {"HELPSPACE_BIND": f"127.0.0.1:{taken}"}, "Nothing can listen on"),
        (("serve",), {**live, "HELPSPACE_STRIPE_API": NOBODY}, "is live, but HELPSPACE_STRIPE_API"),
        (("serve",), {"HELPSPACE_STRIPE_KEY": "sk_live_canary"}, "there is no mail server"),
        (("serve",), hook, "HELPSPACE_PUBLIC_URL is not set"),
        (("serve", "--no-jobs", "--no-web"), {}, "There is nothing to serve"),
        (("serve",), {"HELPSPACE_DATABASE": "postgresql://127.0.0.1:1/none"}, "does not answer"),
        (("sandbox", "serve", "--telegram-port", f"{taken}"), {}, "A port is taken"),
        (("sandbox", "serve", "--smtp-port", f"{taken}", "--stripe-port", "0"), {}, "taken"),
    ]
    for argv, changes, words in cases:
        done = run(tmp_path, {**environment, **changes}, *argv)
        assert done.returncode == 1, (argv, done)
        told = [line for line in done.stderr.splitlines() if " WARNING " not in line]
        assert len(told) == 1, done.stderr
        assert told[0].startswith("helpspace: ")
        assert words in told[0]
        assert "canary" not in done.stderr


def test_a_part_that_fails_ends_it_with_one_line(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Telegram is away at first and does not know the token once it is there."""
    port = free_port()
    wrong = {
        "HELPSPACE_TELEGRAM_TOKEN": "7000000001:" + "x" * 35,
        "HELPSPACE_TELEGRAM_API": f"http://127.0.0.1:{port}",
    }
    with Process(tmp_path, "serve", ("serve",), {**environment, **wrong}) as serve:
        serve.says("no updates: NetworkError")
        with sandbox(tmp_path, (port, 0, 0)):
            assert serve.end() == 1
    line = "helpspace: Telegram does not know this token. Check HELPSPACE_TELEGRAM_TOKEN."
    assert serve.err.splitlines()[-1] == line
    assert "Traceback" not in serve.err
    assert "xxxxx" not in serve.err


@makers.ON_SQLITE
def test_a_store_keeps_to_the_mode_of_its_first_key(practice: Practice) -> None:
    """A5: a live key on a store of test objects is refused, and the other way round."""

    def with_key(key: str) -> Practice:
        values = {
            "HELPSPACE_DATABASE": practice.settings.database,
            "HELPSPACE_STRIPE_KEY": key,
            "HELPSPACE_MAIL": "smtp://127.0.0.1:1",
        }
        settings = settings_from(values, Path("/nowhere/helpspace.env"))
        return Practice(practice.store, settings, practice.vault, practice.clock)

    remember_mode(practice)
    remember_mode(with_key("sk_test_1"))
    remember_mode(with_key("sk_test_2"))
    with pytest.raises(SettingsFault, match="belongs to a Stripe test key"):
        remember_mode(with_key("sk_live_1"))
    with pytest.raises(SettingsFault, match="belongs to a Stripe test key"):
        remember_mode(with_key("rk_live_1"))


@makers.ON_SQLITE
@pytest.mark.parametrize("in_order", [True, False])
def test_the_last_resort_is_taken_back_once_all_has_ended(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, *, in_order: bool
) -> None:
    """Nothing ends a process that goes on; only a sweep that hangs is still waited for."""
    monkeypatch.setattr(Scheduler, "stop", lambda *_: in_order)
    service = _Service(practice, bot=False, jobs=False, listener=None)
    service.stopping.set()

    async def live() -> None:
        await service._stop_jobs(Scheduler(practice, open_outside(practice.settings, practice)))
        await service.run()

    try:
        asyncio.run(live())
        service.last.join(0 if service.late else PATIENCE)
        assert service.last.is_alive() is not in_order
    finally:
        service.last.cancel()


def test_parts_without_settings_are_off_and_said_so(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Nothing set but a store: jobs and web run, everything else is warned of, exit 0."""
    with Process(tmp_path, "serve", ("serve",), environment) as serve:
        serve.says("the web listens on 127.0.0.1:")
        port = serve.err.split("the web listens on 127.0.0.1:")[1].split()[0]
        health = f"http://127.0.0.1:{port}/health"
        eventually(lambda: httpx.get(health, trust_env=False).status_code == 200, "all is well")
        assert serve.stop() == 0
    for words in (
        "the bot is off: HELPSPACE_TELEGRAM_TOKEN is not set",
        "HELPSPACE_STRIPE_KEY is not set: no cards are taken and nothing is charged",
        "HELPSPACE_MAIL is not set: mails wait until it is",
        "HELPSPACE_VIDEO is not set: sessions have no video room",
        "stopping; what is in flight is finished first",
        "stopped",
    ):
        assert words in serve.err


def test_everything_outside_may_be_away_at_the_start(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Telegram, Stripe and mail come later; until then it waits, and it can always be ended."""
    ports = (free_port(), free_port(), free_port())
    outside = {
        "HELPSPACE_TELEGRAM_TOKEN": TOKEN,
        "HELPSPACE_TELEGRAM_API": f"http://127.0.0.1:{ports[0]}",
        "HELPSPACE_STRIPE_KEY": "sk_test_canary",
        "HELPSPACE_STRIPE_API": f"http://127.0.0.1:{ports[1]}",
        "HELPSPACE_MAIL": f"smtp://127.0.0.1:{ports[2]}",
        "HELPSPACE_MAIL_FROM": "hello@example.org",
    }
    settings = {**environment, **outside}
    with Process(tmp_path, "serve", ("serve", "--debug"), settings) as serve:
        serve.says("the bot has not greeted yet: NetworkError")
        serve.says("no updates: NetworkError")
        assert serve.stop() == 0
    with Process(tmp_path, "serve", ("serve", "--debug"), settings) as serve:
        serve.says("no updates: NetworkError")
        with sandbox(tmp_path, ports) as stand_ins:
            person = Person(stand_ins, 501)
            person.does("start")
            person.sees("Welcome to Helpspace")
            calls = f"{stand_ins.telegram}/_sandbox/calls"
            eventually(lambda: stand_ins.get(calls, method="setMyCommands"), "the bot greets")
            assert serve.stop() == 0
        for canary in (TOKEN, "SANDBOX-only", "sk_test_canary", "hello@example.org"):
            assert canary not in serve.err
        assert "Traceback" not in serve.err
