"""One session's money at Stripe, taken over into the store's rows in one commit (D5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpspace.core import policy
from helpspace.core.appointments import terms_of
from helpspace.core.gateways import PaymentSeen
from helpspace.core.moments import HOUR, pounds
from helpspace.core.payments.steps import RefundSeen
from helpspace.core.payments.tries import ENDED_AT_STRIPE
from helpspace.core.policy import State
from helpspace.core.practice import Tx
from helpspace.core.store.tables import (
    Appointment,
    Attempt,
    Debt,
    Intent,
    Ledger,
    Payment,
    Refund,
)

_ENDS = {"succeeded": "succeeded", "canceled": "canceled"}
_REFUNDS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}


@dataclass(frozen=True, slots=True)
class Adopted:
    """One thing that was taken over, of an appointment or a client, in words for the team."""

    kind: str
    about: str
    stripe_id: str
    words: str
    proposal: str = ""


@dataclass(slots=True)
class Session:
    """A session with its payment row, and what has been taken over of it."""

    tx: Tx
    appointment: Appointment
    payment: Payment
    done: list[Adopted] = field(default_factory=list)
    rows: list[Intent] = field(default_factory=list)

    def take_over(self, seen: list[PaymentSeen]) -> None:
        """Take over every payment of this session; what is known already changes nothing."""
        where = "appointment_id = ? ORDER BY number"
        self.rows = self.tx.find_all(Intent, where, self.appointment.id)
        by_id = {one.stripe_id: one for one in seen} | {one.intent_id: one for one in seen}
        self._end_here(by_id)
        for one in sorted(seen, key=lambda one: (one.status != "succeeded", one.created_at)):
            if one.status == "canceled":
                self._ended(one)
            else:
                self._alive(one)
        if self.done:
            self._hand_back()

    def _end_here(self, by_id: dict[str, PaymentSeen]) -> None:
        """Close rows of payments that can take no money any more, or were never made."""
        for row in self.rows:
            if row.state not in ("asked", "open"):
                continue
            one = by_id.get(row.stripe_id or row.id)
            if one is not None and one.status == "canceled":
                self._set(row, state="canceled", stripe_id=one.stripe_id)
                self._say("ended", one.stripe_id, "the payment was cancelled at Stripe")
            elif one is None and row.state == "asked":
                self._set(row, state="canceled")
                self._say("ended", row.id, "the payment that was to be made never was")

    def _ended(self, one: PaymentSeen) -> None:
        if self._row_of(one) is None and self._fits(one):
            self._insert(one, "canceled")
            self._say("ended", one.stripe_id, "a payment was made and cancelled at Stripe")

    def _alive(self, one: PaymentSeen) -> None:
        """Take over a payment that has taken money, or still can: there is one of them (M5)."""
        state = _ENDS.get(one.status, "open")
        row = self._row_of(one)
        new = row is None or row.state == "canceled"
        if new and (not self._fits(one) or any(old.state != "canceled" for old in self.rows)):
            return  # `reconcile` names it
        if row is None:
            row = self._insert(one, state)
        elif row.state != "succeeded":
            self._set(row, state=state, stripe_id=one.stripe_id)
        if self._tried(row, one) or new:
            self._say("intent", one.stripe_id, "this payment is the session's again")
        if state == "succeeded":
            self._charge(row, one)
            self._refunds(row, one)

    def _row_of(self, one: PaymentSeen) -> Intent | None:
        for row in self.rows:
            if one.stripe_id == row.stripe_id or (
                row.stripe_id is None and one.intent_id == row.id
            ):
                return row
        return None

    def _fits(self, one: PaymentSeen) -> bool:
        """Say whether a payment can be one of this session: its fee, on an account."""
        return one.amount == self.appointment.fee and bool(one.account and one.customer)

    def _insert(self, one: PaymentSeen, state: str) -> Intent:
        taken = self.tx.get(Intent, one.intent_id) is not None
        row = Intent(
            id=self.tx.practice.ids.new() if taken or not one.intent_id else one.intent_id,
            appointment_id=self.appointment.id,
            number=1 + max((row.number for row in self.rows), default=0),
            stripe_id=one.stripe_id,
            amount=one.amount,
            commission=one.commission,
            account=one.account,
            customer=one.customer,
            state=state,
            created_at=self._at(one.created_at),
        )
        self.tx.insert(Intent, **row.__data__)
        self.rows.append(row)
        return row

    def _tried(self, row: Intent, one: PaymentSeen) -> bool:
        """Note that a card was tried: how it ended is read back by the next settlement (M6)."""
        if one.card is None or self.tx.find(Attempt, "intent_id = ?", row.id) is not None:
            return False
        paid = row.state == "succeeded"
        # Old enough not to be repeated: it was made under another key than ours would be.
        started = min(self._at(one.created_at), self.tx.now - HOUR)
        self.tx.insert(
            Attempt,
            id=self.tx.practice.ids.new(),
            intent_id=row.id,
            number=1,
            card=one.card,
            outcome="paid" if paid else "unknown",
            started_at=started,
            ended_at=self._at(one.created_at) if paid else None,
        )
        return True

    def _charge(self, row: Intent, one: PaymentSeen) -> None:
        where = "kind = 'charge' AND (stripe_id = ? OR appointment_id = ?)"
        if self.tx.find(Ledger, where, one.stripe_id, self.appointment.id) is not None:
            return
        if one.received != self.appointment.fee:
            return
        self.tx.set(
            Attempt,
            "intent_id = ? AND outcome = 'unknown'",
            row.id,
            outcome="paid",
            ended_at=self.tx.now,
        )
        self._book("charge", row, one.received, one.stripe_id, one.created_at)
        self._say("charge", one.stripe_id, f"{pounds(one.received)} was charged already")

    def _refunds(self, row: Intent, one: PaymentSeen) -> None:
        for seen in sorted(one.refunds, key=lambda seen: seen.status != "failed"):
            if seen.amount == row.amount:
                self._refund(row, seen)

    def _refund(self, row: Intent, seen: RefundSeen) -> None:
        """Take over one giving back of the whole fee (M3)."""
        state = _REFUNDS.get(seen.status, "pending")
        rows = self.tx.find_all(Refund, "intent_id = ? ORDER BY number", row.id)
        mine = next((one for one in rows if seen.stripe_id == one.stripe_id), None)
        if mine is None:
            asked = [one for one in rows if one.stripe_id is None and one.state == "asked"]
            mine = next((one for one in asked if one.id == seen.refund_id), None)
            if mine is None and state != "failed" and asked:
                mine = asked[0]
        ended = None if state == "pending" else self._at(seen.created_at)
        if mine is None:
            if state != "failed" and any(one.state != "failed" for one in rows):
                return  # `reconcile` names it
            self._new_refund(row, seen, state, ended, len(rows))
        elif mine.state in ("asked", "pending") and mine.state != state:
            values = {"state": state, "stripe_id": seen.stripe_id, "ended_at": ended}
            self.tx.set(Refund, "id = ?", mine.id, reverses=int(seen.reversed), **values)
            self._owe(row, mine.id, seen)
        elif mine.state == state:
            return
        if state == "failed":
            self._say("refund", seen.stripe_id, "a refund had failed")
            return
        if state == "succeeded":
            self._book("refund", row, seen.amount, seen.stripe_id, seen.created_at)
        self._say("refund", seen.stripe_id, f"{pounds(seen.amount)} was given back already")
        self._waive_if_owed()

    def _new_refund(
        self, row: Intent, seen: RefundSeen, state: str, ended: int | None, before: int
    ) -> None:
        refund_id = self.tx.practice.ids.new()
        self.tx.insert(
            Refund,
            id=refund_id,
            intent_id=row.id,
            number=before + 1,
            stripe_id=seen.stripe_id,
            amount=seen.amount,
            commission=row.commission,
            state=state,
            created_at=self._at(seen.created_at),
            ended_at=ended,
            reverses=int(seen.reversed),
        )
        self._owe(row, refund_id, seen)

    def _owe(self, row: Intent, refund_id: str, seen: RefundSeen) -> None:
        """Write down what the therapist's account owes for a refund without the transfer (M3).

        Its own sweep looks first whether it was taken back since.
        """
        if seen.reversed or seen.status in ("failed", "canceled"):
            return
        self.tx.insert_once(
            Debt,
            refund_id=refund_id,
            therapist_id=self.appointment.therapist_id,
            account=row.account,
            amount=seen.amount,
            state="open",
            tries=0,
            next_at=self.tx.now,
            created_at=self.tx.now,
        )

    def _waive_if_owed(self) -> None:
        """End a fee that was given back after the backup, so that nobody asks for it again (M9)."""
        if self._owed() == 0:
            return
        self.payment.waived_at = self.tx.now
        self.tx.set(Payment, "appointment_id = ?", self.appointment.id, waived_at=self.tx.now)
        live = State(self.appointment.state).live
        self._say(
            "waived",
            self.appointment.id,
            "its fee was given back, though it stands as booked here; the fee is waived",
            f"If it was cancelled: helpspace appointments cancel {self.appointment.id}."
            if live
            else "",
        )

    def _owed(self) -> int:
        """What will be owed in the end, if nobody cancels."""
        row = self.appointment
        waived = self.payment.waived_at is not None
        late = max(self.tx.now, row.free_until + 1)
        return policy.owed(State(row.state), terms_of(row), row.cancelled_at, late, waived=waived)

    def _book(self, kind: str, row: Intent, amount: int, stripe_id: str, at: int) -> None:
        there = "kind = ? AND stripe_id = ?"
        if self.tx.find(Ledger, there, kind, stripe_id) is not None:
            return
        self.tx.insert(
            Ledger,
            at=self._at(at),
            appointment_id=self.appointment.id,
            therapist_id=self.appointment.therapist_id,
            client_id=self.appointment.client_id,
            kind=kind,
            amount=amount,
            commission=row.commission,
            stripe_id=stripe_id,
        )

    def _hand_back(self) -> None:
        """Let the next settlement compare what is owed with what is held now (M5a).

        A fee whose payment ended after the backup rests instead: whoever cancelled the session may
        not be charged, so somebody who knows says first whether it stands.
        """
        alive = [row for row in self.rows if row.state != "canceled"]
        rests = (
            not alive
            and self._owed() > 0
            and any(one.kind == "ended" and one.stripe_id.startswith("pi_") for one in self.done)
        )
        values: dict[str, object] = {"next_at": self.tx.now, "status": "processing"}
        if rests:
            values = {"next_at": None, "status": "failed", "reason": ENDED_AT_STRIPE}
            values["asked_at"] = None
            self._say(
                "check",
                self.appointment.id,
                "its payment was cancelled after the backup: the session may have been, too",
                f"If it stands: helpspace charges retry {self.appointment.id}; else cancel it.",
            )
        elif not alive:
            values["status"] = "scheduled"
        elif alive[0].state == "succeeded":
            back = any(one.kind == "refund" for one in self.done)
            values["status"] = "refunding" if back and self._owed() == 0 else "paid"
        self.tx.set(
            Payment,
            "appointment_id = ?",
            self.appointment.id,
            holder=None,
            held_until=None,
            faults=0,
            changed_at=self.tx.now,
            **values,
        )

    def _set(self, row: Intent, **values: object) -> None:
        if row.stripe_id is not None:
            values.pop("stripe_id", None)
        self.tx.set(Intent, "id = ?", row.id, **values)
        for name, value in values.items():
            setattr(row, name, value)

    def _at(self, instant: int) -> int:
        """Return when something was at Stripe; never after the present (D4)."""
        return min(instant or self.tx.now, self.tx.now)

    def _say(self, kind: str, stripe_id: str, words: str, proposal: str = "") -> None:
        self.done.append(Adopted(kind, self.appointment.id, stripe_id, words, proposal))
