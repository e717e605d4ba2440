"""Settlement: claim what is due, take one step at a time, stop when nothing is left to do (M5a).

A sweep calls `claim`, then for each task `advance` in turn with carrying out the step it returns.
Every `advance` is one commit: it records the answer to the last step and writes down the next one
before it is taken. Dying between any two lines leaves a row that says what may have happened, and
the next pass looks before it acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpspace.core import card_looks, team
from helpspace.core.actors import Actor
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments import giving_back
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
    RefundSeen,
    RefundsSeen,
    Step,
)
from helpspace.core.payments.store_name import store_name
from helpspace.core.payments.tries import ENDED_AT_STRIPE, STOPPED
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.standing import is_resting
from helpspace.core.store.tables import Intent, Payment, Therapist

LEASE = 2 * MINUTE
"""How long a worker has a case; longer than a call's timeout with its retries."""


LOOKED_AFTER = (ConfirmIntent, CancelIntent, MakeRefund)
"""Steps after whose refusal by state the object is read back at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """A case claimed by one worker; with `return_url` it is its client's own tap (M6)."""

    appointment_id: str
    fence: str
    return_url: str | None = None


def anything_due(practice: Practice) -> bool:
    """Say whether a case is due, without taking the store's write lock."""
    with practice.reading() as view:
        due = Payment.select(Payment.appointment_id).where(_is_due(view.now))
        return view.first(due) is not None


def _is_due(now: int) -> Any:
    """Return the condition under which a case may be claimed: due and free, or its worker died."""
    return ((Payment.next_at <= now) & Payment.holder.is_null()) | (Payment.held_until <= now)


def claim(practice: Practice, worker: str, limit: int = 50) -> list[Task]:
    """Claim cases that are due, or whose worker has died, the longest due first.

    None in a store that was restored and not adopted (D5).
    """
    with practice.change() as tx:
        if is_resting(tx):
            return []
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


_TAKE = """UPDATE payment SET holder = ?, held_until = ?, next_at = NULL
    WHERE appointment_id = ? AND (holder IS NULL OR held_until <= ?)"""


def take(tx: Tx, appointment_id: str, worker: str, return_url: str) -> Task | None:
    """Claim one case for its client's tap, in a commit of its caller's; None while it is held."""
    if is_resting(tx):
        return None
    fence = f"{worker}:{tx.practice.ids.new()}"
    found = (fence, tx.now + LEASE, appointment_id, tx.now)
    return Task(appointment_id, fence, return_url) if tx.take(Payment, _TAKE, *found) else None


def advance(
    practice: Practice, task: Task, step: Step | None = None, answer: Answer | None = None
) -> Step | None:
    """Record the answer to a step and return the next one; None when the case rests or is lost."""
    with practice.change() as tx:
        held_until = tx.now + LEASE
        case = open_case(tx, task.appointment_id, task.fence, held_until, task.return_url)
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
    return giving_back.next_step(case, looked=isinstance(answer, RefundSeen | RefundsSeen))


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
    if case.return_url is None and case.client_is_waiting:
        case.rest(case.now + 5)
        return False
    said = case.return_url is not None or case.payment.asked_at is not None
    if case.payment.reason == ENDED_AT_STRIPE and not said:
        # Whoever cancelled after the backup is not charged: somebody who knows says first (D5).
        case.rest(None, "failed", ENDED_AT_STRIPE)
        return False
    if not case.account_ready:
        account_refused(case, "account_not_ready")
        return False
    if case.client.charges_stopped_at is not None and case.return_url is None:
        unpaid(case, "failed", STOPPED, once=f"{case.appointment.id}:{STOPPED}")
        return False
    if case.card_trouble is not None:
        if not _looks_first(case):
            once = f"{case.appointment.id}:{case.card_trouble}"
            unpaid(case, "failed", case.card_trouble, once=once)
        return False
    return True


def _looks_first(case: Case) -> bool:
    """Let a card that seems to have expired be read back, and rest for that; False once it was, or
    was asked for: banks renew cards, and nothing may have been heard of it (N4)."""
    client = case.client
    seen_at = max(client.card_seen_at or 0, client.card_at or 0)
    expired = case.card_trouble == "expired_card" and case.return_url is None
    if not expired or seen_at > case.now - HOUR or client.card_next_at is not None:
        return False
    card_looks.ask(case.tx, client.id)
    case.rest(case.now + 5 * MINUTE)
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
            once = f"waived:{case.appointment.id}"
            case.tell(Event.ACCOUNT_REFUSED, once, Party.THERAPIST, last=True)
        # At once, for the next pass to close what is open at Stripe.
        case.rest(case.now, "failed", f"account:{code}")
        return
    case.tell(Event.ACCOUNT_REFUSED, case.appointment.id, Party.THERAPIST)
    spell = f"{case.therapist.id}:{case.therapist.account_changes}"
    team.tell(case.tx, Event.ACCOUNT_REFUSED, once=spell, appointment_id=case.appointment.id)
    case.tx.run(Therapist.update(account_next_at=case.now).where(Therapist.id == case.therapist.id))
    until = min(case.now + HOUR, case.appointment.start_at)
    case.rest(until, "failed", f"account:{code}")


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
        unpaid(case, *case.standing())
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
        return_url=attempt.return_url,
    )


def look_again(practice: Practice, stripe_ids: list[str]) -> int:
    """Let the next sweep look at the cases of these PaymentIntents at once: a hint came (M5a)."""
    with practice.change() as tx:
        return hint(tx, stripe_ids)


def hint(tx: Tx, stripe_ids: list[str]) -> int:
    """Put the cases of these PaymentIntents first in the queue, in a commit of its caller's."""
    cases = Intent.select(Intent.appointment_id).where(Intent.stripe_id.in_(stripe_ids))
    return tx.run(Payment.update(next_at=tx.now).where(Payment.appointment_id.in_(cases)))
