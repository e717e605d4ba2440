"""One field of the profile's editor: its label, and the control that fits its kind."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from helpspace.core.joining import profile_fields as fields
from helpspace.core.joining.profile_fields import NO, YES, Field
from helpspace.tui.join.questions import LinesInput
from helpspace.tui.join.toggles import Toggles
from helpspace.tui.widgets.field import CleanInput

_SHORT = frozenset({"fee", "minutes", "notice", "zone"})
"""Kinds whose control leaves room for how they were read."""


class Row(Horizontal):
    """Label, control, and beside short controls how the text was read."""

    DEFAULT_CSS = """
    Row { height: auto; width: 1fr; }
    Row > .label { width: 18; height: 1; color: $grid-quiet; }
    Row > Input {
        width: 1fr; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    Row.-short > Input { width: 20; }
    Row > .understood { width: 1fr; height: 1; padding-left: 2; color: $grid-quiet; }
    """

    class Changed(Message):
        """Something was typed or chosen."""

    class Entered(Message):
        """The row has the focus now."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, field: Field, text: str) -> None:
        super().__init__(id=f"row-{field.name}", classes="-short" if field.kind in _SHORT else "")
        self.field = field
        self.input = _control(field, text)
        if isinstance(self.input, Toggles):
            self.input.told = self._changed
        self._label = Static(Content(""), classes="label")
        self._understood = Static(Content(""), classes="understood")

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.input
        if self.field.kind in _SHORT:
            yield self._understood

    def on_mount(self) -> None:
        self.check()

    @property
    def text(self) -> str:
        """The answer as it is typed or chosen."""
        control = self.input
        if isinstance(control, Toggles):
            return "\n".join(control.chosen)
        if isinstance(control, LinesInput):
            return control.text
        return control.value if isinstance(control, CleanInput) else ""

    def show(self, text: str) -> None:
        """Show another text, which somebody else saved."""
        control = self.input
        with self.prevent(Input.Changed, TextArea.Changed):
            if isinstance(control, Toggles):
                control.choose(text.splitlines())
            elif isinstance(control, LinesInput):
                control.text = text
            elif isinstance(control, CleanInput):
                control.value = text
        self.check()

    @property
    def problem(self) -> str | None:
        """Why the answer will not do."""
        return fields.problem(self.field, self.text)

    @property
    def line(self) -> tuple[str, str]:
        """What there is to say of the field, with its style: what is wrong, else what it is for."""
        wrong = self.problem
        if wrong is not None:
            return wrong, "$warning"
        if self.field.kind in ("text", "lines"):
            left = self.field.most - len(self.text)
            return f"{self.field.hint} {left} characters left.", "$grid-quiet"
        return self.field.hint, "$grid-quiet"

    def check(self) -> None:
        """Mark what will not do, and show how the rest was read."""
        wrong = self.problem is not None
        mark = ("! ", "bold $warning") if wrong else ("", "")
        self._label.update(Content.assemble(mark, (self.field.label, "$warning" if wrong else "")))
        self._understood.update(Content(fields.understood(self.field, self.text)))

    def _changed(self) -> None:
        self.check()
        self.post_message(self.Changed())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field."""
        event.stop()
        self.screen.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        del event
        self.post_message(self.Entered(self))


def _control(field: Field, text: str) -> Widget:
    if field.kind == "yes":
        options = [(YES, "open again"), (NO, "stays closed")]
        return Toggles(options, [text], several=False)
    if field.kind == "choices":
        return Toggles([(one, one) for one in field.options], text.splitlines(), several=True)
    if field.kind == "lines":
        return LinesInput(text, field.most)
    return CleanInput(text, compact=True, max_length=field.most, select_on_focus=False)
