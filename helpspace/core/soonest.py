"""Who could see a client soon: the next free times of everybody, and others for one that has gone.

Nobody is hidden by wishes: who fits best comes first, then the sooner, then the lot (P4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from helpspace.core import hours
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.hours import Stretch
from helpspace.core.matching import FEW, GATES, Search, said, scored, starts_of, whose
from helpspace.core.moments import HOUR
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import BookableSlot, bookable_slots, offered, why_hidden
from helpspace.core.store.tables import Claim, Therapist
from helpspace.core.wishes import Wishes

_OPEN = """c.state IN ('open', 'held') AND c.purpose = 'slot'
    AND (c.state = 'open' OR c.hold_until <= ?) AND c.start_at >= ? AND c.start_at < ?"""

_FIRST = f"SELECT c.start_at FROM claim c WHERE {_OPEN} ORDER BY c.start_at LIMIT 1"  # noqa: S608 - words from this file

_DURING = f"""SELECT c.therapist_id, c.start_at FROM claim c
    JOIN therapist t ON t.id = c.therapist_id
    WHERE {_OPEN} AND c.start_at > ? AND c.start_at - t.notice_s >= ? AND {GATES}"""  # noqa: S608 - words from this file

_THE_SLOT = """therapist_id = ? AND start_at = ? AND purpose = 'slot'
    AND state IN ('open', 'held') AND (state = 'open' OR hold_until <= ?)"""

_BUSY = """SELECT start_at, end_at FROM appointment
    WHERE client_id = ? AND cancelled_at IS NULL AND end_at > ?"""

_KNOWN = """SELECT therapist_id FROM appointment
    WHERE client_id = ? AND cancelled_at IS NULL AND kind = 'initial'"""


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that a client could book, with whom, and how they fit in words (may be empty)."""

    slot: BookableSlot
    therapist_name: str
    headline: str
    words: str


def soonest(
    practice: Practice,
    actor: Actor,
    wishes: Wishes,
    stretches: Sequence[Stretch],
    *,
    limit: int,
    offset: int = 0,
    salt: str = "",
) -> list[FreeTime]:
    """Return the first free time of each therapist within some stretches of time (P4).

    The days and parts among the wishes do not count here: the stretches say when. Among equals the
    order is drawn by `salt`.
    """
    actor.must_be("client")
    untimed = replace(wishes, days=0, parts=0)
    with practice.reading() as view:
        order = islice(_ordered(view, untimed, stretches, salt), offset, offset + limit)
        return [_free(view, untimed, one, start) for one, start in list(order)]


def _ordered(
    view: View, wishes: Wishes, stretches: Sequence[Stretch], salt: str
) -> Iterator[tuple[str, int]]:
    """Give therapists with their first start, those who fit best first, as far as they are read."""
    search = Search(view, wishes, salt)
    if not wishes.count:
        yield from _in_time(search, stretches)
        return
    for ids in scored(view, wishes).values():
        if len(ids) > FEW:
            group = frozenset(ids)
            yield from (one for one in _in_time(search, stretches) if one[0] in group)
        else:
            until = stretches[-1][1] if stretches else view.now
            yield from _drawn(search, starts_of(view, ids, stretches, until).items())


def _in_time(search: Search, stretches: Sequence[Stretch]) -> Iterator[tuple[str, int]]:
    """Give everybody with their first start, the soonest first."""
    seen: set[str] = set()
    for starts in _hour_by_hour(search.view, stretches):
        for therapist_id, start in _drawn(search, starts):
            if therapist_id not in seen:
                seen.add(therapist_id)
                yield therapist_id, start


def _drawn(search: Search, starts: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Give therapists with their starts, the sooner first, those of one instant by their lots."""
    at: dict[int, list[str]] = {}
    for therapist_id, start in starts:
        at.setdefault(start, []).append(therapist_id)
    for start in sorted(at):
        yield from ((whose(lot), start) for lot in search.lots(at[start]))


def _hour_by_hour(view: View, stretches: Sequence[Stretch]) -> Iterator[list[tuple[str, int]]]:
    """Give the bookable starts of everybody, an hour of them after the other."""
    for since, until in stretches:
        at = since
        while first := view.sql(_FIRST, view.now, at, until):
            at = first[0][0] + HOUR
            ends = min(at, until)
            yield view.sql(_DURING, view.now, first[0][0], ends, view.now, view.now, view.now)


def _free(view: View, wishes: Wishes, therapist_id: str, start: int) -> FreeTime:
    row = view.get(Therapist, therapist_id)
    slot = view.find(Claim, _THE_SLOT, therapist_id, start, view.now)
    if row is None or slot is None:
        raise NotFound
    return _free_time(view, row, slot, said(wishes, row, timed=False)[1])


def _free_time(view: View, row: Therapist, slot: Claim, words: str) -> FreeTime:
    name = plain(view.open(row.name_sealed, "therapist.name"))
    headline = plain(view.open(row.headline_sealed, "therapist.headline"), 120)
    return FreeTime(offered(view.now, row, slot), name, headline, words)


def instead(
    practice: Practice,
    actor: Actor,
    therapist_id: str,
    wishes: Wishes,
    *,
    limit: int = 3,
    salt: str = "",
) -> list[FreeTime]:
    """Return what to book in place of a time that has gone, first the same therapist's (C4).

    Others come in the order of their fit, with a time in the wished hours if they have one. Times
    over the client's own sessions are left out (C3), and whom they have a first session with (B5).
    `therapist_id` may be anything, since it grants nothing (A1).
    """
    actor.must_be("client")
    with practice.reading() as view:
        the_client(view, actor.id)
        busy = view.sql(_BUSY, actor.id, view.now)
        known = {row[0] for row in view.sql(_KNOWN, actor.id)}
        search = Search(view, wishes, salt)
        found = list(islice(_of_one(view, therapist_id, busy, known), limit))
        others = _of_others(search, busy, {therapist_id, *known})
        found += islice(others, limit - len(found))
        return [_free_time(view, row, slot, _words(search, row, slot)) for row, slot in found]


def _words(search: Search, row: Therapist, slot: Claim) -> str:
    timed = hours.covers(search.stretches, slot.start_at)
    return said(search.wishes, row, timed=timed)[1]


def _of_one(
    view: View, therapist_id: str, busy: Sequence[Stretch], known: set[str]
) -> Iterator[tuple[Therapist, Claim]]:
    row = view.get(Therapist, therapist_id)
    if row is None or row.id in known or why_hidden(view, row):
        return
    for slot in bookable_slots(view, row, 20):
        if not _overlaps(slot, busy):
            yield row, slot


def _of_others(
    search: Search, busy: Sequence[Stretch], besides: set[str]
) -> Iterator[tuple[Therapist, Claim]]:
    """Give one time each of others who can be booked, best fit first, of the first fifty."""
    for therapist_id in islice(search.ranked(), 50):
        row = None if therapist_id in besides else search.view.get(Therapist, therapist_id)
        slots = [] if row is None else bookable_slots(search.view, row, 20)
        free = [slot for slot in slots if not _overlaps(slot, busy)]
        if row is not None and free:
            wished = (slot for slot in free if hours.covers(search.stretches, slot.start_at))
            yield row, next(wished, free[0])


def _overlaps(slot: Claim, busy: Sequence[Stretch]) -> bool:
    return any(slot.start_at < end and start < slot.end_at for start, end in busy)
