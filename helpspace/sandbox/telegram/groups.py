"""Groups and channels, as far as a bot that refuses them must meet them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpspace.sandbox.telegram import objects
from helpspace.sandbox.telegram.bubbles import Bubble, bubble
from helpspace.sandbox.telegram.phone import Phone, commands_in
from helpspace.sandbox.telegram.text import Styled
from helpspace.sandbox.telegram.world import Chat, User, World

if TYPE_CHECKING:
    from helpspace.sandbox.telegram.sandbox import TelegramSandbox


class Group:
    """A group, supergroup or channel that people and the bot can be in."""

    def __init__(self, sandbox: TelegramSandbox, chat_id: int) -> None:
        self._sandbox = sandbox
        self.id = chat_id

    @property
    def chat(self) -> Chat:
        return self._sandbox.world.chats[self.id]

    @property
    def messages(self) -> list[Bubble]:
        """The visible bubbles, oldest first."""
        with self._sandbox.acting():
            return [bubble(message) for message in self.chat.newest_first()][::-1]

    def add_bot(self, by: Phone) -> None:
        """Let the bot in; into a channel it comes as administrator, as Telegram demands."""
        with self._sandbox.acting() as world:
            self.chat.open = True
            role = "administrator" if self.chat.kind == "channel" else "member"
            self._membership(world, by.user, "left", role)

    def remove_bot(self, by: Phone) -> None:
        """Throw the bot out."""
        with self._sandbox.acting() as world:
            self.chat.open = False
            self._membership(world, by.user, "member", "kicked")

    def write(self, by: Phone, text: str) -> int:
        """Write into it. In groups the bot hears only commands and its name (privacy mode)."""
        with self._sandbox.acting() as world:
            is_channel = self.chat.kind == "channel"
            commands = commands_in(text)
            message = world.post(self.chat, None if is_channel else by.user, Styled(text, commands))
            name = f"@{world.bot.username}".lower()
            if self.chat.open and (is_channel or commands or name in text.lower()):
                kind = "channel_post" if is_channel else "message"
                world.updates.add(kind, self.id, objects.message(world, message))
            return message.id

    def _membership(self, world: World, by: User, old: str, new: str) -> None:
        body = objects.membership(world, self.chat, by, old, new)
        world.updates.add("my_chat_member", self.id, body)
