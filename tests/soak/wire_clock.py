"""The times of the processes that are killed: a clock that all share, and a pace in a hurry."""

from __future__ import annotations

import asyncio
import mmap
from pathlib import Path

from helpspace.core.pacing import Pacer


class FileClock:
    """A clock in eight bytes of a file, which one process moves and all others read."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self._cell = memoryview(self._memory).cast("q")

    def now(self) -> int:
        return self._cell[0]

    def move_to(self, instant: int) -> int:
        """Move on to an instant; one that has passed already leaves the clock where it is."""
        self._cell[0] = max(self._cell[0], instant)
        return self._cell[0]

    def close(self) -> None:
        """Let go of the file."""
        self._cell.release()
        self._memory.close()


class Hurry:
    """A time for the pacer that passes whenever it is waited for: pace is not what is proved."""

    def __init__(self) -> None:
        self._passed = 0.0

    def now(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self._passed += seconds
        await asyncio.sleep(0)

    def pacer(self) -> Pacer:
        """Return a pacer that nobody waits for."""
        return Pacer(now=self.now, sleep=self.sleep)
