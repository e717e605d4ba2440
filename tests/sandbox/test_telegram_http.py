"""The same stand-in over loopback: the real library, another person, webhooks and the page."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, InvalidToken, NetworkError, TimedOut

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SECRET_HEADER, TelegramSandbox, http, pictures

START = 1_900_000_000
SAM = 7001


class _Server(uvicorn.Server):
    """Says when it listens, since its port is known only then."""

    def __init__(self, app: Starlette) -> None:
        quiet = {"log_level": "critical", "ws": "none", "timeout_graceful_shutdown": 2}
        super().__init__(uvicorn.Config(app, port=0, **quiet))
        self.listening = threading.Event()

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    """An application on a free loopback port, gone at the end."""
    server = _Server(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listening.wait(10)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def sandbox() -> TelegramSandbox:
    return TelegramSandbox(MovableClock(START), pace=None, local=True)


@pytest.fixture
def address(sandbox: TelegramSandbox) -> Iterator[str]:
    with served(http.create_app(sandbox)) as found:
        yield found


@pytest.fixture
def person(address: str) -> Iterator[httpx.Client]:
    """The control API, with Sam already known."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        client.post("/_sandbox/users", json={"id": SAM, "first_name": "Zoë"}).raise_for_status()
        yield client


def new_bot(sandbox: TelegramSandbox, address: str) -> Bot:
    return Bot(sandbox.token, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot")


def did(answer: httpx.Response) -> Any:
    """What an act came to, once it has worked."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_conversation_over_the_wire(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    picture = pictures.plain_png(640, 480)
    keyboard = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("Book", callback_data="b:1")],
            [InlineKeyboardButton("Pay", url="https://pay.example")],
        ]
    )

    async def scenario() -> None:
        async with new_bot(sandbox, address) as bot:
            waiting = asyncio.create_task(bot.get_updates(timeout=20))
            await asyncio.to_thread(
                lambda: did(person.post(f"/_sandbox/users/{SAM}/start", json={"payload": "x1"}))
            )
            [update] = await waiting
            assert update.message is not None
            assert update.message.text == "/start x1"
            await bot.send_message(SAM, "Hello 🙂", reply_markup=keyboard)
            sent = await bot.send_photo(SAM, picture, caption="Kim")
            file = await bot.get_file(sent.photo[-1].file_id)
            assert bytes(await file.download_as_bytearray()) == picture
            with pytest.raises(BadRequest, match="Chat not found"):
                await bot.send_message(1, "x")
            await asyncio.to_thread(
                lambda: did(person.post(f"/_sandbox/users/{SAM}/tap", json={"label": "Book"}))
            )
            [tap] = await bot.get_updates(offset=update.update_id + 1)
            assert tap.callback_query is not None
            assert tap.callback_query.data == "b:1"
            await bot.answer_callback_query(tap.callback_query.id, "Done")

        stranger = Bot("7000000001:" + "x" * 35, base_url=f"{address}/bot")
        with pytest.raises(InvalidToken):
            async with stranger:
                raise AssertionError("a stranger got in")

    asyncio.run(scenario())
    seen = did(person.get(f"/_sandbox/users/{SAM}"))
    assert [found["text"] for found in seen["messages"]] == ["/start x1", "Hello 🙂", "Kim"]
    assert seen["toast"] == {"text": "Done", "alert": False}
    assert seen["spinning"] == []
    photo = seen["messages"][2]["photo"]
    assert photo["size"] == len(picture)
    assert person.get(photo["url"]).content == picture
    assert person.get("/phone/7001/file/nonsense").status_code == 404
    [call] = did(person.get("/_sandbox/calls", params={"method": "sendPhoto"}))
    assert call["params"]["photo"]["data"] == f"<{len(picture)} bytes>"


def test_failures_over_the_wire(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    did(person.post(f"/_sandbox/users/{SAM}/start"))
    for fault in (
        {"kind": "timeout", "method": "sendMessage", "after": True},
        {"kind": "network", "method": "sendMessage", "nth": 2},
        {"kind": "bad_gateway", "method": "sendMessage", "nth": 3},
    ):
        did(person.post("/_sandbox/faults", json=fault))

    async def scenario() -> None:
        async with new_bot(sandbox, address) as bot:
            with pytest.raises(TimedOut):
                await bot.send_message(SAM, "delivered", read_timeout=0.2)
            with pytest.raises(NetworkError, match="RemoteProtocolError"):
                await bot.send_message(SAM, "lost")
            with pytest.raises(NetworkError, match=r"Bad Gateway \(502\)"):
                await bot.send_message(SAM, "lost too")
            await bot.send_message(SAM, "through")

    asyncio.run(scenario())
    texts = [found["text"] for found in did(person.get(f"/_sandbox/users/{SAM}"))["messages"]]
    assert texts == ["/start", "delivered", "through"]


def test_raw_calls_in_every_encoding(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    did(person.post(f"/_sandbox/users/{SAM}/start"))
    base = f"/bot{sandbox.token}"
    as_json = person.post(f"{base}/sendMessage", json={"chat_id": SAM, "text": "a"})
    as_form = person.post(f"{base}/sendmessage", data={"chat_id": str(SAM), "text": "b"})
    as_query = person.get(f"{base}/SendMessage", params={"chat_id": SAM, "text": "c"})
    as_parts = person.post(
        f"{base}/sendDocument",
        data={"chat_id": str(SAM), "document": "attach://it"},
        files={"it": ("d.ics", b"BEGIN", "text/calendar")},
    )
    for answer in (as_json, as_form, as_query, as_parts):
        assert did(answer)["ok"]
    assert [bubble.text for bubble in sandbox.phone(SAM).messages] == ["/start", "a", "b", "c", ""]
    for bad, reason in (
        (person.post(f"{base}/sendMessage", content=b"{", headers=_JSON), "can't parse JSON"),
        (person.post(f"{base}/sendMessage", content=b"[]", headers=_JSON), "must be an object"),
        (person.post(f"{base}/sendMessage", files={"x": b"y"}, data=_TO_SAM), "file part"),
        (person.post(f"{base}/sendPhoto", data=_TO_SAM | {"photo": "attach://no"}), "no file"),
        (person.post(f"{base}/sendVideo", data=_TO_SAM), "method not found"),
    ):
        assert bad.json()["ok"] is False
        assert reason in bad.json()["description"]
    assert person.get("/bot1:x/getMe").status_code == 404
    assert person.get(f"/file/bot{sandbox.token}/no/such").status_code == 404
    assert person.get("/file/bot1:x/no/such").status_code == 404


_JSON = {"Content-Type": "application/json"}
_TO_SAM = {"chat_id": str(SAM), "text": "x"}


def test_webhooks_are_posted_until_they_are_taken(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    taken: list[tuple[str | None, str]] = []
    done = threading.Event()

    async def hook(request: Request) -> Response:
        body = json.loads(await request.body())
        taken.append((request.headers.get(SECRET_HEADER), body["message"]["text"]))
        if len(taken) == 3:
            done.set()
        return Response(status_code=503 if len(taken) == 1 else 200)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])

    async def listen(url: str) -> None:
        async with new_bot(sandbox, address) as bot:
            await bot.set_webhook(f"{url}/hook", secret_token="s3cret")

    with served(app) as url:
        asyncio.run(listen(url))
        did(person.post(f"/_sandbox/users/{SAM}/start"))
        did(person.post(f"/_sandbox/users/{SAM}/write", json={"text": "more"}))
        assert done.wait(10)
    assert taken == [("s3cret", "/start"), ("s3cret", "/start"), ("s3cret", "more")]


def test_the_control_api_says_what_is_wrong(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    sam = f"/_sandbox/users/{SAM}"
    for answer, status, reason in (
        (person.post("/_sandbox/users", json={"id": "x"}), 400, "integer id"),
        (person.get("/_sandbox/users/1"), 400, "no user 1"),
        (person.post(f"{sam}/fly"), 400, "a person can start"),
        (person.post(f"{sam}/write", json={}), 400, "text"),
        (person.post(f"{sam}/write", content=b"{"), 400, "must be JSON"),
        (person.post(f"{sam}/write", json=[]), 400, "JSON object"),
        (person.post(f"{sam}/tap", json={"label": "x"}), 409, "no button"),
        (person.post(f"{sam}/tap", json={}), 400, "tap takes"),
        (person.post(f"{sam}/start", json={"payload": "a b"}), 400, "deep link"),
        (person.post(f"{sam}/send_file", json={"name": "x"}), 400, "base64"),
        (person.post("/_sandbox/faults", json={"kind": "flood"}), 400, "a fault is one of"),
    ):
        assert answer.status_code == status, answer.text
        assert reason in answer.json()["error"]


def test_a_person_acts_through_the_control_api(
    sandbox: TelegramSandbox, address: str, person: httpx.Client
) -> None:
    sam = f"/_sandbox/users/{SAM}"
    file = base64.b64encode(b"%PDF").decode()
    did(person.post(f"{sam}/start"))
    did(person.post(f"{sam}/send_file", json={"name": "x.pdf", "base64": file}))
    did(person.post(f"{sam}/send_photo"))
    did(person.post(f"{sam}/send_sticker", json={"emoji": "🙂"}))
    did(person.post(f"{sam}/edit_message", json={"message_id": 1, "text": "better"}))
    query = did(person.post(f"{sam}/press", json={"data": "x", "message_id": 9}))["did"]
    did(person.post(f"{sam}/block"))
    state = did(person.get("/_sandbox/"))
    assert state["unanswered"] == [query]
    assert state["users"][0]["blocked"] is True
    assert state["pending_updates"] == 7
    assert did(person.post("/_sandbox/clock", json={"advance": 3600}))["now"] == START + 3600
    sandbox.pop_update()
    assert len(did(person.post("/_sandbox/updates/repeat"))["update_ids"]) == 1
    did(person.post("/_sandbox/faults", json={"kind": "timeout", "times": 9}))
    did(person.delete("/_sandbox/faults"))
    assert did(person.get("/_sandbox/users"))[0]["id"] == SAM


def test_the_phone_page(sandbox: TelegramSandbox, address: str) -> None:
    with httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as browser:
        assert "nobody yet" in browser.get("/").text
        page = browser.post("/", data={"first_name": "<b>Zoë"})
        assert page.url.path == f"/phone/{SAM}"
        assert "&lt;b&gt;Zoë" in page.text
        assert "SANDBOX. This is not Telegram" in page.text
        assert "<script" not in page.text
        browser.post(f"/phone/{SAM}/start", data={"payload": ""})
        keyboard = {
            "inline_keyboard": [
                [
                    {"text": "Book", "callback_data": "b"},
                    {"text": "Pay", "url": "https://p.example"},
                ]
            ]
        }
        text = "<script>alert(1)</script>"
        entities = [{"type": "bold", "offset": 0, "length": 8}]
        params = {"chat_id": SAM, "text": text, "entities": entities, "reply_markup": keyboard}
        asyncio.run(sandbox.call("sendMessage", params))
        chat = browser.get(f"/phone/{SAM}/chat").text
        assert "<b>&lt;script&gt;</b>alert(1)&lt;/script&gt;" in chat
        assert 'href="https://p.example"' in chat
        browser.post(f"/phone/{SAM}/tap", data={"message_id": "2", "index": "0"})
        assert len(sandbox.phone(SAM).spinning) == 1
        browser.post(f"/phone/{SAM}/write", data={"text": "thanks"})
        assert sandbox.phone(SAM).messages[-1].text == "thanks"
        assert (
            "no message 99"
            in browser.post(f"/phone/{SAM}/tap", data={"message_id": "99", "index": "0"}).text
        )
        browser.post(f"/phone/{SAM}/block")
        assert "has blocked the bot" in browser.get("/").text
        for missing in ("/phone/1", "/phone/1/chat"):
            assert browser.get(missing).status_code == 404
        assert browser.post(f"/phone/{SAM}/fly").status_code == 404
