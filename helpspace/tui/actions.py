"""THE table of actions: keys, words and help of everything the therapist's terminal can do.

Bindings, key bars, the palette, the help screen and docs/keys.md are all made from it, so that
they cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from textual.binding import Binding, BindingType

from helpspace.tui.action import Action, Place, Under, shown_key
from helpspace.tui.calendar_keys import ACTS, FINDING, VIEWS
from helpspace.tui.clients.keys import CLIENTS
from helpspace.tui.join.keys import JOINING
from helpspace.tui.learn.keys import LEARNING
from helpspace.tui.lock.keys import LOCKING
from helpspace.tui.money.keys import MONEY
from helpspace.tui.opened.keys import OPENED
from helpspace.tui.profile.keys import PROFILE
from helpspace.tui.settings.keys import SETTINGS
from helpspace.tui.today.keys import TODAY
from helpspace.tui.tour.keys import TOURING

__all__ = [
    "ACTIONS", "NO_KEY", "Action", "Place", "Under", "action", "bar", "bindings", "keys_page", "of",
    "shown_key",
]  # fmt: skip


NO_KEY = "no_key"
"""No keyboard has it: what a binding is told that has no key, so that it can be given one."""


def _always(word: str) -> Mapping[Under, str]:
    return dict.fromkeys(Under, word)


_TIME = dict.fromkeys((Under.FREE, Under.PAST, Under.RANGE), "open slot")
_LIVE = (Under.SESSION, Under.OVER)

_CALENDAR = (
    Action(
        "calendar.open", "enter", "calendar: open",
        "Open what is under the cursor: a session, a slot, or free time for a new slot.",
        Place.CALENDAR, "open",
        {Under.SESSION: "open", Under.OVER: "open", Under.HELD: "open"}, palette=True,
    ),
    Action(
        "slot.toggle", "s", "slot: open or close",
        "Open a slot for initial sessions at the cursor, or close the open slot there.",
        Place.CALENDAR, "slot", {**_TIME, Under.OPEN: "close slot"}, palette=True,
    ),
    Action(
        "session.video", "v", "session: start video",
        "Open the session's video room in the browser.",
        Place.CALENDAR, "video", dict.fromkeys(_LIVE, "video"), palette=True,
    ),
    Action(
        "session.follow_up", "f", "session: book a follow-up",
        "Book a follow-up: for the session's client a week later, or at the cursor.",
        Place.CALENDAR, "follow_up",
        {**dict.fromkeys(_LIVE, "follow-up"), Under.FREE: "follow-up", Under.OPEN: "follow-up",
         Under.RANGE: "follow-up"}, palette=True,
    ),
    Action(
        "calendar.quick_add", "a", "calendar: book with one line",
        "Book with one line, such as “tue 10:00 anna” or “slot thu 9:30 x6”.",
        Place.CALENDAR, "quick_add",
        dict.fromkeys((Under.FREE, Under.PAST), "add"), palette=True,
    ),
    Action(
        "session.cancel", "x", "session: cancel",
        "Cancel the session under the cursor; what it means for the money is shown first.",
        Place.CALENDAR, "cancel", {Under.SESSION: "cancel"}, palette=True,
    ),
    Action(
        "calendar.previous_week", "left_square_bracket", "calendar: week before",
        "Show the week before.",
        Place.CALENDAR, "previous_week", _always(""), palette=True,
    ),
    Action(
        "calendar.next_week", "right_square_bracket", "calendar: week after",
        "Show the week after.",
        Place.CALENDAR, "next_week", _always("week"), palette=True,
    ),
    Action(
        "calendar.today", "t", "calendar: today", "Go to the present.",
        Place.CALENDAR, "today", _always("today"), palette=True,
    ),
    Action(
        "calendar.date", "g", "calendar: go to a date",
        "Go to a date that you type or choose in a small month.",
        Place.CALENDAR, "date", _always("date"), palette=True,
    ),
    Action(
        "look.blur", "asterisk", "look: hide or show names",
        "Turn the clients' names to dots, and back: for sharing the screen.",
        Place.CALENDAR, "blur", _always("names"), palette=True,
    ),
    Action(
        "calendar.zoom_in", "plus,equals_sign", "look: zoom in", "Show fewer hours, larger.",
        Place.CALENDAR, "zoom_in", palette=True,
    ),
    Action(
        "calendar.zoom_out", "minus", "look: zoom out", "Show more hours, smaller.",
        Place.CALENDAR, "zoom_out", palette=True,
    ),
    Action(
        "help.keys", "question_mark", "help: all keys",
        "Show every key and what it does.",
        Place.CALENDAR, "help", _always("help"), palette=True,
    ),
)  # fmt: skip

_MOVING = tuple(
    Action(f"calendar.{run}", keys, f"calendar: {words}", sentence, Place.MOVING, run)
    for run, keys, words, sentence in (
        ("cursor_up", "up,k", "earlier", "Go one step earlier."),
        ("cursor_down", "down,j", "later", "Go one step later."),
        ("cursor_left", "left,h", "day before", "Go to the same time on the day before."),
        ("cursor_right", "right,l", "day after", "Go to the same time on the day after."),
        ("page_up", "pageup", "page up", "Go several hours earlier."),
        ("page_down", "pagedown", "page down", "Go several hours later."),
        ("day_start", "home", "start of the day", "Go to the start of the day."),
        ("day_end", "end", "end of the day", "Go to the end of the day."),
        ("next_block", "full_stop", "next entry", "Go to the next session or slot of the week."),
        ("previous_block", "comma", "previous entry", "Go to the one before."),
        ("extend_down", "shift+down,J", "mark later", "Mark a range of time, downwards."),
        ("extend_up", "shift+up,K", "mark earlier", "Mark a range of time, upwards."),
        (
            "extend_left",
            "shift+left,H",
            "mark days before",
            "Mark the same hours on the day before, too.",
        ),
        (
            "extend_right",
            "shift+right",
            "mark days after",
            "Mark the same hours on the day after, too.",
        ),
        ("clear_range", "escape", "unmark", "Take the mark off."),
    )
)

_SESSION = (
    Action(
        "opened.video", "v", "session: start video", "Open the video room in the browser.",
        Place.SESSION, "video", dict.fromkeys(_LIVE, "video"), palette=True,
    ),
    Action(
        "opened.copy", "c", "session: copy the video link",
        "Copy the link of the video room.",
        Place.SESSION, "copy", dict.fromkeys(_LIVE, "copy link"), palette=True,
    ),
    Action(
        "opened.follow_up", "f", "session: book a follow-up",
        "Book a follow-up: a week later for this client, or at this slot's time.",
        Place.SESSION, "follow_up",
        {**dict.fromkeys(_LIVE, "follow-up"), Under.OPEN: "follow-up here"},
        palette=True,
    ),
    Action(
        "opened.cancel", "x", "session: cancel", "Cancel the session; the money is shown first.",
        Place.SESSION, "cancel", {Under.SESSION: "cancel session"}, palette=True,
    ),
    Action(
        "opened.close_slot", "s", "slot: close", "Close the slot: clients no longer see it.",
        Place.SESSION, "slot", {Under.OPEN: "close slot"}, palette=True,
    ),
    Action(
        "opened.back", "escape,q,enter", "session: back", "Go back to the calendar.",
        Place.SESSION, "back", _always("back"), palette=True,
    ),
)  # fmt: skip

_FORM = (
    Action(
        "form.do", "enter", "form: do it", "Do what the form says, if nothing stands against it.",
        Place.FORM, "do", _always("do it"), priority=True,
    ),
    Action(
        "form.next", "tab", "form: next field", "Go to the next field.",
        Place.FORM, "app.focus_next", _always("next field"), priority=True,
    ),
    Action(
        "form.previous", "shift+tab", "form: field before", "Go to the field before.",
        Place.FORM, "app.focus_previous", priority=True,
    ),
    Action(
        "form.later", "down", "form: next entry",
        "Choose the next entry of the list, or scroll it.",
        Place.FORM, "later",
    ),
    Action(
        "form.earlier", "up", "form: entry before", "Choose the entry before, or scroll back.",
        Place.FORM, "earlier",
    ),
    Action(
        "form.leave", "escape", "form: leave", "Leave without doing anything.",
        Place.FORM, "leave", _always("leave"),
    ),
)  # fmt: skip

_ASKING = (
    Action(
        "asking.yes", "y", "asking: yes, do it", "Yes: do what the question says.",
        Place.ASKING, "yes", _always("yes"),
    ),
    Action(
        "asking.later", "l", "asking: this one and later ones",
        "Cancel this session and the later ones of its weekly series.",
        Place.ASKING, "later",
    ),
    Action(
        "asking.no", "n,escape,q", "asking: no, keep it", "No: everything stays as it is.",
        Place.ASKING, "no", _always("no, keep it"),
    ),
)  # fmt: skip

_DATE = (
    Action(
        "date.go", "enter", "date: go there", "Go to the date that is shown.",
        Place.DATE, "go", _always("go there"), priority=True,
    ),
    Action(
        "date.day_before", "left", "date: day before", "Choose the day before.",
        Place.DATE, "move(-1)", priority=True,
    ),
    Action(
        "date.day_after", "right", "date: day after", "Choose the day after.",
        Place.DATE, "move(1)", priority=True,
    ),
    Action(
        "date.week_before", "up", "date: week before", "Choose the same day a week before.",
        Place.DATE, "move(-7)", priority=True,
    ),
    Action(
        "date.week_after", "down", "date: week after", "Choose the same day a week later.",
        Place.DATE, "move(7)", priority=True,
    ),
    Action(
        "date.month_before", "pageup", "date: month before", "Choose a day in the month before.",
        Place.DATE, "turn(-1)", priority=True,
    ),
    Action(
        "date.month_after", "pagedown", "date: month after", "Choose a day in the month after.",
        Place.DATE, "turn(1)", priority=True,
    ),
    Action(
        "date.leave", "escape", "date: leave", "Stay where you are.",
        Place.DATE, "leave", _always("leave"),
    ),
)  # fmt: skip

_HELP = (
    Action(
        "help.close", "escape,q,question_mark,enter", "help: close", "Close the help.",
        Place.HELP, "close", _always("close"),
    ),
)  # fmt: skip

_EVERYWHERE = (
    Action(
        "app.palette", "ctrl+p", "everywhere: search all actions",
        "Search all actions by their words, and start one.",
        Place.EVERYWHERE, "app.command_palette", priority=True,
    ),
    Action(
        "app.quit", "q", "everywhere: quit", "Leave Helpspace; from anywhere with Ctrl+Q.",
        Place.EVERYWHERE, "app.quit", _always("quit"), palette=True,
    ),
    Action(
        "app.leave", "ctrl+q", "everywhere: quit at once",
        "Leave Helpspace, also from inside a form; what is not done yet is not done.",
        Place.EVERYWHERE, "app.quit", priority=True,
    ),
    Action(
        "app.how_to_leave", "ctrl+c", "everywhere: how to leave",
        "Say how to leave; where text is typed, copy what is marked.",
        Place.EVERYWHERE, "app.how_to_leave",
    ),
    *(
        Action(
            f"look.{name}", "", f"look: {words}", f"Put on the theme “{words}”.",
            Place.EVERYWHERE, f"app.put_on('helpspace-{name}')", palette=True,
        )
        for name, words in (
            ("dark", "dark"), ("light", "light"), ("high-contrast", "high contrast"),
            ("colour-blind", "colour-blind safe"),
        )
    ),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    *_CALENDAR, *ACTS, *FINDING, *VIEWS, *_MOVING, *_SESSION, *_FORM, *_ASKING, *_DATE, *_HELP,
    *PROFILE, *JOINING, *LEARNING, *TODAY, *MONEY, *OPENED, *CLIENTS, *SETTINGS, *LOCKING,
    *TOURING, *_EVERYWHERE,
)  # fmt: skip


def of(place: Place) -> tuple[Action, ...]:
    """Return the actions of one place, in their order."""
    return tuple(action for action in ACTIONS if action.place is place)


def action(action_id: str) -> Action:
    """Return the action of an id."""
    return next(one for one in ACTIONS if one.id == action_id)


def bindings(*places: Place) -> list[BindingType]:
    """Return Textual's bindings for some places."""
    return [_binding(one) for place in places for one in of(place)]


def _binding(one: Action) -> Binding:
    return Binding(
        one.keys or NO_KEY,
        one.run,
        one.verb.partition(": ")[2].capitalize(),
        show=False,
        tooltip=one.help,
        id=one.id,
        priority=one.priority,
    )


def bar(
    places: Iterable[Place], under: Under, without: Collection[str] = ()
) -> list[tuple[Action, str]]:
    """Return what a key bar shows for what the cursor is on: actions with their words.

    `without` names actions for which there is nothing just now.
    """
    every = (one for place in places for one in of(place) if one.id not in without)
    return [(one, one.bar[under]) for one in every if under in one.bar]


def keys_page() -> str:
    """Return docs/keys.md: every key, from the table."""
    lines = [
        "# Keys",
        "",
        "Every key of the therapist's terminal. This page is made from the table in",
        "`helpspace/tui/actions.py`; the help (`?`) and the palette (`Ctrl+P`) show the same.",
        "The mouse does it too: a click moves the cursor, a double click opens, a drag over free",
        "time marks a slot, and the words in the line of keys are buttons.",
        "",
        "You can have keys of your own: the settings (`S`) change most of these under “Keys”, and",
        "whatever shows a key then shows yours. Enter, Esc, Tab, the arrows, `Ctrl+Q`, `Ctrl+C`,",
        "`Ctrl+P` stay what they are, and so do the keys of places where text is typed.",
    ]
    for place in Place:
        rows = of(place)
        lines += ["", f"## {place}", "", "| key | does | in the palette |", "|---|---|---|"]
        for one in rows:
            keys = " ".join(f"`{shown_key(key)}`" for key in one.keys.split(",") if key) or "–"
            lines.append(f"| {keys} | {one.help} | {one.verb if one.palette else '–'} |")
    return "\n".join(lines) + "\n"
