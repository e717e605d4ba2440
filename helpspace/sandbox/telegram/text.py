"""Texts and their entities: what Telegram tidies, what it counts, and what it refuses.

Lengths and offsets are UTF-16 code units, as everywhere in the Bot API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helpspace.sandbox.telegram.errors import ApiError, bad_request
from helpspace.sandbox.telegram.links import check_link

Json = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
ENTITY_LIMIT = 100

ENTITY_TYPES = frozenset(
    {
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "custom_emoji",
        "date_time",
    }
)
_NEEDED_FIELD = {"text_link": "url", "custom_emoji": "custom_emoji_id", "date_time": "unix_time"}
# Control characters reach nobody: Telegram shows a space for them (the line feed stays).
_CONTROLS = {code: " " for code in range(32) if code != 10}


@dataclass(frozen=True)
class Styled:
    """A text as it will be shown, with its entities."""

    text: str
    entities: list[Json] = field(default_factory=list)


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def message_text(params: Json, *, editing: bool) -> Styled:
    """The text of a message, or the refusal that a send or an edit gets for it."""
    styled = _styled(params, "text", "entities")
    if not styled.text:
        raise bad_request("message text is empty")
    if units(styled.text) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG" if editing else "message is too long")
    return styled


def caption(params: Json) -> Styled:
    """The caption of a picture or document, which may be empty."""
    styled = _styled(params, "caption", "caption_entities")
    if units(styled.text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return styled


def toast(params: Json) -> str:
    """The text of an answer to a tap."""
    text = str(params.get("text", ""))
    if units(text) > TOAST_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return text


def _styled(params: Json, text_name: str, entities_name: str) -> Styled:
    if params.get("parse_mode"):
        if params["parse_mode"].lower() not in {"html", "markdown", "markdownv2"}:
            raise bad_request("unsupported parse_mode")
        raise bad_request("the stand-in reads no parse_mode; send entities by offset")
    raw = params.get(text_name, "").translate(_CONTROLS)
    entities = params.get(entities_name, [])
    if len(entities) > ENTITY_LIMIT:
        raise bad_request(f"more than {ENTITY_LIMIT} entities; Telegram drops the rest")
    for entity in entities:
        _check_entity(entity, raw)
    return _trimmed(raw, entities)


def _check_entity(entity: Json, text: str) -> None:
    kind, offset, length = entity["type"], entity["offset"], entity["length"]
    if kind not in ENTITY_TYPES:
        raise bad_request(f'unsupported entity type "{kind}"')
    needed = _NEEDED_FIELD.get(kind)
    if needed and needed not in entity:
        raise bad_request(f'entity "{kind}" has no "{needed}"')
    for name, owner in (("url", "text_link"), ("language", "pre")):
        if name in entity and kind != owner:
            raise bad_request(f'entity "{kind}" has no field "{name}"')
    if offset < 0 or length <= 0 or offset + length > units(text):
        raise _bounds(f"offset {offset}, length {length}, text {units(text)}")
    encoded = text.encode("utf-16-le")
    for edge in (offset, offset + length):
        if _splits_a_pair(encoded, edge):
            raise _bounds(f"offset {edge} is in the middle of a UTF-16 symbol")
    if kind == "text_link":
        check_link(entity["url"], "entity text_link")


def _bounds(detail: str) -> ApiError:
    return bad_request(f"ENTITY_BOUNDS_INVALID: {detail}")


def _splits_a_pair(encoded: bytes, edge: int) -> bool:
    """True where the unit at the edge is the second half of a surrogate pair."""
    at = edge * 2
    return at < len(encoded) and 0xDC <= encoded[at + 1] <= 0xDF


def _trimmed(text: str, entities: list[Json]) -> Styled:
    """Without white space at both ends; the entities follow, and those left empty go."""
    shift = units(text) - units(text.lstrip())
    bare = text.strip()
    end = units(bare)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - shift)
        stop = min(end, entity["offset"] + entity["length"] - shift)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"], entity["type"]))
    return Styled(bare, kept)
