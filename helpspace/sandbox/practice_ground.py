"""A throw-away practice for the course's exercises: the real core, in memory, with its own clock.

Nothing of it is ever written to a disk or leaves the process, and nobody in it exists.
"""

from __future__ import annotations

from pathlib import Path

from helpspace.core import accounts, booking, cards, holds
from helpspace.core.accounts import NewTherapist
from helpspace.core.actors import Actor
from helpspace.core.cards import CardFound, PageOrder
from helpspace.core.ids import Ids
from helpspace.core.moments import DAY
from helpspace.core.payments import settle
from helpspace.core.payments.steps import (
    Answer,
    CancelIntent,
    ConfirmIntent,
    FindIntent,
    IntentSeen,
    LookAtIntent,
    LookAtRefunds,
    MakeIntent,
    MakeRefund,
    NotThere,
    RefundSeen,
    RefundsSeen,
    Step,
)
from helpspace.core.practice import Practice
from helpspace.core.store import init, open_store
from helpspace.core.vault import Vault
from helpspace.sandbox.clock import MovableClock
from helpspace.settings import settings_from

START = 1_772_442_000
"""Monday 2 March 2026, 09:00 in London: a plain week without a change of the clocks."""

TEAM = Actor.team("course", "course")

MOST_ROUNDS = 20
"""Stops on the way to an instant; an exercise has one session or two to be paid."""

FEE = 6000
NOTICE = DAY

YOU = NewTherapist(
    name="You",
    email="you@example.org",
    handle="you",
    headline="A counsellor who is learning",
    notice_s=NOTICE,
    initial_fee=FEE,
    follow_up_fee=FEE,
)


class Till:
    """Takes and gives back money that does not exist: every card works, and nothing is lost."""

    def __init__(self) -> None:
        self._amounts: dict[str, int] = {}
        self._taken: set[str] = set()
        self._cancelled: set[str] = set()
        self._refunds: dict[str, RefundSeen] = {}

    def carry_out(self, step: Step) -> Answer:
        """Take one step of a settlement."""
        match step:
            case MakeIntent():
                stripe_id = f"pi_{len(self._amounts) + 1}"
                self._amounts[stripe_id] = step.amount
                return self._seen(stripe_id)
            case ConfirmIntent():
                self._taken.add(step.stripe_id)
                return self._seen(step.stripe_id)
            case CancelIntent():
                self._cancelled.add(step.stripe_id)
                return self._seen(step.stripe_id)
            case LookAtIntent():
                return self._seen(step.stripe_id)
            case MakeRefund():
                refund = RefundSeen(f"re_{step.stripe_id}", "succeeded", step.amount)
                return self._refunds.setdefault(step.stripe_id, refund)
            case LookAtRefunds():
                given = self._refunds.get(step.stripe_id)
                return RefundsSeen(() if given is None else (given,))
            case FindIntent():
                return NotThere()

    def _seen(self, stripe_id: str) -> IntentSeen:
        if stripe_id in self._taken:
            return IntentSeen(stripe_id, "succeeded", self._amounts[stripe_id])
        gone = stripe_id in self._cancelled
        return IntentSeen(stripe_id, "canceled" if gone else "requires_confirmation")


class PracticeGround:
    """A practice of one therapist, on a Monday morning; what the exercises act on."""

    def __init__(self, start: int = START) -> None:
        self.clock = MovableClock(start)
        ids = Ids()
        url = "sqlite:///:memory:"
        values = {"HELPSPACE_DATABASE": url, "HELPSPACE_VIDEO": "https://video.example.org"}
        self.practice = Practice(
            open_store(url),
            settings_from(values, Path("helpspace.env")),
            Vault(ids.nonce(32), ids),
            self.clock,
            ids,
        )
        init.make_ready(self.practice)
        self._till = Till()
        self._clients = 0
        with self.practice.change() as tx:
            self.therapist = Actor.therapist(
                accounts.add_therapist(
                    tx,
                    TEAM,
                    YOU,
                    account="acct_course",
                    proofs_until=start + 300 * DAY,
                    sample=True,
                ),
                "course",
            )

    def add_client(self, name: str) -> Actor:
        """Add a client with a name, an address and a card on record."""
        self._clients += 1
        practice = self.practice
        client = Actor.client(accounts.register(practice, self._clients, via="course"), "course")
        accounts.set_name(practice, client, name)
        accounts.set_email(practice, client, f"{name.split(maxsplit=1)[0].lower()}@example.org")
        request = cards.ask_for_card(practice, client)
        if isinstance(cards.order(practice, client, request), PageOrder):
            cards.customer_made(practice, client.id, f"cus_{client.id}")
            cards.page_made(practice, request, f"cs_{request}", "https://pay.example.org/")
        card = CardFound(f"pm_{client.id}", "visa", "4242", 12, 2030)
        holds.card_completed(practice, request, card)
        return client

    def move_to(self, instant: int) -> None:
        """Move the clock on to an instant; money that falls due on the way moves at its time."""
        self._settle()
        for _ in range(MOST_ROUNDS):
            with self.practice.reading() as view:
                due = view.sql("SELECT min(next_at) FROM payment")[0][0]
            if due is None or due > instant:
                break
            self.clock.move_to(due)
            self._settle()
        self.clock.move_to(instant)
        booking.complete_past(self.practice)
        holds.sweep(self.practice)

    def _settle(self) -> None:
        """Charge and give back what is due."""
        practice = self.practice
        for task in settle.claim(practice, "course"):
            step = settle.advance(practice, task)
            while step is not None:
                step = settle.advance(practice, task, step, self._till.carry_out(step))

    def close(self) -> None:
        """Forget everything."""
        self.practice.store.close()


def open_ground() -> PracticeGround:
    """Return a fresh ground."""
    return PracticeGround()
