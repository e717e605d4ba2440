"""What is under the cursor, in words: a column beside a wide calendar, else three lines below.

Drawn line by line, since it changes at every key: only lines that differ are drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from helpspace.tui import tones
from helpspace.tui.fact_lines import TONES, Line, column, strip
from helpspace.tui.layout import Status
from helpspace.tui.widgets.still import Still
from helpspace.tui.words import Facts


class DetailPane(Still, Widget):
    """Shows `Facts`; the class `-wide` says which of the two forms."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DetailPane {
        height: 3; width: 1fr; background: $panel; color: $grid-text;
        &.-wide { height: 1fr; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts = Facts("")
        self._lines: list[Line] = []
        self._lines_for: tuple[int, bool] | None = None
        """The width and form for which the lines were laid out."""
        self._tones: dict[str, Style] = {}

    @property
    def facts(self) -> Facts:
        """What is shown."""
        return self._facts

    def show(self, facts: Facts) -> None:
        """Show something else."""
        if facts == self._facts:
            return
        self._facts, self._lines_for = facts, None
        before, width = self._lines, self.size.width
        if not width:
            # Not shown now: what was drawn before must not come back with it.
            self.refresh()
            return
        self._lay_out()
        rows = range(max(len(before), len(self._lines)))
        changed = [y for y in rows if before[y : y + 1] != self._lines[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y + self._top, width, 1) for y in changed))

    @property
    def _top(self) -> int:
        """Empty lines above."""
        return int(self.has_class("-wide"))

    def _lay_out(self) -> None:
        width, wide = self.size.width, self.has_class("-wide")
        self._lines_for = width, wide
        facts = self._facts
        self._lines = column(facts, width - 4) if wide else strip(facts, width - 2)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return tones.filters(super().get_line_filters())

    def notify_style_update(self) -> None:
        self._tones = {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._lines_for != (width, self.has_class("-wide")):
            # Here and not when the new size is told, which is after the first frame of that size.
            self._lay_out()
        row, ground = y - self._top, self._tone("")
        if not 0 <= row < len(self._lines):
            return Strip.blank(width, ground)
        segments = [Segment(" " * (1 + self._top), ground)]
        segments += [Segment(text, self._tone(tone)) for text, tone in self._lines[row]]
        return Strip(segments).adjust_cell_length(width, ground)

    def _tone(self, tone: str) -> Style:
        if not self._tones:
            ground = self.rich_style  # which Textual works out anew each time it is asked for
            self._tones = {"": ground, **tones.styles(self.app, TONES, ground)}
        return self._tones[tone]


def sheet(facts: Facts, width: int) -> Content:
    """Return facts as a column for a panel, whose heading is their title."""
    styles = {"title": "bold", "quiet": "$grid-quiet", "there": "$primary", "warning": "$warning"}
    styles |= {status.value: f"bold $status-{status}" for status in Status}
    return Content("\n").join(
        Content.assemble(*((text, styles.get(tone, "$grid-text")) for text, tone in line))
        for line in column(facts, width, heading=False)
    )
