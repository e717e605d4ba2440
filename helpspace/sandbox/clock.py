"""A clock that stands still until somebody moves it: for the demo, the course and the tests."""

from __future__ import annotations

from helpspace.core.clock import SystemClock


class MovableClock:
    """Starts at a UTC instant in epoch seconds and moves forward only."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def advance(self, seconds: int) -> int:
        """Move on by a number of seconds and return the new present."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._now += seconds
        return self._now

    def move_to(self, instant: int) -> int:
        """Move on to an instant; one that has passed already leaves the clock where it is."""
        self._now = max(self._now, instant)
        return self._now


class RunningClock:
    """The system's time, which can be moved ahead: for a sandbox that other processes talk to."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._ahead = 0

    def now(self) -> int:
        return self._system.now() + self._ahead

    def advance(self, seconds: int) -> int:
        """Move on by a number of seconds and return the new present."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._ahead += seconds
        return self.now()

    def move_to(self, instant: int) -> int:
        """Move on to an instant; one that has passed already changes nothing."""
        return self.advance(max(0, instant - self.now()))
