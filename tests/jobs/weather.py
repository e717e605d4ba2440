"""Flows of money that are lived through in any weather at Stripe, and what must be true after it.

Each flow is a few acts of people with the jobs between them. People do what they are told to: where
Stripe did not answer they try again. In fair weather a flow says which calls it makes; a fault can
be laid on each of them. However the weather was, it ends the same.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from helpspace.core import booking, card_removal, cards
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointment
from helpspace.core.booking import Held
from helpspace.core.errors import OutsideFault
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import paying
from helpspace.core.payments.paying import Outcome
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import (
    Appointment,
    CardRemoval,
    CardRequest,
    Claim,
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
from tests import makers
from tests.core.fake_stripe import FakeIntent, FakeRefund, FakeStripe
from tests.core.invariants import always_money, settled_money
from tests.jobs.world import ASKS, PAYS, World

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
        self.paused = 0.0
        super().__init__(url, clock, COMMISSION_PERCENT="10")
        self.bank._sleep = self._goes_by

    def _goes_by(self, seconds: float) -> None:
        """A slow answer lets the time go by."""
        self.clock.advance(int(seconds))

    def _pause(self, seconds: float) -> None:
        self.paused += seconds

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


# --- the flows: what is there before, and what happens then


def due(world: Weather) -> None:
    """A session whose fee is to be taken now."""
    world.session_ = world.booked()
    world.to_charge(world.session_)


def paid(world: Weather) -> None:
    """A session that was paid for."""
    due(world)
    world.rest()


def short(world: Weather) -> None:
    """A session that was paid for, whose therapist's account cannot give the transfer back."""
    paid(world)
    world.bank.short_of_money(world.account_of(world.zoe))


def declined(world: Weather) -> None:
    """A session whose card was declined."""
    world.session_ = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(world.session_)
    world.rest()


def asking(world: Weather) -> None:
    """A session whose fee is due, from a bank that asks."""
    world.session_ = world.booked(ASKS)
    world.to_charge(world.session_)


def unknown(world: Weather) -> None:
    """A therapist with a slot, and a client without a card."""
    world.zoe = world.therapist()
    world.sam = world.client(card=None)
    makers.open_slot(world.practice, world.zoe)


def charge(world: Weather) -> None:
    """The fee is taken; a soft decline on the way is mended by the ladder (M1, M6)."""
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.rest()
    world.clock.move_to(world.session_.start - DAY)
    world.rest()
    world.hear()
    world.rest()


def refund(world: Weather) -> None:
    """The therapist cancels; the refund is on its way for a while, and looked at later (M3)."""
    world.bank.refund_answers(["pending"])
    booking.cancel(world.practice, world.zoe, world.session_.id)
    row = world.once_made()
    world.bank.finish_refund(row["stripe_id"], ok=True)
    world.rest(3 * DAY)
    world.hear()
    world.rest()


def refund_when_short(world: Weather) -> None:
    """The therapist cancels; the client comes first, the transfer is taken back later (M3)."""
    booking.cancel(world.practice, world.zoe, world.session_.id)
    world.rest(10 * MINUTE)
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.rest(3 * DAY)


def withdrawn(world: Weather) -> None:
    """The therapist cancels what could not be paid: the intent is closed (M3, M5)."""
    world.clock.advance(MINUTE)
    booking.cancel(world.practice, world.zoe, world.session_.id)
    world.rest()


def card(world: Weather) -> None:
    """A slot is booked by a card; the bank refuses it; another one pays and is removed (B3, M6)."""
    (slot,) = world.rows(Claim)
    held = makers.book(world.practice, world.sam, slot["id"])
    assert isinstance(held, Held)
    world.card_page(world.sam, held.request_id, PAYS)
    world.rest(10 * MINUTE)
    (row,) = world.rows(Appointment)
    world.session_ = appointment(world.practice, makers.TEAM, row["id"])
    world.bank.card_answers(world.card_of(world.sam), ["lost_card"])
    world.to_charge(world.session_)
    world.rest()
    request = cards.ask_for_card(world.practice, world.sam)
    world.card_page(world.sam, request, PAYS)
    world.rest()
    plan = card_removal.plan_removal(world.practice, world.sam)
    assert plan is not None
    assert card_removal.remove(world.practice, world.sam, plan.mark)
    world.rest()


def approval(world: Weather) -> None:
    """The bank asks; the client taps until its page opens, and approves (M6)."""
    world.rest()
    for _ in range(2 * MOST_TRIES):
        done = paying.pay(world.practice, world.stripe, world.sam, world.session_.id)
        if done.outcome is Outcome.BANK:
            break
        assert done.outcome in (Outcome.UNHEARD, Outcome.BUSY), done.outcome
        world.clock.advance(15)
    assert world.bank.approve(world.intent()).ok
    world.hear()
    world.rest()


class Flow(NamedTuple):
    """What is there before, what happens then, and the jobs that matter to it."""

    before: Callable[[Weather], None]
    act: Callable[[Weather], None]
    jobs: tuple[str, ...]


FLOWS: dict[str, Flow] = {
    "charge": Flow(due, charge, ("charges",)),
    "refund": Flow(paid, refund, ("disputes", "charges")),
    "refund when short": Flow(short, refund_when_short, ("charges", "debts")),
    "withdrawn": Flow(declined, withdrawn, ("charges",)),
    "card": Flow(unknown, card, ("cards", "charges")),
    "approval": Flow(asking, approval, ("charges",)),
}


# --- one flow in one weather

Fault = tuple[Call, str, int]
"""What goes wrong at a call, and how often in a row."""


class Ground:
    """What a flow begins with, made once: store, Stripe, people."""

    def __init__(self, name: str, template: Path, folder: Path) -> None:
        self.name, self._folder = name, folder
        self._flow = FLOWS[name]
        world = self._world(template.read_bytes(), makers.NOW)
        self._flow.before(world)
        world.close()
        self._store = self._path.read_bytes()
        self._people = {
            name: value for name, value in vars(world).items() if name in ("zoe", "sam", "session_")
        }
        self._bank = copy.deepcopy(world.bank._world, {id(world.clock): world.clock})
        self._now = world.clock.now()
        self.fair, self.calls, self.endpoints = self._in_fair_weather()

    @property
    def _path(self) -> Path:
        return self._folder / "store.db"

    def _world(self, store: bytes, now: int) -> Weather:
        for left in self._folder.glob("store.db*"):
            left.unlink()
        self._path.write_bytes(store)
        self._path.chmod(0o600)
        return Weather(f"sqlite:///{self._path}", MovableClock(now))

    def _begin(self) -> Weather:
        """The same practice again, whose jobs have just been started."""
        world = self._world(self._store, self._now)
        vars(world).update(self._people)
        world.names = self._flow.jobs
        known = {id(self._bank.clock): world.clock}
        world.bank._world = copy.deepcopy(self._bank, known)
        return world

    def _in_fair_weather(self) -> tuple[dict[str, Any], list[Call], set[str]]:
        world = self._begin()
        self._flow.act(world)
        calls, noted = calls_of(world.bank.requests), set(world.stripe.noted)  # type: ignore[attr-defined]
        settled(world)
        found = end(world)
        world.close()
        return found, calls, noted

    def live(self, *faults: Fault) -> Lived:
        """Go through the flow in a weather, and see that the rules were kept."""
        world = self._begin()
        try:
            laid = [
                world.bank.faults.add(effect, call.method, call.path, nth=call.nth, times=times,
                                      seconds=SLOW)
                for call, effect, times in faults
            ]  # fmt: skip
            self._flow.act(world)
            world.bank.faults.clear()
            calls = calls_of(world.bank.requests)
            settled(world)
            return Lived(end(world), calls, [one.fired for one in laid])
        finally:
            world.close()


class Lived(NamedTuple):
    """What became of a flow: its end, its calls, and how often each fault struck."""

    ended: dict[str, Any]
    calls: list[Call]
    fired: list[int]


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
