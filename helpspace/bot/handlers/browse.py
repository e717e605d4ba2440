"""Looking around: the list, a profile, its days and times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from helpspace.bot.codec import data
from helpspace.bot.screens import browse as screens
from helpspace.bot.visit import Portrait, Reply, Visit
from helpspace.core import links, matching, moments, profiles
from helpspace.core.errors import CannotBeBooked
from helpspace.core.joining import pictures
from helpspace.core.profiles import BookableSlot, Profile


def find(visit: Visit, page: str) -> Reply:
    """Show a page of visible profiles; equals are drawn in a new order each search (P4)."""
    at, wished, salt = int(page), visit.wishes(), visit.salt()
    matches = matching.visible(
        visit.practice,
        visit.me,
        wished,
        limit=screens.PEOPLE + 1,
        offset=at * screens.PEOPLE,
        salt=salt,
    )
    if not matches and at:
        return find(visit, "0")
    shown = matches[: screens.PEOPLE]
    more = len(matches) > screens.PEOPLE
    screen = screens.found(shown, at, wished.zone, more=more, wished=wished.count)
    return Reply(screen, data("find", at), visit.drafted(salt=salt, list=["find", at]))


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
    bot = links.bot_name(visit.practice)
    share = None if bot is None else links.profile_link(bot, found.handle)
    screen = screens.profile(found, slots, visit.zone(), share=share, way_back=visit.way_back())
    picture = pictures.picture_of(visit.practice, found.therapist_id)
    portrait = None if picture is None else Portrait(picture, found.name)
    return Reply(screen, data("who", found.therapist_id), portrait=portrait)


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
        return days(visit, therapist_id, "0").noting("That day has no free time any more.")
    on: date = moments.local_date(wanted[0].start, zone)
    return Reply(screens.times(found, on, wanted, zone), data("day", therapist_id, digits))


def nobody() -> Reply:
    """Say that there is no space, whatever the reason (P3, A1)."""
    return Reply(screens.no_space(), data("find", 0))
