"""The calendar feed of a therapist: their appointments for a calendar app of their own (N6).

Its address is the only key to it. It is derived from the store's key and a number in the
therapist's row, so that nothing of it is stored; a reset counts the number up, and the address
before is gone.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.appointments import video_url
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.payments.store_name import store_name
from helpspace.core.plain import initials
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Client, Therapist

BACK = 30 * DAY
"""How far back a feed shows appointments that have been."""

MOST = 2000
"""Entries of a feed, the latest starts kept: more than anybody has ahead."""

MOST_IN_FILE = 100_000
"""Entries of a file, which is read once and not every few minutes."""

_TOKEN = re.compile(r"([a-z2-7]{12})([a-z2-7]{26})")

_WANTED = """therapist_id = ? AND cancelled_at IS NULL AND end_at > ?
    ORDER BY start_at DESC, id LIMIT ?"""

_SPAN = """SELECT COUNT(*), MIN(start_at), MAX(start_at) FROM appointment
    WHERE therapist_id = ? AND cancelled_at IS NULL AND end_at > ?"""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One appointment in a feed; instants in UTC epoch seconds, of the client only initials."""

    id: str
    start: int
    end: int
    sequence: int
    booked_at: int
    initials: str
    video_url: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar app is given: live appointments, soonest first, and the store's name."""

    store: str
    entries: tuple[FeedEntry, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """How many appointments a file holds, and the first and last start, UTC epoch seconds."""

    count: int
    first: int | None
    last: int | None


def feed_address(practice: Practice, actor: Actor, therapist_id: str) -> str | None:
    """Return the address of a therapist's own feed; None without a public address (D7, N6).

    It is theirs alone: the team reads it only on their behalf (A1).
    """
    _must_own(actor, therapist_id)
    with practice.reading() as view:
        return _address(view, the_therapist(view, therapist_id))


def reset_feed(practice: Practice, actor: Actor, therapist_id: str) -> str | None:
    """Make a new address and return it; the one before answers no more from now on."""
    _must_own(actor, therapist_id)
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        if row is None:
            raise NotFound
        row.feed += 1
        tx.set(Therapist, "id = ?", therapist_id, feed=row.feed)
        tx.audit(actor, "reset", "feed", therapist_id)
        return _address(tx, row)


def feed(practice: Practice, token: str) -> Feed:
    """Return what is behind an address; whatever is no token answers NotFound alike (A1)."""
    said = _TOKEN.fullmatch(token)
    if said is None:
        raise NotFound
    with practice.reading() as view:
        row = view.get(Therapist, said[1])
        # Compared for a stranger too, so that the time an answer takes tells nothing.
        right = _secret(view, said[1], 0 if row is None else row.feed)
        if not hmac.compare_digest(right, said[2]) or row is None:
            raise NotFound
        return Feed(store_name(view), _entries(view, row.id, MOST))


def own_feed(practice: Practice, actor: Actor, therapist_id: str) -> Feed:
    """Return the same for a file of the therapist's own, which needs no address (N6, A1)."""
    _must_own(actor, therapist_id)
    with practice.reading() as view:
        the_therapist(view, therapist_id)
        return Feed(store_name(view), _entries(view, therapist_id, MOST_IN_FILE))


def own_span(practice: Practice, actor: Actor, therapist_id: str) -> Span:
    """Return what such a file would hold, at once however much it is."""
    _must_own(actor, therapist_id)
    with practice.reading() as view:
        the_therapist(view, therapist_id)
        ((count, first, last),) = view.sql(_SPAN, therapist_id, view.now - BACK)
    return Span(int(count), first, last)


def _must_own(actor: Actor, therapist_id: str) -> None:
    if actor.role != "therapist":
        raise NotFound
    actor.must_see(therapist_id=therapist_id)


def _address(view: View, row: Therapist) -> str | None:
    public = view.practice.settings.public_url
    if public is None:
        return None
    return f"{public.rstrip('/')}/calendar/{row.id}{_secret(view, row.id, row.feed)}.ics"


def _secret(view: View, therapist_id: str, number: int) -> str:
    return view.practice.vault.token(f"{therapist_id}/{number}", "feed")


def _entries(view: View, therapist_id: str, most: int) -> tuple[FeedEntry, ...]:
    rows = view.find_all(Appointment, _WANTED, therapist_id, view.now - BACK, most)
    known = {key: _initials(view, key) for key in {row.client_id for row in rows}}
    return tuple(
        FeedEntry(
            id=row.id,
            start=row.start_at,
            end=row.end_at,
            sequence=row.sequence,
            booked_at=row.booked_at,
            initials=known[row.client_id],
            video_url=video_url(view, row),
        )
        for row in reversed(rows)
    )


def _initials(view: View, client_id: str) -> str:
    row = view.get(Client, client_id)
    return "" if row is None else initials(view.open(row.name_sealed, "client.name"))
