"""The methods that act on the world, and the shape of answers and records."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helpspace.sandbox.telegram import about, editing, sending
from helpspace.sandbox.telegram.decode import Json
from helpspace.sandbox.telegram.errors import ApiError
from helpspace.sandbox.telegram.schema import METHODS
from helpspace.sandbox.telegram.world import World

HANDLERS: dict[str, Callable[[World, Json], Any]] = {
    "getMe": about.get_me,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageMedia": editing.edit_media,
    "editMessageReplyMarkup": editing.edit_markup,
    "deleteMessage": editing.delete_message,
    "answerCallbackQuery": editing.answer_query,
    "setMyCommands": about.set_commands,
    "getMyCommands": about.get_commands,
    "deleteMyCommands": about.delete_commands,
    "setMyName": about.set_name,
    "getMyName": about.get_name,
    "setMyDescription": about.set_description,
    "getMyDescription": about.get_description,
    "setMyShortDescription": about.set_short_description,
    "getMyShortDescription": about.get_short_description,
    "setChatMenuButton": about.set_menu_button,
    "getChatMenuButton": about.get_menu_button,
    "getChat": about.get_chat,
    "getFile": about.get_file,
    "leaveChat": about.leave_chat,
}
_BY_LOWER_NAME = {name.lower(): name for name in METHODS}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of the Bot API."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call as it was made and answered, for assertions.

    `params` are decoded where that succeeded; `result` is the answer's result, or the
    description of the refusal; `status` 0 means that no answer got through.
    """

    method: str
    params: Json
    at: int
    status: int
    result: Any
    fault: str | None = None


def canonical(method: str) -> str:
    """The method's own spelling; Telegram ignores upper and lower case in it."""
    return _BY_LOWER_NAME.get(method.lower(), method)


def success(result: Any) -> Answer:
    """The answer to a call that worked."""
    return Answer(200, _json({"ok": True, "result": result}))


def refusal(refused: ApiError) -> Answer:
    """The answer to a call that was refused, with the wait of a 429 in body and header."""
    body: Json = {"ok": False, "error_code": refused.status, "description": refused.description}
    headers = {}
    if refused.retry_after is not None:
        body["parameters"] = {"retry_after": refused.retry_after}
        headers["Retry-After"] = str(refused.retry_after)
    return Answer(refused.status, _json(body), headers)


def _json(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
