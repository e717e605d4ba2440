"""A therapist's own terminal with ssh in it."""

from __future__ import annotations

import os
import pty
import select
import time

import pyte

from tests.tui.terminal import Terminal, measure

WIDE = (140, 40)


class SshTerminal(Terminal):
    """One sign-in; `raw` is every byte that came back."""

    def __init__(self, argv: list[str], environment: dict[str, str] | None = None) -> None:
        width, height = WIDE
        self.raw = b""
        self.status: int | None = None
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            measure(WIDE)
            own = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **(environment or {})}
            os.execvpe(argv[0], argv, own)  # noqa: S606

    def type(self, raw: bytes) -> None:
        """Send bytes as they are, and take what comes back at once."""
        os.write(self._fd, raw)
        self.read_on(0.03)

    def read_on(self, seconds: float) -> bool:
        """Take what comes until nothing does for a while; False at the end."""
        while select.select([self._fd], [], [], seconds)[0]:
            if not self._read(0):
                return False
        return True

    def until_raw(self, words: bytes, seconds: float = 30) -> None:
        """Read until some bytes have come."""
        end = time.monotonic() + seconds
        while words not in self.raw:
            assert time.monotonic() < end, self.raw[-2000:]
            assert self._read(0.1), self.raw[-2000:]
