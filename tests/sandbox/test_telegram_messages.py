"""Messages, edits and keyboards: taken and refused as Telegram does, through the real library."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import telegram
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import Phone, TelegramSandbox, pictures, runs
from helpspace.sandbox.telegram.transport import SandboxRequest

START = 1_900_000_000
HOURS = 3600
SAM = 7001


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def sandbox(clock: MovableClock) -> TelegramSandbox:
    return TelegramSandbox(clock, pace=None)


@pytest.fixture
def phone(sandbox: TelegramSandbox) -> Phone:
    sam = sandbox.phone(SAM, first_name="Zoë", last_name="O'Brien")
    sam.start()
    return sam


def play(sandbox: TelegramSandbox, scene: Callable[[Bot], Awaitable[None]]) -> None:
    """Run a scene with a real bot on the sandbox."""

    async def scenario() -> None:
        async with Bot(sandbox.token, request=SandboxRequest(sandbox)) as bot:
            await scene(bot)

    asyncio.run(scenario())


def refused(sandbox: TelegramSandbox, method: str, **params: object) -> str:
    """The description of the refusal that a raw call gets."""
    asyncio.run(sandbox.call(method, params))
    call = sandbox.calls[-1]
    assert call.status == 400, call
    return str(call.result)


def one_button(label: str = "Book", data: str = "b:1") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


def test_a_text_arrives_as_it_was_sent(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(
            SAM,
            "  🙂 Hello محمد\n",
            entities=[MessageEntity(MessageEntity.BOLD, 5, 5)],
            reply_markup=one_button(),
            disable_notification=True,
            protect_content=True,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )
        assert sent.text == "🙂 Hello محمد"
        assert sent.parse_entities() == {sent.entities[0]: "Hello"}
        assert sent.chat.first_name == "Zoë"
        assert sent.from_user is not None
        assert sent.from_user.id == bot.id
        assert sent.has_protected_content
        assert int(sent.date.timestamp()) == START

    play(sandbox, scene)
    bubble = phone.last
    assert bubble.from_bot
    assert bubble.silent
    assert bubble.protected
    assert bubble.labels() == ["Book"]
    assert [(run.text, set(run.styles)) for run in runs(bubble.text, bubble.entities)] == [
        ("🙂 ", set()),
        ("Hello", {"bold"}),
        (" محمد", set()),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "message text is empty"),
        (" \n\t ", "message text is empty"),
        ("\x00\x1b", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("🙂" * 2049, "message is too long"),
    ],
)
def test_texts_outside_the_limits_are_refused(
    sandbox: TelegramSandbox, phone: Phone, text: str, reason: str
) -> None:
    assert refused(sandbox, "sendMessage", chat_id=SAM, text=text) == f"Bad Request: {reason}"


def test_the_longest_text_passes(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(SAM, "🙂" * 2048 + "  ")

    play(sandbox, scene)
    assert phone.last.text == "🙂" * 2048


def test_control_characters_never_reach_the_phone(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        await bot.send_message(SAM, "a\x1b]52;c;eA==\x07b\r\nc")

    play(sandbox, scene)
    assert phone.last.text == "a ]52;c;eA== b \nc"


def test_a_lone_surrogate_is_no_text(sandbox: TelegramSandbox, phone: Phone) -> None:
    assert "UTF-8" in refused(sandbox, "sendMessage", chat_id=SAM, text="a\ud83d")


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"type": "bold", "offset": 0, "length": 10}, "ENTITY_BOUNDS_INVALID"),
        ({"type": "bold", "offset": -1, "length": 1}, "ENTITY_BOUNDS_INVALID"),
        ({"type": "bold", "offset": 0, "length": 0}, "ENTITY_BOUNDS_INVALID"),
        ({"type": "bold", "offset": 1, "length": 1}, "middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "middle of a UTF-16 symbol"),
        ({"type": "shiny", "offset": 0, "length": 2}, "unsupported entity type"),
        ({"type": "text_link", "offset": 0, "length": 2}, 'has no "url"'),
        ({"type": "bold", "offset": 0, "length": 2, "url": "https://a.example"}, "no field"),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "http://localhost"}, "Wrong HTTP"),
        ({"type": "bold", "offset": "0", "length": 2}, "must be an integer"),
        ({"type": "bold", "offset": 0, "length": 2, "colour": "red"}, 'unknown field "colour"'),
    ],
)
def test_bad_entities_are_refused(
    sandbox: TelegramSandbox, phone: Phone, entity: dict[str, object], reason: str
) -> None:
    found = refused(sandbox, "sendMessage", chat_id=SAM, text="🙂 hello", entities=[entity])
    assert reason in found


def test_parse_modes_are_refused_but_recorded(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest, match="reads no parse_mode"):
            await bot.send_message(SAM, "<b>x</b>", parse_mode="HTML")

    play(sandbox, scene)
    assert sandbox.calls_of("sendMessage")[0].params["parse_mode"] == "HTML"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"chat_id": SAM}, 'parameter "text" is required'),
        ({"text": "x"}, 'parameter "chat_id" is required'),
        ({"chat_id": SAM, "text": 5}, "must be a string"),
        ({"chat_id": SAM, "text": "x", "txet": "y"}, 'unknown parameter "txet"'),
        ({"chat_id": True, "text": "x"}, "must be a number"),
        ({"chat_id": "", "text": "x"}, "chat_id is empty"),
        ({"chat_id": "@somebody", "text": "x"}, "chat not found"),
        ({"chat_id": "somebody", "text": "x"}, "chat not found"),
        ({"chat_id": 4711, "text": "x"}, "chat not found"),
        ({"chat_id": SAM, "text": "x", "protect_content": "perhaps"}, "true or false"),
        ({"chat_id": SAM, "text": "x", "entities": "{"}, "not valid JSON"),
        ({"chat_id": SAM, "text": "x", "entities": "{}"}, "must be an array"),
        ({"chat_id": SAM, "text": "x", "message_thread_id": 3}, "does not act out"),
        ({"chat_id": SAM, "text": "x", "reply_markup": {}}, "expected as reply markup"),
        ({"chat_id": SAM, "text": "x", "reply_markup": [1]}, "must be an object"),
    ],
)
def test_parameters_are_checked_by_name_and_type(
    sandbox: TelegramSandbox, phone: Phone, params: dict[str, object], reason: str
) -> None:
    assert reason in refused(sandbox, "sendMessage", **params)


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x"}, "Text buttons are unallowed"),
        ({"text": " ", "callback_data": "a"}, "non-empty"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "a", "url": "https://a.example"}, "more than one thing"),
        ({"text": "x", "callback_data": "a", "style": "loud"}, "style"),
        ({"text": "x", "url": "http://localhost:8080/x"}, "Wrong HTTP URL"),
        ({"text": "x", "url": "https://intranet/x"}, "Wrong HTTP URL"),
        ({"text": "x", "url": "http://[::1"}, "Wrong HTTP URL"),
        ({"text": "x", "url": "ftp://a.example"}, "Unsupported URL protocol"),
        ({"text": "x", "url": "javascript:alert(1)"}, "Unsupported URL protocol"),
        ({"text": "x", "url": "https://a.example/a b"}, "without spaces"),
        ({"text": "x", "copy_text": {"text": ""}}, "COPY_TEXT"),
        ({"text": "x", "pay": True}, "does not act out"),
        ({"text": "x", "callback": "a"}, 'unknown field "callback"'),
    ],
)
def test_bad_buttons_are_refused(
    sandbox: TelegramSandbox, phone: Phone, button: dict[str, object], reason: str
) -> None:
    keyboard = {"inline_keyboard": [[button]]}
    found = refused(sandbox, "sendMessage", chat_id=SAM, text="x", reply_markup=keyboard)
    assert reason in found


@pytest.mark.parametrize(
    "url",
    [
        "https://stripe.example/pay?x=1#y",
        "http://127.0.0.1:8080/card/done",
        "http://[::1]:80/x",
        "tg://resolve?domain=somebot",
        "https://bücher.example",
    ],
)
def test_good_addresses_pass(sandbox: TelegramSandbox, phone: Phone, url: str) -> None:
    async def scene(bot: Bot) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Open", url=url)]])
        await bot.send_message(SAM, "x", reply_markup=keyboard)

    play(sandbox, scene)
    phone.tap("Open")
    assert phone.opened == [url]


def test_keyboards_have_a_size(sandbox: TelegramSandbox, phone: Phone) -> None:
    def keyboard(rows: int, columns: int) -> dict[str, object]:
        row = [{"text": "x", "callback_data": "é" * 32}] * columns
        return {"inline_keyboard": [row] * rows}

    def send(markup: dict[str, object]) -> str:
        return refused(sandbox, "sendMessage", chat_id=SAM, text="x", reply_markup=markup)

    assert "row of more than 8" in send(keyboard(1, 9))
    assert "more than 100 buttons" in send(keyboard(13, 8))
    asyncio.run(
        sandbox.call("sendMessage", {"chat_id": SAM, "text": "x", "reply_markup": keyboard(25, 4)})
    )
    assert len(phone.last.labels()) == 100


def test_an_edit_replaces_text_and_keyboard(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(SAM, "one", reply_markup=one_button())
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("one ", reply_markup=one_button())
        clock.advance(5)
        edited = await sent.edit_text("two", reply_markup=one_button("Back", "home"))
        assert isinstance(edited, telegram.Message)
        assert edited.edit_date is not None
        assert int(edited.edit_date.timestamp()) == START + 5
        assert phone.last.labels() == ["Back"]
        await sent.edit_text("three")
        assert phone.last.labels() == []
        await sent.edit_reply_markup(one_button())
        with pytest.raises(BadRequest, match="not modified"):
            await sent.edit_reply_markup(one_button())
        with pytest.raises(BadRequest, match="Message_too_long"):
            await sent.edit_text("x" * 4097)

    play(sandbox, scene)
    assert (phone.last.text, phone.last.edited) == ("three", True)
    assert len(phone.messages) == 2
    assert len(phone.notifications) == 1


def test_what_cannot_be_edited(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("x", SAM, 999)
        with pytest.raises(BadRequest, match="can't be edited"):
            await bot.edit_message_text("x", SAM, phone.messages[0].message_id)
        picture = await bot.send_photo(SAM, pictures.plain_png())
        with pytest.raises(BadRequest, match="There is no text in the message to edit"):
            await picture.edit_text("x")
        words = await bot.send_message(SAM, "words")
        with pytest.raises(BadRequest, match="There is no caption"):
            await words.edit_caption("x")
        keyed = await bot.send_message(
            SAM, "keys", reply_markup=ReplyKeyboardMarkup([["Yes", "No"]])
        )
        assert phone.keys == (("Yes", "No"),)
        with pytest.raises(BadRequest, match="can't be edited"):
            await keyed.edit_text("x")
        await bot.send_message(SAM, "gone", reply_markup=ReplyKeyboardRemove())
        assert phone.keys == ()
        with pytest.raises(BadRequest, match="identifier is not specified"):
            await bot.edit_message_text("x", chat_id=SAM)

    play(sandbox, scene)


def test_a_deleted_message_is_gone(
    sandbox: TelegramSandbox, phone: Phone, clock: MovableClock
) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(SAM, "one")
        assert await sent.delete()
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await sent.delete()
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await sent.edit_text("two")
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(SAM, "x", reply_parameters=ReplyParameters(sent.message_id))
        old = await bot.send_message(
            SAM,
            "three",
            reply_parameters=ReplyParameters(sent.message_id, allow_sending_without_reply=True),
        )
        assert old.message_id == sent.message_id + 1
        clock.advance(48 * HOURS - 1)
        young = await bot.send_message(SAM, "four", reply_parameters=ReplyParameters(1))
        assert young.reply_to_message is not None
        assert young.reply_to_message.text == "/start"
        clock.advance(1)
        with pytest.raises(BadRequest, match="can't be deleted for everyone"):
            await old.delete()
        await young.delete()

    play(sandbox, scene)
    assert [bubble.text for bubble in phone.messages] == ["/start", "three"]


def test_pictures_are_stored_and_reused(sandbox: TelegramSandbox, phone: Phone) -> None:
    data = pictures.plain_png(640, 480)

    async def scene(bot: Bot) -> None:
        sent = await bot.send_photo(SAM, data, caption="Kim", filename="kim.png")
        assert [(size.width, size.height) for size in sent.photo] == [(320, 240), (640, 480)]
        again = await bot.send_photo(SAM, sent.photo[-1].file_id)
        assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
        file = await bot.get_file(sent.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == data
        with pytest.raises(BadRequest, match="Can't use file of type photo as document"):
            await bot.send_document(SAM, sent.photo[-1].file_id)
        with pytest.raises(BadRequest, match="Wrong file identifier"):
            await bot.send_photo(SAM, "nonsense")
        with pytest.raises(BadRequest, match="Failed to get http url content"):
            await bot.send_photo(SAM, "http://127.0.0.1/x.png")
        await sent.edit_caption("Kim, again", reply_markup=one_button())
        with pytest.raises(BadRequest, match="caption is too long"):
            await sent.edit_caption("x" * 1025)

    play(sandbox, scene)
    first, second = (bubble for bubble in phone.messages if bubble.from_bot)
    assert (first.text, first.labels(), first.edited) == ("Kim, again", ["Book"], True)
    assert second.photo is not None
    assert second.photo.data == data
    assert phone.notifications[0].text == "Photo, Kim"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "non-empty"),
        (b"no picture", "Image_process_failed"),
        (pictures.plain_png(2, 41), "Photo_invalid_dimensions"),
        (pictures.plain_png() + bytes(10 * 1024 * 1024), "too big"),
    ],
    ids=["empty", "no picture", "narrow", "big"],
)
def test_bad_pictures_are_refused(
    sandbox: TelegramSandbox, phone: Phone, data: bytes, reason: str
) -> None:
    async def scene(bot: Bot) -> None:
        with pytest.raises(BadRequest, match=reason):
            await bot.send_photo(SAM, data)

    play(sandbox, scene)


def test_documents_keep_their_name_and_bytes(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        sent = await bot.send_document(SAM, b"BEGIN:VCALENDAR", filename="session.ics")
        assert sent.document is not None
        assert sent.document.file_name == "session.ics"
        file = await bot.get_file(sent.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"BEGIN:VCALENDAR"
        with pytest.raises(BadRequest, match="Wrong file_id"):
            await bot.get_file("nonsense")

    play(sandbox, scene)
    document = phone.last.document
    assert document is not None
    assert (document.name, document.data) == ("session.ics", b"BEGIN:VCALENDAR")
    assert phone.notifications[0].text == "session.ics"


def test_a_text_turns_into_a_picture_but_not_back(sandbox: TelegramSandbox, phone: Phone) -> None:
    data = pictures.plain_png()

    async def scene(bot: Bot) -> None:
        sent = await bot.send_message(SAM, "words")
        turned = await sent.edit_media(InputMediaPhoto(data, caption="Kim"))
        assert isinstance(turned, telegram.Message)
        with pytest.raises(BadRequest, match="not modified"):
            await sent.edit_media(InputMediaPhoto(turned.photo[-1].file_id, caption="Kim"))
        with pytest.raises(BadRequest, match="There is no text"):
            await sent.edit_text("words")
        await sent.edit_media(InputMediaDocument(b"x", filename="x.pdf"))

    play(sandbox, scene)
    assert phone.last.document is not None
    assert phone.last.photo is None


def test_who_cannot_be_written_to(sandbox: TelegramSandbox, phone: Phone) -> None:
    sandbox.phone(7002)

    async def scene(bot: Bot) -> None:
        with pytest.raises(Forbidden, match="can't initiate conversation with a user"):
            await bot.send_message(7002, "x")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(7003, "x")
        sent = await bot.send_message(SAM, "x")
        phone.block()
        for attempt in (
            bot.send_message(SAM, "y"),
            sent.edit_text("y"),
            bot.send_chat_action(SAM, ChatAction.TYPING),
        ):
            with pytest.raises(Forbidden, match="bot was blocked by the user"):
                await attempt
        phone.start()
        await bot.send_message(SAM, "z")
        phone.deactivate()
        with pytest.raises(Forbidden, match="user is deactivated"):
            await bot.send_message(SAM, "x")

    play(sandbox, scene)


def test_chat_actions(sandbox: TelegramSandbox, phone: Phone) -> None:
    async def scene(bot: Bot) -> None:
        assert await bot.send_chat_action(SAM, ChatAction.TYPING)
        with pytest.raises(BadRequest, match="action"):
            await bot.send_chat_action(SAM, "thinking")

    play(sandbox, scene)
    assert phone.chat.actions == ["typing"]
