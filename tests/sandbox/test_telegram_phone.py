"""The person's side: what they do reaches a real Application, what they see is what was sent."""

from __future__ import annotations

import asyncio

import pytest
import telegram
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import NotOnScreenError, Phone, TelegramSandbox, Toast
from helpspace.sandbox.telegram.transport import SandboxRequest

START = 1_900_000_000
SAM = 7001


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def sandbox(clock: MovableClock) -> TelegramSandbox:
    return TelegramSandbox(clock, pace=None)


@pytest.fixture
def phone(sandbox: TelegramSandbox) -> Phone:
    return sandbox.phone(SAM, first_name="Sam")


def send(sandbox: TelegramSandbox, text: str, *rows: list[dict[str, object]]) -> None:
    """Let the bot send a text with buttons."""
    params: dict[str, object] = {"chat_id": SAM, "text": text}
    if rows:
        params["reply_markup"] = {"inline_keyboard": list(rows)}
    asyncio.run(sandbox.call("sendMessage", params))
    assert sandbox.calls[-1].status == 200, sandbox.calls[-1]


def answer(sandbox: TelegramSandbox, query_id: str, **params: object) -> object:
    """Let the bot answer a tap."""
    asyncio.run(sandbox.call("answerCallbackQuery", {"callback_query_id": query_id, **params}))
    return sandbox.calls[-1].result


def updates(sandbox: TelegramSandbox) -> list[Update]:
    """All waiting updates, as the library reads them."""
    found = []
    while (body := sandbox.pop_update()) is not None:
        update = Update.de_json(body)
        assert update is not None
        assert not update.api_kwargs
        found.append(update)
    return found


Context = ContextTypes.DEFAULT_TYPE


async def hello(update: Update, context: Context) -> None:
    """Greet with the payload and a button."""
    assert update.effective_message is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Count", callback_data="count:0")]])
    words = " ".join(context.args or ["nothing"])
    await update.effective_message.reply_text(f"Hello {words}", reply_markup=keyboard)


async def count(update: Update, context: Context) -> None:
    """Count up in the message and say so."""
    query = update.callback_query
    assert query is not None
    assert query.data is not None
    number = int(query.data.partition(":")[2]) + 1
    await query.answer(f"Now {number}", show_alert=number > 1)
    keyboard = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Count", callback_data=f"count:{number}")]]
    )
    await query.edit_message_text(f"Counted {number}", reply_markup=keyboard)


async def echo(update: Update, context: Context) -> None:
    """Say the same."""
    assert update.effective_message is not None
    await update.effective_message.reply_text(update.effective_message.text or "?")


def counting_app(sandbox: TelegramSandbox) -> Application:  # type: ignore[type-arg]
    """A small real bot on the sandbox, with the library's own polling."""
    app = (
        Application.builder()
        .token(sandbox.token)
        .request(SandboxRequest(sandbox))
        .get_updates_request(SandboxRequest(sandbox))
        .build()
    )
    app.add_handler(CommandHandler("start", hello))
    app.add_handler(CallbackQueryHandler(count))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    return app


def test_a_real_application_lives_on_the_sandbox(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        settled = asyncio.Event()
        off = sandbox.on_change(lambda _chat: settled.set())

        async def until(text: str) -> None:
            while phone.last.text != text:
                settled.clear()
                await asyncio.wait_for(settled.wait(), 5)

        app = counting_app(sandbox)
        async with app:
            await app.start()
            assert app.updater is not None
            await app.updater.start_polling(timeout=10)
            phone.start("th_ab-12")
            settled.clear()
            await settled.wait()
            await until("Hello th_ab-12")
            tap = phone.tap("Count")
            await until("Counted 1")
            assert phone.toast == Toast("Now 1", alert=False)
            assert tap.query_id not in phone.spinning
            phone.tap(lambda button: button.value == "count:1")
            await until("Counted 2")
            assert phone.toast == Toast("Now 2", alert=True)
            phone.write("Zoë 🙂")
            await until("Zoë 🙂")
            await app.updater.stop()
            await app.stop()
        off()

    asyncio.run(scenario())
    assert sandbox.pending_updates() == 0
    assert sandbox.unanswered() == []
    assert [bubble.from_bot for bubble in phone.messages] == [False, True, False, True]


def test_updates_can_be_handed_over_without_polling(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scenario() -> None:
        app = counting_app(sandbox)
        async with app:
            phone.start()
            body = sandbox.pop_update()
            assert body is not None
            await app.process_update(Update.de_json(body, app.bot))

    asyncio.run(scenario())
    assert phone.last.text == "Hello nothing"


def test_start_is_a_command_with_a_checked_payload(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start("a_B-9")
    [update] = updates(sandbox)
    assert update.message is not None
    assert update.message.text == "/start a_B-9"
    assert [entity.type for entity in update.message.entities] == ["bot_command"]
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "en"
    for payload in ("a b", "é", "x" * 65, "a="):
        with pytest.raises(ValueError, match="deep link"):
            phone.start(payload)


def test_only_what_is_visible_can_be_tapped(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    send(sandbox, "one", [{"text": "Book", "callback_data": "b:1"}])
    send(
        sandbox,
        "two",
        [{"text": "Book", "callback_data": "b:2"}, {"text": "Same", "callback_data": "s:1"}],
        [{"text": "Same", "callback_data": "s:2", "style": "danger"}],
    )
    updates(sandbox)
    assert phone.labels == ["Book", "Book", "Same", "Same"]
    assert phone.tap("Book").button.value == "b:2"
    assert phone.tap("Book", message_id=2).button.value == "b:1"
    assert phone.tap(2, message_id=3).button.style == "danger"
    for which, problem in (("Nothing", "no button"), ("Same", "2 buttons fit")):
        with pytest.raises(NotOnScreenError, match=problem):
            phone.tap(which)
    with pytest.raises(NotOnScreenError):
        phone.tap(9, message_id=3)
    with pytest.raises(NotOnScreenError):
        phone.tap("Book", message_id=99)
    with pytest.raises(ValueError, match="message_id"):
        phone.tap(0)
    taps = updates(sandbox)
    assert [update.callback_query and update.callback_query.data for update in taps] == [
        "b:2",
        "b:1",
        "s:2",
    ]
    assert len(phone.spinning) == 3


def test_a_tap_is_answered_once_and_in_time(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    phone.start()
    send(sandbox, "one", [{"text": "Book", "callback_data": "b:1"}])
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    first = phone.tap("Book").query_id
    assert first is not None
    assert answer(sandbox, first, text="x" * 200) is True
    assert phone.toast == Toast("x" * 200, alert=False)
    assert answer(sandbox, first) == too_old
    assert answer(sandbox, "4711") == too_old
    second = phone.tap("Book").query_id
    assert second is not None
    assert phone.toast is None
    assert answer(sandbox, second, text="x" * 201) == "Bad Request: MESSAGE_TOO_LONG"
    clock.advance(149)
    assert phone.spinning == [second]
    clock.advance(1)
    assert phone.spinning == []
    assert answer(sandbox, second) == too_old
    assert [query.id for query in sandbox.unanswered()] == [second]


def test_forged_presses_reach_the_bot(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    send(sandbox, "one", [{"text": "Book", "callback_data": "b:1"}])
    phone.delete_message(1)
    updates(sandbox)
    phone.press("x:evil")
    phone.press("y", message_id=1)
    phone.press("\U0010ffff" * 16, message_id=999)
    visible, deleted, never = (update.callback_query for update in updates(sandbox))
    assert visible is not None
    assert visible.message is not None
    assert visible.message.is_accessible
    assert visible.data == "x:evil"
    for query, number in ((deleted, 1), (never, 999)):
        assert query is not None
        assert query.message is not None
        assert not query.message.is_accessible
        assert query.message.message_id == number
    for data in ("", "é" * 33):
        with pytest.raises(ValueError, match="1-64 bytes"):
            phone.press(data)


def test_links_keys_and_copies(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    name = sandbox.bot.username
    send(
        sandbox,
        "one",
        [{"text": "Pay", "url": "https://pay.example/1"}],
        [{"text": "Share", "url": f"https://t.me/{name}?start=th_1"}],
        [{"text": "Mine", "url": f"tg://resolve?domain={name}&start=me"}],
        [{"text": "Number", "copy_text": {"text": "116 123"}}],
    )
    for label in ("Pay", "Share", "Mine", "Number"):
        assert phone.tap(label).query_id is None
    assert phone.opened == ["https://pay.example/1"]
    assert phone.clipboard == "116 123"
    keys = {"keyboard": [[{"text": "Yes"}, {"text": "No"}]]}
    asyncio.run(sandbox.call("sendMessage", {"chat_id": SAM, "text": "?", "reply_markup": keys}))
    phone.tap("Yes")
    mine = [bubble.text for bubble in phone.messages if not bubble.from_bot]
    assert mine == ["/start", "/start th_1", "/start me", "Yes"]


def test_everything_else_a_person_may_send(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    number = phone.write("see /help@HelpspaceSandboxBot and a/b")
    phone.edit_message(number, "better")
    phone.send_photo(caption="me")
    phone.send_file(b"%PDF-1.7", name="x.pdf")
    phone.send_voice()
    phone.send_sticker("🙂")
    phone.send_contact()
    phone.write("that one", reply_to=number)
    _, text, edited, photo, file, voice, sticker, contact, reply = updates(sandbox)
    assert text.message is not None
    assert text.message.parse_entities() == {text.message.entities[0]: "/help@HelpspaceSandboxBot"}
    assert edited.edited_message is not None
    assert edited.edited_message.text == "better"
    assert photo.message is not None
    assert photo.message.caption == "me"
    assert file.message is not None
    assert file.message.document is not None
    assert file.message.document.mime_type == "application/pdf"
    assert voice.message is not None
    assert voice.message.voice is not None
    assert sticker.message is not None
    assert sticker.message.sticker is not None
    assert sticker.message.sticker.emoji == "🙂"
    assert contact.message is not None
    assert contact.message.contact is not None
    assert reply.message is not None
    assert reply.message.reply_to_message is not None
    assert reply.message.reply_to_message.text == "better"
    for text_ in ("", " ", "x" * 4097):
        with pytest.raises(ValueError, match="1-4096"):
            phone.write(text_)
    with pytest.raises(NotOnScreenError):
        phone.edit_message(3, "a caption is not a text")
    assert [bubble.other for bubble in phone.messages][4:7] == ["voice", "sticker", "contact"]


def test_blocking_is_told_once_and_start_unblocks(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    phone.block()
    phone.block()
    with pytest.raises(NotOnScreenError, match="blocked"):
        phone.write("hello?")
    phone.start()
    kinds = [
        update.my_chat_member
        and (
            update.my_chat_member.old_chat_member.status,
            update.my_chat_member.new_chat_member.status,
        )
        for update in updates(sandbox)
    ]
    assert kinds == [None, ("member", "kicked"), ("kicked", "member"), None]


def test_deleting_the_chat_clears_only_this_side(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    send(sandbox, "one", [{"text": "Book", "callback_data": "b:1"}])
    phone.delete_chat()
    assert phone.messages == []
    with pytest.raises(NotOnScreenError):
        phone.tap("Book")
    with pytest.raises(NotOnScreenError, match="said nothing"):
        _ = phone.last
    params = {"chat_id": SAM, "message_id": 2, "text": "edited in the dark"}
    asyncio.run(sandbox.call("editMessageText", params))
    assert sandbox.calls[-1].status == 200
    assert phone.messages == []


def test_the_lock_screen_shows_the_beginning(sandbox: TelegramSandbox, phone: Phone) -> None:
    phone.start()
    send(sandbox, "First line\nsecond " + "x" * 200)
    asyncio.run(
        sandbox.call(
            "sendMessage", {"chat_id": SAM, "text": "at night", "disable_notification": True}
        )
    )
    params = {"chat_id": SAM, "message_id": 2, "text": "edited"}
    asyncio.run(sandbox.call("editMessageText", params))
    [loud] = phone.notifications
    assert loud.text.startswith("First line second xxx")
    assert len(loud.text) == 100
    assert [found.text for found in phone.lock_screen] == [loud.text, "at night"]


def test_a_person_is_offered_the_nearest_commands(sandbox: TelegramSandbox, phone: Phone) -> None:
    other = sandbox.phone(7002, language_code="de")

    async def scenario() -> None:
        async with telegram.Bot(sandbox.token, request=SandboxRequest(sandbox)) as bot:
            assert phone.commands == []
            await bot.set_my_commands([BotCommand("help", "Help")])
            assert phone.commands == [("help", "Help")]
            await bot.set_my_commands(
                [BotCommand("hilfe", "Hilfe")],
                scope=BotCommandScopeAllPrivateChats(),
                language_code="de",
            )
            assert other.commands == [("hilfe", "Hilfe")]
            await bot.set_my_commands([BotCommand("mine", "x")], scope=BotCommandScopeChat(SAM))
            assert phone.commands == [("mine", "x")]
            await bot.delete_my_commands(scope=BotCommandScopeChat(SAM))
            assert phone.commands == [("help", "Help")]

    asyncio.run(scenario())


def test_listeners_hear_of_each_change(sandbox: TelegramSandbox, phone: Phone) -> None:
    heard: list[int] = []
    off = sandbox.on_change(heard.append)
    phone.start()
    send(sandbox, "one", [{"text": "Book", "callback_data": "b:1"}])
    query = phone.tap("Book").query_id
    assert query is not None
    answer(sandbox, query)
    assert heard == [SAM] * 4
    off()
    phone.write("unheard")
    assert heard == [SAM] * 4


def test_the_same_person_has_one_phone(sandbox: TelegramSandbox, phone: Phone) -> None:
    assert sandbox.phone(SAM, first_name="Somebody") is phone
    assert phone.user.first_name == "Sam"
    for wrong in (0, -5, 2**52):
        with pytest.raises(ValueError, match="positive"):
            sandbox.phone(wrong)


def test_groups_and_channels_are_met_and_left(sandbox: TelegramSandbox, phone: Phone) -> None:
    group = sandbox.group(-100_1, "Office")
    channel = sandbox.group(-100_2, "News", kind="channel")
    with pytest.raises(ValueError, match="negative id"):
        sandbox.group(-100_1)

    async def scenario() -> None:
        async with telegram.Bot(sandbox.token, request=SandboxRequest(sandbox)) as bot:
            with pytest.raises(Forbidden, match="not a member of the supergroup chat"):
                await bot.send_message(group.id, "x")
            group.add_bot(by=phone)
            channel.add_bot(by=phone)
            group.write(phone, "/start")
            group.write(phone, "among ourselves")
            channel.write(phone, "news")
            joined, _, command, post = updates(sandbox)
            assert joined.my_chat_member is not None
            assert joined.my_chat_member.chat.type == "supergroup"
            assert command.message is not None
            assert command.message.chat.title == "Office"
            assert post.channel_post is not None
            await bot.send_message(group.id, "Only in private, please.")
            assert await bot.leave_chat(group.id)
            with pytest.raises(Forbidden):
                await bot.leave_chat(group.id)
            with pytest.raises(BadRequest, match="private"):
                await bot.leave_chat(phone.user.id)

    asyncio.run(scenario())
    assert [bubble.text for bubble in group.messages][-1] == "Only in private, please."
    channel.remove_bot(by=phone)
    left, thrown_out = updates(sandbox)
    assert left.my_chat_member is not None
    assert left.my_chat_member.new_chat_member.status == "left"
    assert thrown_out.my_chat_member is not None
    assert thrown_out.my_chat_member.new_chat_member.status == "kicked"
