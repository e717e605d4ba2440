"""A practice that has earned for a year: every session booked, held and charged in its own time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, LONDON, read_moment
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Ledger, Payment
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.tui import scenes
from tests.tui.stage import LARGE, SMALL

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])

WEEKS = (
    (2025, 6, 3, 6000), (2025, 9, 16, 30000), (2025, 9, 30, 6000), (2026, 1, 6, 24000),
    (2026, 1, 13, 6000), (2026, 1, 27, 18050), (2026, 2, 3, 12000), (2026, 2, 10, 9000),
    (2026, 2, 17, 9000), (2026, 3, 3, 6000),
)  # fmt: skip
"""Days of sessions at 10:00, with their fees in pence."""

GIVEN_BACK = (2025, 9, 30)
"""The session that was given back a week after it was charged."""


@dataclass(frozen=True, slots=True)
class Year:
    """The therapist, and an owed fee's session."""

    therapist: Actor
    owed: str


def live(practice: Practice, clock: MovableClock) -> Year:
    """Live through a year up to Wednesday 4 March 2026, 11:12."""
    clock.move_to(moment(2025, 5, 20))
    zoe = makers.add_therapist(practice, notice_s=0)
    anna, tom = makers.add_client(practice, "Anna Karenina"), makers.add_client(practice, "Tom 李")
    for client in (anna, tom):
        makers.acquaint(practice, zoe, client)
    for year, month, day, fee in WEEKS:
        start = moment(year, month, day)
        clock.move_to(start - 4 * DAY)
        made = makers.follow_up(practice, zoe, anna, start, fee_pence=fee).id
        clock.move_to(start - 2 * DAY + 60)
        _move(practice, made, "charge", fee)
        makers.set_row(practice, Payment, made, status="paid", next_at=None)
        if (year, month, day) == GIVEN_BACK:
            clock.move_to(start + DAY)
            booking.waive(practice, zoe, made)
            clock.move_to(start + 5 * DAY)
            _move(practice, made, "refund", fee)
            makers.set_row(practice, Payment, made, status="refunded", next_at=None)
    clock.move_to(moment(2026, 3, 3, 12))
    coming = makers.follow_up(practice, zoe, anna, moment(2026, 3, 7))
    owed = makers.follow_up(practice, zoe, tom, moment(2026, 3, 4, 9)).id
    later = makers.add_client(practice, "Jo Newman", card=False)
    makers.acquaint(practice, zoe, later)
    makers.follow_up(practice, zoe, later, moment(2026, 3, 6, 15))
    assert coming.payment == "scheduled"
    clock.move_to(scenes.WEDNESDAY)
    booking.complete_past(practice)
    makers.set_row(
        practice, Payment, owed, status="failed", reason="insufficient_funds", next_at=None
    )
    return Year(zoe, owed)


def moment(year: int, month: int, day: int, hour: int = 10) -> int:
    return read_moment(f"{year}-{month:02d}-{day:02d}T{hour:02d}:00", LONDON)


def _move(practice: Practice, made: str, kind: str, amount: int) -> None:
    row = makers.appointment_of(practice, made)
    with practice.change() as tx:
        tx.insert(
            Ledger,
            at=tx.now,
            appointment_id=made,
            therapist_id=row["therapist_id"],
            client_id=row["client_id"],
            kind=kind,
            amount=amount,
            commission=amount // 50,
            stripe_id=f"{kind}_{made}",
        )
