"""Keyboards: what Telegram accepts under a message, and what it keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpspace.sandbox.telegram.errors import bad_request
from helpspace.sandbox.telegram.links import check_link

Json = dict[str, Any]
Rows = list[list[Json]]

BUTTON_LIMIT = 100
ROW_LIMIT = 8
DATA_LIMIT = 64
COPY_LIMIT = 256
PLACEHOLDER_LIMIT = 64

STYLES = frozenset({"danger", "success", "primary"})
_ACTIONS = ("url", "callback_data", "copy_text")


@dataclass(frozen=True)
class Markup:
    """What stands under a message: inline buttons, or a change to the keys below the chat."""

    inline: Rows | None = None
    keys: Rows | None = None
    removes_keys: bool = False
    asks_reply: bool = False

    @property
    def binds(self) -> bool:
        """True for all that is not inline: such a message can no longer be edited."""
        return self.keys is not None or self.removes_keys or self.asks_reply


def markup(params: Json) -> Markup:
    """The checked `reply_markup` of a call."""
    found = params.get("reply_markup")
    if found is None:
        return Markup()
    if "inline_keyboard" in found:
        return Markup(inline=_inline(found["inline_keyboard"]))
    if len(found.get("input_field_placeholder", "")) > PLACEHOLDER_LIMIT:
        raise bad_request("the input field placeholder is too long")
    if "keyboard" in found:
        return Markup(keys=_keys(found["keyboard"]))
    if "remove_keyboard" in found:
        _must_be_true(found, "remove_keyboard")
        return Markup(removes_keys=True)
    _must_be_true(found, "force_reply")
    return Markup(asks_reply=True)


def _must_be_true(found: Json, name: str) -> None:
    if found[name] is not True:
        raise bad_request(f'"{name}" can only be true')


def _inline(rows: Rows) -> Rows | None:
    filled = _counted(rows)
    for row in filled:
        for button in row:
            _check_button(button)
    return filled or None


def _keys(rows: Rows) -> Rows:
    filled = _counted(rows)
    if not filled:
        raise bad_request("the keyboard has no buttons")
    for row in filled:
        for key in row:
            _check_label(key)
            if key.get("style") is not None and key["style"] not in STYLES:
                raise bad_request(f"button style '{key['style']}' is unknown")
    return filled


def _counted(rows: Rows) -> Rows:
    filled = [row for row in rows if row]
    if any(len(row) > ROW_LIMIT for row in filled):
        raise bad_request(f"reply markup has a row of more than {ROW_LIMIT} buttons")
    if sum(len(row) for row in filled) > BUTTON_LIMIT:
        raise bad_request(f"reply markup has more than {BUTTON_LIMIT} buttons")
    return filled


def _check_label(button: Json) -> None:
    if not button["text"].strip():
        raise bad_request("button text must be non-empty")


def _check_button(button: Json) -> None:
    _check_label(button)
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request(f"inline keyboard button does more than one thing: {actions}")
    if "style" in button and button["style"] not in STYLES:
        raise bad_request(f"button style '{button['style']}' is unknown")
    if "callback_data" in button:
        if not 1 <= len(button["callback_data"].encode()) <= DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in button:
        check_link(button["url"], "inline keyboard button")
    elif not 1 <= len(button["copy_text"]["text"]) <= COPY_LIMIT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
