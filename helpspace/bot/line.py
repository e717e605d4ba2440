"""The library's bot, which can also hand over updates as they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from telegram.ext import ExtBot


class Line(ExtBot[None]):
    """The library's bot.

    Its own `get_updates` reads a whole batch or none of it: one update of a kind that it does not
    know yet would come again for ever, keep out everybody behind it, and stand in the log in full.
    """

    async def raw_updates(
        self,
        offset: int,
        timeout: int,  # noqa: ASYNC109 - Telegram's own waiting
        kinds: Sequence[str],
        *,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Return what waits from `offset` on, which acknowledges everything before it.

        Telegram keeps the request open for `timeout` seconds while there is nothing. Raises
        TelegramError.
        """
        data = {"offset": offset, "timeout": timeout, "limit": limit, "allowed_updates": kinds}
        patience = (self._request[0].read_timeout or 0) + timeout
        found = await self._post("getUpdates", data, read_timeout=patience)
        return cast("list[dict[str, Any]]", found)
