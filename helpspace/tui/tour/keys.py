"""The actions of the tour, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, always

TOURING = (
    Action(
        "tour.next", "enter,right,space,l", "tour: next", "Go to the next step.",
        Place.TOUR, "next", always("next"),
    ),
    Action(
        "tour.back", "left,h,backspace", "tour: back", "Go back to the step before.",
        Place.TOUR, "back", always("back"),
    ),
    Action(
        "tour.leave", "escape,q", "tour: leave",
        "Leave the tour; it does not come by itself again.",
        Place.TOUR, "leave", always("leave the tour"),
    ),
)  # fmt: skip
