"""Working through what a claim hands out, several at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from helpspace.core.practice import Practice

T = TypeVar("T")

Stopping = Callable[[], bool]
"""Says whether the process is to end; then nothing new is begun."""


def never() -> bool:
    """Go on to the end."""
    return False


def nothing() -> None:
    """There is nothing to let go of."""


class _Feed(Generic[T]):
    """Hands claimed things to workers and claims more as they run out.

    An empty claim is asked again only after something in flight has ended, since that may have
    made the next one due.
    """

    def __init__(self, claim: Callable[[], Sequence[T]], most: int, stopping: Stopping) -> None:
        self._claim = claim
        self._left = most
        self._stopping = stopping
        self._waiting: deque[T] = deque()
        self._in_flight = 0
        self._worth_asking = True
        self._turn = threading.Condition()

    def fill(self) -> int:
        """Claim once and return how many things wait."""
        with self._turn:
            self._ask()
            return len(self._waiting)

    def next(self) -> T | None:
        """Return the next thing to work on, or None when all is done."""
        with self._turn:
            while not self._stopping() and self._left > 0:
                if not self._waiting and self._worth_asking:
                    self._ask()
                if self._waiting:
                    self._in_flight += 1
                    self._left -= 1
                    return self._waiting.popleft()
                if self._in_flight == 0:
                    return None
                self._turn.wait(1)
            return None

    def done(self) -> None:
        """Tell that one thing has been worked on."""
        with self._turn:
            self._in_flight -= 1
            self._worth_asking = True
            self._turn.notify_all()

    def _ask(self) -> None:
        self._waiting.extend(self._claim())
        self._worth_asking = bool(self._waiting)


def drain(
    practice: Practice,
    claim: Callable[[], Sequence[T]],
    work: Callable[[T], None],
    *,
    workers: int,
    stopping: Stopping,
    rest: Callable[[], None] = nothing,
    most: int = 10_000,
) -> int:
    """Work on everything that `claim` hands out until it hands out nothing; return how many.

    Alone in the calling thread where there is no more than one thing, else in up to `workers`
    threads, each of which closes its store connection at the end. `rest` is called at the end by
    every thread that worked. An error ends its own worker; it is raised when all have ended.
    """
    done: list[T] = []
    feed = _Feed(claim, most, stopping)

    def loop() -> None:
        try:
            while (thing := feed.next()) is not None:
                try:
                    work(thing)
                    done.append(thing)
                finally:
                    feed.done()
        finally:
            rest()

    def loop_in_thread() -> None:
        try:
            loop()
        finally:
            practice.store.close()

    crowd = min(workers, feed.fill())
    if crowd <= 1:
        loop()
        return len(done)
    with ThreadPoolExecutor(crowd, thread_name_prefix="sweep") as pool:
        running = [pool.submit(loop_in_thread) for _ in range(crowd)]
    for one in running:
        one.result()
    return len(done)
