"""A therapist's own limits: how many sessions a day, and how long a break between two.

They never refuse anything; whoever opens, books or moves is told before it happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from helpspace.core import moments, policy
from helpspace.core.actors import Actor
from helpspace.core.calendar import between, own_therapist
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.moments import MINUTE
from helpspace.core.policy import Strain
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Therapist

MOST_A_DAY = 24
"""The highest cap of sessions a day that makes sense."""

LONGEST_BREAK = 240
"""The longest break between two sessions, in minutes."""


class Boundaries(NamedTuple):
    """What a therapist has set; None and 0 where they want no word about it."""

    cap: int | None = None
    """Sessions and slots on one local day."""
    rest: int = 0
    """Minutes between two of them."""


def boundaries_of(practice: Practice, actor: Actor) -> Boundaries:
    """Return a therapist's own limits (A1)."""
    if actor.role != "therapist":
        raise NotFound
    with practice.reading() as view:
        return _read(own_therapist(view, actor, actor.id))


def keep_in(tx: Tx, actor: Actor, wanted: Boundaries) -> bool:
    """Keep a therapist's own limits with whatever else this commit changes (A1, A2).

    Says whether they are new; raises Invalid for numbers that mean nothing.
    """
    checked(wanted)
    if actor.role != "therapist":
        raise NotFound
    row = own_therapist(tx, actor, actor.id)
    if _read(row) == wanted:
        return False
    tx.set(Therapist, "id = ?", row.id, day_cap=wanted.cap, rest_minutes=wanted.rest)
    tx.audit(actor, "limit", "therapist", row.id, cap=wanted.cap or 0, rest=wanted.rest)
    return True


def checked(wanted: Boundaries) -> Boundaries:
    """Return limits that mean something; raises Invalid for others."""
    if wanted.cap is not None and not 1 <= wanted.cap <= MOST_A_DAY:
        raise Invalid(
            f"A cap is 1 to {MOST_A_DAY} sessions a day", "Write a number, or nothing for no cap."
        )
    if not 0 <= wanted.rest <= LONGEST_BREAK:
        raise Invalid(
            f"A break has at most {LONGEST_BREAK} minutes", "Write a number, or 0 for none."
        )
    return wanted


def strains(
    practice: Practice,
    actor: Actor,
    spans: Sequence[tuple[int, int]],
    *,
    besides: str = "",
) -> tuple[Strain, ...]:
    """Say which of a therapist's own limits some new spans would pass; nothing is refused.

    Spans are start and end in UTC epoch seconds; `besides` is the session that is moved. Open
    slots count, since each may be booked at any minute; one that a span covers makes way for it.
    """
    limits = boundaries_of(practice, actor)
    if not spans or limits == Boundaries():
        return ()
    with practice.reading() as view:
        zone = own_therapist(view, actor, actor.id).zone
    first = moments.local_date(min(start for start, _ in spans), zone)
    last = moments.local_date(max(start for start, _ in spans), zone)
    edge = limits.rest * MINUTE
    entries = between(
        practice,
        actor,
        actor.id,
        moments.start_of_day(first, zone) - edge,
        max(moments.start_of_day(last + timedelta(days=1), zone), *(end for _, end in spans))
        + edge,
    )
    there = [(one.start, one.end) for one in entries if one.id != besides]
    return policy.strains(spans, there, cap=limits.cap, rest=edge, zone=zone)


def _read(row: Therapist) -> Boundaries:
    return Boundaries(row.day_cap, row.rest_minutes)
