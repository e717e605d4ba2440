"""Where the published description of the Bot API is at hand: our names and answers agree with it.

The product and its other tests do without that file; where it is absent, nothing is collected.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import TelegramSandbox, pictures, updates
from helpspace.sandbox.telegram.schema import METHODS, OBJECTS, REPLY_MARKUP, TAGGED, UNSIMULATED
from helpspace.sandbox.telegram.text import ENTITY_TYPES

_FILE = Path(__file__).parents[2].parent / "shared" / "specs" / "telegram-bot-api.json"
_SIMPLE = {
    "str": ["String"],
    "int": ["Integer"],
    "bool": ["Boolean"],
    "chat": ["Integer", "String"],
    "upload": ["InputFile"],
    "ReplyMarkup": list(REPLY_MARKUP.values()),
}
_SAM = 7001

if _FILE.exists():
    _DESCRIPTION: dict[str, Any] = json.loads(_FILE.read_text())

    def test_the_parameters_of_every_method_are_the_published_ones() -> None:
        for name, ours in METHODS.items():
            published = _DESCRIPTION["methods"][name].get("fields", [])
            assert _named(published) == _ours(ours), name

    def test_the_fields_of_every_object_are_the_published_ones() -> None:
        for name, ours in OBJECTS.items():
            published = _DESCRIPTION["types"][name].get("fields", [])
            assert _named(published) == _ours(ours), name

    def test_unions_and_kinds_are_published_ones() -> None:
        for union, members in TAGGED.items():
            assert set(members.values()) <= set(_DESCRIPTION["types"][union]["subtypes"])
        published = {field["name"] for field in _DESCRIPTION["types"]["Update"]["fields"]}
        assert published - {"update_id"} == updates.KINDS
        known = {name for fields in (*METHODS.values(), *OBJECTS.values()) for name in fields}
        assert known >= UNSIMULATED
        words = _DESCRIPTION["types"]["MessageEntity"]["fields"][0]["description"]
        assert all(f'"{kind}"' in words for kind in ENTITY_TYPES)

    def test_every_answer_and_update_is_well_formed() -> None:
        sandbox = _a_lively_sandbox()
        for call in sandbox.calls:
            assert call.status == 200, call
            _check(_DESCRIPTION["methods"][call.method]["returns"], call.result, call.method)
        kinds = set()
        while (update := sandbox.pop_update()) is not None:
            _check(["Update"], update, "update")
            kinds |= update.keys()
        assert kinds >= {"message", "edited_message", "callback_query", "my_chat_member"}


def _named(fields: list[dict[str, Any]]) -> dict[str, tuple[list[str], bool]]:
    return {field["name"]: (sorted(field["types"]), field["required"]) for field in fields}


def _ours(fields: dict[str, str]) -> dict[str, tuple[list[str], bool]]:
    return {
        name: (sorted(_types(name, kind.rstrip("!"))), kind.endswith("!"))
        for name, kind in fields.items()
    }


def _types(name: str, kind: str) -> list[str]:
    if kind == "file":
        return ["InputFile", "String"]
    depth = kind.count("[")
    [inner] = [kind.strip("[]")] if depth else [kind]
    found = _SIMPLE.get(inner, [inner])
    return [f"{'Array of ' * depth}{one}" for one in found]


def _check(types: list[str], value: Any, where: str) -> None:
    """The value is of one of the published types, with known fields and all required ones."""
    problems = [_problem(kind, value, where) for kind in types]
    assert None in problems, problems


def _problem(kind: str, value: Any, where: str) -> str | None:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return f"{where}: no array"
        inner = kind.removeprefix("Array of ")
        return next((p for v in value if (p := _problem(inner, v, where))), None)
    simple = {"String": str, "Integer": int, "Boolean": bool}.get(kind)
    if simple is not None:
        fits = isinstance(value, simple) and (simple is bool or not isinstance(value, bool))
        return None if fits else f"{where}: {value!r} is no {kind}"
    described = _DESCRIPTION["types"][kind]
    if "subtypes" in described:
        problems = [_problem(member, value, where) for member in described["subtypes"]]
        return None if None in problems else str(problems)
    if not isinstance(value, dict):
        return f"{where}: no {kind}"
    fields = {field["name"]: field for field in described.get("fields", [])}
    for name in value:
        if name not in fields:
            return f"{where}: {kind} has no {name}"
    for name, field in fields.items():
        if name in value:
            problems = [_problem(t, value[name], f"{where}.{name}") for t in field["types"]]
            if None not in problems:
                return str(problems)
        elif field["required"]:
            return f"{where}: {kind} lacks {name}"
    return None


def _a_lively_sandbox() -> TelegramSandbox:
    """Every method called once with success, every kind of update made once."""
    sandbox = TelegramSandbox(MovableClock(1_900_000_000), pace=None)
    sam = sandbox.phone(_SAM, first_name="Sam", last_name="Lee", username="samlee")
    group = sandbox.group(-100, "Office")
    channel = sandbox.group(-200, "News", kind="channel")
    group.add_bot(by=sam)
    channel.add_bot(by=sam)
    group.write(sam, "/start")
    channel.write(sam, "news")
    sam.start("x")
    number = sam.write("hello", reply_to=1)
    sam.edit_message(number, "better")
    sam.send_photo(pictures.plain_png(640, 480), caption="me")
    sam.send_file(b"%PDF", name="x.pdf")
    sam.send_voice()
    sam.send_sticker()
    sam.send_contact()

    def call(method: str, **params: object) -> Any:
        asyncio.run(sandbox.call(method, params))
        return sandbox.calls[-1].result

    buttons = [
        [{"text": "Book", "callback_data": "b", "style": "danger"}],
        [{"text": "Pay", "url": "https://p.example"}, {"text": "C", "copy_text": {"text": "1"}}],
    ]
    keyboard = {"inline_keyboard": buttons}
    bold = [{"type": "bold", "offset": 0, "length": 2}]
    photo_id = sam.messages[2].photo
    document_id = sam.messages[3].document
    assert photo_id is not None
    assert document_id is not None
    sent = call(
        "sendMessage",
        chat_id=_SAM,
        text="Hello",
        entities=bold,
        reply_markup=keyboard,
        protect_content=True,
        link_preview_options={"is_disabled": True},
        reply_parameters={"message_id": 1},
    )
    here = {"chat_id": _SAM, "message_id": sent["message_id"]}
    photo = call(
        "sendPhoto",
        chat_id=_SAM,
        photo=photo_id.file_id,
        caption="Kim",
        caption_entities=bold,
        has_spoiler=True,
        show_caption_above_media=True,
    )
    call("sendDocument", chat_id=_SAM, document=document_id.file_id)
    call("sendChatAction", chat_id=_SAM, action="typing")
    sam.press("x")
    sam.press("x", message_id=999)
    call("answerCallbackQuery", callback_query_id=sam.tap("Book").query_id, text="Done")
    call("editMessageText", **here, text="Changed", reply_markup=keyboard)
    call("editMessageReplyMarkup", **here)
    call("editMessageCaption", chat_id=_SAM, message_id=photo["message_id"], caption="Lee")
    media = {"type": "photo", "media": photo_id.file_id, "caption": "Kim"}
    call("editMessageMedia", **here, media=media)
    call("deleteMessage", **here)
    call("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    call("getMyCommands")
    call("deleteMyCommands", scope={"type": "chat", "chat_id": _SAM})
    for name, field in (
        ("Name", "name"),
        ("Description", "description"),
        ("ShortDescription", "short_description"),
    ):
        call(f"setMy{name}", **{field: "x"})
        call(f"getMy{name}")
    call("setChatMenuButton", menu_button={"type": "commands"})
    call("getChatMenuButton", chat_id=_SAM)
    call("getChat", chat_id=_SAM)
    call("getChat", chat_id=-100)
    call("getFile", file_id=photo_id.file_id)
    call("sendMessage", chat_id=-100, text="x")
    call("leaveChat", chat_id=-100)
    call("getMe")
    call("getUpdates", limit=100)
    call("setWebhook", url="https://bot.example/hook", allowed_updates=["message"])
    call("getWebhookInfo")
    call("deleteWebhook")
    sam.block()
    assert {found.method for found in sandbox.calls} == METHODS.keys()
    return sandbox
