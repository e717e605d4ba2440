"""Taking over what Stripe already holds, after a restore: charged once stays charged once (D5, M5).

The store rests while it is done. First everything of this store is listed at Stripe, then taken
over in one commit an appointment; doing it again changes nothing more. What people were told of it
they were told by the store that was lost, so no notice is written.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from helpspace.core.actors import Actor
from helpspace.core.errors import Busy, HelpspaceError
from helpspace.core.gateways import CustomerSeen, PaymentSeen, StripeGateway
from helpspace.core.hearing import CURSOR
from helpspace.core.payments.adopted import Adopted, Session
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice, Tx
from helpspace.core.store import standing
from helpspace.core.store.standing import RESTORED, is_resting
from helpspace.core.store.tables import Appointment, Client, Intent, Payment, StoreFact

UNPAID = ("failed", "needs_approval")


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that Stripe holds of one store."""

    payments: list[PaymentSeen]
    customers: list[CustomerSeen]


def begin(practice: Practice, actor: Actor, stripe: StripeGateway) -> None:
    """Let nothing be charged until the taking over is done; raises Busy while something still is.

    A restored store rests already. One that is a copy made in another way rests from here on, once
    Stripe has shown that it answers, and for the right account.
    """
    actor.must_be("team")
    if not standing.rests(practice.store):
        look(practice, actor, stripe)
    with practice.change() as tx:
        if not is_resting(tx):
            tx.set_fact(RESTORED, str(tx.now))
            tx.audit(actor, "rest", "store", store_name(tx))
    with practice.reading() as view:
        held = Payment.select(Payment.appointment_id).where(Payment.held_until > view.now)
        if view.first(held) is not None:
            raise Busy(
                "A payment is being settled at this moment",
                "Nothing more is begun; run it again in two minutes.",
            )


def look(practice: Practice, actor: Actor, stripe: StripeGateway) -> Holdings:
    """List what Stripe holds of this store; raises OutsideFault if it is silent."""
    actor.must_be("team")
    with practice.reading() as view:
        name = store_name(view)
        clients = {str(row[0]) for row in view.sql("SELECT id FROM client")}
        intents = {
            str(row[0])
            for row in view.sql("SELECT stripe_id FROM intent WHERE stripe_id IS NOT NULL")
        }
    found = Holdings(stripe.payments(name), stripe.customers(name, clients))
    if intents and intents.isdisjoint(one.stripe_id for one in found.payments):
        raise HelpspaceError(
            "This Stripe account has nothing of this store",
            "Set HELPSPACE_STRIPE_KEY to the key of the account it has used.",
        )
    return found


def take_over(practice: Practice, actor: Actor, holdings: Holdings) -> list[Adopted]:
    """Take over everything, let the store charge again, and return what was done."""
    actor.must_be("team")
    seen: dict[str, list[PaymentSeen]] = defaultdict(list)
    for one in holdings.payments:
        seen[one.appointment_id].append(one)
    with practice.reading() as view:
        open_here = Intent.select(Intent.appointment_id).where(Intent.state.in_(("asked", "open")))
        ids = {row.appointment_id for row in view.rows(open_here)} | set(seen)
    done: list[Adopted] = []
    for appointment_id in sorted(ids):
        with practice.change() as tx:
            done += _session(tx, actor, appointment_id, seen[appointment_id])
    for customer in reversed(holdings.customers):
        with practice.change() as tx:
            done += _customer(tx, actor, customer)
    with practice.change() as tx:
        _end(tx, actor, len(done))
    return done


def _session(tx: Tx, actor: Actor, appointment_id: str, seen: list[PaymentSeen]) -> list[Adopted]:
    appointment = tx.get(Appointment, appointment_id)
    payment = tx.get(Payment, appointment_id)
    if appointment is None or payment is None:
        return []
    session = Session(tx, appointment, payment)
    session.take_over(seen)
    for one in session.done:
        tx.audit(actor, "adopt", "appointment", appointment_id, what=one.kind, id=one.stripe_id)
    return session.done


def _customer(tx: Tx, actor: Actor, seen: CustomerSeen) -> list[Adopted]:
    """Take over a client's customer and the newest card on its record (B3)."""
    client = tx.get(Client, seen.client_id)
    if client is None or client.erased_at is not None:
        return []
    if client.customer not in (None, seen.stripe_id):
        return []
    done = []
    if client.customer is None:
        tx.set(Client, "id = ?", client.id, customer=seen.stripe_id)
        done.append(Adopted("customer", client.id, seen.stripe_id, "the customer is known again"))
    card = seen.cards[0] if seen.cards else None
    if client.card != (None if card is None else card.method):
        tx.set(
            Client,
            "id = ?",
            client.id,
            card=None if card is None else card.method,
            card_brand=None if card is None else card.brand,
            card_last4=None if card is None else card.last4,
            card_month=None if card is None else card.month,
            card_year=None if card is None else card.year,
            card_at=None if card is None else tx.now,
        )
        theirs = Appointment.select(Appointment.id).where(Appointment.client_id == client.id)
        unpaid = Payment.status.in_(UNPAID), Payment.appointment_id.in_(theirs)
        tx.run(Payment.update(next_at=tx.now).where(*unpaid))
        words = "there is no card on record any more" if card is None else "a newer card was saved"
        done.append(
            Adopted("card", client.id, seen.stripe_id if card is None else card.method, words)
        )
    for one in done:
        tx.audit(actor, "adopt", "client", client.id, what=one.kind, id=one.stripe_id)
    return done


def _end(tx: Tx, actor: Actor, count: int) -> None:
    """Let the store charge again, and hear from the beginning what Stripe still remembers."""
    tx.run(StoreFact.delete().where(StoreFact.key == RESTORED))
    tx.set_fact(CURSOR, "")
    tx.audit(actor, "adopt", "store", store_name(tx), items=count)
