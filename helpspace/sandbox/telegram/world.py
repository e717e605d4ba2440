"""What is the case at Telegram: people, chats, messages, taps, and the bot's own profile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from helpspace.core.clock import Clock
from helpspace.sandbox.telegram.errors import ApiError, bad_request, forbidden, too_many
from helpspace.sandbox.telegram.files import FileStore, StoredFile
from helpspace.sandbox.telegram.markup import Markup, Rows
from helpspace.sandbox.telegram.pace import Pace
from helpspace.sandbox.telegram.text import Styled
from helpspace.sandbox.telegram.updates import UpdateQueue

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup", "channel"]

QUERY_LIFE = 150
DELETE_LIMIT = 48 * 3600


@dataclass
class User:
    """A person's account, or the bot's."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False


@dataclass
class Media:
    """What a message carries besides text: its field's name, that field, and the file if any."""

    kind: str
    content: Any
    file: StoredFile | None = None


@dataclass
class Message:
    """One message; a deleted one stays here, so that its number is never given again."""

    chat_id: int
    id: int
    sender: User | None
    at: int
    styled: Styled
    media: Media | None = None
    markup: Markup = field(default_factory=Markup)
    preview: Json | None = None
    reply_to: int | None = None
    silent: bool = False
    protected: bool = False
    above: bool = False
    spoiler: bool = False
    edited_at: int | None = None
    deleted: bool = False
    hidden: bool = False

    @property
    def from_bot(self) -> bool:
        return self.sender is not None and self.sender.is_bot

    @property
    def keyboard(self) -> Rows:
        """The rows of inline buttons, none if there are none."""
        return self.markup.inline or []


@dataclass
class Query:
    """One tap on an inline button, until the bot has answered it."""

    id: str
    user_id: int
    at: int


@dataclass
class Toast:
    """What the app shows over the chat after a tap was answered."""

    text: str
    alert: bool


@dataclass(frozen=True)
class Notification:
    """What a locked screen showed; a silent one makes no sound but is readable all the same."""

    message_id: int
    at: int
    title: str
    text: str
    silent: bool


@dataclass
class Chat:
    """A chat as Telegram sees it."""

    id: int
    kind: ChatKind
    title: str = ""
    user: User | None = None
    open: bool = False
    blocked: bool = False
    deactivated: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    keys: Rows = field(default_factory=list)
    toast: Toast | None = None
    actions: list[str] = field(default_factory=list)
    popped: list[Notification] = field(default_factory=list)
    menu_button: str = "default"

    @property
    def is_private(self) -> bool:
        return self.kind == "private"

    def newest_first(self) -> Iterator[Message]:
        """The messages that the person sees, from the bottom up."""
        for message in reversed(self.messages.values()):
            if not (message.deleted or message.hidden):
                yield message


@dataclass
class Profile:
    """What the bot says about itself, by language; commands by scope and language."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_button: str = "default"


class World:
    """The state behind the API, without any rule of who may call what."""

    def __init__(self, clock: Clock, bot: User, pace: Pace | None) -> None:
        self.clock = clock
        self.bot = bot
        self.pace = pace
        self.chats: dict[int, Chat] = {}
        self.unanswered: dict[str, Query] = {}
        self.files = FileStore()
        self.updates = UpdateQueue(clock)
        self.profile = Profile()
        self.changed: set[int] = set()
        self._query_numbers = itertools.count(4_000_000_000_000_001)

    def chat(self, chat_id: object) -> Chat:
        """The chat of that number; names belong to public chats only, and there are none."""
        found = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if found is None:
            raise bad_request("chat not found")
        return found

    def reachable(self, chat_id: object) -> Chat:
        """The chat, if the bot may write there now."""
        chat = self.chat(chat_id)
        refusal = _refusal(chat)
        if refusal:
            raise refusal
        return chat

    def keep_pace(self, chat: Chat) -> None:
        """Count a message or an edit towards Telegram's limits, or refuse it with the wait."""
        wait = self.pace.claim(chat.id, private=chat.is_private) if self.pace else 0
        if wait:
            raise too_many(wait)

    def post(self, chat: Chat, sender: User | None, styled: Styled) -> Message:
        """Put a new message at the end of a chat."""
        message = Message(
            chat_id=chat.id,
            id=len(chat.messages) + 1,
            sender=sender,
            at=self.clock.now(),
            styled=styled,
        )
        chat.messages[message.id] = message
        self.changed.add(chat.id)
        return message

    def new_query(self, user_id: int) -> Query:
        """Note a tap that waits for its answer."""
        query = Query(str(next(self._query_numbers)), user_id, self.clock.now())
        self.unanswered[query.id] = query
        return query

    def is_spinning(self, query: Query) -> bool:
        """Whether the app still waits for the answer to an unanswered tap."""
        return self.clock.now() - query.at < QUERY_LIFE


def _refusal(chat: Chat) -> ApiError | None:
    if chat.is_private:
        if chat.deactivated:
            return forbidden("user is deactivated")
        if chat.blocked:
            return forbidden("bot was blocked by the user")
        if not chat.open:
            return forbidden("bot can't initiate conversation with a user")
    elif not chat.open:
        return forbidden(f"bot is not a member of the {chat.kind} chat")
    return None
