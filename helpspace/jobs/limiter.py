"""Keeping a rate of calls for each endpoint, over all threads of a process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable


class Limiter:
    """Spaces the calls to each endpoint evenly, and lets no second hold more than `rate` of them.

    A turn is reserved before it is waited for, so the rate is kept busy however long calls take;
    a thread that wakes late catches up within the second, never beyond. `now` tells monotonic
    seconds.
    """

    def __init__(
        self,
        rate: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._begun: dict[str, deque[float]] = {}

    def turn(self, endpoint: str) -> None:
        """Wait until a call to an endpoint may begin."""
        wait = self._reserve(endpoint)
        while wait > 0:
            self._sleep(wait)
            wait = self._begin(endpoint)

    def hold(self, endpoint: str, seconds: float) -> None:
        """Let nothing begin at an endpoint for a while: the other side said it was too much."""
        with self._lock:
            until = self._now() + seconds
            self._next[endpoint] = max(until, self._next.get(endpoint, until))

    def _reserve(self, endpoint: str) -> float:
        """Take the next turn and return how long to wait for it; 0 means that it has begun."""
        with self._lock:
            now = self._now()
            at = max(now, self._next.get(endpoint, now))
            self._next[endpoint] = at + 1 / self._rate
        return at - now if at > now else self._begin(endpoint)

    def _begin(self, endpoint: str) -> float:
        """Begin a call unless this second is full; return how long to wait otherwise."""
        with self._lock:
            now = self._now()
            begun = self._begun.setdefault(endpoint, deque(maxlen=self._rate))
            if len(begun) == self._rate and begun[0] + 1 > now:
                return begun[0] + 1 - now
            begun.append(now)
            return 0.0
