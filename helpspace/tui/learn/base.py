"""What the screens of the course share: a title with the progress, a body, news, their keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.joining.lessons import lessons
from helpspace.tui.action import Action, Place
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.learn.desk import Learning
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.rows import cursor
from helpspace.tui.widgets.status_line import StatusLine

R = TypeVar("R")

PLACES = (Place.COURSE, Place.CHAPTER, Place.EXERCISE, Place.FORM, Place.HELP, Place.EVERYWHERE)
"""What the help of the course tells about."""

WIDE = 110
"""Columns from which on the chapters stand beside what is read."""

SIDE = 42
"""Columns of the chapters beside a text."""

LONGEST = 84
"""Columns of the longest line of text."""


class CoursePage(Screen[R], Generic[R], inherit_bindings=False):
    """One screen of the course."""

    DEFAULT_CSS = """
    CoursePage { background: $grid-ground; color: $grid-text; layout: vertical; }
    CoursePage > .main { height: 1fr; layout: horizontal; }
    CoursePage .contents {
        width: 42; height: 1fr; padding: 1 2; display: none; color: $grid-quiet;
        background: $grid-past;
    }
    CoursePage .contents.-wide { display: block; }
    """

    def __init__(self, learning: Learning) -> None:
        super().__init__()
        self.learning = learning
        self.head = Head()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.contents = Static(Content(""), classes="contents")
        self._width = 0

    def compose(self) -> ComposeResult:
        self._set_wide(self.app.size.width)
        yield self.head
        yield from self.body()
        yield self.status
        yield self.keys

    def body(self) -> Iterable[Widget]:
        """Return the widgets between title and news."""
        return ()

    def on_resize(self, event: events.Resize) -> None:
        self._set_wide(event.size.width)
        if event.size.width != self._width:
            self._width = event.size.width
            self.draw()

    def draw(self) -> None:
        """Draw what is broken into lines by hand."""

    @property
    def room(self) -> int:
        """The columns of a line of text."""
        width = self.app.size.width
        return min(LONGEST, width - (SIDE if width >= WIDE else 0) - 8)

    def _set_wide(self, width: int) -> None:
        self.contents.set_class(width >= WIDE, "-wide")

    def show_contents(self, here: str) -> None:
        """Show the chapters beside the text, with the one that is open."""
        lines = [Content.styled("The course", "bold $primary"), Content("")]
        for one in lessons():
            is_here = one.name == here
            style = "bold $grid-text" if is_here else "$grid-quiet"
            lines.append(
                Content.assemble(
                    (cursor(here=is_here), "$accent"),
                    mark_of(self.learning, one.name),
                    (f" {one.number}  {one.title}", style),
                )
            )
        self.contents.update(Content("\n").join(lines))

    def show_progress(self, left: str) -> None:
        """Show where one is, and how far."""
        style = "$success" if self.learning.is_whole else "$primary"
        self.head.show(left, self.learning.so_far, style)

    def bar(self, items: list[tuple[Action, str]]) -> None:
        """Show these keys."""
        self.keys.show(items)

    def action_help(self) -> None:
        """Show the keys of the course."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415 - after first paint

        self.app.push_screen(HelpModal(PLACES, signs=False))

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)


def mark_of(learning: Learning, name: str) -> tuple[str, str]:
    """Return the sign of a chapter, completed or not, with its colour."""
    return ("✓", "$success") if learning.is_done(name) else ("·", "$grid-quiet")


def hung(sign: Content, text: str, width: int) -> Content:
    """Return a text broken into lines of a width, all beside its sign."""
    gap = sign.cell_length
    first, *more = wrapped(text, width - gap) or [""]
    return Content("\n").join(
        [Content.assemble(sign, first), *(Content(" " * gap + line) for line in more)]
    )


def takeaways(texts: Iterable[str], width: int) -> Content:
    """Return a chapter's takeaways as a list."""
    dot = Content.styled("• ", "$accent")
    lines = [Content.styled("Key takeaways", "bold $primary")]
    return Content("\n").join([*lines, *(hung(dot, text, width) for text in texts)])
