"""Where the calendar's cursor may stand and where it goes next: pure, in instants.

A step is a cell of 15, 30 or 60 wall minutes. The cursor is an instant, so a clock change needs no
care: the row after 01:30 is whatever the clock shows half an hour later.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.tui.layout import Block, Status
from helpspace.tui.week import Week

STEPS = (15, 30, 60)


class Steps:
    """The cells of a week, `step` minutes high."""

    def __init__(self, week: Week, step: int) -> None:
        self.week = week
        self.step = step

    def cell(self, instant: int) -> tuple[int, int]:
        """The bounds of the cell that holds an instant, in UTC seconds."""
        stretch = self.week.stretch_at(instant)
        if stretch is None:
            return instant, instant + self.step * 60
        minute = stretch.minute + (instant - stretch.start) // 60
        top = minute - minute % self.step
        start = stretch.start + (top - stretch.minute) * 60
        return max(start, stretch.start), min(start + self.step * 60, stretch.end)

    def below(self, instant: int) -> int:
        """The start of the next cell."""
        return self.cell(instant)[1]

    def above(self, instant: int) -> int:
        """The start of this cell, or of the one before for an instant that is the start."""
        start, _ = self.cell(instant)
        return start if start < instant else self.cell(instant - 1)[0]

    def within_day(self, instant: int, target: int) -> int:
        """A target, held back at the ends of the day of an instant."""
        stretch = self.week.stretch_at(instant)
        bounds = self.week.bounds(stretch.day) if stretch else None
        if bounds is None:
            return instant
        return min(max(target, bounds[0]), self.cell(bounds[1] - 1)[0])

    def by_minutes(self, instant: int, minutes: int) -> int:
        """The cell some elapsed minutes away on the same day."""
        return self.cell(self.within_day(instant, instant + minutes * 60))[0]


def block_at(blocks: Sequence[Block], instant: int) -> Block | None:
    """The block that holds an instant: a session before time off, a live one before a cancelled."""
    here = [block for block in blocks if block.holds(instant)]
    return min(here, key=_rank, default=None)


def _rank(block: Block) -> tuple[bool, bool, int, str]:
    status = block.status
    return status is Status.TIME_OFF, status is Status.CANCELLED, block.start, block.id


def neighbour(
    blocks: Sequence[Block], instant: int, chosen: str | None, *, forward: bool
) -> Block | None:
    """The next or previous block in order of time, counted from the chosen one if there is one."""
    ordered = sorted(blocks, key=_place)
    here = next((_place(block) for block in ordered if block.id == chosen), None)
    if forward:
        return next((b for b in ordered if _place(b) > (here or (instant, ""))), None)
    return next((b for b in reversed(ordered) if _place(b) < (here or (instant, ""))), None)


def _place(block: Block) -> tuple[int, str]:
    return block.start, block.id
