"""Income by week as bars of half blocks, drawn line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from helpspace.core.moments import pounds
from helpspace.tui import tones
from helpspace.tui.tones import Tone

SCALE = 9
"""Cells of the amounts at the left."""

_TONES = {
    "bar": Tone("primary"),
    "now": Tone("accent"),
    "below": Tone("warning"),
    "line": Tone("grid-line"),
    "quiet": Tone("grid-quiet"),
}


class Bar(NamedTuple):
    """A week: its first day, what it came to in pence, and whether it is the present one."""

    day: date
    pence: int
    is_now: bool = False


class WeekChart(Widget):
    """A bar for each week of a tax year; weeks in which more went back than came hang a sign."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    WeekChart { height: 8; width: 1fr; color: $grid-text; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._styles: dict[str, Style] = {}

    def show(self, bars: Sequence[Bar]) -> None:
        """Show other weeks."""
        if tuple(bars) != self._bars:
            self._bars = tuple(bars)
            self.refresh()

    def notify_style_update(self) -> None:
        self._styles = {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if not self._styles:
            self._styles = tones.styles(self.app, _TONES, self.rich_style)
        cells = max(1, (width - SCALE) // max(1, len(self._bars)))
        parts = lines(self._bars, height, min(cells, 2))[y]
        segments = [Segment(text, self._styles[tone]) for text, tone in parts]
        return Strip(segments).adjust_cell_length(width, self.rich_style)


Parts = list[tuple[str, str]]
"""A line: texts, each with its tone."""


def lines(bars: Sequence[Bar], height: int, cells: int) -> list[Parts]:
    """Return a chart's lines, the months below; pure. A bar that is not nothing can be seen."""
    rows = max(1, height - 1)
    most = max((one.pence for one in bars), default=0)
    drawn = []
    for row in range(rows):
        scale = pounds(most) if row == 0 and most > 0 else "£0" if row == rows - 1 else ""
        parts: Parts = [(scale.rjust(SCALE - 2) + "▕ ", "quiet")]
        for one in bars:
            tone = "now" if one.is_now else "bar"
            sign = _sign(halves(one.pence, most, rows), rows - 1 - row)
            if row == rows - 1 and sign == " ":
                sign, tone = (
                    ("▾", "below") if one.pence < 0 else ("·", "now" if one.is_now else "line")
                )
            parts.append((sign * cells, tone))
        drawn.append(parts)
    return [*drawn, [(" " * SCALE + _months(bars, cells), "quiet")]]


def halves(pence: int, most: int, rows: int) -> int:
    """Return how many half cells high a bar is."""
    if pence <= 0 or most <= 0:
        return 0
    return max(1, round(pence * rows * 2 / most))


def _sign(high: int, row: int) -> str:
    """Return what of a bar stands in a row counted from below."""
    here = high - row * 2
    return "█" if here >= 2 else "▄" if here == 1 else " "


def _months(bars: Sequence[Bar], cells: int) -> str:
    """Return the months, each below the first week that begins in it."""
    text, before = "", 0
    for number, one in enumerate(bars):
        if one.day.month != before and len(text) <= number * cells:
            text = text.ljust(number * cells) + f"{one.day:%b} "
            before = one.day.month
    return text.rstrip()
