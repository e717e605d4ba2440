"""What an action of the terminal is: its keys, its words, and where it can be done."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Place(StrEnum):
    """Where an action's keys work; the values head the sections of help and docs."""

    CALENDAR = "Calendar"
    MOVING = "Moving in the calendar"
    SESSION = "A session or slot that is open"
    FORM = "Forms"
    ASKING = "Before something is cancelled or closed"
    DATE = "Going to a date"
    HELP = "Help"
    TOUR = "The tour"
    LOCKED = "While it is locked"
    PROFILE = "Editing the profile"
    CHECKLIST = "The checklist of publishing"
    LINKS = "Links to the profile"
    PROOFS = "Handing in a new proof"
    PICTURE = "Handing in a new picture"
    JOINING = "The three steps of joining"
    BEGINNING = "Beginning an application"
    APPLICATION = "A page of the application"
    CHOICES = "Choices on a page"
    FILE = "Handing in a file"
    DOCUMENT = "A file that was handed in"
    FOLDER = "Choosing a file"
    PAYMENTS = "Enabling payments"
    AWAY = "The calendar, opened from the steps of joining"
    TODAY = "Today"
    MONEY = "The money"
    PAYOUTS = "Payouts to the bank"
    CLIENTS = "The clients"
    CLIENT = "One client"
    INVITATIONS = "Invitations"
    CODE = "A link with its code"
    SETTINGS = "The settings of the terminal"
    CHOOSING = "Choosing a setting"
    KEYS = "Your own keys"
    PRESSING = "Choosing a key"
    COURSE = "The course"
    CHAPTER = "A chapter of the course"
    EXERCISE = "An exercise of the course"
    EVERYWHERE = "Everywhere"


class Under(StrEnum):
    """What the calendar's cursor is on; key bars show what can be done with it."""

    FREE = "free time"
    PAST = "past time"
    OPEN = "an open slot"
    HELD = "a slot that is being booked"
    SESSION = "a session to come"
    OVER = "a session that has begun or ended"
    RANGE = "a marked range"


_NOWHERE: Mapping[Under, str] = MappingProxyType({})


class Action(NamedTuple):
    """One thing that can be done.

    `run` is the name of Textual's action method; `bar` the word in the key bar for each thing the
    cursor may be on, where the action is shown there.
    """

    id: str
    keys: str
    verb: str
    """What the palette says: "area: verb"."""
    help: str
    """One sentence for the help and the docs."""
    place: Place
    run: str
    bar: Mapping[Under, str] = _NOWHERE
    palette: bool = False
    """Whether it makes sense to start it from the palette."""
    priority: bool = False
    """Whether the key works even while something is typed."""

    @property
    def shown_keys(self) -> str:
        """The keys for people, such as "↑ k"."""
        return " ".join(shown_key(key) for key in self.keys.split(",") if key)

    @property
    def first_key(self) -> str:
        """The key that key bars show."""
        return shown_key(self.keys.split(",", maxsplit=1)[0])


def always(word: str) -> Mapping[Under, str]:
    """Return the word in the key bar whatever is marked; none leaves the action out of it."""
    return MappingProxyType(dict.fromkeys(Under, word) if word else {})


_MOVES = frozenset({"up", "down", "page_up", "page_down", "page_back", "top", "bottom"})
"""Ways of moving about, which make no sense from the palette."""


def rows_of(
    place: Place, area: str, *rows: tuple[str, str, str, str, str], palette: bool = True
) -> tuple[Action, ...]:
    """Return a place's actions from rows of: method, keys, verb, word in the key bar, sentence."""
    return tuple(
        Action(
            f"{area}.{run}", keys, f"{area}: {verb}", sentence, place, run, always(word),
            palette=palette and run not in _MOVES,
        )
        for run, keys, verb, word, sentence in rows
    )  # fmt: skip


_SHOWN = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "Enter", "escape": "Esc",
    "left_square_bracket": "[", "right_square_bracket": "]", "question_mark": "?", "plus": "+",
    "equals_sign": "=", "minus": "-", "asterisk": "*", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "tab": "Tab", "shift+tab": "Shift+Tab",
    "shift+down": "Shift+↓", "shift+up": "Shift+↑", "f2": "F2", "f3": "F3", "space": "Space",
    "slash": "/", "full_stop": ".", "comma": ",", "shift+left": "Shift+←", "shift+right": "Shift+→",
}  # fmt: skip


def shown_key(key: str) -> str:
    """Return a key as keyboards name it: "[", "Enter", "Ctrl+P"."""
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return f"Ctrl+{shown_key(key[5:]).upper()}"
    if len(key) == 1:
        return key
    from textual.keys import key_to_character  # noqa: PLC0415 - only few keys are not named above

    character = key_to_character(key)
    return character if character and character.isprintable() else key.replace("_", " ").title()
