"""What is promised, each figure once; every measurement names the promises that it measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure that `make bench` gives, with its limit if it has one."""

    words: str
    unit: str
    limit: float | None = None
    at_least: bool = False

    def kept(self, value: float) -> bool | None:
        """Say whether a value is within the limit; None where there is none."""
        if self.limit is None:
            return None
        return value >= self.limit if self.at_least else value <= self.limit

    def limit_words(self) -> str:
        """Return "≤ 1.6×", or an empty text."""
        if self.limit is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.limit:,g}{gap(self.unit)}{self.unit}"


def gap(unit: str) -> str:
    """Return what stands between a number and its unit."""
    return "" if unit in ("×", "/s") else " "


PROMISES = {
    "first_paint": Promise("first paint of `helpspace tui` against a bare Textual app", "×", 1.6),
    "first_paint_wide": Promise("the same at 120×40, stores of 0 and 10,000", "×", 1.35),
    "memory": Promise("memory of `helpspace tui`, at its peak", "MiB", 60),
    "key_p50": Promise("a key on screen against a bare grid, median", "×", 1.5),
    "key_p95": Promise("a key on screen against a bare grid, 95 of 100", "×", 2),
    "key_stores": Promise("a key on screen with 10,000 appointments against 0", "×", 1.2),
    "rival_paint": Promise("first paint against a rival", "×", 1),
    "rival_key": Promise("a key on screen against a rival, 10,000 events in both", "×", 1),
    "key": Promise("processor time of a key in the calendar", "ms", 10),
    "week": Promise("processor time of a change of week", "ms", 30),
    "key_growth": Promise("a key with 10,000 appointments against 10", "×", 1.3),
    "week_growth": Promise("a change of week with 10,000 appointments against 10", "×", 1.3),
    "bookings": Promise("bookings one after the other", "/s", 93, at_least=True),
    "bookings_floor": Promise("a booking against its statements by the plain driver", "×"),
    "matching": Promise("the best ten open therapists of 10,000", "ms", 50),
    "matching_hours": Promise("the same by days and times, and who is free soon", "ms", 100),
    "race": Promise("a race of 50 for one slot, median", "ms", 150),
    "race_winners": Promise("races with exactly one winner", "%", 100, at_least=True),
    "bot": Promise("updates answered by the bot against an echo bot, same pacing", "×"),
    "tap": Promise("a tap's answer, p99 at 50 people", "ms", 300),
    "charges_busy": Promise("the configured rate kept busy by the charge sweep", "%", 90, True),
    "charges_rate": Promise("most calls to one endpoint in any second", "/s", 20),
    "due": Promise("due items settled durably", "/s", 1000, at_least=True),
    "command": Promise("`helpspace slots list` against a bare Typer command", "×", 2.2),
}
