"""Settlement: claim what is due, take one step at a time, stop when nothing is left to do (M5a).

A sweep calls `claim`, then for each task `advance` in turn with carrying out the step it returns.
Every `advance` is one commit: it records the answer to the last step and writes down the next one
before it is taken. Dying between any two lines leaves a row that says what may have happened, and
the next pass looks before it acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments.answers import apply, unpaid
from helpspace.core.payments.case import Case, open_case
from helpspace.core.payments.steps import (
    AlreadySo,
    Answer,
    CancelIntent,
    ConfirmIntent,
    FindIntent,
    IntentSeen,
    LookAtIntent,
    LookAtRefunds,
    MakeIntent,
    MakeRefund,
    RefundsSeen,
    Step,
)
from helpspace.core.payments.store_name import store_name
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Intent, Payment, Refund, Therapist

LEASE = 2 * MINUTE
"""How long a worker has a case; longer than a call's timeout with its retries."""


LOOKED_AFTER = (ConfirmIntent, CancelIntent, MakeRefund)
"""Steps after whose refusal by state the object is read back at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case claimed by one worker."""

    appointment_id: str
    fence: str


def anything_due(practice: Practice) -> bool:
    """Say whether a case is due, without taking the store's write lock."""
    with practice.reading() as view:
        due = Payment.select(Payment.appointment_id).where(_is_due(view.now))
        return view.first(due) is not None


def _is_due(now: int) -> Any:
    """Return the condition under which a case may be claimed: due and free, or its worker died."""
    return ((Payment.next_at <= now) & Payment.holder.is_null()) | (Payment.held_until <= now)


def claim(practice: Practice, worker: str, limit: int = 50) -> list[Task]:
    """Claim cases that are due, or whose worker has died, the longest due first."""
    with practice.change() as tx:
        due = Payment.select(Payment.appointment_id).where(_is_due(tx.now))
        due = due.order_by(Payment.next_at).limit(limit)
        if tx.postgresql:
            due = due.for_update(skip_locked=True)
        fence = f"{worker}:{tx.practice.ids.new()}"
        rows = tx.returning(
            Payment.update(holder=fence, held_until=tx.now + LEASE, next_at=None)
            .where(Payment.appointment_id.in_(due))
            .returning(Payment.appointment_id)
        )
        return [Task(row.appointment_id, fence) for row in rows]


def advance(
    practice: Practice, task: Task, step: Step | None = None, answer: Answer | None = None
) -> Step | None:
    """Record the answer to a step and return the next one; None when the case rests or is lost."""
    with practice.change() as tx:
        case = open_case(tx, task.appointment_id, task.fence, tx.now + LEASE)
        if case is None:
            return None
        following = _following(case, step, answer)
        case.write_down()
        return following


def _following(case: Case, step: Step | None, answer: Answer | None) -> Step | None:
    """Take up the answer to a step and decide on the next one."""
    if isinstance(answer, AlreadySo) and isinstance(step, LOOKED_AFTER):
        case.set(reason=answer.code[:60])
        return _look_after(step)
    if step is not None and answer is not None and not apply(case, step, answer):
        return None
    looked = isinstance(answer, IntentSeen)
    if case.intent is None:
        return _without_intent(case)
    if case.intent.state == "asked":
        return _make_intent(case)
    if case.intent.state == "open":
        return _with_open_intent(case, looked=looked)
    return _with_money_taken(case, looked=isinstance(answer, RefundsSeen))


def _look_after(step: ConfirmIntent | CancelIntent | MakeRefund) -> Step:
    """Return the look at what Stripe says is in another state than the step supposes."""
    if isinstance(step, MakeRefund):
        return LookAtRefunds(step.appointment_id, step.stripe_id)
    return LookAtIntent(step.appointment_id, step.stripe_id)


def _without_intent(case: Case) -> Step | None:
    if case.owed == 0 or case.now < case.charge_from:
        _rest_unowed(case)
        return None
    if not _can_be_charged(case):
        return None
    case.new_intent()
    return _make_intent(case)


def _rest_unowed(case: Case) -> None:
    """Rest while nothing is owed: until the charge falls due, or for good."""
    if case.payment.waived_at is not None:
        case.rest(None, "waived")
    elif not State(case.appointment.state).live and case.owed == 0:
        case.rest(None, "none")
    else:
        case.rest(case.charge_from, "scheduled")


def _can_be_charged(case: Case) -> bool:
    """Say whether a charge may begin now; if not, the case rests with what is missing."""
    if case.client_is_waiting:
        case.rest(case.now + 5)
        return False
    if not case.account_ready:
        account_refused(case, "account_not_ready")
        return False
    if case.card_trouble is not None:
        unpaid(case, "failed", case.card_trouble, once=f"{case.appointment.id}:{case.card_trouble}")
        return False
    return True


def account_refused(case: Case, code: str) -> None:
    """Rest because the therapist's account cannot take money: no fault of the client (M6a).

    It is tried again every hour; from the start on the fee is waived.
    """
    if case.now >= case.appointment.start_at:
        if case.payment.waived_at is None:
            case.set(waived_at=case.now)
            job = Actor.job("charges")
            case.tx.audit(job, "waive", "appointment", case.appointment.id, reason=code)
        # At once, for the next pass to close what is open at Stripe.
        case.rest(case.now, "failed", f"account:{code}")
        return
    case.tell(Event.ACCOUNT_REFUSED, case.appointment.id, Party.THERAPIST)
    case.tx.run(Therapist.update(account_next_at=case.now).where(Therapist.id == case.therapist.id))
    case.rest(case.now + HOUR, "failed", f"account:{code}")


def _make_intent(case: Case) -> Step:
    intent = case.the_intent
    name = store_name(case.tx)
    if case.in_doubt(intent.created_at):
        return FindIntent(case.appointment.id, intent.id, intent.customer, name)
    metadata = (("store", name), ("appointment", case.appointment.id), ("intent", intent.id))
    return MakeIntent(
        appointment_id=case.appointment.id,
        intent_id=intent.id,
        key=f"{name}:intent:{intent.id}",
        amount=intent.amount,
        commission=intent.commission,
        customer=intent.customer,
        account=intent.account,
        metadata=metadata,
    )


def _with_open_intent(case: Case, *, looked: bool) -> Step | None:
    intent = case.the_intent
    stripe_id = str(intent.stripe_id)
    if case.attempt is not None and not looked:
        return LookAtIntent(case.appointment.id, stripe_id)
    moved_account = intent.account != case.therapist.account and case.account_ready
    if case.owed == 0 or moved_account:
        return CancelIntent(case.appointment.id, stripe_id)
    if case.now < case.charge_from:
        case.rest(case.charge_from)
        return None
    again = case.attempt if case.again else None
    if again is None and not case.may_try():
        unpaid(case, case.payment.status, case.payment.reason)
        return None
    if not _can_be_charged(case):
        return None
    attempt = again or case.new_attempt()
    case.set(status="processing", reason=None)
    return ConfirmIntent(
        appointment_id=case.appointment.id,
        stripe_id=stripe_id,
        attempt_id=attempt.id,
        key=f"{store_name(case.tx)}:confirm:{attempt.id}",
        card=attempt.card,
    )


def _with_money_taken(case: Case, *, looked: bool) -> Step | None:
    if case.owed > 0:
        case.rest(None, "paid")
        return None
    intent, refund = case.the_intent, case.refund
    if refund is None:
        refund = _new_refund(case)
    if refund.state == "succeeded":
        case.rest(None, "refunded")
        return None
    if refund.state == "failed":
        case.rest(None, "refunding", "refund_failed")
        return None
    if looked and (refund.state == "pending" or case.payment.reason is not None):
        # On its way, or refused for now and not there: somebody looks, and it is tried again.
        case.rest(case.now + HOUR, "refunding", case.payment.reason)
        return None
    if looked:
        refund = _ask_anew(case)
    elif refund.state == "pending" or case.in_doubt(refund.created_at):
        case.set(reason=None)
        return LookAtRefunds(case.appointment.id, str(intent.stripe_id))
    name = store_name(case.tx)
    return MakeRefund(
        appointment_id=case.appointment.id,
        refund_id=refund.id,
        stripe_id=str(intent.stripe_id),
        key=f"{name}:refund:{refund.id}",
        amount=refund.amount,
        with_commission=refund.commission > 0,
        metadata=(("store", name), ("appointment", case.appointment.id), ("refund", refund.id)),
    )


def _ask_anew(case: Case) -> Refund:
    """Ask for a refund that Stripe does not have, under a key that repeats no old failure."""
    if case.refund is not None:
        case.tx.run(
            Refund.update(state="failed", ended_at=case.now).where(Refund.id == case.refund.id)
        )
    return _new_refund(case)


def _new_refund(case: Case) -> Refund:
    intent = case.the_intent
    row = Refund(
        id=case.tx.practice.ids.new(),
        intent_id=intent.id,
        number=1 if case.refund is None else case.refund.number + 1,
        amount=intent.amount,
        commission=intent.commission,
        state="asked",
        created_at=case.now,
    )
    case.tx.insert(Refund, **row.__data__)
    case.refund = row
    case.set(status="refunding", reason=None)
    return row


def look_again(practice: Practice, stripe_ids: list[str]) -> int:
    """Let the next sweep look at the cases of these PaymentIntents at once: a hint came (M5a)."""
    with practice.change() as tx:
        return hint(tx, stripe_ids)


def hint(tx: Tx, stripe_ids: list[str]) -> int:
    """Put the cases of these PaymentIntents first in the queue, in a commit of its caller's."""
    cases = Intent.select(Intent.appointment_id).where(Intent.stripe_id.in_(stripe_ids))
    return tx.run(Payment.update(next_at=tx.now).where(Payment.appointment_id.in_(cases)))
