"""What the person sees: bubbles and buttons, as values that never change."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from helpspace.sandbox.telegram.world import Media, Message

Json = dict[str, Any]

_KINDS = {"callback_data": "callback", "url": "url", "copy_text": "copy"}


@dataclass(frozen=True)
class Button:
    """An inline button: `value` is the data, the address or the text to copy."""

    label: str
    kind: str
    value: str
    style: str | None = None


@dataclass(frozen=True)
class Entity:
    """A styled stretch of a text, in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A picture or a file in a bubble."""

    file_id: str
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Bubble:
    """One visible message; `text` is the caption where there is a picture or a file."""

    message_id: int
    from_bot: bool
    text: str
    entities: tuple[Entity, ...]
    buttons: tuple[tuple[Button, ...], ...]
    photo: Attachment | None
    document: Attachment | None
    other: str | None
    at: int
    edited: bool
    silent: bool
    protected: bool
    reply_to: int | None

    def labels(self) -> list[str]:
        """The labels of all its buttons, in reading order."""
        return [button.label for row in self.buttons for button in row]


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style, so that a screen need not count UTF-16 units."""

    text: str
    styles: frozenset[str]
    url: str | None = None


def runs(text: str, entities: Iterable[Entity]) -> list[Run]:
    """A text cut wherever its style changes."""
    encoded = text.encode("utf-16-le")
    styled = tuple(entities)
    edges = {0, len(encoded) // 2}
    for entity in styled:
        edges |= {entity.offset, entity.offset + entity.length}
    found = []
    for start, end in itertools.pairwise(sorted(edges)):
        active = [e for e in styled if e.offset <= start and end <= e.offset + e.length]
        url = next((entity.url for entity in active if entity.url), None)
        piece = encoded[start * 2 : end * 2].decode("utf-16-le")
        found.append(Run(piece, frozenset(entity.type for entity in active), url))
    return found


def bubble(message: Message) -> Bubble:
    """A message as the person sees it."""
    media = message.media
    kind = media.kind if media else None
    return Bubble(
        message_id=message.id,
        from_bot=message.from_bot,
        text=message.styled.text,
        entities=tuple(_entity(found) for found in message.styled.entities),
        buttons=tuple(tuple(button(found) for found in row) for row in message.keyboard),
        photo=_attachment(media) if kind == "photo" else None,
        document=_attachment(media) if kind == "document" else None,
        other=kind if kind not in {"photo", "document"} else None,
        at=message.at,
        edited=message.edited_at is not None,
        silent=message.silent,
        protected=message.protected,
        reply_to=message.reply_to,
    )


def button(found: Json) -> Button:
    """An inline button of the Bot API as the person sees it."""
    for name, kind in _KINDS.items():
        if name in found:
            value = found[name]["text"] if name == "copy_text" else found[name]
            return Button(found["text"], kind, value, found.get("style"))
    raise ValueError("a button without an action cannot have been accepted")


def _entity(found: Json) -> Entity:
    return Entity(found["type"], found["offset"], found["length"], found.get("url"))


def _attachment(media: Media | None) -> Attachment | None:
    if media is None or media.file is None:
        return None
    return Attachment(media.file.file_id, media.file.name, media.file.mime, media.file.data)
