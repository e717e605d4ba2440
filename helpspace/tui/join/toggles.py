"""Choices as toggles that flow over as many lines as they need; keys and mouse alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from helpspace.tui.actions import Place, bindings

_GAP = 2


class _Spot(NamedTuple):
    """Where an option is drawn."""

    row: int
    left: int
    right: int


class Toggles(Widget, can_focus=True, inherit_bindings=False):
    """One of some options, or any number of them."""

    ALLOW_SELECT = False
    BINDINGS = bindings(Place.CHOICES)
    DEFAULT_CSS = """
    Toggles { height: auto; width: 1fr; background: $grid-past; color: $grid-text; }
    """

    told: Callable[[], None] | None = None
    """Called within the key that chose something."""

    def __init__(
        self, options: Sequence[tuple[str, str]], chosen: Sequence[str], *, several: bool
    ) -> None:
        """Make it of values with their words, which are our own."""
        super().__init__()
        self._options = tuple(options)
        self._chosen = set(chosen)
        self._several = several
        self.cursor = next((n for n, (one, _) in enumerate(options) if one in self._chosen), 0)

    @property
    def chosen(self) -> list[str]:
        """The chosen values in the order in which they are shown."""
        return [value for value, _ in self._options if value in self._chosen]

    def choose(self, values: Sequence[str]) -> None:
        """Show other choices."""
        self._chosen = set(values)
        self.refresh()

    # -- drawing ---------------------------------------------------------------------------------

    def _text(self, number: int) -> str:
        value, words = self._options[number]
        on = value in self._chosen
        if self._several:
            return f"[{'x' if on else ' '}] {words}"
        return f"({'•' if on else ' '}) {words}"

    def _spots(self, width: int) -> list[_Spot]:
        """Columns of one width where there are many options, else one after another."""
        sizes = [cell_len(self._text(number)) for number in range(len(self._options))]
        even = max(sizes) if sum(sizes) + _GAP * len(sizes) > width else 0
        spots: list[_Spot] = []
        row = x = 0
        for size in sizes:
            if x and x + size > width:
                row, x = row + 1, 0
            spots.append(_Spot(row, x, x + size))
            x += max(size, even) + _GAP
        return spots

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return self._spots(max(width, 1))[-1].row + 1

    def render(self) -> Content:
        width = max(self.content_size.width, 1)
        rows: dict[int, list[Content]] = {}
        ends: dict[int, int] = {}
        for number, spot in enumerate(self._spots(width)):
            parts = rows.setdefault(spot.row, [])
            parts.append(Content(" " * (spot.left - ends.get(spot.row, 0))))
            parts.append(Content.styled(self._text(number), self._style(number)))
            ends[spot.row] = spot.right
        return Content("\n").join(Content("").join(parts) for parts in rows.values())

    def _style(self, number: int) -> str:
        on = self._options[number][0] in self._chosen
        style = "bold $success" if on else "$grid-text"
        if self.is_disabled:
            return "$grid-text" if on else "$grid-soft"
        return f"{style} on $grid-range" if self.has_focus and number == self.cursor else style

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- choosing --------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Choose the option under the mouse."""
        event.stop()
        if self.is_disabled:
            return
        at = event.get_content_offset(self)
        if at is None:
            return
        for number, spot in enumerate(self._spots(self.content_size.width)):
            if at.y == spot.row and spot.left <= at.x < spot.right:
                self.cursor = number
                self.action_choose()

    def action_choose(self) -> None:
        """Choose what is marked, or leave it out again."""
        value = self._options[self.cursor][0]
        if value in self._chosen:
            self._chosen.discard(value)
        elif self._several:
            self._chosen.add(value)
        else:
            self._chosen = {value}
        self.refresh()
        if self.told is not None:
            self.told()

    def _go(self, number: int) -> None:
        self.cursor = max(0, min(number, len(self._options) - 1))
        self.refresh()

    def action_later(self) -> None:
        self._go(self.cursor + 1)

    def action_earlier(self) -> None:
        self._go(self.cursor - 1)

    def action_below(self) -> None:
        self._leap(1)

    def action_above(self) -> None:
        self._leap(-1)

    def _leap(self, rows: int) -> None:
        """Go to the option of another row that is nearest."""
        spots = self._spots(max(self.content_size.width, 1))
        here = spots[self.cursor]
        there = [n for n, spot in enumerate(spots) if spot.row == here.row + rows]
        if there:
            self._go(min(there, key=lambda number: abs(spots[number].left - here.left)))
