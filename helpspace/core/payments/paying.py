"""A client pays an unpaid fee by a tap: the same intent, confirmed while they are there (M6).

The tap takes the case like a sweep does and goes the same steps, so that only one of them is ever
at it, and each step is a row before it is taken (M5). Where the bank asks, its page is handed to
the person who waits and to nobody else: it is stored nowhere and sent nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from helpspace.core import links, policy, skew
from helpspace.core.accounts import card_state, the_client
from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.payments import settle
from helpspace.core.payments.case import LAST_WORD
from helpspace.core.payments.settle import Task
from helpspace.core.payments.steps import Answer, ConfirmIntent, IntentSeen, NoAnswer
from helpspace.core.payments.tries import NOT_APPROVED, SOFT, may_work
from helpspace.core.policy import State
from helpspace.core.practice import Practice, View
from helpspace.core.store.standing import NotAdopted, is_resting
from helpspace.core.store.tables import Appointment, Attempt, Intent, Payment, Therapist

if TYPE_CHECKING:
    from helpspace.core.gateways import StripeGateway

MOST_STEPS = 12
"""Steps one tap may take; the rest is for the sweeps."""

PAUSE = MINUTE
"""How long after a decline a further tap is told the same, without another try."""

MOST_DECLINES = 5
"""Declines of one card by its client's own taps within a day, before only another card helps."""

UNPAID = ("failed", "needs_approval")

_STRIPE_ID = re.compile("pi_[A-Za-z0-9_]{1,200}")


class Way(StrEnum):
    """What a client can do about the fee of a session now."""

    NOTHING = "nothing"
    """There is nothing to pay, or it is not for the client to mend."""
    WAIT = "wait"
    """It is being taken, or looked at."""
    APPROVE = "approve"
    """The bank asks; a tap opens its page. Another card is a way too."""
    PAY = "pay"
    """A tap tries the card on record again. Another card is a way too."""
    CARD = "card"
    """Only another card helps."""


class Outcome(StrEnum):
    """What a tap came to."""

    PAID = "paid"
    BANK = "bank"
    """The bank's page is waiting."""
    REFUSED = "refused"
    UNHEARD = "unheard"
    """Stripe did not answer: what happened is found out by the sweeps (M5)."""
    BUSY = "busy"
    """Somebody else is at it at this moment."""
    NOTHING = "nothing"
    """There was nothing to try."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is unpaid of a session, and what its client can do about it; pence and UTC instants.

    `retry_at` is when the same card is tried again by itself, `settle_by` until when it should be
    paid: then the therapist decides whether the session takes place.
    """

    appointment_id: str
    way: Way
    owed_pence: int
    reason: str | None
    retry_at: int | None
    settle_by: int | None


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a tap came to, and how things stand now; `bank_page` is for the person who waits."""

    outcome: Outcome
    due: Due
    bank_page: str | None = field(default=None, repr=False)


def due(practice: Practice, actor: Actor, appointment_id: str) -> Due:
    """Return what a client can do about the fee of their own session (A1, M6)."""
    with practice.reading() as view:
        return _due(view, _own(view, actor, appointment_id))


def owing(practice: Practice, actor: Actor) -> list[str]:
    """Return the client's own sessions with an unpaid fee that they can settle, the oldest first.

    Past and cancelled ones too: a fee stays owed until it is paid or waived (M6).
    """
    with practice.reading() as view:
        rows = view.rows(
            Appointment.select(Appointment)
            .join(Payment, on=(Payment.appointment_id == Appointment.id))
            .where(Appointment.client_id == actor.id, Payment.status.in_(UNPAID))
            .order_by(Appointment.start_at, Appointment.id)
        )
        ways = (Way.APPROVE, Way.PAY, Way.CARD)
        return [row.id for row in rows if actor.role == "client" and _due(view, row).way in ways]


def pay(practice: Practice, stripe: StripeGateway, actor: Actor, appointment_id: str) -> Tapped:
    """Try to take an unpaid fee while its client is there; the bank may ask them (M6).

    Tapping twice is trying once. Nothing is raised when Stripe does not answer; NotFound for what
    is not the client's own, as for what does not exist (A1), NotAdopted in a restored store (D5).
    """
    begun = _begin(practice, actor, appointment_id)
    if isinstance(begun, Outcome):
        return Tapped(begun, due(practice, actor, appointment_id))
    answer = _take_steps(practice, stripe, begun)
    now = due(practice, actor, appointment_id)
    if isinstance(answer, IntentSeen) and answer.bank_page is not None:
        return Tapped(Outcome.BANK, now, answer.bank_page)
    if isinstance(answer, NoAnswer):
        return Tapped(Outcome.UNHEARD, now)
    return Tapped(_outcome(practice, appointment_id, now), now)


def look_now(practice: Practice, actor: Actor, appointment_id: str) -> bool:
    """Let the next sweep look at a client's own payment at once: they are back from the bank."""
    with practice.reading() as view:
        _own(view, actor, appointment_id)
        intents = view.rows(Intent.select().where(Intent.appointment_id == appointment_id))
    return any(returned(practice, one.stripe_id) for one in intents if one.stripe_id is not None)


def returned(practice: Practice, stripe_id: str) -> bool:
    """Let the next sweep look at a payment at once: somebody came back from the bank's page.

    The visit proves nothing and may be anybody's: what is settled, or about to be looked at anyway,
    is left alone.
    """
    if not _STRIPE_ID.fullmatch(stripe_id):
        return False
    waiting = (*UNPAID, "processing")
    with practice.reading() as view:
        found = view.first(
            Payment.select(Payment.appointment_id)
            .join(Intent, on=(Intent.appointment_id == Payment.appointment_id))
            .where(
                Intent.stripe_id == stripe_id,
                Payment.status.in_(waiting),
                Payment.next_at.is_null() | (Payment.next_at > view.now),
            )
        )
    return found is not None and settle.look_again(practice, [stripe_id]) > 0


def _own(view: View, actor: Actor, appointment_id: str) -> Appointment:
    """Return a client's own appointment; anybody else's answers like none (A1)."""
    row = view.get(Appointment, appointment_id)
    if row is None or actor.role != "client" or row.client_id != actor.id:
        raise NotFound
    return row


def _due(view: View, row: Appointment) -> Due:
    payment = view.get(Payment, row.id)
    if payment is None:
        raise NotFound
    client = the_client(view, row.client_id)
    last = _last_attempt(view, row.id)
    same_card = last is not None and last.card == client.card
    way = way_to_pay(
        payment,
        owed_now(row, payment, view.now),
        card_ok=card_state(client, view.now) == "ok",
        last=last if same_card else None,
        declines=_declines(view, last) if same_card and last is not None else 0,
    )
    ahead = State(row.state).live and view.now < row.start_at - LAST_WORD
    soft = way is Way.PAY and payment.reason in SOFT
    return Due(
        appointment_id=row.id,
        way=way,
        owed_pence=owed_now(row, payment, view.now),
        reason=payment.reason,
        retry_at=policy.retry_after(view.now, row.start_at) if soft else None,
        settle_by=row.start_at - LAST_WORD if ahead else None,
    )


def way_to_pay(
    payment: Payment, owed: int, *, card_ok: bool, last: Attempt | None, declines: int
) -> Way:
    """Return what a client can do: `last` is how the card on record was tried last, if it was."""
    if payment.status == "processing" and owed > 0:
        return Way.WAIT
    account = (payment.reason or "").startswith("account:")
    if owed == 0 or payment.status not in UNPAID or account:
        return Way.NOTHING
    if not card_ok or declines >= MOST_DECLINES or (last is not None and not may_work(last)):
        return Way.CARD
    return Way.APPROVE if payment.status == "needs_approval" else Way.PAY


def _last_attempt(view: View, appointment_id: str) -> Attempt | None:
    where = """intent_id = (SELECT id FROM intent WHERE appointment_id = ? AND state <> 'canceled')
        ORDER BY number DESC LIMIT 1"""
    return view.find(Attempt, where, appointment_id)


def _declines(view: View, last: Attempt) -> int:
    """Count how often the card was declined at its client's own taps within a day."""
    where = """intent_id = ? AND card = ? AND return_url IS NOT NULL AND outcome = 'declined'
        AND ended_at > ?"""
    return len(view.find_all(Attempt, where, last.intent_id, last.card, view.now - DAY))


def _begin(practice: Practice, actor: Actor, appointment_id: str) -> Task | Outcome:
    """Take the case for a tap, or say what the tap comes to without one."""
    with practice.change() as tx:
        row = _own(tx, actor, appointment_id)
        tx.lock(Therapist, row.therapist_id)
        if is_resting(tx):
            raise NotAdopted
        found = _due(tx, row)
        if found.way in (Way.NOTHING, Way.CARD):
            payment = tx.get(Payment, row.id)
            paid = payment is not None and payment.status == "paid"
            return Outcome.PAID if paid else Outcome.NOTHING
        last = _last_attempt(tx, row.id)
        if last is not None and _just_declined(last, tx.now, the_client(tx, row.client_id).card):
            return Outcome.REFUSED
        back = links.payment_return(tx, row.id)
        task = settle.take(tx, row.id, "tap", back)
        if task is None:
            return Outcome.BUSY
        tx.audit(actor, "pay", "appointment", row.id)
        return task


def _just_declined(last: Attempt, now: int, card: str | None) -> bool:
    mine = last.return_url is not None and last.card == card and last.outcome == "declined"
    if last.code == NOT_APPROVED:
        return False
    return mine and last.ended_at is not None and now < last.ended_at + PAUSE


def _take_steps(practice: Practice, stripe: StripeGateway, task: Task) -> Answer | None:
    """Take a tap's steps until the case rests, and return Stripe's last answer.

    The clock is looked at before the step that takes money, as the sweeps do (D4).
    """
    answer: Answer | None = None
    step = settle.advance(practice, task)
    for _ in range(MOST_STEPS):
        if step is None:
            break
        if isinstance(step, ConfirmIntent) and skew.is_wrong(practice, stripe):
            answer = NoAnswer("clock_skew")
        else:
            answer = stripe.carry_out(step)
        step = settle.advance(practice, task, step, answer)
    return answer


def _outcome(practice: Practice, appointment_id: str, now: Due) -> Outcome:
    with practice.reading() as view:
        payment = view.get(Payment, appointment_id)
    if payment is not None and payment.status == "paid":
        return Outcome.PAID
    if now.way is Way.WAIT:
        return Outcome.BUSY
    unpaid = payment is not None and payment.status in UNPAID
    return Outcome.REFUSED if unpaid else Outcome.NOTHING
