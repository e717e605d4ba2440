"""What every long run shares: its seed, and the line in which it says what it came to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SEED = int(os.environ.get("SOAK_SEED", "1"))
"""Where chance starts: other kills at other moments for another number."""


class Told:
    """The line, to be filled while the run is timed."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.what = ""
        self.came_to = ""

    def line(self) -> str:
        """Return what was run, in how long, and what came of it."""
        seconds = time.monotonic() - self._began
        return f"soak: {self.what} in {seconds:.0f} s, {self.came_to} (seed {SEED})"


@contextmanager
def telling(capsys: pytest.CaptureFixture[str], what: str) -> Iterator[Told]:
    """Time a run and, if nothing was wrong, say at its end in one line what it came to."""
    told = Told()
    told.what = what
    yield told
    with capsys.disabled():
        print(f"\n{told.line()}")
