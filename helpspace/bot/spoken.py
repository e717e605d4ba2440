"""Which updates are answered, so that what two could answer is answered once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from helpspace.bot.taps import Recent


class Spoken:
    """Remembers what was answered; whoever comes second waits for the first.

    Only an answer that went out counts: after one that failed, the next may try (K3, D8).
    """

    def __init__(self) -> None:
        self._done = Recent()
        self._under_way: dict[object, asyncio.Future[None]] = {}

    def __contains__(self, what: object) -> bool:
        return what in self._done

    async def once(self, what: object, say: Callable[[], Awaitable[None]]) -> None:
        """Answer something unless that has been done; raises what `say` raises."""
        while (other := self._under_way.get(what)) is not None:
            await asyncio.wait([other])
        if what in self._done:
            return
        mine = self._under_way[what] = asyncio.get_running_loop().create_future()
        try:
            await say()
            self._done.add(what)
        finally:
            del self._under_way[what]
            mine.set_result(None)
