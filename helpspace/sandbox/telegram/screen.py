"""What a person sees of the bot on their phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpspace.sandbox.telegram import about
from helpspace.sandbox.telegram.bubbles import Bubble, bubble
from helpspace.sandbox.telegram.world import Chat, Message, Notification, Toast, User

if TYPE_CHECKING:
    from helpspace.sandbox.telegram.sandbox import TelegramSandbox

Json = dict[str, Any]


class NotOnScreenError(LookupError):
    """The person cannot do that: what they want to touch is not on their screen."""


class Screen:
    """The chat with the bot, looked at; each property is a picture of this moment."""

    def __init__(self, sandbox: TelegramSandbox, user: User) -> None:
        self._sandbox = sandbox
        self.user = user

    @property
    def chat(self) -> Chat:
        return self._sandbox.world.chats[self.user.id]

    @property
    def messages(self) -> list[Bubble]:
        """The visible bubbles, oldest first."""
        with self._sandbox.acting():
            return [bubble(message) for message in self.chat.newest_first()][::-1]

    @property
    def last(self) -> Bubble:
        """The bot's lowest visible bubble."""
        with self._sandbox.acting():
            for message in self.chat.newest_first():
                if message.from_bot:
                    return bubble(message)
        raise NotOnScreenError("the bot has said nothing yet")

    def message(self, message_id: int) -> Bubble:
        """One visible bubble."""
        with self._sandbox.acting():
            return bubble(self._visible(message_id))

    @property
    def labels(self) -> list[str]:
        """The labels of every visible inline button, from the top down."""
        return [label for found in self.messages for label in found.labels()]

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The labels of the keyboard below the chat, if the bot has put one there."""
        return tuple(tuple(key["text"] for key in row) for row in self.chat.keys)

    @property
    def toast(self) -> Toast | None:
        """What the last answer to a tap showed over the chat."""
        return self.chat.toast

    @property
    def spinning(self) -> list[str]:
        """The ids of the taps that still wait for an answer."""
        with self._sandbox.acting() as world:
            mine = [q for q in world.unanswered.values() if q.user_id == self.user.id]
            return [query.id for query in mine if world.is_spinning(query)]

    @property
    def lock_screen(self) -> list[Notification]:
        """Every new message of the bot as a locked screen showed it, silent ones too."""
        with self._sandbox.acting():
            return list(self.chat.popped)

    @property
    def notifications(self) -> list[Notification]:
        """What popped up with a sound: all but the silent ones."""
        return [found for found in self.lock_screen if not found.silent]

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The menu of commands that this person is offered."""
        with self._sandbox.acting() as world:
            offered = world.profile.commands
            scopes: list[Json] = [
                {"type": "chat", "chat_id": self.user.id},
                {"type": "all_private_chats"},
                {"type": "default"},
            ]
            for scope in scopes:
                for language in (self.user.language_code or "", ""):
                    found = offered.get((about.scope_key(scope), language))
                    if found:
                        return [(entry["command"], entry["description"]) for entry in found]
            return []

    def _visible(self, message_id: int) -> Message:
        found = self.chat.messages.get(message_id)
        if found is None or found.deleted or found.hidden:
            raise NotOnScreenError(f"there is no message {message_id}")
        return found
