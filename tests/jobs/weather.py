"""A world whose Stripe may be in any weather, and what must be true after it.

People do what they are told to: where Stripe did not answer they try again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpspace.core import cards
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import OutsideFault
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import (
    Appointment,
    CardRemoval,
    CardRequest,
    Client,
    Debt,
    Intent,
    Ledger,
    Notice,
    Payment,
    Refund,
)
from helpspace.jobs.stripe import Stripe
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from tests.core.fake_stripe import FakeIntent, FakeRefund, FakeStripe
from tests.core.invariants import always_money, settled_money
from tests.jobs.world import World

FAULTS = ("no_answer_after", "drop_before", "500_after", "429", "409", "slow")
"""What a call may meet: no answer though it was done, a line cut before it, a failure, a wait."""

MORE_FAULTS = (*FAULTS, "500_before", "503")
LOST = 3
"""Times in a row at which the gateway's own quick repeats do not help."""

SLOW = 19
"""Seconds of a slow answer: one more and it counts as none."""

MOST_TRIES = 20


@dataclass(frozen=True, order=True)
class Call:
    """The nth request of a kind that a flow makes."""

    method: str
    path: str
    """A regular expression for it."""
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.method} {self.path} #{self.nth}"


def calls_of(requests: Any) -> list[Call]:
    """The calls behind requests, in the order in which they were made."""
    counted: Counter[tuple[str, str]] = Counter()
    found = []
    for one in requests:
        path = re.sub(r"/([a-z]+_\w+)(?=/|$)", _masked, one.path)
        counted[one.method, path] += 1
        found.append(Call(one.method, f"^{path}$", counted[one.method, path]))
    return found


RESOURCES = {"payment_intents", "payment_methods", "balance_transactions"}


def _masked(part: re.Match[str]) -> str:
    return part[0] if part[1] in RESOURCES else r"/\w+"


class Noted(Stripe):
    """The gateway that notes which of its endpoints were called."""

    noted: set[str]

    def _call(self, endpoint: str, act: Callable[[], Any], *, guarded: bool = True) -> Any:
        self.noted.add(endpoint)
        return super()._call(endpoint, act, guarded=guarded)


class Weather(World):
    """A world whose Stripe may be given faults, and people who do not give up."""

    session_: AppointmentView
    names: tuple[str, ...] = ("charges",)

    def __init__(self, url: str, clock: MovableClock) -> None:
        super().__init__(url, clock, COMMISSION_PERCENT="10")
        self.bank._sleep = self._goes_by

    def _goes_by(self, seconds: float) -> None:
        """A slow answer lets the time go by."""
        self.clock.advance(int(seconds))

    def gateway(self, **options: Any) -> Stripe:
        """The gateway as the product wires it, with the account it belongs to looked up."""
        made = Noted(
            "sk_test_helpspace",
            api=self.practice.settings.stripe_api,
            rate=1_000_000,
            clock=self.clock,
            bot=lambda: "HelpspaceBot",
            http_client=SandboxHTTPClient(self.bank),
            sleep=self._pause,
            monotonic=lambda: self.clock.now() + self.paused,
            jitter=lambda: 0.5,
            ours=lambda _account: True,
            **options,
        )
        made.noted = set()
        return made

    # What people and jobs do

    def jobs(self) -> None:
        """One pass of the flow's jobs; the invariants hold after it."""
        self.sweep(*self.names)
        always_money(self.practice, books(self))

    def hear(self) -> None:
        """Events are polled until Stripe answers."""
        for _ in range(MOST_TRIES):
            if self.sweep("stripe-events")["stripe-events"].error is None:
                return
            self.clock.advance(MINUTE)
        raise AssertionError("Stripe's events are never heard")

    def persist(self, act: Callable[[], Any]) -> Any:
        """Do what somebody does who is told that Stripe did not answer."""
        for _ in range(MOST_TRIES):
            try:
                return act()
            except OutsideFault:
                self.clock.advance(20)
        raise AssertionError("Stripe never answers")

    def rest(self, longest: int = 2 * HOUR) -> None:
        """Let the jobs run until nothing more is due within a while."""
        until = self.clock.now() + longest
        for _ in range(300):
            self.jobs()
            due = self.next_turn()
            if due is None or due > until:
                return
            self.clock.move_to(max(due, self.clock.now() + 1))
        raise AssertionError("settlement never comes to rest")

    def next_turn(self) -> int | None:
        """When something is due next in one of the queues of the jobs."""
        payments = self.rows(Payment)
        turns = [row["held_until" if row["holder"] else "next_at"] for row in payments]
        for queue in (CardRequest, CardRemoval, Debt):
            turns += [row["next_at"] for row in self.rows(queue)]
        return min((turn for turn in turns if turn is not None), default=None)

    def card_page(self, client: Actor, request: str, number: str) -> None:
        """A client opens a card page, types a card, and is back."""
        page = self.persist(lambda: cards.page(self.practice, self.stripe, client, request))
        assert self.bank.type_card(page.url.rsplit("/", 1)[-1], number).ok
        cards.look_now(self.practice, client_id=client.id)

    def once_made(self) -> dict[str, Any]:
        """Let the jobs run until Stripe has a refund and we know it."""
        for _ in range(MOST_TRIES):
            self.rest(10 * MINUTE)
            for row in self.rows(Refund):
                if row["stripe_id"] is not None:
                    return row
            self.clock.advance(10 * MINUTE)
        raise AssertionError("the refund is never made")

    def intent(self) -> str:
        """The payment of the session at Stripe that is not cancelled."""
        rows = [row for row in self.bank.ledger() if row.status != "canceled"]
        return rows[-1].payment_intent


def books(world: World) -> FakeStripe:
    """What the sandbox holds, as the invariants ask for it."""
    found = FakeStripe(world.clock.now)
    for row in world.bank.ledger():
        found.intents[row.payment_intent] = FakeIntent(
            id=row.payment_intent,
            appointment=row.metadata["appointment"],
            name=row.metadata["intent"],
            amount=row.amount,
            commission=row.fee,
            account=str(row.destination),
            customer=str(row.customer),
            status=row.status,
            taken_at=row.captured_at[0] if row.captured_at else None,
        )
    with world.bank.turn() as bank:
        for one in bank.all("refund"):
            found.refunds[one["id"]] = FakeRefund(
                one["id"], one["payment_intent"], one["amount"], one["created"], one["status"]
            )
        for one in bank.all("charge"):
            reason = one["outcome"]["reason"]
            if one["status"] == "failed" and reason != "authentication_required":
                about = one["metadata"]["appointment"]
                found.declined[about, one["payment_method"], reason] += 1
    return found


# --- how it ended


def end(world: Weather) -> dict[str, Any]:
    """Everything that counts in the end, without what differs from run to run."""
    states = {row["id"]: row["state"] for row in world.rows(Appointment)}
    told = Counter((row["event"], row["party"], row["channel"]) for row in world.rows(Notice))
    clients = world.rows(Client)
    return {
        "appointments": sorted(states.values()),
        "payments": sorted((row["status"], row["reason"]) for row in world.rows(Payment)),
        "ledger": [
            (row["kind"], row["amount"], row["commission"], row["undoes"])
            for row in world.rows(Ledger)
        ],
        "debts": [(row["amount"], row["state"]) for row in world.rows(Debt)],
        "cards": [row["card"] is not None for row in clients],
        "removed": [row["done_at"] is not None for row in world.rows(CardRemoval)],
        "open": sum(row["state"] in ("asked", "open") for row in world.rows(Intent)),
        "notices": dict(sorted((" ".join(key), count) for key, count in told.items())),
    }


def settled(world: Weather) -> None:
    """M1–M10 hold, and the ledger is the sandbox's."""
    world.bank.check("appointment")
    stripe = books(world)
    always_money(world.practice, stripe)
    settled_money(world.practice, stripe)
    world.clock.advance(1)
    assert reconcile(world.practice, world.stripe) == []
    gross, refunded = world.money()
    sums: Counter[str] = Counter()
    for row in world.rows(Ledger):
        sums[row["kind"]] += -row["amount"] if row["undoes"] else row["amount"]
    assert (sums["charge"], sums["refund"]) == (gross, refunded)
    assert all(row.reversed == row.refunded for row in world.bank.ledger())
    fees = sum(row.fee - row.fee_refunded for row in world.bank.ledger())
    assert fees == 600 * (gross - refunded) // 6000
