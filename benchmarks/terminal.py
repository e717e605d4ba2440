"""A program in a real pty: when it painted what, what a key cost it, how much memory it took."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

QUIET = 0.6
"""Seconds without output after which a screen counts as finished."""

FINAL = 0.9
"""The share of the first screen's cells that must be final."""

Chunk = tuple[float, bytes]


class Terminal:
    """A running program, its size in columns and lines, and everything it wrote, with times."""

    def __init__(
        self, command: Sequence[str | Path], size: tuple[int, int], environment: Mapping[str, str]
    ) -> None:
        self.columns, self.lines = size
        self._master, slave = pty.openpty()
        window = struct.pack("HHHH", self.lines, self.columns, 0, 0)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, window)
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environment),
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._master)

    def read(self, *, quiet: float = QUIET, most: float = 20.0) -> list[Chunk]:
        """Return what the program writes until it is quiet, each piece with its time."""
        found: list[Chunk] = []
        end = time.monotonic() + most
        while time.monotonic() < end:
            # Until the first word there is more patience: the program has still to start.
            wait = quiet if found else most
            if not select.select([self._master], [], [], wait)[0]:
                break
            try:
                piece = os.read(self._master, 65536)
            except OSError:
                break
            found.append((time.monotonic(), piece))
        return found

    def press(self, keys: str, *, quiet: float = 0.05) -> list[Chunk]:
        """Press keys at once and return what the program wrote in answer."""
        os.write(self._master, keys.encode())
        return self.read(quiet=quiet, most=2.0)

    @staticmethod
    def now() -> float:
        """Return the clock by which pieces of output have their times."""
        return time.monotonic()

    def cpu(self) -> float:
        """Return the processor seconds that the program has used, over all threads."""
        folder = Path(f"/proc/{self._process.pid}/task")
        return sum(
            int((task / "schedstat").read_text().split()[0]) for task in folder.iterdir()
        ) / 1e9  # fmt: skip

    def peak_memory(self) -> float:
        """Return the most memory it has held, in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def first_paint(self, chunks: Sequence[Chunk]) -> float:
        """Return the seconds from the fork until most of the first screen stands as it will stay.

        Counted are the cells that hold something in the end, with their colours.
        """
        final = self._screen(chunks)
        wanted = {
            (x, y): cell
            for y, row in final.buffer.items()
            for x, cell in row.items()
            if cell.data.strip()
        }
        screen, stream = _blank(self.columns, self.lines)
        first = None
        for at, piece in chunks:
            stream.feed(piece)
            right = sum(screen.buffer[y][x] == cell for (x, y), cell in wanted.items())
            if right < FINAL * len(wanted):
                first = None
            elif first is None:
                first = at - self.began
        if first is None or not wanted:
            raise RuntimeError("the program painted nothing")
        return first

    def text(self, chunks: Sequence[Chunk]) -> str:
        """Return what stands on the screen after all that."""
        return "\n".join(self._screen(chunks).display)

    def _screen(self, chunks: Sequence[Chunk]) -> pyte.Screen:
        screen, stream = _blank(self.columns, self.lines)
        for _, piece in chunks:
            stream.feed(piece)
        return screen


def _blank(columns: int, lines: int) -> tuple[pyte.Screen, pyte.ByteStream]:
    screen = pyte.Screen(columns, lines)
    return screen, pyte.ByteStream(screen)
