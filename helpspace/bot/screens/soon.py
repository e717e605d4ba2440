"""Who could see me soon: free times of everybody by day and part of the day, and after a loss."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.bot.screens.base import (
    HOME,
    Button,
    Row,
    Screen,
    back,
    button,
    lines,
    pages,
    paragraphs,
)
from helpspace.core import moments
from helpspace.core.profile_words import price, zone_note
from helpspace.core.soonest import FreeTime

ON_A_PAGE = 4
"""Free times on one page, so that the choices below stay in sight."""

DAYS = ("Today", "Tomorrow", "7 days")
PARTS = ("Morning", "Afternoon", "Evening")

_TITLES = ("today", "tomorrow", "in the next 7 days")
_PARTS = ("", ", in the morning", ", in the afternoon", ", in the evening")


def soon(
    times: Sequence[FreeTime],
    when: int,
    part: int,
    page: int,
    zone: str,
    *,
    more: bool,
    later: bool = False,
) -> Screen:
    """Return free times of a day and part of the day; `later` says that they come after it."""
    first = ""
    if not times:
        first = "Nobody has a free time at the moment. Please look again tomorrow."
    elif later:
        first = "Nobody is free then. These are the next free times."
    else:
        first = f"The first free time of each counsellor. {zone_note(zone)}"
    rows: list[Row] = [(_time(time, zone),) for time in times]
    if not later:
        rows.append(pages("soon", page, when, part, more=more))
    rows += [
        tuple(_choice(label, at == when, at, part) for at, label in enumerate(DAYS)),
        tuple(_choice(label, at == part, when, at) for at, label in enumerate(PARTS, 1)),
        back("find", 0),
    ]
    body = paragraphs(first, *(_entry(time, zone) for time in times))
    return Screen(f"Free {_TITLES[when]}{_PARTS[part]}", body, tuple(rows))


def instead(times: Sequence[FreeTime], therapist_id: str, zone: str) -> Screen:
    """Return what to book in place of a time that has gone (C4)."""
    if not times:
        rows: tuple[Row, ...] = ((button("Look at everybody", "find", 0),), (HOME,))
        return Screen("No other time just now", "Please look again tomorrow.", rows)
    found = [(_time(time, zone),) for time in times]
    if therapist_id and times[0].slot.therapist_id == therapist_id:
        name = times[0].therapist_name
        found.append((button(f"All free times of {name}", "days", therapist_id, 0),))
    body = paragraphs(
        f"These are free just now. {zone_note(zone)}", *(_entry(time, zone) for time in times)
    )
    return Screen("Other free times", body, (*found, back("find", 0)))


def _entry(time: FreeTime, zone: str) -> str:
    slot = time.slot
    at = f"{moments.show(slot.start, zone)}, {time.therapist_name}"
    first = f"First session {slot.minutes} min, {price(slot.fee_pence)}"
    return lines(at, time.headline, first, time.words)


def _time(time: FreeTime, zone: str) -> Button:
    label = f"{moments.show(time.slot.start, zone)} · {time.therapist_name}"
    return button(label, "slot", time.slot.id, time.slot.therapist_id)


def _choice(label: str, chosen: bool, when: int, part: int) -> Button:
    """Return the button of a day or part of it; a chosen part is taken back by its own button."""
    if chosen and label in PARTS:
        part = 0
    return button(f"✓ {label}" if chosen else label, "soon", when, part, 0)
