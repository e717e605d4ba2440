"""Styles straight from the theme's variables, for widgets that are drawn line by line.

Component classes give the same by way of CSS; dozens of them took a tenth of the start.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter


class Tone(NamedTuple):
    """How something is written: names of theme variables; no ground is that of the widget."""

    color: str | None = None
    ground: str | None = None
    bold: bool = False
    underline: bool = False


def styles(app: App[Any], tones: Mapping[str, Tone], ground: Style) -> dict[str, Style]:
    """Return the styles of some tones in the theme that is on; ask again when it changes."""
    variables = app.theme_variables

    def style(tone: Tone) -> Style:
        color = Color.parse(variables[tone.color]).rich_color if tone.color else ground.color
        own = Color.parse(variables[tone.ground]).rich_color if tone.ground else ground.bgcolor
        # Only what is set: a style that says "not bold" would undo what lies below it.
        return Style(
            color=color, bgcolor=own, bold=tone.bold or None, underline=tone.underline or None
        )

    return {name: style(tone) for name, tone in tones.items()}


def filters(usual: Sequence[LineFilter]) -> list[LineFilter]:
    """Return what is done to lines of such styles: their colours are no terminal's sixteen.

    Looking for those took a twentieth of a key's time.
    """
    return [one for one in usual if not isinstance(one, ANSIToTruecolor)]
