"""The styles of the calendar grid: component classes, their CSS, and mixtures of them."""

from __future__ import annotations

from collections.abc import Callable

from rich.color import Color
from rich.style import Style

from helpspace.tui.layout import Status

_PARTS = {
    "past": "background: $grid-past;",
    "hour": "color: $grid-line;",
    "half": "color: $grid-faint;",
    "hole": "color: $grid-line; background: $grid-past;",
    "rule": "color: $grid-faint;",
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

CLASSES = frozenset(f"week-grid--{name}" for name in (*_PARTS, *Status))
"""The component classes, for the widget to declare."""

CSS = "".join(
    [f"GridView > .week-grid--{name} {{ {rule} }}\n" for name, rule in _PARTS.items()]
    + [
        f"GridView > .week-grid--{s} {{ color: $status-{s}; background: $status-{s}-body; }}\n"
        for s in Status
    ]
)
"""Their rules, in theme variables only."""


class Palette:
    """The grid's styles, looked up once for each theme: asking CSS for each cell would be slow."""

    def __init__(self, look_up: Callable[[str], Style], ground: Style) -> None:
        self._parts = {name: look_up(f"week-grid--{name}") for name in (*_PARTS, *Status)}
        self.ground = ground
        self._mixed: dict[tuple[Color | None, Color | None], Style] = {}
        text = self._parts["text"].color
        self._texts = {s: self.mix(text, self._parts[s].bgcolor) for s in Status}
        gone = self._parts[Status.CANCELLED]
        self._texts[Status.CANCELLED] = gone + Style(strike=True)
        self._chosen = {
            s: Style(color=ground.bgcolor, bgcolor=self._parts[s].color, bold=True) for s in Status
        }

    def __getitem__(self, name: str) -> Style:
        return self._parts[name]

    def block(self, status: Status, *, chosen: bool) -> tuple[Style, Style]:
        """How a block's first line and its other lines are written."""
        if chosen:
            return self._chosen[status], self._chosen[status]
        return self._parts[status], self._texts[status]

    def on(self, part: str, ground: Style) -> Style:
        """A part's colour on another style's ground."""
        return self.mix(self._parts[part].color, ground.bgcolor)

    def mix(self, color: Color | None, ground: Color | None) -> Style:
        key = (color, ground)
        if key not in self._mixed:
            self._mixed[key] = Style(color=color, bgcolor=ground)
        return self._mixed[key]
