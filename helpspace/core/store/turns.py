"""The queue before one SQLite file: who wants to write waits for a turn, fairly and not for ever.

SQLite's own waiting is a poll, and unfair; the kernel queues who waits for a lock on a file.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpspace.core.errors import Busy, StoreFault

PATIENCE = 15.0
"""Seconds to wait for a turn: only a process that was halted while it wrote keeps it so long."""


class Turns:
    """Gives the threads of all processes their turns to write to one file."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._local = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold this thread's turn; Busy when it does not come."""
        handle = self._wait()
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of this thread's handle."""
        handle = getattr(self._local, "handle", None)
        if handle is not None:
            os.close(handle)
            self._local.handle = None

    def _wait(self) -> int:
        """Wait for the lock; StoreFault where it cannot even be asked for."""
        try:
            return self._locked()
        except OSError as error:
            raise StoreFault(
                f"The store's folder cannot be used ({error.strerror})",
                "Check HELPSPACE_DATABASE and its folder.",
            ) from error

    def _locked(self) -> int:
        handle: int | None = getattr(self._local, "handle", None)
        if handle is None:
            name = f"{self._path}.lock"
            handle = self._local.handle = os.open(
                name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not _Waiting(handle).came_within(self._patience):
                self._local.handle = None
                raise Busy from None
        return handle


class _Waiting:
    """Waits for a lock in a thread of its own, since the wait itself cannot be ended."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._decides = threading.Lock()
        self._came = threading.Event()
        self._left = False

    def came_within(self, seconds: float) -> bool:
        """Say whether the lock came in time; if not, the handle is closed once it does."""
        threading.Thread(target=self._wait, daemon=True).start()
        if self._came.wait(seconds):
            return True
        with self._decides:
            self._left = not self._came.is_set()
            return not self._left

    def _wait(self) -> None:
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        with self._decides:
            if self._left:
                os.close(self._handle)
            else:
                self._came.set()
