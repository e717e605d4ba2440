"""A one-line field with its label, and what was understood of it beside it."""

from __future__ import annotations

import unicodedata

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

_JOINERS = "\u200c\u200d"


class CleanInput(Input):
    """An input that keeps no control character, whatever is pasted into it (A3)."""

    def validate_value(self, value: str) -> str:
        """Drop what a terminal could obey; blanks stay as they are typed."""
        return "".join(
            character
            for character in value
            if character in _JOINERS or unicodedata.category(character)[0] != "C"
        )


class Field(Horizontal):
    """Label, input and the reading of it."""

    DEFAULT_CSS = """
    Field { height: 1; width: 1fr; margin-bottom: 1; }
    Field > .label { width: 10; color: $grid-quiet; }
    Field > Input {
        width: 24; padding: 0 1; background: $grid-past; color: $grid-text;
        &:focus { background: $grid-range; background-tint: transparent; }
    }
    Field.-short > Input { width: 10; }
    Field > .understood { width: 1fr; padding-left: 2; color: $grid-quiet; }
    """

    def __init__(
        self,
        label: str,
        value: str,
        *,
        id: str,  # noqa: A002 - Textual's own name
        placeholder: str = "",
        short: bool = False,
        secret: bool = False,
        longest: int = 60,
    ) -> None:
        """`secret` shows dots; `longest` are the characters that it takes."""
        super().__init__(id=id, classes="-short" if short else "")
        self._label = label
        self.input = CleanInput(
            value, placeholder=placeholder, compact=True, max_length=longest, password=secret
        )
        self._understood = Static(Content(""), classes="understood")

    def compose(self) -> ComposeResult:
        yield Static(Content(self._label), classes="label")
        yield self.input
        yield self._understood

    @property
    def value(self) -> str:
        """What is typed."""
        return self.input.value

    def understood(self, text: str) -> None:
        """Show how it was read."""
        self._understood.update(Content(text))
