"""Where the present comes from. Nothing else in the product asks the system for the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the present as whole UTC epoch seconds."""

    def now(self) -> int: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return int(time.time())
