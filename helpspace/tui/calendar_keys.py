"""The actions of the calendar itself, and the doors from it to everything else.

These are all that its first screen needs; the tables of what lies behind the doors are read later.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from helpspace.tui.action import Action, Place, Under


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

_ACTS = (
    Action(
        "session.move", "m", "session: move",
        "Pick up a session: the same key or Enter at the new time, or the key twice to type it.",
        Place.CALENDAR, "move", {Under.SESSION: "move"}, palette=True,
    ),
    Action(
        "session.put_down", "escape", "session: leave it where it is",
        "Leave a session that was picked up where it is.",
        Place.CALENDAR, "put_down",
    ),
    Action(
        "session.again", "n", "session: same time next week",
        "Book the same time next week for the client of a session; the money is shown first.",
        Place.CALENDAR, "again", {Under.OVER: "next week"}, palette=True,
    ),
    Action(
        "calendar.time_off", "o", "calendar: take time off",
        "Take time off, or lift it: slots, sessions and refunds are listed first.",
        Place.CALENDAR, "time_off", palette=True,
    ),
    Action(
        "slot.undo", "u", "slot: take back",
        "Take back the last opening or closing of slots, where nothing has happened since.",
        Place.CALENDAR, "undo", palette=True,
    ),
)  # fmt: skip

_FINDING = (
    Action(
        "calendar.find", "slash", "calendar: find anything",
        "Find a client, a date or what is unpaid, and go there.",
        Place.CALENDAR, "find", dict.fromkeys(Under, "find"), palette=True,
    ),
)  # fmt: skip

_VIEWS = tuple(
    Action(
        f"view.{name}", key, f"view: {name}", sentence, Place.CALENDAR, f"view('{name}')",
        palette=True,
    )
    for name, key, sentence in (
        ("day", "1", "Show one day, hour by hour."),
        ("week", "2", "Show a week, hour by hour."),
        ("month", "3", "Show a month: what each day holds; Enter opens the day."),
        ("agenda", "4", "Show what comes, day after day, as a list without end."),
    )
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

_DOORS = (
    Action(
        "profile.edit", "e", "profile: edit",
        "Edit your profile; beside it stands what clients see.",
        Place.CALENDAR, "profile_edit", palette=True,
    ),
    Action(
        "profile.checklist", "c", "profile: checklist",
        "Show what stands between you and clients, and how to mend it.",
        Place.CALENDAR, "profile_checklist",
        MappingProxyType({Under.FREE: "publish", Under.OPEN: "publish"}), palette=True,
    ),
    Action(
        "profile.holidays", "O", "profile: holidays",
        "Switch your profile off for holidays, or on again; what it means is said first.",
        Place.CALENDAR, "profile_holidays", palette=True,
    ),
    Action(
        "profile.boundaries", "B", "profile: boundaries",
        "Set your cap of sessions a day, your break, and the minimum notice.",
        Place.CALENDAR, "profile_boundaries", palette=True,
    ),
    Action(
        "profile.links", "U", "profile: links",
        "Show your own link for clients with its QR code, and your calendar's address.",
        Place.CALENDAR, "profile_links", palette=True,
    ),
    Action(
        "profile.proofs", "", "profile: hand in a new proof",
        "Hand in a new insurance certificate or registration.",
        Place.CALENDAR, "profile_proofs", palette=True,
    ),
    Action(
        "profile.picture", "", "profile: hand in a new picture",
        "Hand in a new profile picture; clients see it once the team accepts it.",
        Place.CALENDAR, "profile_picture", palette=True,
    ),
    Action(
        "learn.open", "L", "learn: open the course",
        "Open the course: eight short chapters, to be read again at any time.",
        Place.CALENDAR, "app.learn", palette=True,
    ),
    Action(
        "today.open", "T", "today: open",
        "Show your next session, the rest of the day, and what waits for you.",
        Place.CALENDAR, "day_page", palette=True,
    ),
    Action(
        "today.video_next", "V", "today: video of the next session",
        "Open the next session's video room, wherever the cursor is.",
        Place.CALENDAR, "video_next", palette=True,
    ),
    Action(
        "money.open", "M", "money: open",
        "Show what you earned, what is owed and what is about to be charged.",
        Place.CALENDAR, "money", palette=True,
    ),
    Action(
        "clients.open", "C", "clients: open",
        "Show your clients: when they come, what they owe, how to reach them.",
        Place.CALENDAR, "clients", palette=True,
    ),
    Action(
        "clients.new", "", "clients: invite somebody",
        "Invite somebody who is your client already, with a link for them alone.",
        Place.CALENDAR, "invite", palette=True,
    ),
    Action(
        "calendar.export", "E", "calendar: save as a file",
        "Save your calendar as an ICS file for another calendar app.",
        Place.CALENDAR, "export", palette=True,
    ),
    Action(
        "settings.open", "S", "settings: open",
        "Set theme, start, lock and keys of this terminal.",
        Place.CALENDAR, "settings", palette=True,
    ),
    Action(
        "settings.own_keys", "", "settings: your own keys",
        "Give any action the key that you want for it.",
        Place.CALENDAR, "own_keys", palette=True,
    ),
    Action(
        "lock.set", "", "lock: set, change or take off",
        "Choose a passphrase, and after how many idle minutes the terminal asks for it.",
        Place.CALENDAR, "lock", palette=True,
    ),
    Action(
        "help.tour", "", "help: the tour",
        "Show the calendar step by step, as at the first start.",
        Place.CALENDAR, "tour", palette=True,
    ),
)  # fmt: skip

_EVERYWHERE = (
    Action(
        "lock.now", "ctrl+l", "lock: now",
        "Lock the terminal: nothing is seen until the passphrase is typed.",
        Place.EVERYWHERE, "app.lock_now", palette=True, priority=True,
    ),
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

PLACES = frozenset({Place.CALENDAR, Place.MOVING, Place.EVERYWHERE})
"""Where these actions are; no other table has any there."""

CALENDAR: tuple[Action, ...] = (
    *_CALENDAR, *_ACTS, *_FINDING, *_VIEWS, *_MOVING, *_DOORS, *_EVERYWHERE,
)  # fmt: skip
