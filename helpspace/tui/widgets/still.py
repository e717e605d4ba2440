"""Widgets that are drawn no more often than they must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from rich.segment import Segment
from rich.style import Style
from textual.geometry import NULL_SIZE, Region, Size
from textual.strip import Strip

from helpspace.tui.part import Part


class Unseen(Part):
    """Asks for nothing to be drawn anew before its first layout, which draws all of it.

    Otherwise what was set until then would have the whole first screen drawn a second time.
    """

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        if self.outer_size == NULL_SIZE:
            if not recompose and not (layout and self.is_mounted):
                return self
            repaint = False
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Still(Unseen):
    """Keeps its lines, and draws again only those that were refreshed.

    It has no border: Textual would put that and what else there may be on every line that it looks
    at in a frame, which took a third of a key's time.
    """

    _kept: dict[int, Strip] | None = None
    _kept_for: Size = NULL_SIZE
    """The size for which lines are kept."""
    _ground: Style | None = None

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        if not regions:
            self._kept = self._ground = None
        elif self._kept:
            above = self.styles.padding.top
            for y in {y + above for region in regions for y in region.line_range}:
                self._kept.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        self._kept = self._ground = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        size = self.outer_size
        if self._kept is None or self._kept_for != size:
            self._kept, self._kept_for = {}, size
        kept = self._kept
        missing = [y for y in crop.line_range if y not in kept]
        if missing:
            kept.update(zip(missing, self._drawn(missing, size.width), strict=True))
        lines = [kept[y] for y in crop.line_range]
        if crop.column_span != (0, size.width):
            lines = [line.crop(*crop.column_span) for line in lines]
        return lines

    def _drawn(self, rows: list[int], width: int) -> Iterator[Strip]:
        """Draw some lines, as wide as the widget, with what the app does to all of them."""
        if self._ground is None:
            self._ground = self.rich_style  # which Textual works out anew each time
        ground, filters = self._ground, self.get_line_filters()
        above, after, below, before = self.styles.padding
        inside = self.size.width
        for y in rows:
            if not above <= y < self.outer_size.height - below:
                yield Strip.blank(width, ground)
                continue
            line = self.render_line(y - above).adjust_cell_length(inside, ground)
            if before or after:
                blanks = [Segment(" " * cells, ground) for cells in (before, after)]
                line = Strip([blanks[0], *line, blanks[1]], width)
            for one in filters:
                line = line.apply_filter(one, self.background_colors[1])
            yield line
