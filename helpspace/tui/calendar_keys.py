"""The actions of the calendar that load what they show when they are first used."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, Under

VIEWS = tuple(
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

FINDING = (
    Action(
        "calendar.find", "slash", "calendar: find anything",
        "Find a client, a date or what is unpaid, and go there.",
        Place.CALENDAR, "find", dict.fromkeys(Under, "find"), palette=True,
    ),
)  # fmt: skip

ACTS = (
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
