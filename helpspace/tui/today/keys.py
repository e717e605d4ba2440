"""The actions on the day, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Place, rows_of

TODAY = rows_of(
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
