"""The actions of an opened session or slot, of forms, questions, dates and the help."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, Under, always

_LIVE = (Under.SESSION, Under.OVER)

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
        Place.SESSION, "back", always("back"), palette=True,
    ),
)  # fmt: skip

_FORM = (
    Action(
        "form.do", "enter", "form: do it", "Do what the form says, if nothing stands against it.",
        Place.FORM, "do", always("do it"), priority=True,
    ),
    Action(
        "form.next", "tab", "form: next field", "Go to the next field.",
        Place.FORM, "app.focus_next", always("next field"), priority=True,
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
        Place.FORM, "leave", always("leave"),
    ),
)  # fmt: skip

_ASKING = (
    Action(
        "asking.yes", "y", "asking: yes, do it", "Yes: do what the question says.",
        Place.ASKING, "yes", always("yes"),
    ),
    Action(
        "asking.later", "l", "asking: this one and later ones",
        "Cancel this session and the later ones of its weekly series.",
        Place.ASKING, "later",
    ),
    Action(
        "asking.no", "n,escape,q", "asking: no, keep it", "No: everything stays as it is.",
        Place.ASKING, "no", always("no, keep it"),
    ),
)  # fmt: skip

_DATE = (
    Action(
        "date.go", "enter", "date: go there", "Go to the date that is shown.",
        Place.DATE, "go", always("go there"), priority=True,
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
        Place.DATE, "leave", always("leave"),
    ),
)  # fmt: skip

_HELP = (
    Action(
        "help.close", "escape,q,question_mark,enter", "help: close", "Close the help.",
        Place.HELP, "close", always("close"),
    ),
)  # fmt: skip

FORMS: tuple[Action, ...] = (*_SESSION, *_FORM, *_ASKING, *_DATE, *_HELP)
