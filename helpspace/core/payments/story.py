"""One payment's whole story as the store has it, step by step, for one reader (M1–M10).

What a reader may know is chosen here: the client nothing of the therapist's account or of the
commission, the therapist not why the client's bank declined, nobody any id of Stripe but the team.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpspace.core import policy
from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import reader_of, terms_of
from helpspace.core.errors import NotFound
from helpspace.core.moments import LONDON
from helpspace.core.payments.movements import Movement, movements
from helpspace.core.payments.words import reason_words
from helpspace.core.plain import plain
from helpspace.core.policy import Kind, Party, State, Terms
from helpspace.core.practice import View
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    Attempt,
    Audit,
    Client,
    Debt,
    Dispute,
    Intent,
    Payment,
    Refund,
    Therapist,
)

Told = Literal[
    "booked", "moved", "free_until", "cancelled", "no_show", "absence_reported", "declined",
    "approval_asked", "account_refused", "unanswered", "paid", "waived", "refund_asked",
    "refunded", "refund_failed", "disputed", "dispute_won", "next",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One thing that happened, or is to come: when, how much, and the rule that says so.

    `reason` is why, in words its reader may know; `stripe_id` is for the team only.
    """

    at: int
    step: Told
    amount_pence: int | None = None
    rule: str | None = None
    by: str | None = None
    reason: str | None = None
    stripe_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one payment, read in one piece."""

    now: int
    zone: str
    reader: str
    name: str
    card: Card
    row: Appointment
    payment: Payment
    tries: tuple[Attempt, ...]
    refunds: tuple[Refund, ...]
    moved: tuple[Movement, ...]
    acts: dict[str, Audit]
    absence: Absence | None
    dispute: Dispute | None
    """The newest dispute of its payment that Stripe has been asked about."""
    stopped: bool
    """Whether nothing is charged to the client by itself."""
    account_owes: bool
    """Whether the therapist's account still owes what was given back; the client is not told."""

    @property
    def terms(self) -> Terms:
        """The terms it was booked on, or last moved to."""
        return terms_of(self.row)

    @property
    def state(self) -> State:
        """The state of the appointment."""
        return State(self.row.state)

    @property
    def charged(self) -> Movement | None:
        """The money that was taken."""
        return next((one for one in self.moved if one.gross_pence), None)

    @property
    def given_back(self) -> Movement | None:
        """The money that was given back."""
        return next((one for one in reversed(self.moved) if one.refunded_pence > 0), None)

    @property
    def waived_by(self) -> str:
        """Who ended the fee: therapist, team, client or system."""
        act = self.acts.get("waive")
        return "team" if act is None else act.role

    def why(self, code: str | None) -> str | None:
        """Return why a card was declined, for who may know it."""
        return None if self.reader == Party.THERAPIST else reason_words(code)


def resolve(view: View, named: str) -> str:
    """Return the appointment that an id names: its own, a payment's or a refund's, ours or theirs.

    Raises NotFound.
    """
    if view.get(Appointment, named) is not None:
        return named
    refund = view.get(Refund, named) or view.find(Refund, "stripe_id = ?", named)
    wanted = named if refund is None else refund.intent_id
    intent = view.get(Intent, wanted) or view.find(Intent, "stripe_id = ?", wanted)
    if intent is None:
        raise NotFound
    return intent.appointment_id


_OWES = """state = 'open' AND refund_id IN (SELECT r.id FROM refund r
    JOIN intent i ON i.id = r.intent_id WHERE i.appointment_id = ?)"""
_DISPUTE = "appointment_id = ? AND status <> 'heard' ORDER BY created_at DESC, id LIMIT 1"


def read(view: View, actor: Actor, named: str, zone: str | None) -> Facts:
    """Read one payment for an actor; what is not theirs answers like what does not exist (A1)."""
    row = view.get(Appointment, resolve(view, named))
    if row is None:
        raise NotFound
    actor.must_see(therapist_id=row.therapist_id, client_id=row.client_id)
    payment = view.get(Payment, row.id)
    client, therapist = view.get(Client, row.client_id), view.get(Therapist, row.therapist_id)
    if payment is None or client is None or therapist is None:
        raise NotFound
    reader = reader_of(actor)
    name, own_zone = "", LONDON
    if reader == Party.CLIENT:
        name, own_zone = plain(view.open(therapist.name_sealed, "therapist.name")), client.zone
    elif reader == Party.THERAPIST:
        name, own_zone = plain(view.open(client.name_sealed, "client.name")), therapist.zone
    intents = view.rows(Intent.select(Intent.id).where(Intent.appointment_id == row.id))
    ids = [one.id for one in intents]
    tries = Attempt.select().where(Attempt.intent_id.in_(ids)).order_by(Attempt.started_at)
    refunds = Refund.select().where(Refund.intent_id.in_(ids)).order_by(Refund.created_at)
    trail = Audit.select().where(Audit.thing == "appointment", Audit.thing_id == row.id)
    return Facts(
        now=view.now,
        zone=zone or own_zone,
        reader=reader,
        name=name,
        card=card_state(client, view.now),
        row=row,
        payment=payment,
        tries=tuple(view.rows(tries)),
        refunds=tuple(view.rows(refunds)),
        moved=tuple(movements(view, appointment_id=row.id)),
        acts={one.act: one for one in view.rows(trail.order_by(Audit.seq))},
        absence=view.get(Absence, row.id),
        dispute=view.find(Dispute, _DISPUTE, row.id),
        stopped=client.charges_stopped_at is not None,
        account_owes=reader != Party.CLIENT and view.find(Debt, _OWES, row.id) is not None,
    )


def booking_rule(facts: Facts) -> str:
    """Return the rule that set the free time when the session was booked."""
    row = facts.row
    return "M1" if row.start_at - policy.DECISION_WINDOW >= row.booked_at else "B3a"


def cancel_rule(facts: Facts) -> str:
    """Return the rule that says what a cancellation means for the money."""
    if facts.state is State.CANCELLED_BY_THERAPIST:
        return "M3"
    at = facts.row.cancelled_at
    early = at is not None and not policy.is_late(at, facts.row.free_until)
    return "M10" if early and facts.row.taken else "M2"


def refund_rule(facts: Facts) -> str:
    """Return the rule by which money goes back."""
    if facts.payment.waived_at is not None:
        return "M9"
    return "M5" if facts.state.live else cancel_rule(facts)


def steps(facts: Facts) -> tuple[StoryStep, ...]:
    """Return what happened in its order; the free time's end and the next look are among it."""
    row, payment = facts.row, facts.payment
    found = [
        StoryStep(row.booked_at, "booked", row.fee, booking_rule(facts), by=row.booked_by),
        *_of_session(facts),
        *(_of_try(facts, one) for one in facts.tries if one.outcome not in ("void", "paid")),
        *(_of_money(facts, one) for one in facts.moved if one.refunded_pence >= 0),
        *(one for refund in facts.refunds for one in _of_refund(facts, refund)),
    ]
    if row.fee:
        found.append(StoryStep(row.free_until, "free_until", None, "M1"))
    if payment.waived_at is not None:
        rule = "M6a" if facts.waived_by == "system" else "M9"
        found.append(StoryStep(payment.waived_at, "waived", row.fee, rule, by=facts.waived_by))
    if payment.next_at is not None and row.fee:
        found.append(StoryStep(payment.next_at, "next", None, "M5a"))
    return tuple(sorted(found, key=lambda one: one.at))


def _of_session(facts: Facts) -> list[StoryStep]:
    row, found = facts.row, []
    if row.moved_at is not None:
        found.append(StoryStep(row.moved_at, "moved", None, "M10", by=row.moved_for))
    if row.cancelled_at is not None:
        by = "client" if facts.state is State.CANCELLED_BY_CLIENT else "therapist"
        found.append(StoryStep(row.cancelled_at, "cancelled", None, cancel_rule(facts), by=by))
    marked = facts.acts.get("no_show")
    if facts.state is State.NO_SHOW and marked is not None:
        found.append(StoryStep(marked.at, "no_show", None, "M9", by="therapist"))
    if facts.absence is not None:
        at = facts.absence.reported_at
        found.append(StoryStep(at, "absence_reported", None, "M9", by="client"))
    return found


def _of_try(facts: Facts, one: Attempt) -> StoryStep:
    kinds: dict[str, Told] = {
        "declined": "declined", "approval": "approval_asked", "account": "account_refused",
    }  # fmt: skip
    step = kinds.get(one.outcome, "unanswered")
    rule = "M6a" if step == "account_refused" else "M6"
    reason = facts.why(one.code) if step == "declined" else None
    return StoryStep(one.started_at, step, None, rule, reason=reason)


def _of_money(facts: Facts, one: Movement) -> StoryStep:
    stripe_id = plain(one.stripe_id) if facts.reader == "team" else None
    if one.gross_pence:
        return StoryStep(one.at, "paid", one.gross_pence, "M1", stripe_id=stripe_id)
    if one.refunded_pence:
        rule = refund_rule(facts)
        return StoryStep(one.at, "refunded", one.refunded_pence, rule, stripe_id=stripe_id)
    if one.disputed_pence < 0:
        return StoryStep(one.at, "dispute_won", -one.disputed_pence, None, stripe_id=stripe_id)
    return StoryStep(one.at, "disputed", one.disputed_pence, None, stripe_id=stripe_id)


def _of_refund(facts: Facts, one: Refund) -> list[StoryStep]:
    rule = refund_rule(facts)
    found = [StoryStep(one.created_at, "refund_asked", one.amount, rule)]
    if one.state == "failed" and one.ended_at is not None:
        found.append(StoryStep(one.ended_at, "refund_failed", one.amount, rule))
    return found


def is_first(facts: Facts) -> bool:
    """Say whether the session is an initial one."""
    return facts.row.kind == Kind.INITIAL
