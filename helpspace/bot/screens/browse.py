"""Looking around: the list of counsellors, one profile, the days and the times of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from urllib.parse import quote

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
from helpspace.core import moments, profile_words
from helpspace.core.matching import Match
from helpspace.core.profile_words import SOONEST, price, zone_note
from helpspace.core.profiles import BookableSlot, Profile

_SHARE = "https://t.me/share/url"

PEOPLE = 5
"""Counsellors on one page of the list."""

DAYS = 7
"""Days with free times on one page."""

TIMES = 24
"""Times of one day that fit under a message, three in a row."""


def found(matches: Sequence[Match], page: int, zone: str, *, more: bool, wished: int = 0) -> Screen:
    """Return one page of the list, each with the next free time and why they fit (P4)."""
    if not matches:
        body = "Nobody has a free time at the moment. Please look again tomorrow."
        rows: list[Row] = [(button("Look again", "find", 0),), (HOME,)]
        return Screen("No space at the moment", body, tuple(rows))
    said = paragraphs(*(_entry(match, zone) for match in matches))
    rows = [(button(match.profile.name, "who", match.profile.therapist_id),) for match in matches]
    rows += [
        pages("find", page, more=more),
        (button(_wishes(wished), "wishes"), button("Free soon", "soon", 2, 0, 0)),
        back("home"),
    ]
    return Screen("Counsellors with free times", said, tuple(rows))


def _wishes(wished: int) -> str:
    return f"My wishes ({wished})" if wished else "What I look for"


def _entry(match: Match, zone: str) -> str:
    who = match.profile
    at, word = (match.wished_start, "free") if match.wished_start else (who.next_start, "next free")
    soonest = "" if at is None else f"{word} {moments.show(at, zone)}"
    first = f"First session {who.minutes} min, {price(who.fee_pence)}"
    return lines(who.name, who.headline, f"{first}; {soonest}", match.words)


def profile(
    who: Profile,
    slots: Sequence[BookableSlot],
    zone: str,
    *,
    share: str | None = None,
    way_back: Row | None = None,
) -> Screen:
    """Return a profile with the soonest times to book right away; `share` is its own address."""
    labels = profile_words.times([slot.start for slot in slots], zone)
    rows: list[Row] = [
        (button(label, "slot", slot.id, who.therapist_id),)
        for label, slot in zip(labels, slots[:SOONEST], strict=False)
    ]
    if len(slots) > SOONEST:
        rows.append((button(labels[-1], "days", who.therapist_id, 0),))
    if share is not None:
        # Telegram asks to whom; the bot learns nothing of it.
        rows.append((Button("Share this profile", url=f"{_SHARE}?url={quote(share, safe='')}"),))
    body = profile_words.body(who, zone)
    return Screen(who.name, body, (*rows, way_back or back("find", 0)))


def no_space() -> Screen:
    """Return what a link to a hidden profile shows, whatever the reason (P3)."""
    rows = ((button("Find somebody else", "find", 0),), (HOME,))
    return Screen("No space at the moment", "Nothing was booked.", rows)


def days(who: Profile, slots: Sequence[BookableSlot], page: int, zone: str) -> Screen:
    """Return the days with free times, a page of them, in the client's zone."""
    by_day = [
        (day, len(list(group)))
        for day, group in groupby(slots, key=lambda slot: moments.local_date(slot.start, zone))
    ]
    shown = by_day[page * DAYS : (page + 1) * DAYS]
    if not shown:
        shown, page = by_day[:DAYS], 0
    rows: list[Row] = [(_day_button(who, day, count),) for day, count in shown]
    rows.append(pages("days", page, who.therapist_id, more=len(by_day) > (page + 1) * DAYS))
    body = f"Which day suits you? {zone_note(zone)}"
    return Screen(f"Free times of {who.name}", body, (*rows, back("who", who.therapist_id)))


def _day_button(who: Profile, day: date, count: int) -> Button:
    label = f"{moments.show_day(day)} · {count} {'time' if count == 1 else 'times'}"
    return button(label, "day", who.therapist_id, f"{day:%Y%m%d}")


def times(who: Profile, day: date, slots: Sequence[BookableSlot], zone: str) -> Screen:
    """Return the free times of one day, in the client's zone."""
    buttons = [
        button(moments.show_time(slot.start, zone), "slot", slot.id, who.therapist_id)
        for slot in slots[:TIMES]
    ]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    body = f"At what time? {zone_note(zone)}"
    title = f"{moments.show_day(day)} with {who.name}"
    return Screen(title, body, (*rows, back("days", who.therapist_id, 0)))
