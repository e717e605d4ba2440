"""The actions on the money, for the table of all actions."""

from __future__ import annotations

from types import MappingProxyType

from helpspace.tui.action import Action, Place, Under, rows_of

_OPENED = (
    Action(
        "opened.waive", "w", "session: waive the fee",
        "Waive the session's fee; what it means is shown first.",
        Place.SESSION, "waive", MappingProxyType({Under.OVER: "waive"}), palette=True,
    ),
    Action(
        "opened.missed", "n", "session: client did not come",
        "Mark that the client did not come, from the start until 7 days after the end.",
        Place.SESSION, "missed", MappingProxyType({Under.OVER: "no-show"}), palette=True,
    ),
)  # fmt: skip

_MONEY = rows_of(
    Place.MONEY, "money",
    ("go", "enter", "to the session", "session", "Go to the marked session in the calendar."),
    ("waive", "w", "waive", "waive", "Waive the marked fee; what it means is shown first."),
    ("previous_month", "left_square_bracket", "month before", "", "Show the month before."),
    ("next_month", "right_square_bracket", "month after", "month", "Show the month after."),
    ("payouts", "p", "payouts", "payouts", "Ask Stripe what went to your bank, and show it."),
    ("save", "s", "save the tax year", "CSV",
     "Save the tax year as a CSV file for your books."),
    ("up", "up,k", "line above", "", "Go to the line above."),
    ("down", "down,j", "line below", "choose", "Go to the line below."),
    ("back", "escape,q", "back", "back", "Go back to the calendar."),
    ("help", "question_mark", "help", "help", "Show every key and what it does."),
)  # fmt: skip

_PAYOUTS = rows_of(
    Place.PAYOUTS, "payouts",
    ("again", "r", "ask again", "ask again", "Ask Stripe again."),
    ("up", "up,k,pageup", "up", "", "Move the list upwards."),
    ("down", "down,j,pagedown,space", "down", "scroll", "Move the list downwards."),
    ("back", "escape,q,enter", "back", "back", "Go back to the money."),
)  # fmt: skip

MONEY: tuple[Action, ...] = (*_OPENED, *_MONEY, *_PAYOUTS)
