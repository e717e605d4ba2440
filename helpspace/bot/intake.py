"""Taking updates in: reduced to what is needed, durable before they are acknowledged (A4a).

Free text that the current step does not ask for is left out here, before anything is written, and
words that sound like a crisis are never written at all (K3).
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, replace
from operator import index
from typing import Any

from telegram import Chat, ChatMember, Message, Update

from helpspace.bot import codec
from helpspace.bot.crisis import sounds_like_crisis
from helpspace.bot.render import cut
from helpspace.bot.routes import ASKING, COMMANDS
from helpspace.core import inbox, tickets
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

ALLOWED = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
"""The kinds of update that are asked for."""

MOST_TEXT = 300
"""UTF-16 units of an answer that are kept: a name or an address is far shorter."""

MOST_LETTER = tickets.LONGEST
"""UTF-16 units of a letter to the team that are kept."""

OF_MESSAGE = ("message_id", "date", "chat", "from", "text", "caption", "forward_origin", "via_bot",
              "poll")  # fmt: skip
OF_TAP = ("id", "from", "chat_instance", "data", "message")
OF_TAPPED = ("message_id", "date", "chat")
"""What is read of an update. The rest is not even parsed: it takes most of the time, and a part
that the library does not know yet must not make a message unreadable."""

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_PAYLOAD = re.compile(codec.PAYLOAD)


@dataclass(frozen=True, slots=True)
class Incoming:
    """An update reduced to what is needed; `text` is what was written, not yet judged.

    `kind` is tap, command, text, other, blocked, back, group, or none for what needs no answer.
    """

    update_id: int
    chat_id: int
    kind: str
    payload: dict[str, Any]
    text: str = ""

    @property
    def query_id(self) -> str | None:
        """The tap that waits for an answer."""
        return self.payload.get("q")


def reduce(update: Update) -> Incoming | None:
    """Reduce an update; None for one that is nobody's."""
    chat = update.effective_chat
    if chat is None:
        return None
    found = Incoming(update.update_id, chat.id, "none", {"p": chat.id})
    if chat.type != Chat.PRIVATE:
        left = update.my_chat_member and update.my_chat_member.new_chat_member.status in (
            ChatMember.LEFT,
            ChatMember.BANNED,
        )
        return found if left else replace(found, kind="group")
    if update.my_chat_member is not None:
        blocked = update.my_chat_member.new_chat_member.status == ChatMember.BANNED
        return replace(found, kind="blocked" if blocked else "back")
    if update.callback_query is not None:
        query = update.callback_query
        payload = {
            **found.payload,
            "q": query.id,
            "d": cut(query.data or "", codec.MOST_BYTES),
            "m": query.message.message_id if query.message else None,
            "n": query.from_user.first_name[:60],
        }
        return replace(found, kind="tap", payload=payload)
    if update.message is None:
        return found
    return _message(found, update.message)


def _message(found: Incoming, message: Message) -> Incoming:
    if message.text is None or message.forward_origin is not None or message.via_bot is not None:
        # Words of somebody else are no answer to a question, and are never kept.
        asked = message.poll.question if message.poll else ""
        return replace(found, kind="other", text=message.text or message.caption or asked)
    name = message.from_user.first_name[:60] if message.from_user else ""
    payload = {**found.payload, "n": name}
    command = _COMMAND.fullmatch(message.text.strip())
    if command is None:
        return replace(found, kind="text", payload=payload, text=message.text)
    word, rest = command[1].lower(), command[2] or ""
    payload["c"] = word if word in COMMANDS else ""
    payload["a"] = rest if word == "start" and _PAYLOAD.fullmatch(rest) else ""
    return replace(found, kind="command", payload=payload, text=message.text)


def is_crisis(incoming: Incoming) -> bool:
    """Say whether something was written that sounds like a crisis, in whatever kind of message."""
    return bool(incoming.text) and sounds_like_crisis(incoming.text)


def as_help(incoming: Incoming) -> Incoming:
    """Return a call for help in place of what was written: like any /help, it tells nothing."""
    payload = {"p": incoming.chat_id, "c": "help", "a": ""}
    return replace(incoming, kind="command", payload=payload, text="")


def take_in(practice: Practice, updates: list[Incoming]) -> int:
    """Make updates durable in one commit and return how many are new.

    What was written is kept only where the person's step asks for it.
    """
    rows = []
    writing = {found.chat_id for found in updates if found.kind == "text"}
    asked = {chat_id: _asked(practice, chat_id) for chat_id in writing}
    for found in updates:
        payload = found.payload
        if found.kind == "text" and (most := asked[found.chat_id]):
            payload = {**payload, "t": cut(found.text, most)}
        rows.append((found.update_id, found.chat_id, found.kind, payload))
    return inbox.take_in(practice, rows)


def _asked(practice: Practice, chat_id: int) -> int:
    """Return how much of a text the person's step asks for; 0 for none."""
    step = codec.read(inbox.place(practice, chat_id).step)
    if step is None or step.verb not in ASKING:
        return 0
    return MOST_LETTER if step.verb == "write" else MOST_TEXT


def read(raw: Any) -> Incoming | None:
    """Return a raw update reduced; None for one that is nobody's, or that cannot be read.

    Such a one must not keep the others out, nor come again all day. Raises ValueError for what
    Telegram does not send.
    """
    try:
        number = index(raw["update_id"])
    except Exception as error:
        raise ValueError("no update") from error
    try:
        return reduce(Update.de_json({**_needed(raw), "update_id": number}))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is this update's alone
        log.error("update %d is unreadable: %s", number, type(error).__name__)  # noqa: TRY400 - a trace may quote people
        return None


def _needed(raw: dict[str, Any]) -> dict[str, Any]:
    found = dict(raw)
    if "message" in found:
        found["message"] = _part(found["message"], OF_MESSAGE)
    if "callback_query" in found:
        tap = found["callback_query"] = _part(found["callback_query"], OF_TAP)
        if "message" in tap:
            tap["message"] = _part(tap["message"], OF_TAPPED)
    return found


def _part(whole: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole[name] for name in names if name in whole}


def read_webhook(body: bytes) -> Incoming | None:
    """Return the update of a webhook request; None for one that is nobody's.

    Raises ValueError for what Telegram does not send.
    """
    try:
        raw = json.loads(body)
    except Exception as error:
        raise ValueError("no update") from error
    return read(raw)


def take_in_webhook(practice: Practice, body: bytes) -> bool:
    """Make the update of a webhook request durable where no bot runs; False for what is none.

    The caller has verified the secret token and answers 200 afterwards (A4, A4a). Crisis words
    become a plain call for help, like /help: nothing tells that they were written (K3).
    """
    try:
        found = read_webhook(body)
    except ValueError:
        return False
    if found is not None and is_crisis(found):
        found = as_help(found)
    if found is not None and found.kind != "none":
        take_in(practice, [found])
    return True


def webhook_secret(practice: Practice) -> str:
    """Return what Telegram sends along with webhook requests, made from the store's key (A4)."""
    return practice.vault.digest("secret_token", "telegram.webhook")
