"""Telegram on a bad day: lost answers, floods, outages, wrong tokens, as the library meets them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TimedOut

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import Phone, TelegramSandbox
from helpspace.sandbox.telegram.schema import METHODS, OBJECTS
from helpspace.sandbox.telegram.transport import SandboxRequest

START = 1_900_000_000
SAM = 7001
FIELDS = {name for fields in OBJECTS.values() for name in fields}


@pytest.fixture(autouse=True)
def _waits_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the library warns whenever it makes a RetryAfter, and warnings are errors."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def sandbox(clock: MovableClock) -> TelegramSandbox:
    return TelegramSandbox(clock, pace=clock.now)


@pytest.fixture
def phone(sandbox: TelegramSandbox) -> Phone:
    sam = sandbox.phone(SAM)
    sam.start()
    return sam


def play(sandbox: TelegramSandbox, scene: Callable[[Bot], Awaitable[None]]) -> None:
    """Run a scene with a real bot on the sandbox."""

    async def scenario() -> None:
        async with Bot(sandbox.token, request=SandboxRequest(sandbox)) as bot:
            await scene(bot)

    asyncio.run(scenario())


def test_a_lost_answer_is_not_a_lost_message(sandbox: TelegramSandbox, phone: Phone) -> None:
    sandbox.faults.add("timeout", "sendMessage")
    sandbox.faults.add("timeout", "sendMessage", after=True, nth=2)
    sandbox.faults.add("network", "sendMessage", nth=3)
    sandbox.faults.add("network", "sendMessage", nth=4, after=True)

    async def scene(bot: Bot) -> None:
        for text, problem, message in (
            ("one", TimedOut, "Timed out"),
            ("two", TimedOut, "Timed out"),
            ("three", NetworkError, "ConnectError"),
            ("four", NetworkError, "ReadError"),
        ):
            with pytest.raises(problem, match=message):
                await bot.send_message(SAM, text)
        await bot.send_message(SAM, "five")

    play(sandbox, scene)
    assert [b.text for b in phone.messages if b.from_bot] == ["two", "four", "five"]
    assert [(call.status, call.fault) for call in sandbox.calls_of("sendMessage")] == [
        (0, "timeout before"),
        (0, "timeout after"),
        (0, "network before"),
        (0, "network after"),
        (200, None),
    ]


def test_outages_are_network_errors(sandbox: TelegramSandbox, phone: Phone) -> None:
    sandbox.faults.add("server_error", "sendMessage", times=2)
    sandbox.faults.add("bad_gateway", "sendMessage", nth=3)

    async def scene(bot: Bot) -> None:
        for reason in ("Internal Server Error", "Internal Server Error", r"Bad Gateway \(502\)"):
            with pytest.raises(NetworkError, match=reason):
                await bot.send_message(SAM, "x")
        await bot.send_message(SAM, "through")

    play(sandbox, scene)
    assert phone.last.text == "through"


def test_a_planned_429_names_its_wait(sandbox: TelegramSandbox, phone: Phone) -> None:
    kim = sandbox.phone(7002)
    kim.start()
    sandbox.faults.add("too_many", "sendMessage", seconds=7, chat_id=SAM)

    async def scene(bot: Bot) -> None:
        await bot.send_message(7002, "to somebody else")
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(SAM, "x")
        assert caught.value.retry_after == timedelta(seconds=7)

    play(sandbox, scene)
    assert not any(bubble.from_bot for bubble in phone.messages)


def test_faults_are_checked_and_forgotten(sandbox: TelegramSandbox, phone: Phone) -> None:
    with pytest.raises(ValueError, match="a fault is one of"):
        sandbox.faults.add("flood")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="leave `after` out"):
        sandbox.faults.add("too_many", after=True)
    sandbox.faults.add("timeout", times=1000)
    sandbox.faults.clear()

    async def scene(bot: Bot) -> None:
        await bot.send_message(SAM, "x")

    play(sandbox, scene)


def test_a_slow_answer_ends_in_a_timeout_after_the_effect(
    sandbox: TelegramSandbox, phone: Phone
) -> None:
    sandbox.faults.add("slow", "sendMessage", seconds=30)

    async def scene(bot: Bot) -> None:
        with pytest.raises(TimedOut):
            await bot.send_message(SAM, "delivered", read_timeout=0.01)
        sandbox.latency = 0.001
        await bot.send_message(SAM, "and on")

    play(sandbox, scene)
    assert phone.messages[1].text == "delivered"


def test_one_chat_takes_five_at_once_then_one_a_second(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    async def scene(bot: Bot) -> None:
        for number in range(5):
            await bot.send_message(SAM, str(number))
        with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
            await bot.send_message(SAM, "sixth")
        with pytest.raises(RetryAfter):
            await bot.edit_message_text("an edit counts too", SAM, 2)
        clock.advance(1)
        await bot.send_message(SAM, "sixth")
        with pytest.raises(RetryAfter):
            await bot.send_message(SAM, "seventh")
        clock.advance(60)
        for number in range(5):
            await bot.send_message(SAM, str(number))

    play(sandbox, scene)
    assert len([bubble for bubble in phone.messages if bubble.from_bot]) == 11


def test_thirty_a_second_in_all(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    people = [sandbox.phone(8000 + number) for number in range(31)]
    for person in people:
        person.start()

    async def scene(bot: Bot) -> None:
        for person in people[:30]:
            await bot.send_message(person.user.id, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(people[30].user.id, "x")
        clock.advance(1)
        await bot.send_message(people[30].user.id, "x")

    play(sandbox, scene)


def test_twenty_a_minute_in_a_group(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    group = sandbox.group(-5)
    group.add_bot(by=phone)

    async def scene(bot: Bot) -> None:
        for _ in range(20):
            await bot.send_message(-5, "x")
        with pytest.raises(RetryAfter, match="Retry in 0:00:03"):
            await bot.send_message(-5, "x")
        clock.advance(3)
        await bot.send_message(-5, "x")

    play(sandbox, scene)


def test_the_wait_is_in_body_and_header(sandbox: TelegramSandbox, phone: Phone) -> None:
    sandbox.faults.add("too_many", seconds=4)
    answer = asyncio.run(sandbox.call("sendMessage", {"chat_id": SAM, "text": "x"}))
    assert (answer.status, answer.headers["Retry-After"]) == (429, "4")
    assert b'"parameters": {"retry_after": 4}' in answer.body


def test_wrong_tokens_and_methods(sandbox: TelegramSandbox) -> None:
    async def scenario() -> None:
        stranger = "7000000001:" + "x" * 35
        for token, reason in ((stranger, "Unauthorized"), ("12:short", "Not Found")):
            bot = Bot(token, request=SandboxRequest(sandbox))
            with pytest.raises(InvalidToken, match="was rejected by the server"):
                await bot.initialize()
            with pytest.raises(InvalidToken, match=reason):
                await bot.get_me()
        async with Bot(sandbox.token, request=SandboxRequest(sandbox)) as bot:
            with pytest.raises(InvalidToken, match="method not found"):
                await bot.send_dice(SAM)
            assert (await bot.do_api_request("GETME"))["is_bot"] is True

    asyncio.run(scenario())
    with pytest.raises(ValueError, match="token"):
        TelegramSandbox(MovableClock(START), token="nonsense")


def test_a_closed_request_refuses(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        request = SandboxRequest(sandbox)
        async with Bot(sandbox.token, request=request) as bot:
            await bot.send_message(SAM, "x")
        with pytest.raises(NetworkError, match="not initialized"):
            await bot.send_message(SAM, "y")

    asyncio.run(scenario())


def test_the_profile_is_kept_and_limited(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        await bot.set_my_name("Kim")
        await bot.set_my_description("What it is")
        await bot.set_my_short_description("Short", language_code="de")
        assert (await bot.get_my_name()).name == "Kim"
        assert (await bot.get_my_description()).description == "What it is"
        assert (await bot.get_my_short_description()).short_description == ""
        await bot.set_my_name("")
        assert (await bot.get_my_name()).name == sandbox.bot.first_name
        await bot.set_chat_menu_button()
        assert (await bot.get_chat_menu_button()).type == "default"
        chat = await bot.get_chat(SAM)
        assert chat.first_name == "Sam"
        for attempt in (
            bot.set_my_description("x" * 513),
            bot.set_my_short_description("x" * 121),
            bot.set_my_name("x", language_code="deutsch"),
            bot.set_my_commands([("Help", "x")]),
            bot.set_my_commands([("help", "")]),
            bot.set_my_commands([(f"c{number}", "x") for number in range(101)]),
        ):
            with pytest.raises(BadRequest):
                await attempt

    play(sandbox, scene)


_WORDS = st.sampled_from(["", "x", "7001", "-1", "true", "{}", "[]", "attach://x", "photo", "\x00"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(FIELDS)) | _WORDS, inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data())
def test_no_input_breaks_the_stand_in(data: st.DataObject) -> None:
    sandbox = TelegramSandbox(MovableClock(START), pace=None)
    phone = sandbox.phone(SAM)
    phone.start()
    method = data.draw(st.sampled_from(sorted(METHODS)))
    params = {
        name: SAM if kind.startswith("chat") else data.draw(_VALUES)
        for name, kind in METHODS[method].items()
        if kind.endswith("!") or (name != "timeout" and data.draw(st.booleans()))
    }
    answer = asyncio.run(sandbox.call(method, params))
    assert answer.status in {200, 400, 403, 404, 409}
    assert json.loads(answer.body)["ok"] is (answer.status == 200)
