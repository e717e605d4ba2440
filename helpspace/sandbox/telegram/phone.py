"""A person's phone: everything that somebody can do to the bot."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpspace.sandbox.telegram import objects, pictures, sending
from helpspace.sandbox.telegram.bubbles import Button, button
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.links import is_payload, start_payload
from helpspace.sandbox.telegram.markup import DATA_LIMIT
from helpspace.sandbox.telegram.screen import NotOnScreenError, Screen
from helpspace.sandbox.telegram.text import TEXT_LIMIT, Styled, units
from helpspace.sandbox.telegram.world import Media, Message, User, World

if TYPE_CHECKING:
    from helpspace.sandbox.telegram.sandbox import TelegramSandbox

Json = dict[str, Any]
Which = str | int | Callable[[Button], bool]

_COMMAND = re.compile(
    r"(?:^|(?<=\s))(/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?)(?![A-Za-z0-9_/])"
)


@dataclass(frozen=True)
class Tap:
    """What a tap did: a query for the bot, an address that was opened, or a text copied."""

    button: Button
    message_id: int
    query_id: str | None = None


class Phone(Screen):
    """One person's phone, with the bot's chat on its screen."""

    def __init__(self, sandbox: TelegramSandbox, user: User) -> None:
        super().__init__(sandbox, user)
        self.opened: list[str] = []
        self.clipboard: str | None = None

    # What the person does

    def start(self, payload: str = "") -> int:
        """Press Start, or open a deep link: it unblocks the bot and writes /start."""
        if payload and not is_payload(payload):
            raise ValueError("a deep link carries 1-64 characters of A-Z a-z 0-9 _ -")
        self.unblock()
        return self.write(f"/start {payload}" if payload else "/start")

    def write(self, text: str, *, reply_to: int | None = None) -> int:
        """Write a message and return its number."""
        styled = _typed(text)
        with self._sandbox.acting() as world:
            message = self._post(world, styled)
            message.reply_to = reply_to
            return self._announce(world, message)

    def tap(self, which: Which, *, message_id: int | None = None) -> Tap:
        """Touch a visible inline button: by label, by what it is, or by its place in a message.

        The lowest message that has such a button counts. A key of the keyboard below the chat
        is written as a message.
        """
        if isinstance(which, int) and message_id is None:
            raise ValueError("a button's place needs the message_id too")
        with self._sandbox.acting() as world:
            found = self._find(which, message_id)
            if found is not None:
                message, touched = found
                self.chat.toast = None
                world.changed.add(self.user.id)
                if touched.kind == "callback":
                    query_id = self._query(world, message.id, touched.value)
                    return Tap(touched, message.id, query_id)
        if found is not None:
            self._use(touched)
            return Tap(touched, message.id)
        if isinstance(which, str) and any(which in row for row in self.keys):
            return Tap(Button(which, "key", which), self.write(which))
        raise NotOnScreenError(f"no button {which!r}; there are: {self.labels}")

    def press(self, data: str, *, message_id: int | None = None) -> str:
        """Send invented callback data, as a forged client can, and return the query's id.

        Any message number goes, also one that is deleted or never was; left out, the bot's
        lowest message is meant.
        """
        if not 1 <= len(data.encode()) <= DATA_LIMIT:
            raise ValueError(f"callback data is 1-{DATA_LIMIT} bytes")
        if message_id is None:
            message_id = self.last.message_id
        with self._sandbox.acting() as world:
            self.chat.toast = None
            world.changed.add(self.user.id)
            return self._query(world, message_id, data)

    def leads_home(self, url: str) -> bool:
        """Whether a link opens the chat with this bot, not a browser."""
        return start_payload(url, self._sandbox.bot.username or "") is not None

    def open(self, url: str) -> None:
        """Open a link; one that leads to this bot starts it."""
        payload = start_payload(url, self._sandbox.bot.username or "")
        if payload is None:
            self.opened.append(url)
        else:
            self.start(payload)

    def send_photo(
        self, data: bytes | None = None, *, name: str = "photo.png", caption: str = ""
    ) -> int:
        """Send a picture."""
        with self._sandbox.acting() as world:
            upload = Upload(name, data or pictures.plain_png(), "image/png")
            stored = world.files.keep("photo", upload)
            media = Media("photo", world.files.photo_sizes(stored), stored)
            return self._announce(world, self._post(world, Styled(caption), media))

    def send_file(
        self, data: bytes, *, name: str, mime: str = "application/pdf", caption: str = ""
    ) -> int:
        """Send a document."""
        with self._sandbox.acting() as world:
            stored = world.files.keep("document", Upload(name, data, mime))
            media = sending.described_document(stored)
            return self._announce(world, self._post(world, Styled(caption), media))

    def send_voice(self, *, seconds: int = 3) -> int:
        """Send a voice message."""
        with self._sandbox.acting() as world:
            stored = world.files.keep("voice", Upload("voice.ogg", b"OggS", "audio/ogg"))
            content = {**stored.described(), "duration": seconds, "mime_type": "audio/ogg"}
            media = Media("voice", content, stored)
            return self._announce(world, self._post(world, Styled(""), media))

    def send_sticker(self, emoji: str = "👍") -> int:
        """Send a sticker."""
        with self._sandbox.acting() as world:
            stored = world.files.keep("sticker", Upload("sticker.webp", b"RIFF", "image/webp"))
            content = {
                **stored.described(),
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": emoji,
            }
            media = Media("sticker", content, stored)
            return self._announce(world, self._post(world, Styled(""), media))

    def send_contact(self, number: str = "+447700900123") -> int:
        """Share one's own contact."""
        with self._sandbox.acting() as world:
            content = {
                "phone_number": number,
                "first_name": self.user.first_name,
                "user_id": self.user.id,
            }
            media = Media("contact", content)
            return self._announce(world, self._post(world, Styled(""), media))

    def edit_message(self, message_id: int, text: str) -> None:
        """Change a text that this person wrote."""
        styled = _typed(text)
        with self._sandbox.acting() as world:
            message = self._visible(message_id)
            if message.from_bot or message.media is not None:
                raise NotOnScreenError("only one's own texts can be edited")
            message.styled = styled
            message.edited_at = world.clock.now()
            world.changed.add(self.user.id)
            body = objects.message(world, message)
            world.updates.add("edited_message", self.user.id, body)

    def delete_message(self, message_id: int) -> None:
        """Take a message away for both sides; the bot is not told."""
        with self._sandbox.acting() as world:
            self._visible(message_id).deleted = True
            world.changed.add(self.user.id)

    def delete_chat(self) -> None:
        """Clear this side's history; the bot's messages go on existing for the bot."""
        with self._sandbox.acting() as world:
            for message in self.chat.messages.values():
                message.hidden = True
            self.chat.keys = []
            world.changed.add(self.user.id)

    def block(self) -> None:
        """Block the bot."""
        self._set_blocked(blocked=True)

    def unblock(self) -> None:
        """Let the bot write again; nothing happens if it may already."""
        self._set_blocked(blocked=False)

    def deactivate(self) -> None:
        """Delete the account."""
        with self._sandbox.acting() as world:
            self.chat.deactivated = True
            world.changed.add(self.user.id)

    # How

    def _find(self, which: Which, message_id: int | None) -> tuple[Message, Button] | None:
        shown = self.chat.newest_first() if message_id is None else [self._visible(message_id)]
        for message in shown:
            there = [button(entry) for row in message.keyboard for entry in row]
            if isinstance(which, int):
                fitting = there[which : which + 1]
            elif isinstance(which, str):
                fitting = [entry for entry in there if entry.label == which]
            else:
                fitting = [entry for entry in there if which(entry)]
            if len(fitting) > 1:
                raise NotOnScreenError(f"{len(fitting)} buttons fit {which!r}; say which")
            if fitting:
                return message, fitting[0]
        return None

    def _use(self, touched: Button) -> None:
        if touched.kind == "copy":
            self.clipboard = touched.value
        else:
            self.open(touched.value)

    def _query(self, world: World, message_id: int, data: str) -> str:
        query = world.new_query(self.user.id)
        body = objects.callback_query(world, query, self.user, self.chat, message_id, data)
        world.updates.add("callback_query", self.user.id, body)
        return query.id

    def _post(self, world: World, styled: Styled, media: Media | None = None) -> Message:
        if self.chat.blocked or self.chat.deactivated:
            raise NotOnScreenError("the bot is blocked here; unblock it first")
        self.chat.open = True
        message = world.post(self.chat, self.user, styled)
        message.media = media
        return message

    def _announce(self, world: World, message: Message) -> int:
        world.updates.add("message", self.user.id, objects.message(world, message))
        return message.id

    def _set_blocked(self, *, blocked: bool) -> None:
        with self._sandbox.acting() as world:
            if self.chat.blocked == blocked:
                return
            self.chat.blocked = blocked
            world.changed.add(self.user.id)
            old, new = ("member", "kicked") if blocked else ("kicked", "member")
            body = objects.membership(world, self.chat, self.user, old, new)
            world.updates.add("my_chat_member", self.user.id, body)


def _typed(text: str) -> Styled:
    """A text as an app sends it, with the commands in it marked."""
    bare = text.strip()
    if not bare or units(bare) > TEXT_LIMIT:
        raise ValueError(f"an app sends texts of 1-{TEXT_LIMIT} characters")
    return Styled(bare, commands_in(bare))


def commands_in(text: str) -> list[Json]:
    """The /commands of a text as entities, which is how bots recognise them."""
    return [
        {
            "type": "bot_command",
            "offset": units(text[: match.start(1)]),
            "length": units(match.group(1)),
        }
        for match in _COMMAND.finditer(text)
    ]
