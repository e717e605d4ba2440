"""A therapist's week with one of everything, made by the core's own acts."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import accounts, booking, terminal
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Ledger, Payment, Therapist
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.makers import NOW

MONDAY = NOW - 9 * HOUR
"""Midnight before the clock's start."""

WEDNESDAY = MONDAY + 2 * DAY + 11 * HOUR + 12 * 60
"""Wednesday 4 March 2026, 11:12: the present of the scene."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The people and the ids that tests name."""

    therapist: Actor
    sam: Actor
    anna: Actor
    paid: str
    """A session of Anna's, tomorrow at 10:00, charged already."""
    friday: str
    """A follow-up of Sam's, on Friday at 09:00, charged already."""
    to_come: str
    """李小龙's initial session, on Friday at 14:00: free to cancel until today at 14:00."""
    open_slot: str
    """Friday at 11:00."""


def at(day: int, hour: int, minute: int = 0) -> int:
    """Return an instant of the scene's week; London has GMT."""
    return MONDAY + day * DAY + hour * HOUR + minute * 60


def pay(practice: Practice, appointment_id: str, status: str = "paid") -> None:
    """Let an appointment's fee have been taken, or have failed."""
    row = makers.appointment_of(practice, appointment_id)
    makers.set_row(practice, Payment, appointment_id, status=status, next_at=None)
    if status != "paid":
        return
    with practice.change() as tx:
        tx.insert(
            Ledger,
            at=tx.now,
            appointment_id=appointment_id,
            therapist_id=row["therapist_id"],
            client_id=row["client_id"],
            kind="charge",
            amount=row["fee"],
            commission=0,
            stripe_id=f"pi_{appointment_id}",
        )


def play(practice: Practice, clock: MovableClock) -> Scene:
    """Fill a practice and move its clock to Wednesday."""
    therapist = makers.add_therapist(practice, notice_s=0)
    people = ["Sam Taylor", "Anna Karenina", "Tom Hughes", "Zoë O'Brien", "محمد", "李小龙"]
    sam, anna, tom, zoe, mo, lee = [makers.add_client(practice, name) for name in people]
    accounts.set_zone(practice, anna, "America/New_York")
    new = makers.add_client(practice, "Jo Newman", card=False)

    def initial(client: Actor, start: int) -> str:
        return makers.session(practice, therapist, client, start).id

    def later(client: Actor, start: int, **options: int) -> str:
        return makers.follow_up(practice, therapist, client, start, **options).id

    done = [initial(sam, at(0, 10)), initial(zoe, at(0, 11)), initial(mo, at(1, 14))]
    paid = initial(anna, at(3, 10))
    to_come = initial(lee, at(4, 14))
    unpaid = initial(tom, at(2, 15))
    friday = later(sam, at(4, 9))
    done.append(later(zoe, at(4, 9, 50), fee_pence=4500))
    done.append(later(mo, at(3, 12), minutes=80, fee_pence=8000))
    makers.acquaint(practice, therapist, new)
    later(new, at(3, 16))
    later(sam, at(7, 9), fee_pence=0)
    held = makers.open_slot(practice, therapist, at(3, 14))
    slot = makers.open_slot(practice, therapist, at(4, 11))
    makers.open_slot(practice, therapist, at(2, 17), minutes=50)
    makers.open_slot(practice, therapist, at(4, 11, 50))
    terminal.end_tour(practice, therapist)
    clock.move_to(WEDNESDAY)
    makers.set_row(practice, Therapist, therapist.id, notice_s=DAY)
    waiting = makers.add_client(practice, "Kim Waiting", card=False)
    makers.hold(practice, waiting, held)
    booking.complete_past(practice)
    for one in [*done, paid, friday]:
        pay(practice, one)
    pay(practice, unpaid, "failed")
    makers.set_row(practice, Payment, unpaid, reason="insufficient_funds")
    return Scene(therapist, sam, anna, paid, friday, to_come, slot)
