"""The actions on the settings of the terminal, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, rows_of

_SETTINGS = rows_of(
    Place.SETTINGS, "settings",
    ("show", "enter", "change the marked one", "change",
     "Change the marked setting, or go to where it is set."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "choose", "Go to the line below."),
    ("back", "escape,q,S", "back", "back", "Go back to the calendar."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_CHOOSING = rows_of(
    Place.CHOOSING, "choosing",
    ("show", "enter", "choose", "choose", "Keep what is marked."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "next", "Go to the line below."),
    ("back", "escape,q", "leave", "leave", "Leave it as it was."),
    palette=False,
)  # fmt: skip

_KEYS = rows_of(
    Place.KEYS, "keys",
    ("show", "enter", "give the marked one another key", "another key",
     "Give the marked action another key: press it in the next step."),
    ("find", "slash", "find", "find", "Find an action by its words or its key."),
    ("usual", "u", "the usual key again", "usual key",
     "Give the marked action its usual key back."),
    ("all_usual", "R", "all usual keys again", "all usual",
     "Give every action its usual key back; asks first."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "", "Go to the line below."),
    ("page_up", "pageup", "page up", "", "Go several lines up."),
    ("page_down", "pagedown", "page down", "", "Go several lines down."),
    ("back", "escape,q", "back", "back", "Leave the search, or go back to the settings."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_PRESSING = rows_of(
    Place.PRESSING, "pressing",
    ("keep", "enter", "keep or swap", "keep",
     "Keep the keys that were pressed; where another action has one, swap the two."),
    ("take", "tab", "take it", "", "Take the key from the action that has it."),
    ("leave", "escape", "leave", "leave", "Leave the keys as they were."),
    palette=False,
)  # fmt: skip

SETTINGS: tuple[Action, ...] = (*_SETTINGS, *_CHOOSING, *_KEYS, *_PRESSING)
