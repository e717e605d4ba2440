"""One appointment's money, read afresh for every step, and what may be written about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helpspace.core import notices, policy
from helpspace.core.accounts import card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import terms_of
from helpspace.core.errors import NotFound
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.notices import Event
from helpspace.core.policy import Party, State
from helpspace.core.practice import Tx
from helpspace.core.store.tables import (
    Appointment,
    Attempt,
    Client,
    Inbox,
    Intent,
    Ledger,
    Payment,
    Refund,
    Therapist,
)

LAST_WORD = HOUR
"""How long before the start therapist and client hear once more of an unpaid fee (M6)."""

STALE = HOUR
"""After this what was asked is looked for, not repeated: a key may be forgotten (M5)."""

SOFT = frozenset(
    {
        "insufficient_funds", "generic_decline", "try_again_later", "processing_error",
        "issuer_not_available", "reenter_transaction", "approve_with_id", "do_not_honor",
        "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "no_action_taken",
    }
)  # fmt: skip
"""Declines after which the same card may well work later (M6)."""


@dataclass(slots=True)
class Case:
    """The rows around one appointment's money, and what is owed by the rules now."""

    tx: Tx
    fence: str
    appointment: Appointment
    payment: Payment
    client: Client
    therapist: Therapist
    intent: Intent | None
    attempt: Attempt | None
    refund: Refund | None
    again: bool = False
    """Whether the last confirmation is to be repeated under its own key, to hear its answer."""
    changes: dict[str, Any] = field(default_factory=dict)
    """What `write_down` will write into the payment row."""

    @property
    def now(self) -> int:
        return self.tx.now

    @property
    def owed(self) -> int:
        """What the client owes by the rules at this moment, in pence."""
        row = self.appointment
        waived = self.payment.waived_at is not None
        state = State(row.state)
        return policy.owed(state, terms_of(row), row.cancelled_at, self.now, waived=waived)

    @property
    def charge_from(self) -> int:
        """The first instant at which the fee may be taken (M2a)."""
        return policy.charge_from(terms_of(self.appointment))

    @property
    def client_is_waiting(self) -> bool:
        """Whether an update of the client has arrived and is not handled yet (M2a)."""
        if self.client.chat_hash is None:
            return False
        query = Inbox.select(Inbox.update_id).where(
            Inbox.person_hash == self.client.chat_hash, Inbox.state == "new"
        )
        return self.tx.first(query) is not None

    @property
    def card_trouble(self) -> str | None:
        """Why the card cannot be charged now, or None."""
        state = card_state(self.client, self.now)
        return {"missing": "no_card", "expired": "expired_card"}.get(state)

    @property
    def account_ready(self) -> bool:
        """Whether the therapist's account can take money (M6a)."""
        return self.therapist.account is not None and bool(self.therapist.charges_enabled)

    def in_doubt(self, asked_at: int) -> bool:
        """Say whether to look for what was asked instead of asking again under the same key.

        Stripe forgets keys after about a day, and until then repeats a saved failure under them.
        """
        age = self.now - asked_at
        return age >= STALE or (self.payment.faults >= 2 and age >= MINUTE)

    def ladder(self) -> int | None:
        """Return the next moment at which an unpaid fee is taken up again, or None (M6)."""
        start = self.appointment.start_at
        moments = [start - LAST_WORD]
        if self.attempt is not None and self.attempt.code in SOFT:
            moments += [start - 24 * HOUR, start - 12 * HOUR]
        ahead = [moment for moment in moments if moment > self.now]
        return min(ahead) if ahead else None

    def may_try(self) -> bool:
        """Say whether a confirmation is due: the first, at a new card, or on the ladder (M6)."""
        last = self.attempt
        if last is None or last.outcome in ("void", "account"):
            return True
        if last.card != self.client.card:
            return True
        if last.outcome != "declined" or last.code not in SOFT or last.ended_at is None:
            return False
        next_try = policy.retry_after(last.ended_at, self.appointment.start_at)
        return next_try is not None and next_try <= self.now

    def earlier_refusal(self) -> Attempt | None:
        """Return the last confirmation of the intent before this one that was refused."""
        last = self.attempt
        if last is None:
            return None
        where = """intent_id = ? AND number < ? AND outcome IN ('declined', 'approval')
            ORDER BY number DESC LIMIT 1"""
        return self.tx.find(Attempt, where, last.intent_id, last.number)

    # What may be written

    def set(self, **values: Any) -> None:
        """Change the payment row, which is written at the end of this pass."""
        self.changes.update(values)
        for name, value in values.items():
            setattr(self.payment, name, value)

    def write_down(self) -> None:
        """Write the payment row."""
        if self.changes:
            self.tx.set(Payment, "appointment_id = ?", self.appointment.id, **self.changes)

    def rest(self, until: int | None, status: str | None = None, reason: str | None = None) -> None:
        """End this pass: give the case back, to be looked at again at an instant or on a hint.

        A hint that came while the case was held has set an earlier `next_at`, which stays.
        """
        turns = [turn for turn in (self.payment.next_at, until) if turn is not None]
        values: dict[str, Any] = {"next_at": min(turns) if turns else None}
        if status is not None:
            values.update(status=status, reason=reason)
        self.set(holder=None, held_until=None, **values)

    def new_intent(self) -> Intent:
        """Write down the intent that is to be made; its amount and account never change (M5)."""
        settings = self.tx.practice.settings
        fee = self.appointment.fee
        number = 1 if self.intent is None else self.intent.number + 1
        last = self.tx.scalar(
            Intent.select(Intent.number)
            .where(Intent.appointment_id == self.appointment.id)
            .order_by(Intent.number.desc())
            .limit(1)
        )
        row = Intent(
            id=self.tx.practice.ids.new(),
            appointment_id=self.appointment.id,
            number=max(number, (last or 0) + 1),
            amount=fee,
            commission=policy.commission(
                fee, settings.commission_hundredths, settings.commission_pence
            ),
            account=self.therapist.account,
            customer=self.client.customer,
            state="asked",
            created_at=self.now,
        )
        self.tx.insert(Intent, **row.__data__)
        self.intent, self.attempt, self.refund = row, None, None
        return row

    def set_intent(self, **values: Any) -> None:
        """Change the current intent's row."""
        intent = self.the_intent
        self.tx.set(Intent, "id = ?", intent.id, **values)
        for name, value in values.items():
            setattr(intent, name, value)

    @property
    def the_intent(self) -> Intent:
        """The current intent, where there must be one."""
        if self.intent is None:
            raise NotFound
        return self.intent

    def new_attempt(self) -> Attempt:
        """Write down a confirmation before it is made.

        Its row of the trail is the instant behind which no clock falls back from here on (D4):
        else a process whose clock is behind would cancel free what is being charged (M5).
        """
        number = 1 if self.attempt is None else self.attempt.number + 1
        row = Attempt(
            id=self.tx.practice.ids.new(),
            intent_id=self.the_intent.id,
            number=number,
            card=self.client.card,
            outcome="unknown",
            started_at=self.now,
        )
        self.tx.insert(Attempt, **row.__data__)
        self.tx.audit(Actor.job("charges"), "try", "appointment", self.appointment.id)
        self.attempt = row
        return row

    def end_attempt(self, outcome: str, code: str | None = None) -> None:
        """Record how the last confirmation ended, once."""
        if self.attempt is None or self.attempt.outcome != "unknown":
            return
        values = {"outcome": outcome, "code": code, "ended_at": self.now}
        self.tx.set(Attempt, "id = ?", self.attempt.id, **values)
        for name, value in values.items():
            setattr(self.attempt, name, value)

    def book_money(self, kind: str, amount: int, commission: int, stripe_id: str) -> bool:
        """Write the ledger's and the trail's rows, once for each of Stripe's objects (M8, A2)."""
        known = Ledger.select(Ledger.seq).where(Ledger.kind == kind, Ledger.stripe_id == stripe_id)
        if self.tx.first(known) is not None:
            return False
        self.tx.insert(
            Ledger,
            at=self.now,
            appointment_id=self.appointment.id,
            therapist_id=self.therapist.id,
            client_id=self.client.id,
            kind=kind,
            amount=amount,
            commission=commission,
            stripe_id=stripe_id,
        )
        job = Actor.job("charges" if kind == "charge" else "refunds")
        self.tx.audit(job, kind, "appointment", self.appointment.id, amount=amount)
        return True

    def tell(self, event: Event, once: str, *parties: Party, **facts: Any) -> None:
        """Write the notices of an event about this appointment's money (N4)."""
        people = {Party.CLIENT: self.client.id, Party.THERAPIST: self.therapist.id}
        for party in parties:
            notices.write(
                self.tx,
                event,
                once=f"{event}:{once}",
                party=party,
                person_id=people[party],
                appointment_id=self.appointment.id,
                facts=facts,
            )


_THERAPIST = "id = (SELECT therapist_id FROM appointment WHERE id = ?)"
_HOLD_ON = """UPDATE payment SET held_until = ?, changed_at = ?
    WHERE appointment_id = ? AND holder = ?"""


def open_case(tx: Tx, appointment_id: str, fence: str, held_until: int) -> Case | None:
    """Read a case that this worker still holds, and hold it on; None when it was lost.

    It is locked against a cancellation by the therapist's row, and against a hint by its own.
    """
    therapist = tx.lock_by(Therapist, _THERAPIST, appointment_id)
    held = tx.take(Payment, _HOLD_ON, held_until, tx.now, appointment_id, fence)
    appointment = tx.get(Appointment, appointment_id)
    if therapist is None or appointment is None or not held:
        return None
    client = tx.get(Client, appointment.client_id)
    if client is None:
        return None
    intent = tx.find(Intent, "appointment_id = ? AND state <> 'canceled'", appointment_id)
    attempt = refund = None
    if intent is not None:
        last = "intent_id = ? ORDER BY number DESC LIMIT 1"
        attempt = tx.find(Attempt, last, intent.id)
        refund = tx.find(Refund, last, intent.id)
    return Case(tx, fence, appointment, held[0], client, therapist, intent, attempt, refund)
