"""Looking around: the list, a profile, its days and times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from helpspace.bot.codec import data
from helpspace.bot.screens import browse as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import matching, moments, profiles
from helpspace.core.errors import CannotBeBooked
from helpspace.core.matching import Wishes
from helpspace.core.profiles import BookableSlot, Profile


def find(visit: Visit, page: str) -> Reply:
    """Show a page of visible profiles; equals are drawn in a new order a client and day (P4)."""
    zone, at = visit.zone(), int(page)
    salt = f"{visit.me.id}:{moments.local_date(visit.now(), zone)}"
    matches = matching.visible(
        visit.practice,
        visit.me,
        Wishes(),
        limit=screens.PEOPLE + 1,
        offset=at * screens.PEOPLE,
        salt=salt,
    )
    if not matches and at:
        return find(visit, "0")
    shown = matches[: screens.PEOPLE]
    more = len(matches) > screens.PEOPLE
    return Reply(screens.found(shown, at, zone, more=more), data("find", at))


def who(visit: Visit, therapist_id: str) -> Reply:
    """Show one profile."""
    try:
        found, slots = profiles.profile(visit.practice, therapist_id)
    except CannotBeBooked:
        return nobody()
    return _profile(visit, found, slots)


def by_handle(visit: Visit, handle: str) -> Reply:
    """Show the profile that a link names; a hidden one only says that there is no space (P3)."""
    try:
        found, slots = profiles.profile_by_handle(visit.practice, handle)
    except CannotBeBooked:
        return nobody()
    return _profile(visit, found, slots)


def _profile(visit: Visit, found: Profile, slots: Sequence[BookableSlot]) -> Reply:
    screen = screens.profile(found, slots, visit.zone())
    return Reply(screen, data("who", found.therapist_id))


def days(visit: Visit, therapist_id: str, page: str) -> Reply:
    """Show the days on which a therapist has free times."""
    try:
        found, slots = profiles.profile(visit.practice, therapist_id)
    except CannotBeBooked:
        return nobody()
    screen = screens.days(found, slots, int(page), visit.zone())
    return Reply(screen, data("days", therapist_id, page))


def day(visit: Visit, therapist_id: str, digits: str) -> Reply:
    """Show the free times of one day; a day without any leads back to the days."""
    try:
        found, slots = profiles.profile(visit.practice, therapist_id)
    except CannotBeBooked:
        return nobody()
    zone = visit.zone()
    wanted = [slot for slot in slots if f"{moments.local_date(slot.start, zone):%Y%m%d}" == digits]
    if not wanted:
        return days(visit, therapist_id, "0")
    on: date = moments.local_date(wanted[0].start, zone)
    return Reply(screens.times(found, on, wanted, zone), data("day", therapist_id, digits))


def nobody() -> Reply:
    """Say that there is no space, whatever the reason (P3, A1)."""
    return Reply(screens.no_space(), data("find", 0))
