"""Every key and what it does, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.tui.actions import Action, Place, Under, bar, bindings, of
from helpspace.tui.layout import Status
from helpspace.tui.screens.base import Panel

_KEYS = 20

_SIGNS = (
    (Status.OPEN, "a slot that clients can book"),
    (Status.HELD, "somebody is putting a card on record for it"),
    (Status.BOOKED, "a session to come"),
    (Status.UNPAID, "its payment needs you or the client"),
    (Status.COMPLETED, "a session that took place"),
    (Status.NO_SHOW, "the client did not come"),
)


class HelpModal(Panel[None]):
    """All keys by place, what the signs mean, and what the mouse does."""

    HEADING = "Help"
    BINDINGS = bindings(Place.HELP)
    DEFAULT_CSS = """
    HelpModal > .panel { width: 84; }
    HelpModal .body { height: auto; max-height: 100%; }
    HelpModal VerticalScroll {
        height: auto; max-height: 100%; scrollbar-size-vertical: 1; background: transparent;
    }
    HelpModal StatusLine { display: none; }
    HelpModal KeyBar { margin-top: 1; }
    """

    def body(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(self._page()))

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.HELP], Under.FREE)

    def _page(self) -> Content:
        lines: list[Content] = [Content.styled("Signs", "bold $primary")]
        for status, words in _SIGNS:
            sign = f"{status.glyph} {status.word}".ljust(_KEYS)
            lines.append(Content.assemble((sign, f"$status-{status.value}"), words))
        for place in Place:
            rows = [action for action in of(place) if action.keys]
            lines += [Content(""), Content.styled(str(place), "bold $primary")]
            lines += [
                Content.assemble((one.shown_keys.ljust(_KEYS), "$accent"), one.help) for one in rows
            ]
        lines += [
            Content(""),
            Content.styled("Mouse", "bold $primary"),
            Content.assemble(("click".ljust(_KEYS), "$accent"), "Put the cursor there."),
            Content.assemble(("double click".ljust(_KEYS), "$accent"), "Open what is there."),
            Content.assemble(
                ("drag".ljust(_KEYS), "$accent"), "Mark free time, and open a slot of that length."
            ),
            Content.assemble(("‹ ›".ljust(_KEYS), "$accent"), "Turn the week, in the title."),
        ]
        return Content("\n").join(lines)

    def action_close(self) -> None:
        self.dismiss(None)
