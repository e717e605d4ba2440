"""A question of the application: its label, the right control for its kind, one line below."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from helpspace.core.joining import topics
from helpspace.core.joining.bodies import BODIES
from helpspace.core.joining.topics import DECLARATION_VERSION, SUGGESTED_NOTICE, Field
from helpspace.core.moments import show_day
from helpspace.core.plain import plain, plain_lines
from helpspace.tui.join.toggles import Toggles
from helpspace.tui.widgets.field import CleanInput

_JOINERS = "\u200c\u200d"


def _nobody() -> None:
    """Nobody wants to know yet."""


class OneLine(CleanInput):
    """A line of text; `told` is called within the key, so that both are painted in one frame."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "onward", show=False, priority=True),
    ]
    told: Callable[[], None] = staticmethod(_nobody)
    is_last = False
    """Whether Enter is for the screen instead of leading to the next field."""

    def watch_value(self) -> None:
        self.told()

    def action_onward(self) -> None:
        """Go on within the key, so that what is typed right after it lands in the next field."""
        if self.is_last:
            raise SkipAction
        self.screen.focus_next()


class LinesInput(TextArea):
    """A few lines of text that keep no control character, whatever is pasted (A3)."""

    told: Callable[[], None] = staticmethod(_nobody)

    DEFAULT_CSS = """
    LinesInput {
        height: 4; width: 1fr; padding: 0; border: none;
        background: $grid-past; color: $grid-text; scrollbar-size-vertical: 1;
        &:focus { border: none; background: $grid-range; background-tint: transparent; }
        & .text-area--cursor-line { background: transparent; }
    }
    """

    def __init__(self, text: str, most: int) -> None:
        super().__init__(_clean_lines(text)[:most], compact=True, soft_wrap=True,
                         show_line_numbers=False, tab_behavior="focus",
                         highlight_cursor_line=False)  # fmt: skip
        self._most = most

    def edit(self, edit: Edit) -> EditResult:
        """Take an edit without what a terminal could obey, within the length."""
        room = max(
            0,
            self._most
            - len(self.text)
            + len(self.get_text_range(*sorted((edit.from_location, edit.to_location)))),
        )
        edit.text = _clean_lines(edit.text)[:room]
        result = super().edit(edit)
        self.told()
        return result


def _clean_lines(text: str) -> str:
    return "".join(
        one
        for one in text.replace("\r\n", "\n").replace("\r", "\n")
        if one == "\n" or one in _JOINERS or unicodedata.category(one)[0] != "C"
    )


class Question(Vertical):
    """One field of a page."""

    DEFAULT_CSS = """
    Question { height: auto; width: 1fr; }
    Question > .row { height: auto; width: 1fr; }
    Question .label { width: 22; height: auto; padding-right: 1; color: $grid-quiet; }
    Question Input {
        width: 1fr; max-width: 70; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    Question LinesInput, Question Toggles { max-width: 90; }
    Question > .line { height: auto; min-height: 1; padding-left: 22; color: $grid-quiet; }
    """

    def __init__(
        self,
        field: Field,
        text: str,
        *,
        told: Callable[[Question], None],
        today: Callable[[], date],
        left: bool,
    ) -> None:
        super().__init__(id=f"q-{field.name}")
        self.field = field
        self._told = told
        self._today = today
        self._left = left
        """Whether they were here before: then also what is empty is told."""
        self._theirs: str | None = None
        self._said = ("", "")
        self._line = Static(Content(""), classes="line")
        self._showing = False
        self.control = _control(field, text)
        if isinstance(self.control, OneLine | LinesInput | Toggles):
            self.control.told = self._answered

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Static(Content(self.field.label), classes="label")
            yield self.control
        yield self._line

    def on_mount(self) -> None:
        self.check()

    # -- its text --------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The answer as it is typed or chosen."""
        control = self.control
        if isinstance(control, Toggles):
            return "\n".join(control.chosen)
        return control.text if isinstance(control, LinesInput) else _as_input(control).value

    def show(self, text: str) -> None:
        """Show another text, which somebody else wrote."""
        control = self.control
        self._showing = True
        if isinstance(control, Toggles):
            control.choose(topics.chosen(text))
        elif isinstance(control, LinesInput):
            control.text = plain_lines(text)
        else:
            _as_input(control).value = plain(text, self.field.most)
        self._showing = False
        self.check()

    def clash(self, theirs: str | None) -> None:
        """Say what somebody else wrote here, or that this is settled."""
        self._theirs = theirs
        self.check()

    # -- what is said of it ----------------------------------------------------------------------

    @property
    def problem(self) -> str | None:
        """Why the answer will not do."""
        return topics.problem(self.field, self.text, self._today())

    def check(self) -> None:
        """Say in one line what is wrong with the answer, how it is read, or what is asked."""
        if self._theirs is not None:
            theirs = plain(self._theirs, 60) or "nothing"
            self._say(f"Elsewhere it says: {theirs}", "$warning")
            return
        empty, wrong = not self.text.strip(), self.problem
        if wrong and (self._left or not empty):
            self._say(wrong, "$warning")
        else:
            self._say(self._asked() if empty else self._read() or self.field.hint, "$grid-quiet")

    def _say(self, words: str, style: str) -> None:
        """Show a line; what is there already is not laid out again at every key."""
        if (words, style) != self._said:
            self._said = (words, style)
            self._line.update(Content.styled(words, style))

    def _asked(self) -> str:
        hint = self.field.hint
        if self.field.kind == "notice":
            return f"{SUGGESTED_NOTICE} is suggested; type what you choose. 0 is possible."
        return hint

    def _read(self) -> str:
        """How an answer is understood, where that helps."""
        said = self.text.strip()
        if self.field.kind == "until":
            day = date.fromisoformat(said)
            return f"{show_day(day)} {day.year}, in {(day - self._today()).days} days"
        if self.field.kind == "notice":
            hours = int(said)
            return f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else f"{hours} hours"
        if self.field.kind == "choice":
            return next((body.name for body in BODIES if body.code == said), "")
        if self.field.kind == "choices":
            return f"{len(topics.chosen(self.text))} chosen"
        if self.field.kind == "lines":
            return f"{len(self.text)} of {self.field.most} characters"
        return ""

    # -- events ----------------------------------------------------------------------------------

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Undoing is told only so."""
        event.stop()
        self._answered()

    def _answered(self) -> None:
        """Say at once, within the key, what is typed now."""
        if self.is_mounted and not self._showing:
            self.check()
            self._told(self)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        del event
        self._left = True
        self.check()


def _as_input(control: Widget) -> OneLine:
    assert isinstance(control, OneLine)  # noqa: S101 - there is no fourth kind
    return control


def _control(field: Field, text: str) -> Widget:
    """Return the control that fits a field's kind."""
    if field.kind == "agree":
        chosen = [text] if text == DECLARATION_VERSION else []
        return Toggles([(DECLARATION_VERSION, "Yes")], chosen, several=True)
    if field.kind in ("choice", "choices"):
        options = [(one, one) for one in field.options]
        return Toggles(options, topics.chosen(text), several=field.kind == "choices")
    if field.kind == "lines":
        return LinesInput(plain_lines(text), field.most)
    return OneLine(
        plain(text, field.most),
        compact=True,
        max_length=field.most,
        select_on_focus=False,
    )
