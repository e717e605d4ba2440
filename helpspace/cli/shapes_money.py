"""What money looks like as JSON, field by field, in the names of `interface.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpspace.cli.desk import Json
from helpspace.core.moments import iso

if TYPE_CHECKING:
    from helpspace.core.payments.coming import ComingCharge
    from helpspace.core.payments.explain import Story
    from helpspace.core.payments.income import Report
    from helpspace.core.payments.movements import Movement, Sums
    from helpspace.core.payments.payouts import PayoutView
    from helpspace.core.payments.receipts import Receipt
    from helpspace.core.payments.retry import Asked


def report(found: Report) -> Json:
    """A tax year's income."""
    return {
        "tax_year": found.period.name,
        "since": iso(found.period.since),
        "until": iso(found.period.until),
        "therapist_id": found.therapist_id,
        "rows": [movement(one) for one in found.rows],
        "sums": sums(found.sums),
    }


def movement(one: Movement) -> Json:
    """Money that moved."""
    return {
        "id": str(one.seq),
        "at": iso(one.at),
        "what": one.kind,
        "appointment_id": one.appointment_id,
        "therapist_id": one.therapist_id,
        "client_id": one.client_id,
        "start": iso(one.session_start),
        "kind": one.session_kind,
        "gross_pence": one.gross_pence,
        "commission_pence": one.commission_pence,
        "refunded_pence": one.refunded_pence,
        "net_pence": one.net_pence,
        "disputed_pence": one.disputed_pence,
        "payment_intent": one.payment_intent,
        "stripe_id": one.stripe_id,
    }


def sums(found: Sums) -> Json:
    """Money added up."""
    return {
        "gross_pence": found.gross_pence,
        "commission_pence": found.commission_pence,
        "refunded_pence": found.refunded_pence,
        "net_pence": found.net_pence,
        "disputed_pence": found.disputed_pence,
    }


def payout(found: PayoutView) -> Json:
    """A payout with what is in it."""
    return {
        "id": found.id,
        "therapist_id": found.therapist_id,
        "state": found.state,
        "state_words": found.state_words,
        "amount_pence": found.amount_pence,
        "fees_pence": found.fees_pence,
        "created_at": iso(found.created_at),
        "arrives_at": iso(found.arrives_at),
        "sessions": [
            {
                "appointment_id": one.appointment_id,
                "start": iso(one.start),
                "what": one.what,
                "amount_pence": one.amount_pence,
                "fee_pence": one.fee_pence,
                "net_pence": one.net_pence,
            }
            for one in found.sessions
        ],
        "others": [{"message": one.words, "net_pence": one.net_pence} for one in found.others],
        "note": found.note,
    }


def coming(one: ComingCharge) -> Json:
    """A charge to come."""
    return {
        "id": one.appointment_id,
        "appointment_id": one.appointment_id,
        "therapist_id": one.therapist_id,
        "client_id": one.client_id,
        "start": iso(one.start),
        "fee_pence": one.fee_pence,
        "charge_at": iso(one.at),
        "try": one.which,
        "card": one.card,
    }


def story(found: Story) -> Json:
    """A payment's story."""
    return {
        "id": found.appointment_id,
        "appointment_id": found.appointment_id,
        "payment": found.payment,
        "fee_pence": found.fee_pence,
        "owed_pence": found.owed_pence,
        "paid_pence": found.paid_pence,
        "lines": list(found.lines),
        "steps": [
            {
                "at": iso(one.at),
                "step": one.step,
                "amount_pence": one.amount_pence,
                "rule": one.rule,
                "by": one.by,
                "reason": one.reason,
                "stripe_id": one.stripe_id,
            }
            for one in found.steps
        ],
    }


def asked(found: Asked, *, dry_run: bool) -> Json:
    """What settlement was asked."""
    return {
        "id": found.appointment_id,
        "appointment_id": found.appointment_id,
        "ask": found.ask,
        "payment": found.payment,
        "fee_pence": found.amount_pence,
        "dry_run": dry_run,
    }


def receipt(found: Receipt) -> Json:
    """A receipt."""
    return {
        "id": found.number,
        "appointment_id": found.appointment_id,
        "therapist_name": found.name,
        "client_name": found.client,
        "start": iso(found.start),
        "end": iso(found.end),
        "paid_pence": found.paid_pence,
        "paid_at": iso(found.paid_at),
        "refunded_pence": found.refunded_pence,
        "refunded_at": None if found.refunded_at is None else iso(found.refunded_at),
        "disputed_pence": found.disputed_pence,
        "total_pence": found.total_pence,
    }
