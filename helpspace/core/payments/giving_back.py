"""Giving back what an intent took: once, the client first, and looked at again afterwards (M3, M5).

Where the therapist's account cannot give the transfer back, the client does not wait for it: the
refund goes without it, and what the account owes is a debt of its own. A refund that has succeeded
can still come back; so it is looked at again when something is heard of it, and a few times anyway.
"""

from __future__ import annotations

from helpspace.core import team
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.payments import debts, disputing
from helpspace.core.payments.case import Case
from helpspace.core.payments.steps import (
    LookAtRefunds,
    MakeRefund,
    RefundSeen,
    RefundsSeen,
    Step,
)
from helpspace.core.payments.store_name import store_name
from helpspace.core.policy import Party
from helpspace.core.store.tables import Ledger, Refund

ENDS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}

LOOKS = (DAY, 7 * DAY, 30 * DAY)
"""When a refund that went through is looked at again, after it was asked for: banks send some back
days later, and nothing may ever be heard of it."""

FAILED_FOR = 60 * DAY
"""How long after it was asked for a failed refund is looked at each day for what the team did."""

CLIENT_FIRST = frozenset({"balance_insufficient", "account_invalid", "transfer_already_reversed"})
"""Refusals that are about the therapist's account alone: the refund goes without the transfer."""

DISPUTED = "charge_disputed"


def next_step(case: Case, *, looked: bool) -> Step | None:
    """Return what closes the gap of money that was taken, or None when the case rests.

    `looked` says that the refunds were read in this very pass.
    """
    refund = case.refund
    if refund is not None and refund.state in ("asked", "pending") and disputing.forbids(case):
        if not looked:
            return _look(case)
        _drop(case, refund)
    if disputing.rests(case):
        return None
    if case.owed > 0:
        case.rest(None, "paid")
        return None
    if refund is None:
        return _ask(case, _new_refund(case, reverses=True))
    if refund.state in ("succeeded", "failed"):
        return None if _rests_after(case, refund, looked=looked) else _look(case)
    reason = case.payment.reason
    if looked and refund.state == "asked" and refund.reverses and reason in CLIENT_FIRST:
        return _ask(case, _ask_anew(case, refund, reverses=False))
    if looked and (refund.state == "pending" or reason is not None):
        _rest_refused(case, reason)
        return None
    if looked:
        return _ask(case, _ask_anew(case, refund, reverses=bool(refund.reverses)))
    if refund.state == "pending" or case.in_doubt(refund.created_at):
        return _look(case)
    return _ask(case, refund)


def _look(case: Case) -> Step:
    case.set(reason=None)
    return LookAtRefunds(case.appointment.id, str(case.the_intent.stripe_id))


def _rests_after(case: Case, refund: Refund, *, looked: bool) -> bool:
    """Rest with a refund that has ended; False while it is still to be looked at in this pass."""
    if not looked:
        return False
    age = case.now - refund.created_at
    if refund.state == "failed":
        until = case.now + DAY if age < FAILED_FOR else None
        case.rest(until, "refunding", "refund_failed")
        return True
    ahead = [look for look in LOOKS if look > age]
    case.rest(refund.created_at + ahead[0] if ahead else None, "refunded")
    return True


def _rest_refused(case: Case, reason: str | None) -> None:
    """Rest while it is on its way, or refused for now and not there: it is tried again."""
    if reason == DISPUTED:
        disputing.look_for(case.tx)
        case.rest(case.now + HOUR, "disputed", reason)
    else:
        case.rest(case.now + HOUR, "refunding", reason)


def _ask(case: Case, refund: Refund) -> Step:
    name = store_name(case.tx)
    return MakeRefund(
        appointment_id=case.appointment.id,
        refund_id=refund.id,
        stripe_id=str(case.the_intent.stripe_id),
        key=f"{name}:refund:{refund.id}",
        amount=refund.amount,
        with_commission=refund.commission > 0 and bool(refund.reverses),
        metadata=(("store", name), ("appointment", case.appointment.id), ("refund", refund.id)),
        reverse=bool(refund.reverses),
    )


def _drop(case: Case, refund: Refund) -> None:
    """End a refund that Stripe does not have and that is not to be asked for."""
    if refund.state == "asked":
        case.tx.set(Refund, "id = ?", refund.id, state="failed", ended_at=case.now, reason=DISPUTED)
        case.refund = None


def _ask_anew(case: Case, old: Refund, *, reverses: bool) -> Refund:
    """Ask for a refund that Stripe does not have, under a key that repeats no old failure."""
    why = case.payment.reason
    case.tx.set(Refund, "id = ?", old.id, state="failed", ended_at=case.now, reason=why)
    return _new_refund(case, reverses=reverses)


def _new_refund(case: Case, *, reverses: bool, stripe_id: str | None = None) -> Refund:
    intent = case.the_intent
    row = Refund(
        id=case.tx.practice.ids.new(),
        intent_id=intent.id,
        number=_number(case, intent.id),
        stripe_id=stripe_id,
        amount=intent.amount,
        commission=intent.commission,
        state="asked",
        created_at=case.now,
        reverses=int(reverses),
    )
    case.tx.insert(Refund, **row.__data__)
    case.refund = row
    case.set(status="refunding", reason=None)
    return row


def _number(case: Case, intent_id: str) -> int:
    last = case.tx.find(Refund, "intent_id = ? ORDER BY number DESC LIMIT 1", intent_id)
    return 1 if last is None else int(last.number) + 1


def refund_seen(case: Case, seen: RefundSeen) -> bool:
    """Record a refund as Stripe has it; False when the case rests with it."""
    refund = case.refund
    if refund is None:
        return True
    if refund.stripe_id not in (None, seen.stripe_id):
        # Made by somebody at Stripe after ours had failed.
        refund = _new_refund(case, reverses=True, stripe_id=seen.stripe_id)
    was, state = refund.state, ENDS.get(seen.status, "pending")
    values = {
        "stripe_id": seen.stripe_id,
        "state": state,
        "reason": seen.reason,
        "ended_at": None if state == "pending" else (refund.ended_at or case.now),
    }
    case.tx.set(Refund, "id = ?", refund.id, **values)
    for name, value in values.items():
        setattr(refund, name, value)
    if state != "failed" and not refund.reverses:
        debts.owe(case, refund)
    if state == "succeeded":
        if case.book_money("refund", refund.amount, refund.commission, seen.stripe_id):
            case.tell(Event.REFUNDED, case.appointment.id, Party.CLIENT, amount=refund.amount)
    elif state == "failed":
        _came_back(case, refund, was)
    elif state == "pending":
        case.rest(case.now + HOUR, "refunding")
        return False
    return True


def _came_back(case: Case, refund: Refund, was: str) -> None:
    """Take a failed refund back out of the books, and tell the team: a person looks (N4)."""
    _undo(case, refund)
    if was != "failed":
        team.tell(
            case.tx,
            Event.REFUND_FAILED,
            once=str(refund.id),
            appointment_id=case.appointment.id,
            amount=refund.amount,
        )


def _undo(case: Case, refund: Refund) -> None:
    """Write the row that takes a refund's row back, once, if it had one (M8)."""
    where = "kind = 'refund' AND stripe_id = ?"
    booked = case.tx.find(Ledger, where, refund.stripe_id)
    undone = f"{refund.stripe_id}:failed"
    if booked is None or case.tx.find(Ledger, where, undone) is not None:
        return
    values = dict(booked.__data__)
    del values["seq"]
    case.tx.insert(Ledger, **{**values, "at": case.now, "stripe_id": undone, "undoes": 1})
    job = Actor.job("refunds")
    case.tx.audit(job, "undo", "appointment", case.appointment.id, amount=booked.amount)


def refunds_seen(case: Case, answer: RefundsSeen) -> bool:
    """Take up the refund that Stripe has for this intent, if it has one."""
    mine = None if case.refund is None else case.refund.stripe_id
    whole = [one for one in answer.refunds if one.amount == case.the_intent.amount]
    alive = [one for one in whole if one.status not in ("failed", "canceled")]
    same = [one for one in whole if one.stripe_id == mine]
    fresh = [one for one in whole if mine is None and not _is_known(case, one.stripe_id)]
    found = alive or same or fresh
    return refund_seen(case, found[0]) if found else True


def _is_known(case: Case, stripe_id: str) -> bool:
    return case.tx.find(Refund, "stripe_id = ?", stripe_id) is not None
