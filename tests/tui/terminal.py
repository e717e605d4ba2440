"""The therapist's app in a real pseudo-terminal, with what it wrote and what that looks like."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from types import TracebackType

import pyte

_PROGRAM = """
import sys
from helpspace.core.actors import Actor
from helpspace.sandbox.clock import MovableClock
from tests import makers
from helpspace.tui.app import run
url, therapist, now, fault = sys.argv[1:]
if fault:
    from helpspace.tui.widgets.detail_pane import DetailPane
    def broken(self, y):
        secret = "Sam Taylor"
        raise ZeroDivisionError(secret)
    DetailPane.render_line = broken
practice = makers.practice_at(url, MovableClock(int(now)))
sys.exit(run(practice, Actor.therapist(therapist)))
"""

KEYS = {"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "escape": "\x1b",
        "enter": "\r", "tab": "\t", "ctrl+p": "\x10", "ctrl+z": "\x1a"}  # fmt: skip


def measure(size: tuple[int, int]) -> None:
    """Give the terminal of this new process its size before its program can ask for it."""
    width, height = size
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


_DRAWS = re.compile(
    # Styles, places and modes; what a terminal is asked; and the shape of the mouse pointer, the
    # one command of its kind that is Textual's own.
    r"\x1b(?:\[[0-9;?<>=$]*[A-Za-z~]|[()][A-Z0-9]|[=>78DEHMc])|\x1bP[^\x1b]*\x1b\\"
    r"|\x1b\]22;[a-z]+\x07"
)


def only_drawn(raw: bytes) -> None:
    """Refuse what a terminal would obey beyond drawing: titles, clipboard, links, bells (A3)."""
    rest = _DRAWS.sub("", raw.decode())
    assert {c for c in rest if unicodedata.category(c) == "Cc"} <= {"\r", "\n"}


class Terminal:
    """One run of the app; `raw` is every byte it wrote, `lines` the screen that they make.

    With `drawn` off there are no lines, which are most of the work.
    """

    _drawn = True

    def __init__(
        self,
        url: str,
        therapist: str,
        now: int,
        size: tuple[int, int],
        *,
        fault: bool = False,
        program: str = _PROGRAM,
        drawn: bool = True,
    ) -> None:
        width, height = size
        self.raw = b""
        self._drawn = drawn
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            measure(size)
            # A test runner's own idea of lines and columns would win over the terminal's size.
            own = {name: it for name, it in os.environ.items() if name not in ("LINES", "COLUMNS")}
            environment = {**own, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            arguments = [url, therapist, str(now), "fault" if fault else ""]
            os.execve(  # noqa: S606
                sys.executable, [sys.executable, "-c", program, *arguments], environment
            )
        self.status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.status is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, words: str, seconds: float = 30) -> None:
        """Read until some words are on the screen."""
        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, f"{words!r} did not appear:\n{self.text}"
            assert self._read(0.1), f"it ended before {words!r}:\n{self.text}"

    def until_gone(self, words: str, seconds: float = 30) -> None:
        """Read until some words are no longer on the screen."""
        end = time.monotonic() + seconds
        while words in self.text:
            assert time.monotonic() < end, f"{words!r} stayed:\n{self.text}"
            assert self._read(0.1), f"it ended with {words!r}:\n{self.text}"

    def press(self, *keys: str) -> None:
        """Send keys as a terminal does."""
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())

    def wait(self, seconds: float = 30) -> int:
        """Read to the end and return the exit status."""
        end = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < end, "it did not end"
        _, status = os.waitpid(self._pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def _read(self, seconds: float) -> bool:
        """Take what was written; False at the end."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return True
        chunk = b""
        with contextlib.suppress(OSError):  # Linux says EIO when the other side has closed
            chunk = os.read(self._fd, 65536)
        self.raw += chunk
        if not self._drawn:
            return bool(chunk)
        # pyte does not know this one query and would print its letter.
        self._stream.feed(chunk.replace(b"\x1b[?2026$p", b""))
        return bool(chunk)
