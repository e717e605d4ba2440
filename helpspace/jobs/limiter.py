"""Keeping a rate of calls for each endpoint, over all threads of a process and over two processes.

One process settles (`core.lease`); the others are its guests. What settles has the whole rate less
one call a second, which is a guest's; of other endpoints each of two processes has a half. In the
process that settles, whoever waits goes before the sweeps.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

SETTLING = frozenset(
    {
        "POST intents",
        "GET intents/id",
        "POST intents/id/confirm",
        "POST intents/id/cancel",
        "POST refunds",
        "POST reversals",
    }
)
"""Endpoints at which one process alone does nearly everything."""


def _not_known() -> bool:
    """Nobody has said that this process settles."""
    return False


class Limiter:
    """Spaces a sweep's calls to each endpoint evenly, and lets no second hold more than its share.

    A sweep's turn is reserved before it is waited for, so the rate is kept busy however long calls
    take; a thread that wakes late catches up within the second, never beyond. Whoever waits takes
    the next place there is. `now` tells monotonic seconds. Without `shared` there is no other
    process, and the whole rate is this one's.
    """

    def __init__(
        self,
        rate: int,
        *,
        shared: bool = False,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._shared = shared
        self._settles: Callable[[], bool] = _not_known
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._begun: dict[str, deque[float]] = {}
        self._waiting: dict[str, int] = {}

    def settles(self, still: Callable[[], bool]) -> None:
        """Tell how to ask whether this is the process that settles."""
        self._settles = still

    def share(self, endpoint: str) -> int:
        """Return how many calls to an endpoint may begin here in any second."""
        if not self._shared:
            return self._rate
        if endpoint not in SETTLING:
            return max(1, self._rate // 2)
        return max(1, self._rate - 1) if self._settles() else 1

    def turn(self, endpoint: str, *, sweep: bool = True) -> None:
        """Wait until a call to an endpoint may begin; whoever is no sweep goes first."""
        if sweep:
            wait = self._reserve(endpoint)
            while wait > 0:
                self._sleep(wait)
                wait = self._begin(endpoint, sweep=True)
            return
        with self._lock:
            self._waiting[endpoint] = self._waiting.get(endpoint, 0) + 1
        try:
            while (wait := self._begin(endpoint, sweep=False)) > 0:
                self._sleep(wait)
        finally:
            with self._lock:
                self._waiting[endpoint] -= 1

    def hold(self, endpoint: str, seconds: float) -> None:
        """Let nothing begin at an endpoint for a while: the other side said it was too much."""
        with self._lock:
            until = self._now() + seconds
            self._next[endpoint] = max(until, self._next.get(endpoint, until))
            self._held[endpoint] = max(until, self._held.get(endpoint, until))

    def _reserve(self, endpoint: str) -> float:
        """Take the next turn and return how long to wait for it; 0 means that it has begun."""
        with self._lock:
            now = self._now()
            at = max(now, self._next.get(endpoint, now))
            self._next[endpoint] = at + 1 / self.share(endpoint)
        return at - now if at > now else self._begin(endpoint, sweep=True)

    def _begin(self, endpoint: str, *, sweep: bool) -> float:
        """Begin a call unless this second is full; return how long to wait otherwise."""
        with self._lock:
            now, most = self._now(), self.share(endpoint)
            held = self._held.get(endpoint, now)
            if held > now:
                return held - now
            begun = self._begun.setdefault(endpoint, deque(maxlen=self._rate))
            while begun and begun[0] + 1 <= now:
                begun.popleft()
            left = most - len(begun)
            if sweep:
                left -= self._waiting.get(endpoint, 0)
            if left > 0:
                begun.append(now)
                return 0.0
            return self._until_free(begun, 1 - left, now)

    @staticmethod
    def _until_free(begun: deque[float], places: int, now: float) -> float:
        """Return how long it takes until so many places of this second are free again."""
        if not begun:
            return 1 / 50
        return max(begun[min(places, len(begun)) - 1] + 1 - now, 0.000001)
