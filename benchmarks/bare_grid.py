"""A bare week, drawn line by line: a cursor, forty sessions, what is under it, and nothing behind.

What the calendar shows besides its grid is here, too: the time in the margin, the day's head, a
title, the facts beside it, what is coming up, and the line of keys. But nobody is asked for
anything.
"""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

DAYS, FIRST_HOUR, GUTTER, HEADER = 7, 8, 6, 2
FREE = Style(color="#9aa7b8", bgcolor="#181d24")
BUSY = Style(color="#7db3e0", bgcolor="#1f3a4d", bold=True)
HERE = Style(color="#12161b", bgcolor="#7db3d8")


class BareGrid(Widget, can_focus=True):
    """Seven days of half hours, two lines each, with eight sessions on each weekday."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move(0, 1)"), ("up", "move(0, -1)"),
        ("right", "move(1, 0)"), ("left", "move(-1, 0)"),
        ("right_square_bracket", "turn(1)"), ("left_square_bracket", "turn(-1)"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.day, self.row, self.week = 3, 6, 0

    def action_move(self, days: int, rows: int) -> None:
        """Move the cursor and draw again what it left and what it came to."""
        before = self._cells()
        self.day = (self.day + days) % DAYS
        self.row = (self.row + rows) % 18
        self.refresh(*before, *self._cells())
        self.tell()

    def tell(self) -> None:
        """Say what is under the cursor."""
        when = f"Day {self.week * 7 + self.day} {FIRST_HOUR + self.row // 2:02d}:00"
        busy = self.day < 5 and 2 <= self.row < 18
        facts = ["Booked session" if busy else "Free time", "", f"When     {when}"]
        self.app.query_one("#facts", Lines).show(
            [*facts, "", "s  opens a slot", "f  books a follow-up"]
        )
        self.app.query_one("#keys", Lines).show(["s close  q quit" if busy else "s open  q quit"])

    def action_turn(self, weeks: int) -> None:
        """Show another week."""
        self.week += weeks
        self.refresh()
        self.tell()

    def on_resize(self, _: events.Resize) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        edges = self._edges()
        row, part = divmod(y - HEADER, 2)
        hour, half = divmod(row, 2)
        here = row == self.row and not part
        label = f"{FIRST_HOUR + hour:02d}:00" if y >= HEADER and not part and not half else ""
        label = f"{label or '  :30'}▸" if here else label
        line = [Segment(label.ljust(GUTTER), FREE)]
        for day, (left, right) in enumerate(pairwise(edges)):
            text, style = self._content(y, day, row, part)
            line.append(Segment(text[: right - left].ljust(right - left), style))
        return Strip(line, self.size.width)

    def _content(self, y: int, day: int, row: int, part: int) -> tuple[str, Style]:
        if y < HEADER:
            return (f"Day {self.week * 7 + day}" if y == 0 else "● 8", FREE)
        busy = day < 5 and 2 <= row < 18
        style = HERE if (day, row) == (self.day, self.row) else BUSY if busy else FREE
        if not busy:
            return "┊", style
        hour, half = divmod(row, 2)
        if half:
            return "▎", style
        start = f"▎{FIRST_HOUR + hour:02d}:00 ●"
        return (f"▎Client {day * 8 + hour}" if part else start), style

    def _edges(self) -> list[int]:
        width = self.size.width - GUTTER
        return [GUTTER + width * day // DAYS for day in range(DAYS + 1)]

    def _cells(self) -> list[Region]:
        left, right = self._edges()[self.day : self.day + 2]
        line = HEADER + 2 * self.row
        return [
            Region(left, line, right - left, 2),
            Region(0, line, GUTTER, 1),
            Region(left, 0, right - left, 1),
        ]


class Lines(Widget):
    """A few lines of text; only those that differ are drawn again."""

    DEFAULT_CSS = "Lines { width: 1fr; height: 1fr; }"

    lines: tuple[str, ...] = ()

    def show(self, lines: list[str]) -> None:
        """Show other lines."""
        before, self.lines = self.lines, tuple(lines)
        rows = range(max(len(before), len(lines)))
        changed = [y for y in rows if before[y : y + 1] != self.lines[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        text = self.lines[y] if y < len(self.lines) else ""
        return Strip([Segment(text.ljust(self.size.width), FREE)], self.size.width)


class BareGridApp(App[None]):
    """The grid with its facts beside it and its keys below."""

    CSS = """
    Screen { layout: grid; grid-size: 2; grid-columns: 1fr 38; grid-rows: 1 1fr 8 1; }
    #title, #keys { column-span: 2; }
    BareGrid { row-span: 2; }
    """

    def compose(self) -> ComposeResult:
        for name in ("title", "grid", "facts", "coming", "keys"):
            yield BareGrid() if name == "grid" else Lines(id=name)

    def on_mount(self) -> None:
        self.query_one("#title", Lines).show(["A bare week"])
        self.query_one("#coming", Lines).show([f"Mon {9 + at}:00  Client {at}" for at in range(5)])
        self.query_one(BareGrid).focus()


if __name__ == "__main__":
    BareGridApp().run()
