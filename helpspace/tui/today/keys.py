"""The actions on the day, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, rows_of

_OPEN = (
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
)  # fmt: skip

_TODAY = rows_of(
    Place.TODAY, "today",
    ("video", "v", "start video", "video", "Open the next session's video room."),
    ("go", "enter", "do what is marked", "go",
     "Go to the marked session, or to where the marked thing is mended."),
    ("agree", "a", "agree to an absence", "agree",
     "Agree that you did not come; what it means is shown first."),
    ("waive", "w", "waive", "waive", "Waive the marked fee; what it means is shown first."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "choose", "Go to the line below."),
    ("back", "escape,q,T", "back", "back", "Go back to the calendar."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

TODAY: tuple[Action, ...] = (*_OPEN, *_TODAY)
