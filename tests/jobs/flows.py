"""Flows of money that are lived through in any weather at Stripe.

Each is a few acts of people with the jobs between them. In fair weather a flow says which calls it
makes; a fault can be laid on each of them. However the weather was, it ends the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from helpspace.core import booking, card_removal, cards
from helpspace.core.appointments import appointment
from helpspace.core.booking import Held
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.payments import paying
from helpspace.core.payments.paying import Outcome
from helpspace.core.store.tables import Appointment, Claim
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.weather import MOST_TRIES, SLOW, Call, Weather, calls_of, end, settled
from tests.jobs.world import ASKS, PAYS


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
    world.rest(50 * MINUTE)
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.rest(6 * DAY)


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
    world.rest(DAY)


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
