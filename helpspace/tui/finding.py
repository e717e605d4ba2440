"""What somebody looks for: a part of a name, a date, a status, or several of them. Pure.

Unlike a line that books, nothing is refused here: every way in which the words can be read is
shown, and the reader chooses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from helpspace.core import moments
from helpspace.core.calendar import Entry
from helpspace.core.caseload import OwnClient
from helpspace.core.errors import HelpspaceError
from helpspace.tui.blocks import status_of
from helpspace.tui.layout import Status
from helpspace.tui.reading import read_day

MOST = 60
"""How many results are listed."""

BACK, AHEAD = timedelta(weeks=26), timedelta(weeks=52)
"""How far entries are looked for; a client's latest session is found at any distance."""

_STATUSES = {
    "open": Status.OPEN, "slot": Status.OPEN, "slots": Status.OPEN, "held": Status.HELD,
    "booked": Status.BOOKED, "unpaid": Status.UNPAID, "completed": Status.COMPLETED,
    "done": Status.COMPLETED, "no-show": Status.NO_SHOW,
}  # fmt: skip


class Hit(NamedTuple):
    """Something that was found; `start` in UTC seconds, no entry for a day as such."""

    start: int
    entry: Entry | None = None
    client: OwnClient | None = None
    """A client whose latest session lies beyond what was looked through."""


def find(
    text: str,
    entries: Sequence[Entry],
    clients: Sequence[OwnClient],
    *,
    today: date,
    zone: str,
    now: int,
) -> list[Hit]:
    """Return what fits the words: days, then what comes, soonest first, then what was."""
    words = text.casefold().replace(",", " ").split()
    if not words:
        return []
    statuses = {_STATUSES[word] for word in words if word in _STATUSES}
    rest = [word for word in words if word not in _STATUSES]
    days: dict[date, None] = {}
    found: dict[str, Entry] = {}
    far: dict[str, OwnClient] = {}
    for day, name in _readings(rest, today):
        if day is not None and not name and not statuses:
            days[day] = None
        for entry in entries:
            if _fits(entry, day, name, statuses, zone):
                found[entry.id] = entry
        if name and day is None and not statuses:
            far |= {one.id: one for one in clients if one.latest and _named(one.name, name)}
    near = {entry.client_id for entry in found.values()}
    hits = [Hit(moments.start_of_day(day, zone)) for day in days]
    ordered = sorted(found.values(), key=lambda one: (one.end <= now, abs(one.start - now), one.id))
    hits += [Hit(entry.start, entry) for entry in ordered]
    hits += [Hit(one.latest or now, None, one) for one in far.values() if one.id not in near]
    return hits[:MOST]


def _readings(words: list[str], today: date) -> Iterator[tuple[date | None, list[str]]]:
    """Give every way to read words as a date and a part of a name."""
    yield None, words
    for length in range(min(4, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            try:
                day = read_day(" ".join(words[first : first + length]), today, ahead=False)
            except HelpspaceError:
                continue
            yield day, words[:first] + words[first + length :]


def _fits(
    entry: Entry, day: date | None, name: list[str], statuses: set[Status], zone: str
) -> bool:
    if not (day or name or statuses) or (statuses and status_of(entry) not in statuses):
        return False
    if day is not None and moments.local_date(entry.start, zone) != day:
        return False
    return not name or _named(entry.client_name, name)


def _named(whole: str, words: list[str]) -> bool:
    """Say whether each word is in a name; it need not be its beginning."""
    folded = whole.casefold()
    return all(word in folded for word in words)
