"""Taking turns, medians, and the lines of a report."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.promises import PROMISES, gap
from benchmarks.stores import Stores


def per(ratio: Sequence[float], base: Sequence[float]) -> float:
    """Return the median ratio of runs that took turns."""
    return median(one / other for one, other in zip(ratio, base, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_turn(rounds: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Run each side once a round, turning the order round each time; return each side's values."""
    found: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for side in order:
            found[side].append(sides[side]())
    return found


def seconds(act: Callable[[], object]) -> float:
    """Return how long an act takes, without the collector of garbage in between."""
    gc.collect()
    gc.disable()
    try:
        began = time.perf_counter()
        act()
        return time.perf_counter() - began
    finally:
        gc.enable()


def said(value: float, unit: str) -> str:
    """Return a figure with its unit, as exact as it deserves."""
    digits = 2 if unit == "×" else 0 if abs(value) >= 100 else 1
    return f"{value:,.{digits}f}{gap(unit)}{unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    what: str
    figure: str
    limit: str = ""
    kept: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the limit was kept."""
        return {None: "", True: "ok", False: "MISSED"}[self.kept]


@dataclass(slots=True)
class Report:
    """The lines of one measurement, written to the screen as they come."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    measured: set[str] = field(default_factory=set)

    def say(self, what: str, figure: str) -> None:
        """Report a figure that has no limit of its own."""
        self._add(Row(what, figure))

    def check(self, key: str, value: float, what: str, beside: str = "") -> None:
        """Report a promised figure; `beside` says what it was made of."""
        promise = PROMISES[key]
        self.measured.add(key)
        figure = said(value, promise.unit) + (f" ({beside})" if beside else "")
        self._add(Row(what, figure, promise.limit_words(), promise.kept(value)))

    def excuse(self, key: str, why: str) -> None:
        """Say why a promised figure cannot be measured here, which is no miss."""
        self.measured.add(key)
        self._add(Row(why, "not measured"))

    def note(self, text: str) -> None:
        """Say how it was measured."""
        self.notes.append(text)

    def fail(self, text: str) -> None:
        """Report that the measurement itself did not work."""
        self._add(Row(text, "", "", kept=False))

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        sys.stdout.write(f"  {row.what:<58} {row.figure:<34} {row.limit:<10} {row.verdict}\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement works with."""

    stores: Stores
    report: Report
