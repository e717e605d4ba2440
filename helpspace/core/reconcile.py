"""The ledger against what Stripe has, both ways (M8); no difference is the normal answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from helpspace.core.gateways import PaymentSeen, StripeGateway
from helpspace.core.moments import pounds
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Intent, Ledger, Payment, Refund

ALIVE = ("succeeded", "pending", "requires_action")
"""States of a refund at Stripe in which the money is back with the client, or on its way."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the ledger and Stripe do not agree, and what to do about it.

    `kind` is a code; amounts are pence, None where one side has nothing.
    """

    kind: str
    appointment_id: str
    stripe_id: str
    ledger_pence: int | None
    stripe_pence: int | None
    words: str
    proposal: str


@dataclass(frozen=True, slots=True)
class _Books:
    """What the store says, read in one piece."""

    moved: dict[tuple[str, str], Ledger]
    intents: dict[str, Intent]
    refunds: dict[str, Refund]
    in_hand: frozenset[str]
    """Appointments that a sweep is settling at this moment: not compared."""


def reconcile(practice: Practice, stripe: StripeGateway) -> list[Difference]:
    """Compare every charge and refund of this store; raises OutsideFault if Stripe is silent."""
    with practice.reading() as view:
        name, began = store_name(view), view.now
    seen = stripe.payments(name)
    with practice.reading() as view:
        books = _books(view)
    found = [*_at_stripe(books, seen), *_in_ledger(books, seen, began), *_twice(seen)]
    return [one for one in found if one.appointment_id not in books.in_hand]


def _books(view: View) -> _Books:
    held = view.rows(Payment.select(Payment.appointment_id).where(Payment.holder.is_null(False)))
    known = Intent.select().where(Intent.stripe_id.is_null(False))
    given = Refund.select().where(Refund.stripe_id.is_null(False))
    return _Books(
        moved={(row.kind, row.stripe_id): row for row in view.rows(Ledger.select())},
        intents={row.stripe_id: row for row in view.rows(known)},
        refunds={row.stripe_id: row for row in view.rows(given)},
        in_hand=frozenset(row.appointment_id for row in held),
    )


def _at_stripe(books: _Books, seen: list[PaymentSeen]) -> Iterator[Difference]:
    """Give what Stripe has and the ledger has not, or has otherwise."""
    for one in seen:
        if one.status == "succeeded":
            yield from _charge(books, one)
        elif one.stripe_id not in books.intents and one.status != "canceled":
            yield Difference(
                "stray_intent",
                one.appointment_id,
                one.stripe_id,
                None,
                0,
                f"Stripe has an unpaid payment of {pounds(one.amount)} that this store never made",
                "Cancel it at Stripe; it has taken no money.",
            )
        yield from _refunds(books, one)


def _charge(books: _Books, one: PaymentSeen) -> Iterator[Difference]:
    row = books.moved.get(("charge", one.stripe_id))
    if row is None:
        known = one.stripe_id in books.intents
        yield Difference(
            "unrecorded_charge",
            one.appointment_id,
            one.stripe_id,
            None,
            one.received,
            f"Stripe took {pounds(one.received)} that the ledger does not have",
            f"Run: helpspace charges retry {one.appointment_id}"
            if known
            else "The store may be an old copy: see helpspace reconcile --adopt.",
        )
        return
    if row.amount != one.received or row.commission != one.commission:
        yield Difference(
            "other_amount",
            row.appointment_id,
            one.stripe_id,
            row.amount,
            one.received,
            f"The ledger has {pounds(row.amount)}, Stripe {pounds(one.received)}",
            "Look at the payment at Stripe; the ledger is never changed by hand.",
        )
    intent = books.intents.get(one.stripe_id)
    if intent is not None and (intent.account, intent.customer) != (one.account, one.customer):
        yield Difference(
            "other_people",
            row.appointment_id,
            one.stripe_id,
            row.amount,
            one.received,
            "The payment is on another account or customer at Stripe than in the store",
            "Look at the payment at Stripe before anything else is done.",
        )


def _refunds(books: _Books, one: PaymentSeen) -> Iterator[Difference]:
    for refund in one.refunds:
        if refund.status not in ALIVE:
            continue
        row = books.moved.get(("refund", refund.stripe_id))
        ours = books.refunds.get(refund.stripe_id)
        if row is None and not (ours is not None and refund.status != "succeeded"):
            yield Difference(
                "unrecorded_refund",
                one.appointment_id,
                refund.stripe_id,
                None,
                refund.amount,
                f"Stripe gave back {pounds(refund.amount)} that the ledger does not have",
                "If somebody refunded it at Stripe, waive the fee here so that both agree.",
            )
        elif row is not None and row.amount != refund.amount:
            yield Difference(
                "other_amount",
                one.appointment_id,
                refund.stripe_id,
                row.amount,
                refund.amount,
                f"The ledger has a refund of {pounds(row.amount)}, Stripe {pounds(refund.amount)}",
                "Look at the refund at Stripe; the ledger is never changed by hand.",
            )


def _in_ledger(books: _Books, seen: list[PaymentSeen], began: int) -> Iterator[Difference]:
    """Give what the ledger has and Stripe has not; rows younger than the look do not count."""
    there = {("charge", one.stripe_id) for one in seen if one.status == "succeeded"}
    for one in seen:
        there |= {("refund", back.stripe_id) for back in one.refunds if back.status in ALIVE}
    for (kind, stripe_id), row in books.moved.items():
        if kind in ("charge", "refund") and (kind, stripe_id) not in there and row.at < began:
            yield Difference(
                f"missing_{kind}",
                row.appointment_id,
                stripe_id,
                row.amount,
                None,
                f"The ledger has a {kind} of {pounds(row.amount)} that Stripe does not have",
                "Check that the key belongs to the account with which it was made."
                if kind == "charge"
                else "The refund failed after it was recorded; pay it back another way.",
            )


def _twice(seen: list[PaymentSeen]) -> Iterator[Difference]:
    """Give appointments that were paid more than once (M5)."""
    paid = Counter(one.appointment_id for one in seen if one.status == "succeeded")
    for one in seen:
        if one.status == "succeeded" and paid[one.appointment_id] > 1:
            yield Difference(
                "paid_twice",
                one.appointment_id,
                one.stripe_id,
                None,
                one.received,
                f"Stripe has {paid[one.appointment_id]} payments for this appointment",
                "Refund all but one at Stripe, and tell the team.",
            )
