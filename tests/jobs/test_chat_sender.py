"""Sending to Telegram through the real library on the sandbox (N7)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TimedOut

from helpspace.core.gateways import Button, NotNow, Outcome, Refused, Taken
from helpspace.core.pacing import Pacer
from helpspace.jobs.telegram import TelegramChat, make_bot, outcome_of
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest

SAM = 7001
ROWS = ((Button("Details", "a:abc"),),)


async def at_once(_seconds: float) -> None:
    """Wait for nothing."""


@pytest.fixture
def sandbox(clock: MovableClock) -> TelegramSandbox:
    made = TelegramSandbox(clock, pace=None)
    made.phone(SAM).start()
    return made


@pytest.fixture
def pacer() -> Pacer:
    return Pacer(now=lambda: 0.0, sleep=at_once)


@pytest.fixture
def chat(sandbox: TelegramSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramChat]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    bot = make_bot(sandbox.token, "https://api.telegram.org", SandboxRequest(sandbox))
    made = TelegramChat(bot, Pacer())
    yield made
    made.close()


def test_a_message_arrives_with_its_buttons(chat: TelegramChat, sandbox: TelegramSandbox) -> None:
    """N1, N7: no formatting, no preview, nothing to pass on."""
    assert chat.send(SAM, "Today at 09:00: *your* <b>appointment</b>.", ROWS) == Taken()
    last = sandbox.phone(SAM).last
    assert last.text == "Today at 09:00: *your* <b>appointment</b>."
    assert [one.value for row in last.buttons for one in row] == ["a:abc"]
    (call,) = sandbox.calls_of("sendMessage")
    assert call.params["protect_content"] is True
    assert call.params["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in call.params


def test_a_message_without_buttons_is_fine(chat: TelegramChat) -> None:
    assert chat.send(SAM, "Your card is on record.", ()) == Taken()


def test_who_blocked_the_bot_is_told_apart(chat: TelegramChat, sandbox: TelegramSandbox) -> None:
    sandbox.phone(SAM).block()
    assert chat.send(SAM, "x", ()) == Refused("blocked", blocked=True)
    assert chat.send(999, "x", ()).blocked  # type: ignore[union-attr]


def test_a_wait_is_kept_by_everybody(chat: TelegramChat, sandbox: TelegramSandbox) -> None:
    sandbox.faults.add("too_many", "sendMessage", seconds=1)
    assert chat.send(SAM, "x", ()) == NotNow("retry_after", wait=1)


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer_is_not_a_lost_message(
    chat: TelegramChat, sandbox: TelegramSandbox, after: bool
) -> None:
    """N7: a line that broke before anything was said is tried again, one after is not."""
    sandbox.faults.add("network", "sendMessage", after=after)
    expected = Taken() if after else NotNow("connecterror", down=True)
    assert chat.send(SAM, "x", ()) == expected


def caused(error: NetworkError, cause: Exception) -> NetworkError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Forbidden("bot was kicked"), Refused("blocked", blocked=True)),
        (BadRequest("Chat not found"), Refused("no_chat", blocked=True)),
        (BadRequest("Message text is empty"), Refused("bad_request")),
        (InvalidToken("x"), NotNow("invalid_token", wait=90, down=True)),
        (TimedOut(), Taken()),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Taken()),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), NotNow("connecttimeout", down=True)),
        (caused(TimedOut(), httpx.PoolTimeout("x")), NotNow("pooltimeout", down=True)),
        (NetworkError("httpx.ReadError: x"), Taken()),
        (NetworkError("httpx.ConnectError: x"), NotNow("connecterror", down=True)),
        (NetworkError("Bad Gateway"), NotNow("telegram")),
    ],
)
def test_every_failure_has_its_outcome(error: NetworkError, outcome: Outcome) -> None:
    """Notes: one table for errors."""
    assert outcome_of(error) == outcome


def test_closing_twice_is_harmless(sandbox: TelegramSandbox, pacer: Pacer) -> None:
    bot = make_bot(sandbox.token, "https://api.telegram.org", SandboxRequest(sandbox))
    idle = TelegramChat(bot, pacer)
    idle.close()
    assert idle.send(SAM, "x", ()) == Taken()
    idle.close()
    idle.close()
