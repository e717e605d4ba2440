"""Where the money of each session stands, and what was given back, as the team reads it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now, payment_word
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Debt, Intent, Ledger, Payment, Refund

PAGE = 1000
"""How many rows are read at a time."""


@dataclass(frozen=True, slots=True)
class ChargeView:
    """The money of one appointment: what is owed, what was paid, and when it is looked at next.

    `payment` is a word of `interface.md`; `reason` Stripe's code where something is wrong;
    `stripe_id` the payment intent that counts, `stripe_ids` every one there ever was.
    """

    appointment_id: str
    therapist_id: str
    client_id: str
    start: int
    fee_pence: int
    owed_pence: int
    paid_pence: int
    payment: str
    reason: str | None
    free_until: int
    next_at: int | None
    stripe_id: str | None
    stripe_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefundView:
    """One giving back of everything that an intent took."""

    id: str
    appointment_id: str
    therapist_id: str
    client_id: str
    amount_pence: int
    commission_pence: int
    state: str
    stripe_id: str | None
    payment_intent: str | None
    created_at: int
    ended_at: int | None
    reason: str | None = None
    """Why it waits or has failed, as a code."""
    account_owes_pence: int = 0
    """What the therapist's account still owes, where the refund went without its transfer."""


def charges(
    practice: Practice,
    actor: Actor,
    *,
    payment: str | None = None,
    therapist_id: str | None = None,
    client_id: str | None = None,
    since: int | None = None,
    until: int | None = None,
    limit: int = 1000,
) -> list[ChargeView]:
    """Return the money of every appointment with a fee, for the team, by start.

    `since` and `until` are instants between which the session starts, the latter not included.
    """
    actor.must_be("team")
    query = (
        Appointment.select(Appointment, Payment)
        .join(Payment, on=(Payment.appointment_id == Appointment.id), attr="payment")
        .where(Appointment.fee > 0)
        .order_by(Appointment.start_at, Appointment.id)
    )
    if therapist_id is not None:
        query = query.where(Appointment.therapist_id == therapist_id)
    if client_id is not None:
        query = query.where(Appointment.client_id == client_id)
    if since is not None:
        query = query.where(Appointment.start_at >= since)
    if until is not None:
        query = query.where(Appointment.start_at < until)
    if payment is not None:
        # "due" and "none" are words for a scheduled payment whose time has come or will not come.
        stored = "scheduled" if payment in ("due", "none") else payment
        query = query.where(Payment.status.in_({stored, payment} - {"due"}))
    found: list[ChargeView] = []
    with practice.reading() as view:
        for page in itertools.count(1):
            rows = view.rows(query.paginate(page, PAGE))
            shown = _charges(view, rows)
            found += [one for one in shown if payment in (None, one.payment)]
            if len(rows) < PAGE or len(found) >= limit:
                break
    return found[:limit]


def _charges(view: View, rows: list[Any]) -> list[ChargeView]:
    ids = [row.id for row in rows]
    if not ids:
        return []
    intents: dict[str, list[Intent]] = defaultdict(list)
    for intent in view.rows(
        Intent.select().where(Intent.appointment_id.in_(ids)).order_by(Intent.number)
    ):
        intents[intent.appointment_id].append(intent)
    paid: dict[str, int] = defaultdict(int)
    for moved in view.rows(Ledger.select().where(Ledger.appointment_id.in_(ids))):
        sign = 1 if (moved.kind == "charge") != bool(moved.undoes) else -1
        paid[moved.appointment_id] += sign * moved.amount
    return [_charge(view, row, intents[row.id], paid[row.id]) for row in rows]


def _charge(view: View, row: Any, intents: list[Intent], paid: int) -> ChargeView:
    alive = [one for one in intents if one.state != "canceled"]
    return ChargeView(
        appointment_id=row.id,
        therapist_id=row.therapist_id,
        client_id=row.client_id,
        start=row.start_at,
        fee_pence=row.fee,
        owed_pence=owed_now(row, row.payment, view.now),
        paid_pence=paid,
        payment=payment_word(row, row.payment, view.now),
        reason=None if row.payment.reason is None else plain(row.payment.reason),
        free_until=row.free_until,
        next_at=row.payment.next_at,
        stripe_id=alive[-1].stripe_id if alive else None,
        stripe_ids=tuple(one.stripe_id for one in intents if one.stripe_id is not None),
    )


def refunds(
    practice: Practice,
    actor: Actor,
    *,
    state: str | None = None,
    therapist_id: str | None = None,
    client_id: str | None = None,
    limit: int = 1000,
) -> list[RefundView]:
    """Return every refund for the team, newest first."""
    actor.must_be("team")
    query = (
        Refund.select(Refund, Intent, Appointment)
        .join(Intent, on=(Refund.intent_id == Intent.id), attr="intent")
        .join(Appointment, on=(Intent.appointment_id == Appointment.id), attr="appointment")
        .order_by(Refund.created_at.desc(), Refund.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(Refund.state == state)
    if therapist_id is not None:
        query = query.where(Appointment.therapist_id == therapist_id)
    if client_id is not None:
        query = query.where(Appointment.client_id == client_id)
    with practice.reading() as view:
        owed = {row.refund_id: row.amount for row in view.find_all(Debt, "state = 'open'")}
        return [_refund(row, owed.get(row.id, 0)) for row in view.rows(query)]


def _refund(row: Any, account_owes: int) -> RefundView:
    session = row.intent.appointment
    return RefundView(
        id=row.id,
        appointment_id=session.id,
        therapist_id=session.therapist_id,
        client_id=session.client_id,
        amount_pence=row.amount,
        commission_pence=row.commission,
        state=row.state,
        stripe_id=row.stripe_id,
        payment_intent=row.intent.stripe_id,
        created_at=row.created_at,
        ended_at=row.ended_at,
        reason=None if row.reason is None else plain(row.reason, 60),
        account_owes_pence=account_owes,
    )
