"""How a line of the calendar grid is drawn: one `Strip` from geometry, state and colours.

Layers, from below: the ground (past, holes, guide lines), time off, the marked range, the cursor,
blocks, and last the now-line. Foreign text only ever becomes the text of a `Segment`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from helpspace.tui.layout import Column, Layout, Piece, Status
from helpspace.tui.widgets.grid_palette import Palette
from helpspace.tui.widgets.grid_text import block_lines, fit

BAR = "▎"
_BAR_CHOSEN = "┃"
_BARS = (BAR, _BAR_CHOSEN)
_MARK = "▸"
_HOUR, _HALF = "▔", "▔ "
_HATCH = "╱"
_UPPER, _LOWER = "▀", "▄"
_NOW = "━"
_BLANK = frozenset((" ", _HOUR, _HATCH, _UPPER, _LOWER, "│", "┊", BAR, _BAR_CHOSEN))

Span = tuple[int, int, list[Segment]]


class Painter:
    """Draws the lines of one layout; the widget sets what changes and asks for lines."""

    palette: Palette
    """The colours, set by the widget before the first line and whenever the theme changes."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.blur = False
        self.focused = False
        self.top = 0
        """The first line in sight: a block that begins above it says there what it is."""
        self.chosen: str | None = None
        """The id of the block under the cursor."""
        self.cursor: tuple[int, range] | None = None
        """The cursor's day and lines."""
        self.cursor_time = ""
        self.range: dict[int, range] = {}
        """The marked lines of each day."""
        self.range_words: tuple[str, ...] = ()
        """What is written in the marked range, in the day of the cursor."""
        self._texts: dict[tuple[str, int, int, bool], list[str]] = {}
        self._kept: dict[tuple[int, int], list[Segment]] = {}
        """The lines of the days that have neither cursor nor mark, as they were drawn."""
        self._kept_for: tuple[Palette, int, bool] | None = None
        self._past = [0] * layout.week.days
        self.now: tuple[int, int] | None = None
        """The day and line of the present, if it is in sight."""
        self._now_time = ""
        self._available: list[set[int]] = [set() for _ in range(layout.week.days)]
        self._draw_ground()

    def _draw_ground(self) -> None:
        """Work out labels, guide lines and holes, which last as long as the layout."""
        layout, week = self.layout, self.layout.week
        self._labels: dict[int, str] = {}
        self._guides: dict[int, str] = {}
        for mark in week.marks():
            line = layout.line(mark.row)
            self._guides[line] = _HOUR
            self._labels[line] = f"{mark.minute // 60:02}:00"
            if mark.name:
                self._labels[line + 1] = f" {mark.name}"
        for mark in week.marks(30) if layout.lines > 1 else ():
            self._guides.setdefault(layout.line(mark.row), _HALF)
        self._holes: list[dict[int, tuple[str, str]]] = [{} for _ in range(week.days)]
        for day, column in enumerate(layout.columns):
            width = max(0, column.right - column.left - 1)
            for hole in week.holes(day):
                lines = range(layout.line(hole.top), layout.line(hole.bottom - 1) + 1)
                words = ["no such time"] if width > 12 else ["no such", "time"]
                for line in lines:
                    word = words.pop(0) if hole.skipped and words else ""
                    text = (f" {word} " if word else "").ljust(width, _HATCH)
                    self._holes[day][line] = text[:width], "missing" if word else "hole"

    def set_available(self, free: Iterable[tuple[int, int]]) -> None:
        """Take the times that the therapist works, as UTC intervals."""
        self._kept.clear()
        for start, end in free:
            for day, lines in self.layout.spans(start, end):
                self._available[day].update(lines)

    def set_now(self, now: int) -> None:
        """Take the present; days before it, and lines above it, are the past."""
        week = self.layout.week
        self._kept.clear()
        self.now = self.now_at(now)
        self._now_time = f"{week.local(now):%H:%M}"
        for day in range(week.days):
            bounds = week.bounds(day)
            gone = bounds is not None and bounds[1] <= now
            self._past[day] = self.layout.height if gone else 0
        if self.now:
            self._past[self.now[0]] = self.now[1]

    def now_at(self, now: int) -> tuple[int, int] | None:
        """The day and the line of an instant, if it is in sight."""
        spot, row = self.layout.week.spot(now), self.layout.week.row(now)
        return None if spot is None or row is None else (spot.day, self.layout.line(row))

    # -- drawing ---------------------------------------------------------------------------------

    def line(self, line: int) -> Strip:
        """One line of the grid, counted from midnight."""
        if self._kept_for != (self.palette, self.top, self.blur):
            self._kept_for = self.palette, self.top, self.blur
            self._kept.clear()
        segments, busy = [self._gutter(line)], self._busy_days()
        for day, column in enumerate(self.layout.columns):
            if column.right <= column.left:
                continue
            if day in busy:
                segments += self._cells(day, line, column)
                continue
            if (day, line) not in self._kept:
                self._kept[day, line] = self._cells(day, line, column)
            segments += self._kept[day, line]
        return Strip(segments, self.layout.width)

    def _busy_days(self) -> set[int]:
        """The days that have the cursor, a mark or what is chosen, which change at a key."""
        busy = {piece.day for piece in self.layout.of(self.chosen or "")}
        busy.update(self.range)
        if self.cursor is not None:
            busy.add(self.cursor[0])
        return busy

    def _cells(self, day: int, line: int, column: Column) -> list[Segment]:
        """A day's part of a line."""
        cells = [self._rule(day, line), *self._body(day, line, column)]
        return list(self._with_now(cells)) if (day, line) == self.now else cells

    def _gutter(self, line: int) -> Segment:
        width, palette = self.layout.gutter, self.palette
        if self.cursor and line == self.cursor[1].start:
            return Segment(fit(f"{self.cursor_time}{_MARK}", width), palette["gutter-cursor"])
        if self.now and line == self.now[1]:
            return Segment(fit(self._now_time, width), palette["now"])
        return Segment(fit(self._labels.get(line, ""), width), palette["gutter"])

    def _ground(self, day: int, line: int) -> Style:
        return self.palette["past"] if line < self._past[day] else self.palette.ground

    def _rule(self, day: int, line: int) -> Segment:
        """The line before a day: heavy beside what is marked, whole where the therapist works."""
        if line in self.range.get(day, ()):
            return Segment("┃", self.palette.on("gutter-cursor", self.palette["range"]))
        if line in self._available[day]:
            return self.palette.plain("│", "available", past=line < self._past[day])
        return self.palette.plain("┊", "rule", past=line < self._past[day])

    def _body(self, day: int, line: int, column: Column) -> list[Segment]:
        """A day's cells: what lies beneath, covered by the spans of its pieces."""
        pieces = self.layout.at(day, line)
        left, width = column.left + 1, column.right - column.left - 1
        marked = self._marked(day, line, width)
        in_front = [p for p in pieces if p.block.status is not Status.TIME_OFF]
        if in_front:
            hidden = len(in_front) < len(pieces)
            under = marked or (self._hatched(width) if hidden else self._empty(day, line, width))
        else:
            under = marked or self._empty(day, line, width)
            in_front = [] if marked else list(pieces)
        if not in_front:
            return [under]
        cells: list[Segment] = []
        x = left
        for a, b, segments in self._spans(line, in_front, under.style or self.palette.ground):
            if a > x:
                cells.append(Segment(under.text[x - left : a - left], under.style))
            cells += segments
            x = b
        if x < column.right:
            cells.append(Segment(under.text[x - left :], under.style))
        return cells

    def _empty(self, day: int, line: int, width: int) -> Segment:
        hole = self._holes[day].get(line)
        if hole is not None:
            return Segment(hole[0], self.palette[hole[1]])
        guide = self._guides.get(line, " ")
        text = (guide * width)[:width]
        return self.palette.plain(
            text, "hour" if guide == _HOUR else "half", past=line < self._past[day]
        )

    def _hatched(self, width: int) -> Segment:
        return Segment(_HATCH * width, self.palette["hatch"])

    def _marked(self, day: int, line: int, width: int) -> Segment | None:
        """The cursor's cell or the marked range, where a line is part of it."""
        if self.range:
            lines = self.range.get(day, range(0))
            if line not in lines:
                return None
            here = self.cursor is not None and self.cursor[0] == day
            row = line - max(lines.start, self.top)
            word = self.range_words[row] if here and 0 <= row < len(self.range_words) else ""
            return Segment(fit(f" {word}", width), self.palette["range"])
        if self.cursor is None or self.cursor[0] != day or line not in self.cursor[1]:
            return None
        if any(self._is_chosen(piece) for piece in self.layout.at(day, line)):
            return None
        word = f"{_MARK}{self.cursor_time}" if line == self.cursor[1].start else ""
        return Segment(fit(word, width), self.palette["cursor" if self.focused else "cursor-away"])

    # -- blocks ----------------------------------------------------------------------------------

    def _spans(self, line: int, pieces: Sequence[Piece], ground: Style) -> list[Span]:
        """The cells of each piece on a line, from the left; no two overlap."""
        spans: list[Span] = []
        partial = []
        for piece in pieces:
            if piece.left >= piece.right:
                continue
            if piece.text <= line < piece.text + piece.rows:
                spans.append((piece.left, piece.right, self._written(piece, line)))
            else:
                partial.append(piece)
        edges = sorted({x for piece in partial for x in (piece.left, piece.right)})
        for a, b in itertools.pairwise(edges):
            here = [p for p in partial if p.left <= a < p.right]
            upper = next((p for p in here if p.top <= 2 * line < p.bottom), None)
            lower = next((p for p in here if p.top <= 2 * line + 1 < p.bottom), None)
            if upper or lower:
                spans.append((a, b, [self._halves(upper, lower, b - a, ground)]))
        return sorted(spans, key=lambda span: span[0])

    def _written(self, piece: Piece, line: int) -> list[Segment]:
        """A line of a block that is wholly its own: the bar, then words."""
        chosen = self._is_chosen(piece)
        first, other = self.palette.block(piece.block.status, piece.shade, chosen=chosen)
        row = line - max(piece.text, self.top)
        texts = self._words(piece)
        width = piece.right - piece.left - 1
        bar = _BAR_CHOSEN if chosen else BAR
        if chosen and self.cursor and line == self.cursor[1].start:
            bar = _MARK
        if 0 < row < len(texts):
            return [Segment(bar, first), Segment(texts[row], other)]
        if row and piece.block.status is Status.TIME_OFF:
            return [Segment(bar, first), self._hatched(width)]
        return [Segment(bar + (texts[0] if row == 0 and texts else " " * width), first)]

    def _halves(
        self, upper: Piece | None, lower: Piece | None, width: int, ground: Style
    ) -> Segment:
        """A line that two blocks share, or that one fills to the half."""
        above, below = self._fill(upper, ground), self._fill(lower, ground)
        if above is below:
            return Segment(" " * width, above)
        if lower is None:
            return Segment(_UPPER * width, self.palette.mix(above.bgcolor, below.bgcolor))
        return Segment(_LOWER * width, self.palette.mix(below.bgcolor, above.bgcolor))

    def _fill(self, piece: Piece | None, ground: Style) -> Style:
        if piece is None:
            return ground
        return self.palette.block(piece.block.status, piece.shade, chosen=self._is_chosen(piece))[0]

    def _is_chosen(self, piece: Piece) -> bool:
        if self.chosen is None or piece.block.status is Status.TIME_OFF:
            return False
        return piece.block.id == self.chosen or any(b.id == self.chosen for b in piece.pile)

    def _words(self, piece: Piece) -> list[str]:
        """What a piece says, worked out when it first comes into sight."""
        shown = next((b for b in piece.pile if b.id == self.chosen), piece.block)
        key = (shown.id, piece.day, piece.top, self.blur)
        if key not in self._texts:
            self._texts[key] = block_lines(
                shown,
                self.layout.week,
                piece.right - piece.left - 1,
                piece.rows,
                starts=piece.starts,
                more=len(piece.pile),
                blur=self.blur,
            )
        return self._texts[key]

    def _with_now(self, cells: Iterable[Segment]) -> Iterable[Segment]:
        """Draw the now-line over a day's cells; words stay readable, everything else gives way."""
        now = self.palette["now"]
        for text, style, _ in cells:
            line = Style(color=now.color, bgcolor=style.bgcolor if style else None, bold=True)
            if set(text) <= _BLANK:
                yield Segment(_NOW * len(text), line)
                continue
            if text[0] in _BARS:
                yield Segment(_NOW, line)
                text = text[1:]  # noqa: PLW2901 - the bar is drawn, the words are left
            words = text.rstrip(" ")
            gap = " " if len(text) - len(words) > 2 else ""
            yield Segment(words + gap, style)
            if len(text) > len(words):
                yield Segment(_NOW * (len(text) - len(words) - len(gap)), line)
