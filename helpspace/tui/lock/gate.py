"""Shuts an app when nobody has been at it, and keeps what would be shown until it opens."""

from __future__ import annotations

from collections.abc import Callable

from helpspace.core.moments import MINUTE


class Gate:
    """Knows when somebody was there last, by the practice's clock, and whether it is shut.

    `now` are UTC epoch seconds; a machine that slept has not stopped them.
    """

    def __init__(self, now: Callable[[], int], minutes: int) -> None:
        self._now = now
        self.minutes = minutes
        self.is_shut = False
        self.is_opening = False
        """Whether the passphrase was right, and what covers everything is about to go."""
        self._seen_at = now()
        self._kept: list[Callable[[], object]] = []

    def seen(self) -> None:
        """Say that somebody is there."""
        self._seen_at = self._now()

    def is_due(self) -> bool:
        """Say whether it must shut now; where the clock was set back, it counts from there."""
        now = self._now()
        self._seen_at = min(self._seen_at, now)
        return not self.is_shut and now - self._seen_at >= self.minutes * MINUTE

    def keep(self, shown: Callable[[], object]) -> None:
        """Keep what would be shown until it opens."""
        self._kept.append(shown)

    def open(self) -> None:
        """Open, and show what was kept, in its order."""
        self.is_shut = self.is_opening = False
        self.seen()
        kept, self._kept = self._kept, []
        for shown in kept:
            shown()
