"""A client takes their card off the record: here at once, at Stripe by the next sweep (M6, K1).

The row is there before Stripe is asked, so that a card that was removed never stays behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core.accounts import card_state, card_words, the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, NotFound
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.practice import Practice, View
from helpspace.core.store import standing
from helpspace.core.store.tables import Appointment, CardRemoval, Client, Payment

LEASE = 2 * MINUTE
"""How long one sweep has a card in hand before another may try it."""

FIELDS = ("card", "card_brand", "card_last4", "card_month", "card_year", "card_at")

STILL_TO_TAKE = ("scheduled", "due", "failed", "needs_approval")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A session that has no card to pay it with once the card is removed; instant and pence."""

    appointment_id: str
    start: int
    fee_pence: int


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What removing the card on record means; `mark` stands for this very card."""

    words: str
    mark: str
    lacking: tuple[Lacking, ...]


@dataclass(frozen=True, slots=True)
class Removing:
    """A removed card that Stripe still has on its customer's record."""

    method: str
    client_id: str
    customer: str
    tries: int


def plan_removal(practice: Practice, actor: Actor) -> RemovalPlan | None:
    """Return what removing the client's own card means, None where there is none."""
    actor.must_be("client")
    with practice.reading() as view:
        client = the_client(view, actor.id)
        return None if client.card is None else _plan(view, client)


def remove(practice: Practice, actor: Actor, mark: str) -> bool:
    """Take the client's own card off the record; False where there is none any more.

    `mark` is what was shown; with another card on record meanwhile Changed is raised. Sessions and
    fees stand as they are, and a payment that is under way goes on.
    """
    actor.must_be("client")
    with practice.change() as tx:
        tx.lock(Client, actor.id)
        client = the_client(tx, actor.id)
        if client.card is None:
            return False
        if _mark(practice, client) != mark:
            raise Changed("There is another card on record since you looked")
        if client.customer is not None:
            tx.insert_once(
                CardRemoval,
                method=client.card,
                client_id=client.id,
                customer=client.customer,
                tries=0,
                next_at=tx.now,
                created_at=tx.now,
            )
        gone = dict.fromkeys(FIELDS)
        tx.set(Client, "id = ?", client.id, **gone, card_next_at=None, card_seen_at=None)
        tx.audit(actor, "remove", "card", client.id)
        return True


_DUE = """next_at <= ? AND method NOT IN (SELECT card FROM attempt WHERE ended_at IS NULL)
    AND method NOT IN (SELECT card FROM client WHERE card IS NOT NULL)
    ORDER BY next_at, method LIMIT ?"""


def due(practice: Practice, limit: int = 50) -> list[Removing]:
    """Return the removed cards whose turn it is, each with its next try moved on.

    One with which a payment is under way waits for its answer; one that is on record again stays.
    """
    if standing.rests(practice.store):
        return []
    with practice.reading() as view:
        if view.find(CardRemoval, "next_at <= ?", view.now) is None:
            return []
    with practice.change() as tx:
        rows = tx.find_all(CardRemoval, _DUE, tx.now, limit)
        for row in rows:
            wait = min(LEASE * 2**row.tries, HOUR) if row.tries < 6 else HOUR
            tx.set(
                CardRemoval, "method = ?", row.method, next_at=tx.now + wait, tries=row.tries + 1
            )
        return [Removing(row.method, row.client_id, row.customer, row.tries + 1) for row in rows]


def done(practice: Practice, one: Removing) -> bool:
    """Record that Stripe has let go of a card; False when that was known."""
    with practice.change() as tx:
        found = "method = ? AND done_at IS NULL"
        if not tx.set(CardRemoval, found, one.method, next_at=None, done_at=tx.now):
            return False
        tx.audit(Actor.job("cards"), "let_go", "card", one.client_id)
        return True


def _plan(view: View, client: Client) -> RemovalPlan:
    if client.card is None:
        raise NotFound
    rows = view.rows(
        Appointment.select(Appointment, Payment)
        .join(Payment, on=(Payment.appointment_id == Appointment.id), attr="payment")
        .where(
            Appointment.client_id == client.id,
            Appointment.fee > 0,
            Appointment.state == "booked",
            Appointment.start_at > view.now,
            Payment.status.in_(STILL_TO_TAKE),
            Payment.waived_at.is_null(),
        )
        .order_by(Appointment.start_at, Appointment.id)
    )
    lacking = tuple(Lacking(row.id, row.start_at, row.fee) for row in rows)
    return RemovalPlan(_words(view, client), _mark(view.practice, client), lacking)


def _words(view: View, client: Client) -> str:
    said = card_words(client)
    return f"{said} (expired)" if card_state(client, view.now) == "expired" else said


def _mark(practice: Practice, client: Client) -> str:
    """Return what stands for a card in a button: nothing that Stripe would know."""
    return practice.vault.digest(f"{client.card}:{client.card_at}", "client.card")[:12]
