"""Stripe's events as they please: the same appointments, ledger and notices (M5a, A4).

A story with a charge, a decline, an approval, a refund, one that waits, one that comes back, a
dispute, a card that the bank renews and a connected account that is held up is played again and
again; only how its events are heard differs.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import paying
from helpspace.core.store.tables import Appointment, Client, Ledger, Notice, Therapist
from helpspace.jobs import events
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe import refunds
from tests import makers
from tests.jobs import legal
from tests.jobs.world import ASKS, PAYS, World

SLOT = 6 * HOUR
LAST = 30
"""How many slots of time the story takes, and which it stops at."""

NAMES = ("kept", "declined", "approved", "refunded", "came back", "disputed", "waited")


class Story:
    """The people and sessions of the story in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.heard = 0
        self.zoe = world.therapist()
        self.ann = world.therapist("Ann")
        cards = {"approved": ASKS}
        self.clients = {name: world.client(cards.get(name, PAYS)) for name in NAMES}
        self.sessions: dict[str, AppointmentView] = {}
        for number, (name, client) in enumerate(self.clients.items()):
            makers.acquaint(world.practice, self.zoe, client)
            start = makers.SOON + number * HOUR
            made = makers.follow_up(world.practice, self.zoe, client, start)
            self.sessions[name] = made
        self.clients["later"] = self.with_old_card()
        # Due at the beginning of a slot, long after the bank has renewed the card.
        start = self.sessions["disputed"].start + 6 * DAY
        later = makers.follow_up(world.practice, self.zoe, self.clients["later"], start)
        self.sessions["later"] = later
        bad = world.card_of(self.clients["declined"])
        world.bank.card_answers(bad, ["insufficient_funds"])

    def with_old_card(self) -> Actor:
        """A client whose card has expired, as far as is known here."""
        client = self.world.client()
        makers.acquaint(self.world.practice, self.zoe, client)
        makers.set_row(self.world.practice, Client, client.id, card_year=2026, card_month=2)
        return client

    def charge_of(self, name: str) -> str:
        """The charge that paid for a session."""
        return str(self.world.bank.get(self.intent_of(name))["latest_charge"])

    def intent_of(self, name: str) -> str:
        """The PaymentIntent of a session."""
        wanted = self.sessions[name].id
        rows = self.world.bank.ledger()
        (one,) = [row for row in rows if row.metadata.get("appointment") == wanted]
        return one.payment_intent

    def refund_of(self, name: str) -> str:
        """The refund of a session."""
        found = self.world.sdk.v1.refunds.list({"charge": self.charge_of(name)}).data
        return str(found[0].id)

    def happens(self, slot: int) -> None:
        """Let happen what the story tells of a slot of time."""
        world = self.world
        if slot == 1:
            world.cancel(self.zoe, self.sessions["refunded"].id)
            world.cancel(self.zoe, self.sessions["came back"].id)
        if slot == 2:
            self.approve()
            world.bank.refund_answers(["pending"])
            world.cancel(self.zoe, self.sessions["waited"].id)
        if slot == 3:
            world.bank.open_dispute(self.charge_of("disputed"))
        if slot == 4:
            with world.bank.turn() as bank:
                refunds.fail(bank, bank.things[self.refund_of("came back")])
        if slot == 5:
            card = world.card_of(self.clients["later"])
            world.bank.renew_card(card, exp_month=7, exp_year=2033)
        if slot == 6:
            world.bank.finish_refund(self.refund_of("waited"), ok=True)
        if slot == 7:
            world.bank.restrict(world.account_of(self.ann))

    def rows(self, model: Any) -> list[dict[str, Any]]:
        """The rows of people in the order of their names."""
        order = [*(one.id for one in self.clients.values()), self.zoe.id, self.ann.id]
        return sorted(self.world.rows(model), key=lambda row: order.index(row["id"]))

    def approve(self) -> None:
        """The client taps, and approves at the bank."""
        session, client = self.sessions["approved"], self.clients["approved"]
        tapped = paying.pay(self.world.practice, self.world.stripe, client, session.id)
        assert tapped.outcome == paying.Outcome.BANK
        self.world.bank.approve(self.intent_of("approved"))

    def fresh(self) -> list[dict[str, Any]]:
        """The events since the last time, oldest first."""
        found = self.world.bank.events()
        new, self.heard = found[self.heard :], len(found)
        return new

    def end(self) -> dict[str, Any]:
        """Everything that counts in the end, without what differs from run to run."""
        world = self.world
        names = {one.id: name for name, one in self.sessions.items()}
        states = {row["id"]: row["state"] for row in world.rows(Appointment)}
        told = Counter(
            (row["event"], row["party"], row["channel"], names.get(row["appointment_id"], "-"))
            for row in world.rows(Notice)
        )
        return {
            "appointments": sorted(
                (name, states[one.id], world.payment(one)) for name, one in self.sessions.items()
            ),
            "ledger": sorted(
                (names[row["appointment_id"]], row["kind"], row["amount"], row["undoes"])
                for row in world.rows(Ledger)
            ),
            "notices": sorted((*key, count) for key, count in told.items()),
            "cards": [(row["card_month"], row["card_year"]) for row in self.rows(Client)],
            "accounts": [row["charges_enabled"] for row in self.rows(Therapist)],
        }


Deliver = Callable[[Story, int], None]


def once(story: Story, _slot: int) -> None:
    """Polled, as without a public address."""
    story.world.sweep("stripe-events")


def as_they_come(story: Story, _slot: int) -> None:
    """By webhook, in order."""
    for event in story.fresh():
        assert events.take_in(story.world.practice, event)


def twice(story: Story, _slot: int) -> None:
    """By webhook, each twice, and polled as well."""
    new = story.fresh()
    for event in [*new, *new]:
        events.take_in(story.world.practice, event)
    story.world.sweep("stripe-events")


def in_reverse(story: Story, slot: int) -> None:
    """The newest first, in batches of two slots."""
    if slot % 2:
        for event in reversed(story.fresh()):
            events.take_in(story.world.practice, event)


def a_day_late(story: Story, _slot: int) -> None:
    """Each a day after it happened."""
    now = story.world.clock.now()
    for event in story.world.bank.events():
        if event["created"] <= now - DAY:
            events.take_in(story.world.practice, event)


def never(_story: Story, _slot: int) -> None:
    """Nothing is heard at all."""


def play(url: str, deliver: Deliver) -> dict[str, Any]:
    """Play the story from its booking on and return how it ended."""
    world = World(url, MovableClock(makers.NOW))
    story = Story(world)
    world.clock.move_to(story.sessions["disputed"].free_until + 60)
    for slot in range(LAST):
        story.happens(slot)
        deliver(story, slot)
        world.sweep("disputes", "cards", "accounts", "charges", "housekeeping")
        world.sweep("cards")
        end = world.clock.now() + SLOT
        world.settle(SLOT - 1)
        world.clock.move_to(end)
    ended = story.end()
    world.bank.check("appointment")
    assert legal.faults(world) == []
    world.close()
    return ended


def hash_of(ended: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(ended, sort_keys=True).encode()).hexdigest()


@pytest.fixture(scope="module")
def plain_story(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, Any]:
    return play(_copy(tmp_path_factory.mktemp("plain"), sqlite_template), once)


def _copy(folder: Path, template: Path) -> str:
    path = folder / "helpspace.db"
    path.write_bytes(template.read_bytes())
    path.chmod(0o600)
    return f"sqlite:///{path}"


def test_the_story_ends_as_the_rules_say(plain_story: dict[str, Any]) -> None:
    """M3, M6, M8: what each session came to, so that the hash is of something."""
    assert plain_story["appointments"] == [
        ("approved", "completed", "paid"),
        ("came back", "cancelled_by_therapist", "refunding"),
        ("declined", "completed", "paid"),
        ("disputed", "completed", "disputed"),
        ("kept", "completed", "paid"),
        ("later", "booked", "paid"),
        ("refunded", "cancelled_by_therapist", "refunded"),
        ("waited", "cancelled_by_therapist", "refunded"),
    ]
    assert plain_story["ledger"] == [
        ("approved", "charge", 6000, 0),
        ("came back", "charge", 6000, 0),
        ("came back", "refund", 6000, 0),
        ("came back", "refund", 6000, 1),
        ("declined", "charge", 6000, 0),
        ("disputed", "charge", 6000, 0),
        ("disputed", "dispute", 6000, 0),
        ("kept", "charge", 6000, 0),
        ("later", "charge", 6000, 0),
        ("refunded", "charge", 6000, 0),
        ("refunded", "refund", 6000, 0),
        ("waited", "charge", 6000, 0),
        ("waited", "refund", 6000, 0),
    ]
    assert plain_story["cards"][-1] == (7, 2033)
    assert plain_story["accounts"] == [1, 0]
    told = {tuple(one[:4]) for one in plain_story["notices"]}
    assert ("refund_failed", "team", "email", "came back") in told
    assert ("disputed", "team", "email", "disputed") in told
    assert ("account_lost", "therapist", "email", "-") in told
    assert ("approval_needed", "client", "telegram", "approved") in told
    assert all(one[4] == 1 for one in plain_story["notices"] if one[3] != "-"), told


@pytest.mark.parametrize("deliver", [as_they_come, twice, in_reverse, a_day_late, never])
def test_however_events_are_heard_it_ends_the_same(
    store_folder: Path, sqlite_template: Path, plain_story: dict[str, Any], deliver: Deliver
) -> None:
    """M9 of the invariants: one hash of appointments, ledger and notices."""
    ended = play(_copy(store_folder, sqlite_template), deliver)
    assert ended == plain_story
    assert hash_of(ended) == hash_of(plain_story)
