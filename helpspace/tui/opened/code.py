"""A link on a screen of its own: to copy, and as a QR code where the extra `qr` is installed."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core.plain import plain
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.join.qr import Code
from helpspace.tui.screens.base import Panel

NO_EXTRA = "No QR code here: it needs the extra qr (pip install 'helpspace[qr]')."
NO_ROOM = "The QR code needs a larger window; the link works without it."


class CodeModal(Panel[None]):
    """Shows what a link is for, the link itself, and its code."""

    PLACE = Place.CODE
    BINDINGS = bindings(Place.CODE)
    DEFAULT_CSS = """
    CodeModal > .panel { width: 80; padding: 0 2; border: none; }
    CodeModal .heading { margin-bottom: 0; }
    CodeModal .sides { height: auto; min-height: 10; width: 1fr; }
    CodeModal .said { width: 1fr; height: auto; padding: 1 2 0 0; }
    CodeModal StatusLine { margin-top: 0; }
    """

    def __init__(self, heading: str, link: str, words: Iterable[str]) -> None:
        super().__init__()
        self._heading = heading
        self.link = plain(link, 400)
        self._words = list(words)
        self.said = Static(Content(""), classes="said")
        self.code = Code()

    def heading(self) -> str:
        return self._heading

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.said, self.code, classes="sides")

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.CODE], Under.FREE)

    def on_mount(self) -> None:
        super().on_mount()
        self.look()

    def on_resize(self) -> None:
        self.look()

    def look(self) -> None:
        """Show the code if all of it finds room, else say why there is none."""
        self.code.show(self.link)
        columns, lines = self.code.size_needed
        lack = NO_EXTRA if not lines else ""
        if lines > self.app.size.height - 3 or columns > min(self.app.size.width, 80) - 30:
            lack = NO_ROOM
            self.code.show("")
            lines = 0
        self.code.styles.height = max(lines, 1)
        parts = [Content.styled(self.link, "bold"), *map(Content, self._words)]
        if lack:
            parts.append(Content.styled(lack, "$grid-quiet"))
        self.said.update(Content("\n\n").join(parts))

    def action_copy(self) -> None:
        """Copy the link."""
        self.app.copy_to_clipboard(self.link)
        self.status.done("The link is copied.")

    def action_back(self) -> None:
        self.dismiss(None)
