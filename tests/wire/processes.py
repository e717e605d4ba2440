"""Real processes of the command line, with nothing but their settings, that end with the test."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pyte

T = TypeVar("T")

PATIENCE = 40.0
"""Seconds within which anything that is waited for must be there, also on a busy machine."""


def eventually(
    probe: Callable[[], T], what: str, *, within: float = PATIENCE, every: float = 0.03
) -> T:
    """Return the first truth of a probe; AssertionError when it never comes true in time.

    `within` and `every` are seconds: for how long and how often to look.

    A probe that cannot look yet (nobody listens, nothing is there) counts as not yet true.
    """
    end = time.monotonic() + within
    last: object = None
    while time.monotonic() < end:
        try:
            found = probe()
        except (OSError, LookupError, AssertionError) as error:
            last = error
        else:
            if found:
                return found
            last = found
        time.sleep(every)
    raise AssertionError(f"{what}: not within {within:.0f} s; last: {last!r}")


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Process:
    """One running command; its output goes to files."""

    def __init__(
        self, folder: Path, name: str, argv: tuple[str, ...], environment: Mapping[str, str]
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.name = name
        number = len(list(folder.glob(f"{name}-*.out")))
        self._out = folder / f"{name}-{number}.out"
        self._err = folder / f"{name}-{number}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "helpspace", *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=dict(environment),
                cwd=folder,
            )

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def says(self, words: str) -> None:
        """Wait for words on standard error."""

        def said() -> bool:
            if words in self.err:
                return True
            if not self.running:
                raise RuntimeError(f"{self.name} has ended: {self.err}")
            return False

        eventually(said, f"{self.name} says {words!r}")

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Wait until it ends by itself and return the exit code."""
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill it as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(PATIENCE)


def run(
    folder: Path, environment: Mapping[str, str], *argv: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "helpspace", *argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=dict(environment),
        cwd=folder,
        check=False,
        timeout=PATIENCE,
    )


def ask(folder: Path, environment: Mapping[str, str], *argv: str) -> Any:
    """Run a command that succeeds and return its JSON."""
    done = run(folder, environment, *argv, "--json")
    assert done.returncode == 0, (argv, done.stderr)
    return json.loads(done.stdout)


class Terminal:
    """A command in a terminal of its own, as somebody sees it."""

    def __init__(
        self,
        folder: Path,
        argv: tuple[str, ...],
        environment: Mapping[str, str],
        size: tuple[int, int] = (140, 40),
    ) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._line, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "helpspace", *argv],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={
                **environment,
                "TERM": "xterm-256color",
                "COLUMNS": f"{columns}",
                "LINES": f"{rows}",
            },
            cwd=folder,
            start_new_session=True,
        )
        os.close(theirs)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        while select.select([self._line], [], [], 0.01)[0]:
            try:
                data = os.read(self._line, 65_536)
            except OSError:
                break
            if not data:
                break
            self._stream.feed(data)
        return "\n".join(self._screen.display)

    def shows(self, *words: str) -> None:
        """Wait until all of these are on the screen."""

        def seen() -> bool:
            text = self.text
            return all(word in text for word in words)

        try:
            eventually(seen, f"the screen shows {words}")
        except AssertionError as error:
            raise AssertionError(f"{error}\nThe screen:\n{self.text}") from None

    @property
    def painted(self) -> str:
        """The screen with its colours, to tell whether anything has changed."""
        self.text  # noqa: B018 - what has arrived is drawn first
        rows = self._screen.buffer
        return repr([[tuple(row[at]) for at in sorted(row)] for _, row in sorted(rows.items())])

    def look_of(self, words: str, width: int) -> list[tuple[str, str, bool]]:
        """The colours of so many cells from where some words begin."""
        rows = self.text.splitlines()
        row, at = next((n, line.find(words)) for n, line in enumerate(rows) if words in line)
        cells = [self._screen.buffer[row][at + step] for step in range(width)]
        return [(cell.fg, cell.bg, cell.reverse) for cell in cells]

    def go_to_field(self, name: str) -> None:
        """Press Tab, and wait until the next field, of this name, has taken the focus."""
        before = self.look_of(f"{name} ", 20)
        self.press("\t")
        eventually(lambda: self.look_of(f"{name} ", 20) != before, f"{name} has the focus")

    def press(self, keys: str) -> None:
        os.write(self._line, keys.encode())

    def close(self) -> int:
        """Leave with Ctrl+Q and return the exit code."""
        self.press("\x11")
        try:
            eventually(lambda: bool(self.text) and self._process.poll() is not None, "it leaves")
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            os.close(self._line)
        return self._process.returncode


@contextlib.contextmanager
def terminal(
    folder: Path, environment: Mapping[str, str], *argv: str, size: tuple[int, int] = (140, 40)
) -> Iterator[Terminal]:
    """Open a command in a terminal and leave it at the end."""
    opened = Terminal(folder, argv, environment, size)
    try:
        yield opened
    finally:
        assert opened.close() == 0
