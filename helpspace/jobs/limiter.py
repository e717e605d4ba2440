"""Keeping a rate of calls for each endpoint, over all threads of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Limiter:
    """Spaces the calls to each endpoint evenly at `rate` a second, in the order they are asked for.

    A turn is reserved before it is waited for, so the rate is kept busy however long calls take,
    and never exceeded. `now` tells monotonic seconds.
    """

    def __init__(
        self,
        rate: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / rate
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def turn(self, endpoint: str) -> None:
        """Wait until a call to an endpoint may begin."""
        with self._lock:
            now = self._now()
            at = max(now, self._next.get(endpoint, now))
            self._next[endpoint] = at + self._gap
        if at > now:
            self._sleep(at - now)

    def hold(self, endpoint: str, seconds: float) -> None:
        """Let nothing begin at an endpoint for a while: the other side said it was too much."""
        with self._lock:
            until = self._now() + seconds
            self._next[endpoint] = max(until, self._next.get(endpoint, until))
