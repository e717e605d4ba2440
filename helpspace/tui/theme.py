"""The looks of Helpspace: four themes, and the colours that statuses have in each of them.

Every status has three theme variables: `$status-NAME` for its bar and glyph, `$status-NAME-body`
for the ground of its block, `$status-NAME-next` for that of a block right below it. Colour is
never alone: glyph and word say the same (`layout.Status`).
"""

from functools import cache
from typing import Any, NamedTuple

from textual.app import App
from textual.color import Color
from textual.theme import Theme

from helpspace.tui.layout import Status

DEFAULT_THEME = "helpspace-dark"


class _Look(NamedTuple):
    """What a theme is made from; all else is derived."""

    name: str
    dark: bool
    ground: str
    surface: str
    panel: str
    text: str
    primary: str
    accent: str
    tint: float
    """How much of a status's colour its body takes."""
    past: float
    """How far the past moves from surface towards ground."""
    statuses: dict[Status, str]


_DARK = _Look(
    name="helpspace-dark",
    dark=True,
    ground="#12161b",
    surface="#181d24",
    panel="#1f2630",
    text="#d8dee6",
    primary="#7db3d8",
    accent="#e8b86d",
    tint=0.16,
    past=0.55,
    statuses={
        Status.OPEN: "#83c092",
        Status.HELD: "#dbbc7f",
        Status.BOOKED: "#7db3e0",
        Status.UNPAID: "#f28b84",
        Status.COMPLETED: "#9aa7b8",
        Status.NO_SHOW: "#c49fd0",
        Status.CANCELLED: "#8a919b",
        Status.TIME_OFF: "#a79b8b",
    },
)

_LIGHT = _Look(
    name="helpspace-light",
    dark=False,
    ground="#f1eee8",
    surface="#fdfcf9",
    panel="#e8e4dc",
    text="#262c34",
    primary="#1f5f8b",
    accent="#a35a00",
    tint=0.12,
    past=0.6,
    statuses={
        Status.OPEN: "#2c6e3f",
        Status.HELD: "#7f5a00",
        Status.BOOKED: "#1c5d99",
        Status.UNPAID: "#b3261e",
        Status.COMPLETED: "#505c6b",
        Status.NO_SHOW: "#7a3f94",
        Status.CANCELLED: "#666c75",
        Status.TIME_OFF: "#6b6154",
    },
)

_CONTRAST = _Look(
    name="helpspace-high-contrast",
    dark=True,
    ground="#000000",
    surface="#000000",
    panel="#1a1a1a",
    text="#ffffff",
    primary="#8fd0ff",
    accent="#ffd400",
    tint=0.14,
    past=0.0,
    statuses={
        Status.OPEN: "#6dff8c",
        Status.HELD: "#ffd75f",
        Status.BOOKED: "#8fd0ff",
        Status.UNPAID: "#ff9d94",
        Status.COMPLETED: "#d0d6dd",
        Status.NO_SHOW: "#f0b6ff",
        Status.CANCELLED: "#c2c2c2",
        Status.TIME_OFF: "#dccfbb",
    },
)

# Hues of Okabe and Ito, lightened until each reads on its own body.
_COLOUR_BLIND = _Look(
    name="helpspace-colour-blind",
    dark=True,
    ground="#12161b",
    surface="#181d24",
    panel="#1f2630",
    text="#dfe4ea",
    primary="#56b4e9",
    accent="#f0e442",
    tint=0.16,
    past=0.55,
    statuses={
        Status.OPEN: "#1fbf92",
        Status.HELD: "#f0e442",
        Status.BOOKED: "#56b4e9",
        Status.UNPAID: "#f08a3c",
        Status.COMPLETED: "#a3adb9",
        Status.NO_SHOW: "#e39ac4",
        Status.CANCELLED: "#8a919b",
        Status.TIME_OFF: "#a79b8b",
    },
)


def _mix(a: str, b: str, share: float) -> str:
    return Color.parse(a).blend(Color.parse(b), share).hex


def _variables(look: _Look) -> dict[str, str]:
    """The variables that Helpspace's own widgets use besides Textual's."""
    variables = {
        "grid-ground": look.surface,
        "grid-past": _mix(look.surface, look.ground, look.past),
        "grid-line": _mix(look.surface, look.text, 0.16 if look.past else 0.45),
        "grid-faint": _mix(look.surface, look.text, 0.08 if look.past else 0.28),
        "grid-soft": _mix(look.surface, look.text, 0.38),
        "grid-quiet": _mix(look.surface, look.text, 0.72),
        "grid-text": look.text,
        "grid-now": look.accent,
        "grid-available": _mix(look.surface, look.statuses[Status.OPEN], 0.55),
        "grid-range": _mix(look.surface, look.primary, 0.30),
    }
    for status, colour in look.statuses.items():
        hollow = status in {Status.CANCELLED, Status.TIME_OFF}
        tint = look.tint * 0.4 if hollow else look.tint
        variables[f"status-{status}"] = colour
        variables[f"status-{status}-body"] = _mix(look.surface, colour, tint)
        variables[f"status-{status}-next"] = _mix(look.surface, colour, tint * 1.4)
    return variables


def _theme(look: _Look) -> Theme:
    return Theme(
        name=look.name,
        dark=look.dark,
        primary=look.primary,
        secondary=_mix(look.primary, look.text, 0.4),
        accent=look.accent,
        foreground=look.text,
        background=look.ground,
        surface=look.surface,
        panel=look.panel,
        success=look.statuses[Status.OPEN],
        warning=look.statuses[Status.HELD],
        error=look.statuses[Status.UNPAID],
        variables={
            **_variables(look),
            "block-cursor-background": look.primary,
            "block-cursor-foreground": look.ground,
            "scrollbar": _mix(look.surface, look.text, 0.22),
            "scrollbar-hover": _mix(look.surface, look.text, 0.35),
            "scrollbar-active": look.primary,
            "scrollbar-background": look.surface,
            "scrollbar-background-hover": look.surface,
            "scrollbar-background-active": look.surface,
            "footer-key-foreground": look.accent,
        },
    )


_OURS = {look.name: look for look in (_DARK, _LIGHT, _CONTRAST, _COLOUR_BLIND)}


@cache
def named(name: str) -> Theme | None:
    """Return our theme of a name, made when it is first wanted, or None."""
    look = _OURS.get(name)
    return None if look is None else _theme(look)


def themes() -> tuple[Theme, ...]:
    """Return all of ours."""
    return tuple(theme for name in _OURS if (theme := named(name)) is not None)


@cache
def variable_defaults(*, dark: bool) -> dict[str, str]:
    """Status and grid colours for themes that are not ours, such as Textual's own.

    The app returns them from `get_theme_variable_defaults`, for `current_theme.dark`; without them
    the grid's CSS does not parse under a foreign theme.
    """
    return _variables(_DARK if dark else _LIGHT)


def put_on(app: App[Any], name: str) -> None:
    """Put on a theme that the app knows.

    Setting `app.theme` has the styles of everything parsed and applied anew, which a start does
    anyway. So before the app runs it is told only the name, its classes and its variables; but a
    light one goes the long way, since it changes the filter of colours, too.
    """
    worn = app.get_theme(name)
    if app.is_running or worn is None or not worn.dark:
        app.theme = name
        return
    app.set_reactive(App.theme, name)
    classes = {one: False for one in app.classes if one.startswith("-theme-")}
    app.update_classes(
        {**classes, f"-theme-{name}": True, "-dark-mode": True, "-light-mode": False}, update=False
    )
    app.stylesheet.set_variables(app.get_css_variables())
