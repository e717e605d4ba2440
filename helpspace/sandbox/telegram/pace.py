"""Telegram's sending limits, as buckets that refill with time."""

from __future__ import annotations

import math
from collections.abc import Callable


class _Bucket:
    """Holds up to `size` permits and gains `per_second` of them each second."""

    def __init__(self, size: float, per_second: float, now: float) -> None:
        self._size = size
        self._per_second = per_second
        self._level = size
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until the next permit, 0 if there is one."""
        if now > self._at:
            self._level = min(self._size, self._level + (now - self._at) * self._per_second)
            self._at = now
        return max(0.0, (1 - self._level) / self._per_second)

    def take(self) -> None:
        """Use one permit."""
        self._level -= 1


class Pace:
    """30 messages a second in all, 1 a second in a chat (5 at once), 20 a minute in a group."""

    OVERALL = (30, 30.0)
    PRIVATE = (5, 1.0)
    GROUP = (20, 20 / 60)

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._all = _Bucket(*self.OVERALL, now())
        self._chats: dict[int, _Bucket] = {}

    def claim(self, chat_id: int, *, private: bool) -> int:
        """0 if a message may go to the chat now (it then counts), else the seconds to wait."""
        now = self._now()
        if chat_id not in self._chats:
            self._chats[chat_id] = _Bucket(*(self.PRIVATE if private else self.GROUP), now)
        buckets = (self._all, self._chats[chat_id])
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 1e-9:
            return max(1, math.ceil(wait))
        for bucket in buckets:
            bucket.take()
        return 0
