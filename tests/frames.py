"""Shorter waiting for what an app draws, in the tests alone."""

from __future__ import annotations

from textual import _wait, screen

TIMES = 4


def quicken() -> None:
    """Have screens drawn more often, and waited for accordingly.

    A pilot waits at each key until an app has done nothing for a fiftieth of a second, which is a
    little longer than until the next frame.
    """
    _wait.SLEEP_GRANULARITY = 1 / 50 / TIMES
    _wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
    screen.UPDATE_PERIOD = 1 / 60 / TIMES
