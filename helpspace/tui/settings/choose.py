"""Choosing one value of a setting; what it looks like is seen while it is marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.screens.base import Panel
from helpspace.tui.widgets.rows import Rows, cursor


class ChooseModal(Panel[str | None]):
    """Ends with the name of what was chosen, or with None; then what was seen is taken back."""

    PLACE = Place.CHOOSING
    BINDINGS = bindings(Place.CHOOSING)
    DEFAULT_CSS = """
    ChooseModal > .panel { width: 60; }
    """

    def __init__(
        self,
        heading: str,
        values: Sequence[tuple[str, str]],
        now: str,
        *,
        seen: Callable[[str], None] | None = None,
    ) -> None:
        """`values` are names with their words, `seen` shows what a marked one would be like."""
        super().__init__()
        self._heading = heading
        self._values = tuple(values)
        self._now = now
        self._seen = seen
        self.list = Rows()

    def heading(self) -> str:
        return self._heading

    def body(self) -> Iterable[Widget]:
        yield self.list

    def on_mount(self) -> None:
        super().on_mount()
        names = [name for name, _ in self._values]
        self.list.set_options([Option("") for _ in names])
        self.list.highlighted = names.index(self._now) if self._now in names else 0
        self.list.focus()

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.CHOOSING], Under.FREE)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Draw the lines, and show what the marked one is like."""
        event.stop()
        for at, (_, words) in enumerate(self._values):
            sign = (cursor(here=at == event.option_index), "$accent")
            self.list.replace_option_prompt_at_index(at, Content.assemble(sign, words))
        if self._seen is not None:
            self._seen(self._values[event.option_index][0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click chooses."""
        event.stop()
        self.dismiss(self._values[event.option_index][0])

    def action_show(self) -> None:
        at = self.list.highlighted
        self.dismiss(None if at is None else self._values[at][0])

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

    def action_back(self) -> None:
        if self._seen is not None:
            self._seen(self._now)
        self.dismiss(None)
