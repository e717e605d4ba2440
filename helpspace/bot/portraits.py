"""Pictures of profiles: each a message of its own above the living one, gone when it is left.

Telegram cannot edit a text into a picture and back. A picture is uploaded once and then sent again
by its number at Telegram; whatever goes wrong with one, the profile is shown without it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence

from telegram.error import BadRequest, TelegramError

from helpspace.bot import codec, routes
from helpspace.bot.sender import Sender
from helpspace.bot.visit import Answered, Portrait
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining import pictures
from helpspace.core.offload import Offload
from helpspace.core.practice import Practice

log = logging.getLogger(__name__)

MOST_KEPT = 10_000
"""How many pictures are remembered by their numbers at Telegram."""

_STAYS = ("who", "days", "day", "slot", "name", "email", "terms")
"""The steps above which the picture of a profile stays."""

Shown = tuple[int, str]
"""The message of a picture, and the picture's digest."""


class Portraits:
    """Sends and takes away pictures; `offload` are threads for reading the encrypted files."""

    def __init__(self, practice: Practice, offload: Offload, sender: Sender) -> None:
        self._practice = practice
        self._offload = offload
        self._sender = sender
        self._numbers: OrderedDict[str, str] = OrderedDict()

    async def show(self, chat_id: int, portrait: Portrait) -> Shown | None:
        """Send the picture of a profile; None where there is none to be seen.

        Raises UnreachableError.
        """
        digest = portrait.picture.digest
        try:
            number = self._numbers.get(digest)
            if number is not None:
                try:
                    return await self._send(chat_id, portrait, number)
                except BadRequest:
                    # Telegram has forgotten the number: the picture itself goes again.
                    del self._numbers[digest]
            content = await self._offload(pictures.small, self._practice, portrait.picture)
            return await self._send(chat_id, portrait, content)
        except (TelegramError, HelpspaceError, OSError) as error:
            log.warning("a profile is shown without its picture: %s", type(error).__name__)
            return None

    async def _send(self, chat_id: int, portrait: Portrait, content: str | bytes) -> Shown | None:
        sent = await self._sender.photo(chat_id, content, portrait.caption)
        if sent is None:
            return None
        message_id, number = sent
        self._numbers[portrait.picture.digest] = number
        if len(self._numbers) > MOST_KEPT:
            self._numbers.popitem(last=False)
        return message_id, portrait.picture.digest


def shown(answered: Answered) -> Shown | None:
    """Return the picture that is in the chat, as far as is known."""
    found: Sequence[object] = answered.place.draft.get(routes.PORTRAIT) or ()
    return (int(str(found[0])), str(found[1])) if found else None


def is_new(answered: Answered, *, below: bool) -> bool:
    """Say whether a reply has a picture to send; `below` is a reply that goes below everything."""
    portrait, before = answered.reply.portrait, shown(answered)
    if portrait is None:
        return False
    return below or before is None or before[1] != portrait.picture.digest


def is_over(answered: Answered, *, below: bool) -> bool:
    """Say whether the picture that is there has to go: its profile is left, or it comes again."""
    here = codec.read(answered.reply.here)
    if shown(answered) is None or here is None:
        return False
    if here.verb == "who":
        return answered.reply.portrait is None or is_new(answered, below=below)
    return here.verb not in _STAYS
