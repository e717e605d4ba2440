"""Lines to choose from that are read off the event loop, and again when others change something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from helpspace.core.errors import HelpspaceError
from helpspace.tui.actions import Action, Place, Under, bar
from helpspace.tui.desk import Desk
from helpspace.tui.look import LOOKS
from helpspace.tui.own_keys import keys_of
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.rows import Rows, cursor
from helpspace.tui.widgets.status_line import StatusLine

R = TypeVar("R")
T = TypeVar("T")


class LinesScreen(Screen[R], Generic[R, T], inherit_bindings=False):
    """A head, lines about things of one kind, news and keys; it is never older than a minute.

    The mark stays on the thing it was on, whatever others change.
    """

    PLACE: ClassVar[Place]
    NOTHING: ClassVar[str] = ""
    """What is said where there is no line."""
    DEFAULT_CSS = """
    LinesScreen { background: $grid-ground; color: $grid-text; layout: vertical; }
    LinesScreen > .page { height: 1fr; padding: 1 2 0 2; }
    LinesScreen Rows { height: 1fr; max-height: 100%; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.head = Head(test=desk.practice.settings.stripe_is_test)
        self.list = Rows()
        self.status = StatusLine()
        self.keys = KeyBar()
        self._lines: list[T | str] = []
        """What each line is about; a text is a heading."""
        self._version = -1
        """The store's state that was read last."""
        self._minute = -1
        """And the minute in which it was."""
        self._reading = False

    def compose(self) -> ComposeResult:
        yield self.head
        yield Vertical(*self.above(), self.list, classes="page")
        yield self.status
        yield self.keys

    def above(self) -> Iterable[Widget]:
        """Return the widgets above the lines."""
        return ()

    def on_mount(self) -> None:
        self.list.focus()
        self.show_keys()
        self.begin()
        self.set_interval(LOOKS, self._follow)

    def on_resize(self, event: events.Resize) -> None:
        del event
        self.call_after_refresh(self.tell)

    # -- reading ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """Read for the first time."""
        self.look()

    def _follow(self) -> None:
        """Read again at each minute, and where another process or thread changed something."""
        if self.app.screen is not self:
            return
        try:
            version = self.desk.practice.store.version()
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        if version != self._version or self.desk.now() // 60 != self._minute:
            self.look()
        else:
            self.tick()

    def look(self) -> None:
        """Read everything again, off the event loop."""
        if not self._reading:
            self._reading = True
            self._read()

    @work(group="read", exit_on_error=False)
    async def _read(self) -> None:
        desk = self.desk
        try:
            version, minute = desk.practice.store.version(), desk.now() // 60
            await self.fetch()
            self._version, self._minute = version, minute
        except HelpspaceError as error:
            self.lost(error)
        finally:
            self._reading = False
        if self.is_attached:
            self.tell()

    async def fetch(self) -> None:
        """Have everything read by the thread that acts."""
        await self.desk.act(self.read)

    def read(self) -> None:
        """Read what is shown; runs in the thread that acts."""
        raise NotImplementedError

    def lost(self, error: HelpspaceError) -> None:
        """Say that it could not be read."""
        self.status.refuse(error)

    # -- showing ---------------------------------------------------------------------------------

    def tell(self) -> None:
        """Show what was read."""
        raise NotImplementedError

    def tick(self) -> None:
        """Show what changes by the second, where nothing has to be read."""

    def row(self, one: T, width: int) -> Content:
        """Return one line."""
        raise NotImplementedError

    def key_of(self, one: T) -> str:
        """Return what tells a thing from all others."""
        raise NotImplementedError

    def show_lines(self, lines: Sequence[T | str]) -> None:
        """Show these lines; the mark stays on its thing."""
        before = self.chosen
        self._lines = list(lines) or [keys_of(self.app).say(self.NOTHING)]
        options = [
            Option(Content.styled(one, "bold $primary"), disabled=True)
            if isinstance(one, str)
            else Option("")
            for one in self._lines
        ]
        with self.prevent(OptionList.OptionHighlighted):
            at = self.list.highlighted
            self.list.set_options(options)
            self.list.highlighted = self._place(before, at)
        self.mark()

    def _place(self, before: T | None, at: int | None) -> int | None:
        places = [n for n, one in enumerate(self._lines) if not isinstance(one, str)]
        if before is not None:
            key = self.key_of(before)
            for number in places:
                one = self._lines[number]
                if not isinstance(one, str) and self.key_of(one) == key:
                    return number
        return min(places, key=lambda place: abs(place - (at or 0)), default=None)

    def mark(self) -> None:
        """Draw the lines, with the sign before the marked one."""
        here, width = self.list.highlighted, self.app.size.width - 8
        for at, one in enumerate(self._lines):
            if not isinstance(one, str):
                sign = (cursor(here=at == here), "$accent")
                line = Content.assemble(sign, self.row(one, width))
                self.list.replace_option_prompt_at_index(at, line)

    @property
    def chosen(self) -> T | None:
        """What the marked line is about."""
        at = self.list.highlighted
        if at is None or at >= len(self._lines):
            return None
        one = self._lines[at]
        return None if isinstance(one, str) else one

    def show_keys(self) -> None:
        """Show the keys of this screen."""
        self.keys.show(self.bar())

    def bar(self) -> list[tuple[Action, str]]:
        """Return the keys to show, with their words."""
        return bar([self.PLACE], Under.FREE)

    # -- acting ----------------------------------------------------------------------------------

    def enter(self) -> None:
        """Do with the marked line what Enter does."""

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.mark()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click does what Enter does."""
        event.stop()
        self.enter()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_back(self) -> None:
        self.dismiss(None)

    def places(self) -> tuple[Place, ...]:
        """Return what the help of this screen tells about."""
        return (self.PLACE, Place.ASKING, Place.FORM, Place.HELP, Place.EVERYWHERE)

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415 - when first wanted

        self.app.push_screen(HelpModal(self.places(), signs=False))
