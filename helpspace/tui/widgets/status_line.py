"""One calm line: what was just done, or why something was not, with the next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from helpspace.core.errors import HelpspaceError
from helpspace.core.plain import plain
from helpspace.tui.widgets.still import Still

_MARKS = {"done": "✓", "hint": "·", "refused": "!"}
_STYLES = {"done": "$success", "hint": "$grid-quiet", "refused": "$warning"}


class StatusLine(Still, Widget):
    """Shows one sentence until the next, or until it has been there for a while.

    What has no room in one line takes two or three, so that the next step is always in sight.
    """

    ALLOW_SELECT = False
    STAYS = 20.0
    """Seconds for which a sentence is shown."""
    PATIENCE = 0.5
    """Seconds after which it is said that something takes its time."""
    MOST = 3
    """Lines that it may take."""
    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; padding: 0 1; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._kind = ""
        self._text = ""
        self._timer: Timer | None = None
        self._standing = ""
        self._lines = 1

    @property
    def standing(self) -> str:
        """What holds until further notice: shown whenever nothing else is said."""
        return self._standing

    def stand(self, text: str) -> None:
        """Say what holds until further notice; an empty text ends it."""
        if text != self._standing:
            self._standing = plain(text, 400)
            self.refresh()
            self._fit()

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._text

    def done(self, text: str) -> None:
        """Say what was done."""
        self._say("done", text)

    def hint(self, text: str) -> None:
        """Say how to go on."""
        self._say("hint", text)

    def refuse(self, error: HelpspaceError) -> None:
        """Say why something was not done, and the next step."""
        self._say("refused", f"{error.sentence} {error.hint}")

    def clear(self) -> None:
        """Say nothing."""
        self._say("", "")

    @contextmanager
    def patience(self, text: str = "One moment …") -> Iterator[None]:
        """Say that something takes its time, once it has; nothing is said of what is quick."""
        sign = self.set_timer(self.PATIENCE, lambda: self.hint(text))
        try:
            yield
        finally:
            sign.stop()
            if self._text == text:
                self.clear()

    def _say(self, kind: str, text: str) -> None:
        self._kind, self._text = kind, plain(text, 400)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(self.STAYS, self.clear) if text else None
        self.refresh()
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Take as many lines as the sentence needs; nothing is laid out anew if it is the same."""
        width = self.content_size.width
        lines = len(self.render().wrap(width)) if width > 0 else 1
        wanted = min(max(lines, 1), self.MOST)
        if wanted != self._lines:
            self._lines = wanted
            self.styles.height = wanted

    def render(self) -> Content:
        kind, text = (self._kind, self._text) if self._text else ("refused", self._standing)
        if not text:
            return Content("")
        style = _STYLES[kind]
        words = (text, style) if kind == "refused" else text
        return Content.assemble((_MARKS[kind], f"bold {style}"), " ", words)
