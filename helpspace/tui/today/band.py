"""The one calm line at start-up: the next session with its countdown, and how much waits. Pure."""

from __future__ import annotations

from helpspace.core.today import NeedKind, Today
from helpspace.tui.desk import Desk
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.today.words import countdown
from helpspace.tui.widgets.grid_text import fit

_NAME = 14
"""Cells of a name, so that the whole line stands on 80 columns."""

_SHORT: dict[NeedKind, str] = {
    "stripe": "Stripe has not answered",
    "clock": "this machine's clock is wrong",
    "jobs": "the jobs are late",
    "absence": "a client says that you did not come",
    "failed": "a payment failed",
    "approval": "a bank wants a client's approval",
    "move_asked": "a client asks for another time",
    "no_card": "a client has no good card",
    "hidden": "clients do not see your profile",
    "proof": "a proof expires soon",
}


def band(day: Today, desk: Desk, keys: Keys = USUAL) -> str:
    """Return the line; an empty one where nothing comes and nothing waits; names as may be shown.

    Where there is room, a single thing that waits is named; the day itself says what mends it.
    """
    count = len(day.needs)
    opens, video = keys.say("{today.open}"), keys.say("{today.video_next}")
    waits = (
        f"{count} thing{'s wait' if count > 1 else ' waits'} for you ({opens})." if count else ""
    )
    if day.next is None:
        return f"For you: {_SHORT[day.needs[0].kind]} ({opens} shows it)." if count == 1 else waits
    name = fit(desk.name(day.next.other_name) or "—", _NAME).rstrip()
    left = countdown(day.next.start, day.next.end, day.now)
    return f"Next: {name} {left} ({video}: video). {waits}".rstrip()
