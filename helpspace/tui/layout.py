"""Where everything in the calendar grid lies: pure geometry, in cells and lines, without Textual.

A `Block` is what the store knows, in instants. `Layout` turns the blocks of a `Week` into `Piece`s:
one for each day, and each side of a clock change, that a block touches. Pieces are measured in half
lines, never in half hours, since 50-minute sessions meet inside a row.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from helpspace.tui.week import Spot, Week

GUTTER = 6
ZOOMS = (1, 2, 4)
_NARROWEST_LANE = 3


class Status(StrEnum):
    """What a block is; the values also name theme colours (`$status-booked`)."""

    OPEN = "open"
    HELD = "held"
    BOOKED = "booked"
    UNPAID = "unpaid"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    TIME_OFF = "time_off"

    @property
    def glyph(self) -> str:
        return _LOOKS[self][0]

    @property
    def word(self) -> str:
        return _LOOKS[self][1]

    def word_within(self, width: int) -> str:
        """The word, or a shorter one where it does not fit."""
        return self.word if len(self.word) <= width else _SHORT.get(self, self.word)


_LOOKS = {
    Status.OPEN: ("○", "open"),
    Status.HELD: ("◐", "held"),
    Status.BOOKED: ("●", "booked"),
    Status.UNPAID: ("!", "unpaid"),
    Status.COMPLETED: ("✓", "completed"),
    Status.NO_SHOW: ("∅", "no show"),
    Status.CANCELLED: ("×", "cancelled"),
    Status.TIME_OFF: ("≈", "time off"),
}
_SHORT = {Status.COMPLETED: "done"}


class Block(NamedTuple):
    """A stretch of claimed time; instants are UTC seconds, kind is slot, initial or follow_up."""

    id: str
    start: int
    end: int
    status: Status
    title: str
    detail: str = ""
    kind: str = "slot"

    def holds(self, instant: int) -> bool:
        """Whether an instant lies in the block."""
        return self.start <= instant < max(self.end, self.start + 1)


class Piece(NamedTuple):
    """The part of a block that lies in one column: half lines downwards, cells across."""

    block: Block
    day: int
    top: int
    bottom: int
    text: int
    """The first line that may carry text, `rows` lines long."""
    rows: int
    starts: bool
    """Whether the block begins here, rather than before midnight or a clock change."""
    left: int = 0
    right: int = 0
    pile: tuple[Block, ...] = ()
    """Blocks that found no lane of their own and lie beneath this one."""
    shade: int = 0
    """Alternates between neighbours of one status, which would melt together."""

    @property
    def lines(self) -> range:
        return range(self.top // 2, (self.bottom + 1) // 2)


class Column(NamedTuple):
    """A day's cells: `left` holds the rule between days, the rest up to `right` is its body."""

    left: int
    right: int


class Hit(NamedTuple):
    """What lies under a cell: a block, and the time at the cell's upper edge where there is one."""

    day: int
    block_id: str | None
    spot: Spot | None


class _Run(NamedTuple):
    """Rows of one day that a block covers without a break."""

    day: int
    top: int
    bottom: int


class Layout:
    """The blocks of a week in a grid `width` cells wide, with `lines` lines to the half hour."""

    def __init__(
        self,
        week: Week,
        blocks: Sequence[Block],
        width: int,
        lines: int = 2,
        gutter: int = GUTTER,
    ) -> None:
        self.week = week
        self.width = width
        self.lines = lines
        self.gutter = min(gutter, width)
        self.height = -(-week.rows * lines // 30)
        self.columns = self._columns()
        self.pieces = tuple(self._place(blocks))
        self._lines: list[dict[int, list[Piece]]] = [{} for _ in range(week.days)]
        self._blocks: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            for line in piece.lines:
                self._lines[piece.day].setdefault(line, []).append(piece)
            for block in (piece.block, *piece.pile):
                self._blocks.setdefault(block.id, []).append(piece)

    # -- looking things up -----------------------------------------------------------------------

    def at(self, day: int, line: int) -> Sequence[Piece]:
        """The pieces that touch a line of a day, in drawing order."""
        return self._lines[day].get(line, ())

    def of(self, block_id: str) -> Sequence[Piece]:
        """Where a block is drawn."""
        return self._blocks.get(block_id, ())

    def half(self, row: int) -> int:
        """The nearest half line to a row; rows are minutes from the top, holes included."""
        return (row * 2 * self.lines + 15) // 30

    def line(self, row: int) -> int:
        """The line that a row falls in."""
        return min(max(row * self.lines // 30, 0), self.height - 1)

    def row(self, line: int) -> int:
        """The first whole row of a line."""
        return -(-line * 30 // self.lines)

    def spans(self, start: int, end: int) -> list[tuple[int, range]]:
        """The lines of each day that an interval of instants touches."""
        return [
            (run.day, range(self.line(run.top), -(-run.bottom * self.lines // 30)))
            for run in self._runs(start, end)
        ]

    def point(self, spot: Spot) -> tuple[int, int] | None:
        """The cell (x, y) that shows a time; None for a time that does not exist."""
        instant = self.week.instant(spot)
        row = None if instant is None else self.week.row(instant)
        return None if row is None else (self.columns[spot.day].left, self.line(row))

    def day_at(self, x: int) -> int | None:
        """The day whose column holds a cell."""
        for day, column in enumerate(self.columns):
            if column.left <= x < column.right:
                return day
        return None

    def hit(self, x: int, y: int) -> Hit | None:
        """What a cell shows; None in the gutter and outside the grid."""
        day = self.day_at(x)
        if day is None or not 0 <= y < self.height:
            return None
        piece = next((p for p in reversed(self.at(day, y)) if p.left <= x < p.right), None)
        instant = self.week.at_row(day, self.row(y))
        spot = None if instant is None else self.week.spot(instant)
        return Hit(day, piece.block.id if piece else None, spot)

    # -- placing ---------------------------------------------------------------------------------

    def _columns(self) -> list[Column]:
        room, days = self.width - self.gutter, self.week.days
        edges = [self.gutter + day * room // days for day in range(days + 1)]
        return [Column(left, right) for left, right in itertools.pairwise(edges)]

    def _place(self, blocks: Sequence[Block]) -> Iterable[Piece]:
        by_day: list[list[Piece]] = [[] for _ in range(self.week.days)]
        for block in blocks:
            for piece in self._cut(block):
                by_day[piece.day].append(piece)
        for day, pieces in enumerate(by_day):
            column = self.columns[day]
            body = Column(min(column.left + 1, column.right), column.right)
            behind = [p for p in pieces if p.block.status is Status.TIME_OFF]
            before = [p for p in pieces if p.block.status is not Status.TIME_OFF]
            yield from _in_lanes(behind, body, ())
            yield from _shaded(_in_lanes(before, body, behind))

    def _cut(self, block: Block) -> Iterable[Piece]:
        """One piece for each unbroken run of rows which a block covers."""
        spot = self.week.spot(block.start)
        for index, run in enumerate(self._runs(block.start, max(block.end, block.start + 60))):
            starts = index == 0 and spot is not None
            yield self._piece(block, run, starts=starts)

    def _runs(self, start: int, end: int) -> list[_Run]:
        """The unbroken runs of rows which an interval covers, in the order of time."""
        stretches = self.week.stretches
        first = max(0, bisect_right(stretches, start, key=attrgetter("start")) - 1)
        runs: list[_Run] = []
        for stretch in stretches[first:]:
            if stretch.start >= end:
                break
            a, b = max(start, stretch.start), min(end, stretch.end)
            if a >= b:
                continue
            top = stretch.row + (a - stretch.start) // 60
            bottom = stretch.row - (stretch.start - b) // 60
            if runs and runs[-1].day == stretch.day and runs[-1].bottom == top:
                top = runs.pop().top
            runs.append(_Run(stretch.day, top, bottom))
        return runs

    def _piece(self, block: Block, run: _Run, *, starts: bool) -> Piece:
        """Round to half lines; a piece without a whole line takes one, so that it can be read."""
        first = min(self.half(run.top), 2 * self.height - 1)
        last = max(self.half(run.bottom), first + 1)
        text, after = -(-first // 2), last // 2
        if after <= text:
            text = first // 2
            after = text + 1
            first, last = 2 * text, max(last, 2 * after)
        return Piece(block, run.day, first, last, text, after - text, starts)


def _in_lanes(pieces: list[Piece], body: Column, behind: Sequence[Piece]) -> Iterable[Piece]:
    """Set pieces that overlap side by side; each group shares the column evenly."""
    group: list[Piece] = []
    bottom = 0
    for piece in sorted(pieces, key=lambda p: (p.top, -p.bottom, p.block.start, p.block.id)):
        if group and piece.top >= bottom:
            yield from _share(group, body, behind)
            group = []
        bottom = max(bottom, piece.bottom) if group else piece.bottom
        group.append(piece)
    yield from _share(group, body, behind)


def _share(group: list[Piece], body: Column, behind: Sequence[Piece]) -> Iterable[Piece]:
    """Lanes for one group; what does not fit is piled on the last lane, and counted there."""
    if len(group) == 1:
        yield _set(group[0], body.left, body.right, body, behind)
        return
    most = max(1, (body.right - body.left) // _NARROWEST_LANE)
    lanes: list[list[Piece]] = []
    pile: list[Piece] = []
    for piece in group:
        lane = next((lane for lane in lanes if lane[-1].bottom <= piece.top), None)
        if lane is not None:
            lane.append(piece)
        elif len(lanes) < most:
            lanes.append([piece])
        else:
            pile.append(piece)
    if pile:
        lanes[-1] = _piled(sorted(lanes[-1] + pile, key=attrgetter("top")))
    width = body.right - body.left
    for index, lane in enumerate(lanes):
        left = body.left + index * width // len(lanes)
        for piece in lane:
            free = next(
                (i for i in range(index + 1, len(lanes)) if _meets(piece, lanes[i])), len(lanes)
            )
            yield _set(piece, left, body.left + free * width // len(lanes), body, behind)


def _set(piece: Piece, left: int, right: int, body: Column, behind: Sequence[Piece]) -> Piece:
    """Give a piece its cells; a sliver of the time off behind it stays in sight."""
    if behind and right == body.right and right - left > 2 and _meets(piece, behind):
        right -= 1
    return piece._replace(left=left, right=right)


def _shaded(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Give a piece that touches one of its own status above the other shade."""
    below: dict[int, list[Piece]] = {}
    for piece in sorted(pieces, key=attrgetter("top", "left")):
        touching = [
            other.shade
            for other in below.get(piece.top, ())
            if other.left < piece.right
            and piece.left < other.right
            and other.block.status is piece.block.status
        ]
        shaded = piece._replace(shade=1) if 0 in touching else piece
        below.setdefault(piece.bottom, []).append(shaded)
        yield shaded


def _piled(lane: list[Piece]) -> list[Piece]:
    """Join the pieces of one lane that overlap into single pieces that name the rest."""
    joined: list[Piece] = []
    for piece in lane:
        if joined and piece.top < joined[-1].bottom:
            over = joined[-1]
            pile = (*over.pile, piece.block)
            joined[-1] = over._replace(bottom=max(over.bottom, piece.bottom), pile=pile)
        else:
            joined.append(piece)
    return joined


def _meets(piece: Piece, others: Sequence[Piece]) -> bool:
    return any(piece.top < other.bottom and other.top < piece.bottom for other in others)
