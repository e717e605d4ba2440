"""The styles of the calendar grid, and mixtures of them."""

from __future__ import annotations

from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import App

from helpspace.tui import tones
from helpspace.tui.layout import Status
from helpspace.tui.tones import Tone

_TONES: dict[str, Tone] = {
    "past": Tone(ground="grid-past"),
    "hour": Tone("grid-line"),
    "half": Tone("grid-faint"),
    "hole": Tone("grid-line", "grid-past"),
    "missing": Tone("grid-quiet", "grid-past"),
    "hatch": Tone("grid-line", "status-time_off-body"),
    "rule": Tone("grid-line"),
    "available": Tone("grid-available"),
    "gutter": Tone("grid-quiet"),
    "gutter-cursor": Tone("primary", bold=True),
    "head": Tone("grid-quiet", "panel"),
    "head-day": Tone("grid-text", "panel", bold=True),
    "today": Tone("grid-ground", "grid-now", bold=True),
    "now": Tone("grid-now", bold=True),
    "cursor": Tone("grid-ground", "primary", bold=True),
    "cursor-away": Tone("primary", "grid-range", bold=True),
    "range": Tone("grid-text", "grid-range"),
    "text": Tone("grid-text"),
    **{s.value: Tone(f"status-{s}", f"status-{s}-body") for s in Status},
    **{f"{s}-next": Tone(f"status-{s}", f"status-{s}-next") for s in Status},
}


class Palette:
    """The grid's styles, made once for each theme."""

    def __init__(self, app: App[Any], ground: Style) -> None:
        self._parts = tones.styles(app, _TONES, ground)
        self.ground = ground
        self._mixed: dict[tuple[Color | None, Color | None], Style] = {}
        self._plain: dict[tuple[str, str, bool], Segment] = {}
        text = self._parts["text"].color
        self._blocks: dict[tuple[Status, int], tuple[Style, Style]] = {}
        self._chosen: dict[Status, tuple[Style, Style]] = {}
        for status in Status:
            for shade, name in enumerate((status.value, f"{status}-next")):
                first = self._parts[name]
                gone = status is Status.CANCELLED
                other = first + Style(strike=True) if gone else self.mix(text, first.bgcolor)
                self._blocks[status, shade] = first, other
            inverse = Style(color=ground.bgcolor, bgcolor=self._parts[status].color, bold=True)
            self._chosen[status] = inverse, inverse

    def __getitem__(self, name: str) -> Style:
        return self._parts[name]

    def block(self, status: Status, shade: int, *, chosen: bool) -> tuple[Style, Style]:
        """How a block's first line and its other lines are written."""
        return self._chosen[status] if chosen else self._blocks[status, shade]

    def on(self, part: str, ground: Style) -> Style:
        """A part's colour on another style's ground."""
        return self.mix(self._parts[part].color, ground.bgcolor)

    def plain(self, text: str, part: str, *, past: bool) -> Segment:
        """A piece of bare ground; there are few different ones, and each is made once."""
        key = (text, part, past)
        if key not in self._plain:
            self._plain[key] = Segment(text, self.on(part, self["past"] if past else self.ground))
        return self._plain[key]

    def mix(self, color: Color | None, ground: Color | None) -> Style:
        key = (color, ground)
        if key not in self._mixed:
            self._mixed[key] = Style(color=color, bgcolor=ground)
        return self._mixed[key]
