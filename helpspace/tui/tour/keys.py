"""The actions of the tour, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, Under


def _bar(word: str) -> dict[Under, str]:
    return dict.fromkeys(Under, word)


TOURING = (
    Action(
        "help.tour", "", "help: the tour",
        "Show the calendar step by step, as at the first start.",
        Place.CALENDAR, "tour", palette=True,
    ),
    Action(
        "tour.next", "enter,right,space,l", "tour: next", "Go to the next step.",
        Place.TOUR, "next", _bar("next"),
    ),
    Action(
        "tour.back", "left,h,backspace", "tour: back", "Go back to the step before.",
        Place.TOUR, "back", _bar("back"),
    ),
    Action(
        "tour.leave", "escape,q", "tour: leave",
        "Leave the tour; it does not come by itself again.",
        Place.TOUR, "leave", _bar("leave the tour"),
    ),
)  # fmt: skip
