"""The last part of an erasure, by a sweep: the money is settled, then the person is gone (K4, D6).

Every step is a row before it is done outside: first the store forgets, then Stripe, then nothing is
left to do. All of it is safe to repeat.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now
from helpspace.core.booking.waiving import waivable, waive_one
from helpspace.core.moments import LONDON, MINUTE
from helpspace.core.policy import State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.dialect import name_of
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    CardRequest,
    Client,
    Erasure,
    Link,
    Notice,
    Payment,
    Therapist,
    Ticket,
)

LOOK_EVERY = 10 * MINUTE
"""Seconds between two looks at the money of somebody who is to be forgotten."""

UNPAID = ("scheduled", "failed", "needs_approval")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A client of whom the store holds nothing any more, but Stripe may hold a customer."""

    client_id: str
    customer: str | None


def due(practice: Practice, limit: int = 100) -> list[str]:
    """Return the clients whose money is to be looked at, those waiting longest first."""
    with practice.reading() as view:
        rows = view.sql(
            "SELECT client_id FROM erasure WHERE state = 'settling' AND next_at <= ?"
            " ORDER BY next_at, client_id LIMIT ?",
            view.now,
            limit,
        )
    return [str(row[0]) for row in rows]


def settle(practice: Practice, client_id: str) -> bool:
    """Take a client's personal data away if no money is open any more; True when it is gone.

    What cannot be had any more is written off. After 30 days nothing is waited for (K4).
    """
    with practice.change() as tx:
        for (therapist_id,) in tx.sql(
            "SELECT DISTINCT therapist_id FROM appointment WHERE client_id = ? ORDER BY 1",
            client_id,
        ):
            tx.lock(Therapist, str(therapist_id))
        client, row = tx.lock(Client, client_id), tx.get(Erasure, client_id)
        if client is None or row is None or row.state != "settling":
            return False
        last = tx.now >= row.due_by
        if _money_is_open(tx, client_id, last=last) and not last:
            again_at = min(tx.now + LOOK_EVERY, row.due_by)
            tx.set(Erasure, "client_id = ?", client_id, next_at=again_at)
            return False
        customer = client.customer
        wipe_person(tx, client_id)
        tx.set(Client, "id = ?", client_id, customer=None)
        done = {"state": "wiped", "customer": customer, "wiped_at": tx.now, "next_at": tx.now}
        tx.set(Erasure, "client_id = ?", client_id, **done)
        tx.audit(Actor.job("erasures"), "wipe", "client", client_id)
        return True


def _money_is_open(tx: Tx, client_id: str, *, last: bool) -> bool:
    """Say whether any payment of a client is still to come or go; what never comes is waived."""
    still_open = False
    for row in tx.find_all(Appointment, "client_id = ? ORDER BY start_at, id", client_id):
        payment = tx.get(Payment, row.id)
        if payment is None:
            continue
        if _never_comes(tx, row, payment, last=last):
            waive_one(tx, Actor.job("erasures"), row, payment)
            payment = tx.get(Payment, row.id) or payment
        still_open = still_open or _is_open(row, payment)
    return still_open


def _is_open(row: Appointment, payment: Payment) -> bool:
    return (
        row.state == State.BOOKED
        or payment.holder is not None
        or payment.next_at is not None
        or payment.status in ("processing", "refunding", "disputed")
    )


def _never_comes(view: View, row: Appointment, payment: Payment, *, last: bool) -> bool:
    """Say whether a fee is owed that nobody is left to pay (K4)."""
    if row.state == State.BOOKED or payment.holder is not None or payment.status not in UNPAID:
        return False
    if owed_now(row, payment, view.now) == 0 or not waivable(view, row, payment):
        return False
    waits = payment.next_at is not None and payment.status != "needs_approval"
    return last or not waits


def wipe_person(tx: Tx, client_id: str) -> None:
    """Take away all that says who a client was; money and trail stay with ids only (K4, D6)."""
    theirs = Appointment.select(Appointment.id).where(Appointment.client_id == client_id)
    for row in tx.rows(theirs):
        room = tx.seal(tx.practice.ids.token(), "appointment.room")
        tx.set(Appointment, "id = ?", row.id, room_sealed=room)
    tx.run(Absence.update(reason_sealed=None).where(Absence.appointment_id.in_(theirs)))
    tx.run(Link.delete().where(Link.person_id == client_id))
    tx.set(Ticket, "client_id = ?", client_id, text_sealed=None, answer_sealed=None)
    pages = {"url_sealed": None, "session": None, "next_at": None}
    tx.set(CardRequest, "client_id = ?", client_id, **pages)
    unsent = {"state": "dropped", "next_at": None, "holder": None, "ended_at": tx.now}
    tx.set(Notice, "person_id = ? AND state = 'pending'", client_id, **unsent)
    tx.set(Notice, "person_id = ?", client_id, facts="{}", error=None)
    for text in _REASONS:
        tx.sql(text, client_id)
    tx.set(Client, "id = ?", client_id, **_NOBODY)


_NOBODY = {
    **dict.fromkeys(
        ("name_sealed", "email_sealed", "email_hash", "email_confirmed_at", "chat_sealed",
         "chat_hash", "chat_blocked_at", "card", "card_brand", "card_last4", "card_month",
         "card_year", "card_at", "card_next_at", "card_seen_at")
    ),
    "zone": LONDON,
}  # fmt: skip

_WIPE = "UPDATE audit SET why_sealed = NULL WHERE why_sealed IS NOT NULL AND"
_REASONS = tuple(
    f"{_WIPE} {which} RETURNING seq"
    for which in (
        "actor_id = ?",
        "thing_id = ?",
        "thing_id IN (SELECT id FROM appointment WHERE client_id = ?)",
        "thing_id IN (SELECT series FROM appointment WHERE client_id = ?)",
        "thing_id IN (SELECT id FROM ticket WHERE client_id = ?)",
    )
)
"""Reasons in the trail are texts about a person; everything else in it is ids and numbers."""


def to_finish(practice: Practice, limit: int = 100) -> list[Forgotten]:
    """Return those whom the store has forgotten and who may still be known outside it."""
    with practice.reading() as view:
        where = "state = 'wiped' AND next_at <= ? ORDER BY next_at, client_id LIMIT ?"
        rows = view.find_all(Erasure, where, view.now, limit)
        return [Forgotten(row.client_id, row.customer) for row in rows]


def finished(practice: Practice, client_id: str) -> None:
    """Record that nothing of a client is left anywhere."""
    with practice.change() as tx:
        done = {"state": "done", "customer": None, "done_at": tx.now, "next_at": None}
        tx.set(Erasure, "client_id = ? AND state = 'wiped'", client_id, **done)


def later(practice: Practice, client_id: str) -> None:
    """Record that it did not work this time."""
    with practice.change() as tx:
        tx.set(Erasure, "client_id = ?", client_id, next_at=tx.now + LOOK_EVERY)


def empty_the_log(practice: Practice) -> bool:
    """Leave nothing in SQLite's write-ahead log; False while somebody reads from it (D6).

    Freed pages are overwritten as they are freed (`secure_delete`).
    """
    db = practice.store.db
    if name_of(db) != "sqlite":
        return True
    busy = db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy
