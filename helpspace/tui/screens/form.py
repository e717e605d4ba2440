"""What the forms share: they show what they understood at every key, and act on Enter."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Input, Static

from helpspace.core.errors import Changed, HelpspaceError
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.look import LOOKS
from helpspace.tui.screens.base import ActingPanel

Lines = list[tuple[str, str]]
"""Lines of a preview, each with its style."""


_CHANGED = "This has changed: what would happen now is shown above."


class FormPanel(ActingPanel):
    """A form with a live preview; whoever presses Enter has seen what will happen.

    What others change meanwhile is shown within a second; an Enter that comes before that is
    refused, and does nothing but show it (C7, M4).
    """

    BINDINGS = bindings(Place.FORM)
    DEFAULT_CSS = """
    FormPanel .preview { height: 4; color: $grid-text; }
    """
    DO = "do it"
    """What Enter does, in the key bar."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._seen: tuple[tuple[str, ...], Lines] | None = None
        """What was typed when the preview was last shown, and what it said."""
        self._ground = self._ground_now()
        self.preview_line = Static(Content(""), classes="preview")

    def bar(self) -> list[tuple[Action, str]]:
        return [
            (action, self.DO if action.id == "form.do" else word)
            for action, word in bar([Place.FORM], Under.FREE)
        ]

    def on_mount(self) -> None:
        super().on_mount()
        self.look()
        self.set_interval(LOOKS, self._follow)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Read everything anew at each key."""
        event.stop()
        self.status.clear()
        self.look()

    def look(self) -> None:
        """Show what the form means now, or what is missing."""
        try:
            lines = self.preview()
        except HelpspaceError as error:
            lines = [(error.sentence, "$warning"), (error.hint, "$warning")]
        self._show(lines)

    def _show(self, lines: Lines) -> None:
        self._seen = self._typed(), lines
        self.preview_line.update(
            Content("\n").join(Content.styled(text, style) for text, style in lines)
        )

    def _typed(self) -> tuple[str, ...]:
        return tuple(field.value for field in self.query(Input))

    def _ground_now(self) -> tuple[int, int]:
        """The store's state and the minute: a preview is as old as these."""
        desk = self.desk
        try:
            return desk.practice.store.version(), desk.now() // 60
        except HelpspaceError:
            return -1, -1

    def _follow(self) -> None:
        """Show what others have changed, and what the passing of time has; typing is untouched."""
        ground = self._ground_now()
        if ground == self._ground or self.acting or self.app.screen is not self:
            return
        version, before = self._ground[0], self._seen
        self._ground = ground
        self.look()
        if version != ground[0] and before is not None and self._seen != before:
            self.status.hint(_CHANGED)

    def preview(self) -> Lines:
        """Return what would happen, and show what each field was read as; refuses like the act."""
        raise NotImplementedError

    def start(self) -> None:
        """Begin the act; refuses what cannot be read."""
        raise NotImplementedError

    def action_do(self) -> None:
        """Act on all that was typed before Enter, also where the keys came faster than the screen.

        Enter is taken ahead of the fields; each field that has keys to take in takes them first.
        """
        fields = list(self.query(Input))
        waiting = set(fields)

        def taken_in(field: Input) -> None:
            waiting.discard(field)
            if not waiting and self.is_attached:
                self._do()

        for field in fields:
            field.call_later(taken_in, field)

    def _do(self) -> None:
        """Act, unless something stands against it."""
        try:
            seen, lines = self._seen, self.preview()
            if seen is not None and seen[0] == self._typed() and seen[1] != lines:
                self._show(lines)
                raise Changed  # what Enter was to confirm is not what would be done
            self.start()
        except HelpspaceError as error:
            self.look()
            self.refuse(error)

    def action_leave(self) -> None:
        self.leave()

    def action_later(self) -> None:
        """Only forms with a list have a next entry."""

    def action_earlier(self) -> None:
        """Only forms with a list have a previous entry."""
