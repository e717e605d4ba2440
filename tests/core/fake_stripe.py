"""A Stripe for the core alone: it answers the steps of a settlement, remembers, and fails on order.

It is as strict as the invariants ask (section 5): one saved answer a key for a day, failures
included; the same key with other parameters is a mistake of ours; a paid intent is not confirmed
again; no more is given back than was taken. The real one is met by `tests/jobs`.
"""

from __future__ import annotations

import fcntl
import os
import pickle
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpspace.core.moments import DAY
from helpspace.core.payments import settle
from helpspace.core.payments.settle import Task
from helpspace.core.payments.steps import (
    AccountRefused,
    AlreadySo,
    Answer,
    ApprovalNeeded,
    CancelIntent,
    ConfirmIntent,
    Declined,
    FindIntent,
    IntentSeen,
    LookAtIntent,
    LookAtRefunds,
    MakeIntent,
    MakeRefund,
    NoAnswer,
    NotThere,
    RefundSeen,
    RefundsSeen,
    Step,
)
from helpspace.core.payments.tries import NOT_APPROVED
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock

BEFORE, AFTER, SAVED, BUSY = "lost before", "lost after", "saved failure", "busy"
"""Faults of a call: no effect; an effect; no effect, and its key says so for a day; too many."""


@dataclass
class FakeIntent:
    """A PaymentIntent; `taken_at` is when it took the money."""

    id: str
    appointment: str
    name: str
    amount: int
    commission: int
    account: str
    customer: str
    status: str = "requires_confirmation"
    code: str | None = None
    taken_at: int | None = None
    page: str | None = None
    card: str = ""


@dataclass
class FakeRefund:
    id: str
    intent: str
    amount: int
    at: int
    status: str = "succeeded"


@dataclass
class FakeStripe:
    """What Stripe holds. `cards` says how a card behaves: "ok", "ask" or a decline's code."""

    now: Callable[[], int]
    intents: dict[str, FakeIntent] = field(default_factory=dict)
    refunds: dict[str, FakeRefund] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    refused_accounts: set[str] = field(default_factory=set)
    short_accounts: set[str] = field(default_factory=set)
    """Accounts that cannot give a transfer back."""
    slow_refunds: bool = False
    faults: deque[str | None] = field(default_factory=deque)
    saved: dict[str, tuple[Step, Answer, int]] = field(default_factory=dict)
    calls: list[tuple[int, Step]] = field(default_factory=list)
    declined: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often a card was declined for an appointment while nobody was there, and why."""
    pages: int = 0
    """How many of the bank's pages were made."""

    def carry_out(self, step: Step) -> Answer:
        """Take one step, with the next fault in the line if there is one."""
        self.calls.append((self.now(), step))
        fault = self.faults.popleft() if self.faults else None
        if fault == BEFORE:
            return NoAnswer("timeout")
        if fault == BUSY:
            return NoAnswer("rate_limit", wait=1)
        answer = self._once(step, failing=fault == SAVED)
        return NoAnswer("timeout") if fault in (AFTER, SAVED) else answer

    def _once(self, step: Step, *, failing: bool) -> Answer:
        """Answer a key as it was answered before, for a day."""
        key = getattr(step, "key", None)
        if key is None:
            return NoAnswer("http_500") if failing else self._take(step)
        known = self.saved.get(key)
        if known is not None and self.now() - known[2] < DAY:
            if known[0] != step:
                raise AssertionError(f"{key} was used for {known[0]}, now for {step}")
            return known[1]
        answer = NoAnswer("http_500") if failing else self._take(step)
        self.saved[key] = (step, answer, self.now())
        return answer

    def _take(self, step: Step) -> Answer:
        match step:
            case MakeIntent():
                return self._make(step)
            case FindIntent():
                return self._find(step)
            case ConfirmIntent():
                return self._confirm(step)
            case LookAtIntent():
                return self._seen(step.stripe_id)
            case CancelIntent():
                return self._cancel(step)
            case MakeRefund():
                return self._refund(step)
            case LookAtRefunds():
                return RefundsSeen(tuple(map(_refund_seen, self._refunds_of(step.stripe_id))))

    def _make(self, step: MakeIntent) -> Answer:
        if step.account in self.refused_accounts:
            return AccountRefused("account_invalid")
        found = FakeIntent(
            f"pi_{len(self.intents) + 1}", step.appointment_id, step.intent_id, step.amount,
            step.commission, step.account, step.customer,
        )  # fmt: skip
        self.intents[found.id] = found
        return self._seen(found.id)

    def _find(self, step: FindIntent) -> Answer:
        for found in self.intents.values():
            if found.name == step.intent_id and found.customer == step.customer:
                return self._seen(found.id)
        return NotThere()

    def _seen(self, stripe_id: str) -> Answer:
        found = self.intents.get(stripe_id)
        if found is None:
            return NotThere()
        received = found.amount if found.status == "succeeded" else 0
        page = found.page if found.status == "requires_action" else None
        return IntentSeen(found.id, found.status, received, found.code, bank_page=page)

    def _confirm(self, step: ConfirmIntent) -> Answer:
        found = self.intents[step.stripe_id]
        if found.status in ("succeeded", "canceled", "processing"):
            return AlreadySo("payment_intent_unexpected_state")
        if found.account in self.refused_accounts:
            return AccountRefused("account_invalid")
        how = self.cards.get(step.card, "ok")
        found.card = step.card
        if how == "ok":
            found.status, found.code, found.taken_at = "succeeded", None, self.now()
            return self._seen(found.id)
        if how == "ask" and step.return_url is not None:
            self.pages += 1
            found.status, found.page = "requires_action", f"https://bank.example.org/{self.pages}"
            return self._seen(found.id)
        found.status = "requires_payment_method"
        found.code = "authentication_required" if how == "ask" else how
        self.declined[found.appointment, step.card, how] += step.return_url is None
        return ApprovalNeeded() if how == "ask" else Declined(how)

    def _cancel(self, step: CancelIntent) -> Answer:
        found = self.intents[step.stripe_id]
        if found.status in ("succeeded", "canceled", "processing"):
            return AlreadySo("payment_intent_unexpected_state")
        found.status = "canceled"
        return self._seen(found.id)

    def _refund(self, step: MakeRefund) -> Answer:
        given = sum(r.amount for r in self._refunds_of(step.stripe_id) if r.status != "failed")
        intent = self.intents[step.stripe_id]
        if intent.status != "succeeded" or given + step.amount > intent.amount:
            return AlreadySo("charge_already_refunded")
        if step.reverse and intent.account in self.short_accounts:
            return AlreadySo("balance_insufficient")
        status = "pending" if self.slow_refunds else "succeeded"
        made = FakeRefund(
            f"re_{len(self.refunds) + 1}", step.stripe_id, step.amount, self.now(), status
        )
        self.refunds[made.id] = made
        return _refund_seen(made)

    def _refunds_of(self, stripe_id: str) -> list[FakeRefund]:
        return [one for one in self.refunds.values() if one.intent == stripe_id]

    # What happens at Stripe without us

    def approve(self, appointment: str) -> None:
        """Let the client approve at the bank's page."""
        for found in self.intents.values():
            waits = found.status in ("requires_payment_method", "requires_action")
            if found.appointment == appointment and waits:
                found.status, found.code, found.taken_at = "succeeded", None, self.now()

    def open_page(self, page: str | None, *, yes: bool) -> bool:
        """Let the client answer on the bank's page; False when it is no good any more."""
        for found in self.intents.values():
            if found.status == "requires_action" and found.page == page:
                if yes:
                    found.status, found.code, found.taken_at = "succeeded", None, self.now()
                else:
                    found.status, found.code = "requires_payment_method", NOT_APPROVED
                return True
        return False

    def clock_ahead(self) -> int:
        """Its clock is ours."""
        return 0

    def finish_refunds(self, status: str = "succeeded") -> None:
        """Let refunds on their way come to an end."""
        for one in self.refunds.values():
            if one.status == "pending":
                one.status = status

    # What it holds

    @property
    def declines(self) -> int:
        """How often any card was declined."""
        return sum(self.declined.values())

    def gross(self, appointment: str) -> int:
        """What was ever taken for an appointment."""
        return sum(one.amount for one in self.taken(appointment))

    def taken(self, appointment: str) -> list[FakeIntent]:
        """The intents of an appointment that took money."""
        of = [one for one in self.intents.values() if one.appointment == appointment]
        return [one for one in of if one.status == "succeeded"]

    def refunded(self, appointment: str) -> int:
        """What was given back for an appointment, or is on its way."""
        return sum(
            one.amount
            for one in self.refunds.values()
            if self.intents[one.intent].appointment == appointment and one.status != "failed"
        )

    def steps(self) -> list[str]:
        """The names of the steps taken so far."""
        return [type(step).__name__ for _, step in self.calls]


def _refund_seen(refund: FakeRefund) -> RefundSeen:
    return RefundSeen(refund.id, refund.status, refund.amount)


class StripeFile:
    """The same Stripe in a file, for several processes; what it did survives whoever asked."""

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self.path = path
        self._now = now

    def carry_out(self, step: Step) -> Answer:
        """Take one step; the effect is on disk before the answer is given."""
        return self.use(lambda fake: fake.carry_out(step))

    def use(self, act: Callable[[FakeStripe], Any]) -> Any:
        """Do something with the Stripe in the file, alone."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fake = FakeStripe(self._now)
            if self.path.exists():
                fake.__dict__.update(pickle.loads(self.path.read_bytes()))  # noqa: S301 - our own
            done = act(fake)
            state = {name: value for name, value in fake.__dict__.items() if name != "now"}
            draft = self.path.with_suffix(f".{os.getpid()}")
            draft.write_bytes(pickle.dumps(state))
            draft.replace(self.path)
            return done


def settle_all(practice: Practice, stripe: Any, worker: str = "w", *, most: int = 200) -> int:
    """Run passes until nothing is due at this moment; return how many cases were taken up."""
    done = 0
    while tasks := settle.claim(practice, worker):
        for task in tasks:
            take_steps(practice, stripe, task)
            done += 1
        if done > most:
            raise AssertionError("the settlement never comes to rest")
    return done


def next_turn(practice: Practice) -> int | None:
    """Return the next instant at which a case is due, or a dead worker's lease runs out."""
    with practice.reading() as view:
        turns = view.sql("SELECT next_at, held_until FROM payment")
    found = [held if held is not None else at for at, held in turns]
    return min((turn for turn in found if turn is not None), default=None)


def come_to_rest(
    practice: Practice, stripe: Any, clock: MovableClock, until: int, check: Callable[[], None]
) -> None:
    """Let time pass, from one thing due to the next, until nothing is to be done any more."""
    for _ in range(300):
        settle_all(practice, stripe)
        check()
        turn = next_turn(practice)
        if turn is None or turn > until:
            clock.move_to(until)
            settle_all(practice, stripe)
            return
        clock.move_to(turn)
    raise AssertionError("the settlement never comes to rest")


def take_steps(practice: Practice, stripe: Any, task: Task, *, most: int = 40) -> None:
    """Take one case's steps until it rests."""
    step = settle.advance(practice, task)
    for _ in range(most):
        if step is None:
            return
        step = settle.advance(practice, task, step, stripe.carry_out(step))
    raise AssertionError(f"the case never comes to rest: {step}")


def die_after(practice: Practice, stripe: Any, moves: int) -> bool:
    """Work like one that dies after some moves (claim, write, call, write, …); True if it did."""
    if moves == 0:
        return True
    tasks = settle.claim(practice, f"dying-{moves}")
    moves -= 1
    for task in tasks:
        if moves == 0:
            return True
        step = settle.advance(practice, task)
        moves -= 1
        while step is not None:
            if moves == 0:
                return True
            answer = stripe.carry_out(step)
            if moves == 1:
                return True
            step = settle.advance(practice, task, step, answer)
            moves -= 2
    return moves == 0
