"""Running the synchronous core off an event loop, on threads that keep their own connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from helpspace.core.practice import Practice

P = ParamSpec("P")
R = TypeVar("R")


class Offload:
    """A few threads for core calls; more would only queue at the store.

    Each thread opens its connection at its first call and keeps it until `close`.
    """

    def __init__(self, practice: Practice, threads: int = 3) -> None:
        self._practice = practice
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="core")
        self._threads = threads

    async def __call__(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a core function on one of the threads and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: call(*args, **kwargs))

    def close(self) -> None:
        """Wait for what is running and close every thread's connection."""
        from threading import Barrier  # noqa: PLC0415 - when first wanted

        # Every thread meets the others here, so that each closes its own connection once.
        meeting = Barrier(self._threads)

        def leave() -> None:
            self._practice.store.close()
            meeting.wait(timeout=30)

        for _ in range(self._threads):
            self._pool.submit(leave)
        self._pool.shutdown(wait=True)
