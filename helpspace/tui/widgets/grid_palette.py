"""The styles of the calendar grid: component classes, their CSS, and mixtures of them."""

from __future__ import annotations

from collections.abc import Callable

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from helpspace.tui.layout import Status

_PARTS = {
    "past": "background: $grid-past;",
    "hour": "color: $grid-line;",
    "half": "color: $grid-faint;",
    "hole": "color: $grid-line; background: $grid-past;",
    "missing": "color: $grid-quiet; background: $grid-past;",
    "hatch": "color: $grid-line; background: $status-time_off-body;",
    "rule": "color: $grid-line;",
    "available": "color: $grid-available;",
    "gutter": "color: $grid-quiet;",
    "gutter-cursor": "color: $primary; text-style: bold;",
    "head": "color: $grid-quiet; background: $panel;",
    "head-day": "color: $grid-text; background: $panel; text-style: bold;",
    "today": "color: $grid-ground; background: $grid-now; text-style: bold;",
    "now": "color: $grid-now; text-style: bold;",
    "cursor": "color: $grid-ground; background: $primary; text-style: bold;",
    "cursor-away": "color: $primary; background: $grid-range; text-style: bold;",
    "range": "color: $grid-text; background: $grid-range;",
    "text": "color: $grid-text;",
}

_RULES: dict[str, str] = {
    **_PARTS,
    **{s.value: f"color: $status-{s}; background: $status-{s}-body;" for s in Status},
    **{f"{s}-next": f"color: $status-{s}; background: $status-{s}-next;" for s in Status},
}

CLASSES = frozenset(f"week-grid--{name}" for name in _RULES)
"""The component classes, for the widget to declare."""

CSS = "".join(f"GridView > .week-grid--{name} {{ {rule} }}\n" for name, rule in _RULES.items())
"""Their rules, in theme variables only."""


class Palette:
    """The grid's styles, looked up once for each theme: asking CSS for each cell would be slow."""

    def __init__(self, look_up: Callable[[str], Style], ground: Style) -> None:
        self._parts = {name: look_up(f"week-grid--{name}") for name in _RULES}
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
