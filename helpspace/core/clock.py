"""Where the present comes from. Nothing else in the product asks the system for the time."""

from __future__ import annotations

import time
from typing import Protocol

line_of_time = time.monotonic
"""Seconds that only ever go on, and stand still while the machine sleeps: for lengths of time."""


class Clock(Protocol):
    """Tells the present as whole UTC epoch seconds."""

    def now(self) -> int: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return int(time.time())
