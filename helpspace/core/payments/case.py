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
from helpspace.core.notices import Channel, Event
from helpspace.core.payments.tries import (
    APPROVAL,
    CONCLUDED,
    NOT_APPROVED,
    SOFT,
    approval_is_open,
    came_to_nothing,
    may_work,
)
from helpspace.core.policy import Party, State
from helpspace.core.practice import Tx
from helpspace.core.store.tables import (
    Appointment,
    Attempt,
    Client,
    Inbox,
    Intent,
    Ledger,
    Notice,
    Payment,
    Refund,
    Therapist,
)

LAST_WORD = HOUR
"""How long before the start therapist and client hear once more of an unpaid fee (M6)."""

STALE = HOUR
"""After this what was asked is looked for, not repeated: a key may be forgotten (M5)."""


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
    return_url: str | None = None
    """Where the bank's page leads back to: the client is there, this pass is their tap (M6)."""
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
        last = self.last_said()
        if last is not None and last.code in SOFT:
            moments += [start - 24 * HOUR, start - 12 * HOUR]
        ahead = [moment for moment in moments if moment > self.now]
        return min(ahead) if ahead else None

    @property
    def approving(self) -> bool:
        """Whether the client may still be at the bank's page for the card on record."""
        last = self.attempt
        return (
            last is not None
            and approval_is_open(last)
            and last.card == self.client.card
            and self.now < last.started_at + APPROVAL
        )

    @property
    def other_card(self) -> bool:
        """Whether another card is on record than the one tried last."""
        return self.attempt is not None and self.attempt.card != self.client.card

    def last_said(self) -> Attempt | None:
        """Return the last confirmation that came to something.

        A client who was given the bank's page and left it, or whose tap never reached Stripe, has
        changed nothing about when the card is tried next.
        """
        if self.attempt is None or not came_to_nothing(self.attempt):
            return self.attempt
        where = """intent_id = ? AND number < ? AND (return_url IS NULL
            OR outcome NOT IN ('unknown', 'approval', 'void')) ORDER BY number DESC LIMIT 1"""
        return self.tx.find(Attempt, where, self.attempt.intent_id, self.attempt.number)

    def standing(self) -> tuple[str, str | None]:
        """Return status and reason of a fee that is unpaid since its last confirmation."""
        last = self.last_said()
        if last is None or last.outcome not in ("declined", "approval"):
            return self.payment.status, self.payment.reason
        asks = last.outcome == "approval" or last.code == NOT_APPROVED
        return "needs_approval" if asks else "failed", last.code

    def may_try(self) -> bool:
        """Say whether a confirmation is due: the first, at a new card, or on the ladder (M6).

        On the client's own tap it is, unless this very card cannot work any more; when the team has
        asked for it, once more after a soft decline.
        """
        if self.return_url is not None:
            return self.attempt is None or self.other_card or may_work(self.attempt)
        if self.approving:
            return False
        last = self.last_said()
        if last is None or last.outcome in ("void", "account"):
            return True
        if last.card != self.client.card:
            return True
        if last.outcome != "declined" or last.code not in SOFT or last.ended_at is None:
            return False
        if self.payment.asked_at is not None:
            return True
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
            return_url=self.return_url,
            outcome="unknown",
            started_at=self.now,
        )
        if self.attempt is not None and approval_is_open(self.attempt):
            self.tx.set(Attempt, "id = ?", self.attempt.id, ended_at=self.now)
        self.tx.insert(Attempt, **row.__data__)
        self.tx.audit(Actor.job("charges"), "try", "appointment", self.appointment.id)
        self.set(asked_at=None)
        self.attempt = row
        return row

    def end_attempt(self, outcome: str, code: str | None = None, *, ended: bool = True) -> None:
        """Record how the last confirmation ended, once.

        One for which the client was given the bank's page has not `ended` with that.
        """
        if self.attempt is None:
            return
        known = self.attempt.outcome
        if known != "unknown" and not (approval_is_open(self.attempt) and outcome in CONCLUDED):
            return
        values = {"outcome": outcome, "code": code, "ended_at": self.now if ended else None}
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

    def keep_if_moved(self) -> None:
        """Leave a fee where it is that turns out to have been taken before or while its session was
        moved: it stays paid until a cancellation gives it back (M10)."""
        row = self.appointment
        unowed = State(row.state).live and self.payment.waived_at is None and self.owed == 0
        if unowed and row.moved_at is not None:
            self.tx.set(Appointment, "id = ?", row.id, taken=1)
            row.taken = 1

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
                channels=self._elsewhere(event, party),
                facts=facts,
            )

    def _elsewhere(self, event: Event, party: Party) -> list[Channel] | None:
        """Return where a client who has just read in the chat that it failed hears of it too."""
        if self.return_url is None or party is Party.THERAPIST or event is not Event.CHARGE_FAILED:
            return None
        return [one for one in notices.channels_of_client(self.client) if one != "telegram"] or None

    def was_told(self, *, last: bool = False) -> bool:
        """Say whether the therapist has heard that this fee was not paid, or the last word of it.

        There is one for each start that the session has had.
        """
        about = self.appointment
        once = f"last:{about.id}:{about.start_at}" if last else ""
        where = "appointment_id = ? AND event = ? AND party = ? AND once LIKE ?"
        event = Event.CHARGE_FAILED
        found_by = (about.id, event, Party.THERAPIST, f"{event}:{once}%")
        return self.tx.find(Notice, where, *found_by) is not None


_THERAPIST = "id = (SELECT therapist_id FROM appointment WHERE id = ?)"
_HOLD_ON = """UPDATE payment SET held_until = ?, changed_at = ?
    WHERE appointment_id = ? AND holder = ?"""


def open_case(
    tx: Tx, appointment_id: str, fence: str, held_until: int, return_url: str | None = None
) -> Case | None:
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
    return Case(
        tx, fence, appointment, held[0], client, therapist, intent, attempt, refund, return_url
    )
