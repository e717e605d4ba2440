"""Facts and, beside them or one at a time, the pages that tell more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

WIDE = 110
"""Columns of the terminal from which on the facts stand beside a page."""

BESIDE = 44
"""Columns of the facts beside a page."""


class Page(NamedTuple):
    """A page: its name, and what draws it in a width."""

    name: str
    draw: Callable[[int], Content]


class Names(Widget):
    """The names of the pages on one line; a click turns to one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Names { height: 1; width: 1fr; color: $grid-quiet; margin-bottom: 1; }
    """

    class Chosen(Message):
        """A name was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._here = 0

    def show(self, names: Sequence[str], here: int) -> None:
        """Show which pages there are and which is open."""
        self._names, self._here = list(names), here
        self.refresh()

    def render(self) -> Content:
        return Content("   ").join(
            Content.styled(f"▸ {name}", "bold $accent") if number == self._here else Content(name)
            for number, name in enumerate(self._names)
        )

    def on_click(self, event: events.Click) -> None:
        event.stop()
        left = 0
        for number, name in enumerate(self._names):
            right = left + cell_len(name) + 2 * (number == self._here)
            if left <= event.x < right:
                self.post_message(self.Chosen(number))
            left = right + 3


class Pages(Vertical):
    """Holds the pages; in a wide terminal the first one stays in sight beside the others."""

    DEFAULT_CSS = """
    Pages { height: auto; }
    Pages .sides { height: 1fr; }
    Pages .beside { width: 44; height: 1fr; padding-right: 2; display: none; }
    Pages .text { width: 1fr; height: 1fr; scrollbar-size-vertical: 1; }
    Pages .text > Static { height: auto; }
    Pages.-wide .beside { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.names = Names()
        self.beside = Static(Content(""), classes="beside")
        self.text = Static(Content(""))
        self.scroller = VerticalScroll(self.text, classes="text", can_focus=False)
        self._pages: list[Page] = []
        self._open = ""
        """The name of the page that is open."""

    def compose(self) -> ComposeResult:
        yield self.names
        yield Horizontal(self.beside, self.scroller, classes="sides")

    @property
    def is_wide(self) -> bool:
        """Whether the first page stands beside the others."""
        return self.app.size.width >= WIDE

    @property
    def open_page(self) -> str:
        """The name of the page that is open."""
        return self._open

    def show(self, pages: Sequence[Page]) -> None:
        """Show pages; the one that was open stays open, where it was scrolled to."""
        self._pages = list(pages)
        self.look()

    def look(self) -> None:
        """Draw what is in sight."""
        wide = self.is_wide
        self.set_class(wide, "-wide")
        self.styles.height = max(6, min(26 if wide else 18, self.app.size.height - 6))
        shown = self._shown
        if not shown:
            return
        names = [page.name for page in shown]
        if self._open not in names:
            self._open = names[0]
        here = names.index(self._open)
        self.names.show(names, here)
        width = self._width
        self.text.update(shown[here].draw(width))
        if wide:
            self.beside.update(self._pages[0].draw(BESIDE - 3))

    @property
    def _shown(self) -> list[Page]:
        """The pages that are turned."""
        return self._pages[1:] if self.is_wide and len(self._pages) > 1 else self._pages

    @property
    def _width(self) -> int:
        """Columns of a line of a page; one is the scrollbar's."""
        inside = self.app.size.width - 6 if not self.is_wide else 112 - BESIDE
        return max(20, min(inside, 74) - 2)

    def turn(self, by: int) -> None:
        """Turn to the next page or the one before, round at the ends."""
        names = [page.name for page in self._shown]
        self.turn_to((names.index(self._open) + by) % len(names))

    def turn_to(self, number: int) -> None:
        """Turn to a page by its place."""
        self._open = self._shown[number].name
        self.scroller.scroll_home(animate=False)
        self.look()

    def on_names_chosen(self, event: Names.Chosen) -> None:
        event.stop()
        self.turn_to(event.number)

    def scroll_by(self, lines: int) -> None:
        """Scroll the page that is open."""
        self.scroller.scroll_relative(y=lines, animate=False)
