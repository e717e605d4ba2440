"""How updates reach the bot: confirmed by offset, kept a day, repeated on demand, or posted."""

from __future__ import annotations

import asyncio
import json

import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SECRET_HEADER, Phone, TelegramSandbox
from helpspace.sandbox.telegram.transport import SandboxRequest

START = 1_900_000_000
DAY = 86400
SAM = 7001
HOOK = "https://bot.example/telegram/webhook"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def sandbox(clock: MovableClock) -> TelegramSandbox:
    return TelegramSandbox(clock, pace=None)


@pytest.fixture
def phone(sandbox: TelegramSandbox) -> Phone:
    return sandbox.phone(SAM)


def new_bot(sandbox: TelegramSandbox) -> Bot:
    request, polling = SandboxRequest(sandbox), SandboxRequest(sandbox)
    return Bot(sandbox.token, request=request, get_updates_request=polling)


async def polled(sandbox: TelegramSandbox) -> None:
    """Let a long poll come to its wait."""
    while not sandbox.world.updates.bell.waiting:  # noqa: ASYNC110
        await asyncio.sleep(0)


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message and update.message.text for update in updates]


def test_an_offset_confirms_what_is_below_it(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            for text in "abcd":
                phone.write(text)
            first = await bot.get_updates(limit=2)
            assert texts(first) == ["a", "b"]
            assert texts(await bot.get_updates(limit=2)) == ["a", "b"]
            rest = await bot.get_updates(offset=first[-1].update_id + 1)
            assert texts(rest) == ["c", "d"]
            assert sandbox.pending_updates() == 2
            assert texts(await bot.get_updates(offset=-1)) == ["d"]
            assert sandbox.pending_updates() == 1
            assert await bot.get_updates(offset=rest[-1].update_id + 1) == ()
            with pytest.raises(BadRequest, match="between 1 and 100"):
                await bot.get_updates(limit=101)

    asyncio.run(scenario())


def test_a_long_poll_wakes_at_once(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            polling = asyncio.create_task(bot.get_updates(timeout=50))
            await asyncio.sleep(0)
            await asyncio.to_thread(phone.write, "from another thread")
            assert texts(await asyncio.wait_for(polling, 5)) == ["from another thread"]

    asyncio.run(scenario())


def test_two_pollers_are_a_conflict(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as first, new_bot(sandbox) as second:
            waiting = asyncio.create_task(first.get_updates(timeout=50))
            await polled(sandbox)
            later = asyncio.create_task(second.get_updates(timeout=50))
            with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                await asyncio.wait_for(waiting, 5)
            phone.write("a")
            assert texts(await asyncio.wait_for(later, 5)) == ["a"]

    asyncio.run(scenario())


def test_only_wanted_kinds_are_made(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            await bot.get_updates(allowed_updates=["message"])
            number = phone.write("a")
            phone.edit_message(number, "b")
            phone.block()
            assert texts(await bot.get_updates()) == ["a"]
            await bot.get_updates(allowed_updates=[])
            phone.unblock()
            assert len(await bot.get_updates()) == 2

    asyncio.run(scenario())


def test_updates_are_lost_after_a_day(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    phone.write("a")
    clock.advance(DAY)
    phone.write("b")
    assert sandbox.pending_updates() == 2
    clock.advance(1)
    assert sandbox.pending_updates() == 1
    assert sandbox.world.updates.lost == 1
    update = sandbox.pop_update()
    assert update is not None
    assert update["message"]["text"] == "b"


def test_confirmed_updates_come_again_on_demand(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            for text in "abc":
                phone.write(text)
            seen = await bot.get_updates()
            beyond = seen[-1].update_id + 1
            await bot.get_updates(offset=beyond)
            assert sandbox.repeat_updates(2) == [seen[1].update_id, seen[2].update_id]
            phone.write("d")
            assert texts(await bot.get_updates(offset=beyond)) == ["b", "c", "d"]
            assert texts(await bot.get_updates(offset=beyond)) == ["d"]
            sandbox.repeat_updates()
            assert sandbox.pop_update() == seen[2].to_dict() | {"message": _message(sandbox)}

    asyncio.run(scenario())


def _message(sandbox: TelegramSandbox) -> object:
    """The body of the third message as it was first delivered."""
    [call] = [call for call in sandbox.calls if len(call.result) == 3][:1]
    return call.result[2]["message"]


def test_a_webhook_and_polling_exclude_each_other(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            polling = asyncio.create_task(bot.get_updates(timeout=50))
            await polled(sandbox)
            await bot.set_webhook(HOOK, secret_token="s3cret_-", max_connections=8)
            with pytest.raises(Conflict, match="while webhook is active"):
                await asyncio.wait_for(polling, 5)
            with pytest.raises(Conflict, match="while webhook is active"):
                await bot.get_updates()
            phone.write("a")
            info = await bot.get_webhook_info()
            assert (info.url, info.pending_update_count, info.max_connections) == (HOOK, 1, 8)
            await bot.delete_webhook(drop_pending_updates=True)
            assert (await bot.get_webhook_info()).url == ""
            assert await bot.get_updates() == ()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("url", "extra", "reason"),
    [
        ("http://bot.example/x", {}, "HTTPS URL must be provided"),
        ("https://bot.example:8080/x", {}, "only on ports"),
        ("nonsense", {}, "invalid URL"),
        ("https://bot.example:x/", {}, "invalid URL"),
        (HOOK, {"secret_token": "ä"}, "unallowed characters"),
        (HOOK, {"max_connections": 101}, "max_connections"),
    ],
)
def test_bad_webhooks_are_refused(
    sandbox: TelegramSandbox, url: str, extra: dict[str, object], reason: str
) -> None:
    asyncio.run(sandbox.call("setWebhook", {"url": url, **extra}))
    assert sandbox.calls[-1].status == 400
    assert reason in sandbox.calls[-1].result
    assert sandbox.webhook_requests() == []


def test_webhooks_keep_the_order_of_each_chat(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    kim = sandbox.phone(7002)
    received: list[str] = []
    refusing = {"b"}

    async def post(url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == HOOK
        assert headers[SECRET_HEADER] == "s3cret"
        update = Update.de_json(json.loads(body))
        assert update is not None
        assert update.message is not None
        text = update.message.text or ""
        if text == "lost":
            raise ConnectionError
        if text in refusing:
            return 503
        received.append(text)
        return 200

    async def scenario() -> None:
        async with new_bot(sandbox) as bot:
            await bot.set_webhook(HOOK, secret_token="s3cret")
            for text in "abc":
                phone.write(text)
            kim.write("K")
            assert await sandbox.deliver_webhooks(post) == 2
            assert sorted(received) == ["K", "a"]
            info = await bot.get_webhook_info()
            assert info.pending_update_count == 2
            assert info.last_error_message == "Wrong response from the webhook: 503"
            refusing.clear()
            assert await sandbox.deliver_webhooks(post) == 2
            assert received[-2:] == ["b", "c"]
            sandbox.repeat_updates()
            kim.write("lost")
            assert await sandbox.deliver_webhooks(post) == 1
            assert received[-1] == "c"
            assert sandbox.pending_updates() == 1

    asyncio.run(scenario())


def test_a_local_server_takes_plain_http(clock: MovableClock) -> None:
    sandbox = TelegramSandbox(clock, local=True)
    asyncio.run(sandbox.call("setWebhook", {"url": "http://127.0.0.1:8080/telegram/webhook"}))
    assert sandbox.calls[-1].status == 200
    assert SECRET_HEADER not in "".join(str(found) for found in sandbox.webhook_requests())
