"""The ledger against what Stripe has, both ways (M8); no difference is the normal answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from helpspace.core.gateways import PaymentSeen, StripeGateway
from helpspace.core.moments import pounds
from helpspace.core.payments import disputing
from helpspace.core.payments.disputing import DisputeSeen
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Debt, Intent, Ledger, Payment, Refund

ADOPT = "helpspace reconcile --adopt"

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
    known: frozenset[str]
    """Appointments of which there is anything to compare and that the store knows."""
    paid: frozenset[str]
    """Appointments with a charge in the ledger."""
    in_hand: frozenset[str]
    """Appointments that a sweep is settling at this moment: not compared."""


def reconcile(practice: Practice, stripe: StripeGateway) -> list[Difference]:
    """Compare every charge and refund of this store; raises OutsideFault if Stripe is silent."""
    with practice.reading() as view:
        name, began = store_name(view), view.now
    seen = stripe.payments(name)
    disputed = stripe.disputes(began - disputing.KEPT)
    with practice.reading() as view:
        debts = view.find_all(Debt, "state = 'open' ORDER BY created_at, refund_id")
        books = _books(view, {one.appointment_id for one in seen})
    found = [*_at_stripe(books, seen), *_in_ledger(books, seen, began), *_twice(seen)]
    found += [*_disputes(books, disputed, began), *_debts(books, debts)]
    return [one for one in found if one.appointment_id not in books.in_hand]


def _books(view: View, named: set[str]) -> _Books:
    held = view.rows(Payment.select(Payment.appointment_id).where(Payment.holder.is_null(False)))
    known = Intent.select().where(Intent.stripe_id.is_null(False))
    given = Refund.select().where(Refund.stripe_id.is_null(False))
    moved = _standing(view.rows(Ledger.select()))
    return _Books(
        moved=moved,
        paid=frozenset(row.appointment_id for (kind, _), row in moved.items() if kind == "charge"),
        intents={row.stripe_id: row for row in view.rows(known)},
        refunds={row.stripe_id: row for row in view.rows(given)},
        known=frozenset(one for one in named if view.get(Appointment, one) is not None),
        in_hand=frozenset(row.appointment_id for row in held),
    )


def _standing(rows: list[Ledger]) -> dict[tuple[str, str], Ledger]:
    """Return the rows of the ledger that no later row has taken back."""
    undone = {(row.kind, row.stripe_id.partition(":")[0]) for row in rows if row.undoes}
    return {
        (row.kind, row.stripe_id): row
        for row in rows
        if not row.undoes and (row.kind, row.stripe_id) not in undone
    }


def _at_stripe(books: _Books, seen: list[PaymentSeen]) -> Iterator[Difference]:
    """Give what Stripe has and the ledger has not, or has otherwise."""
    for one in seen:
        if one.appointment_id not in books.known:
            yield from _of_unknown(one)
            continue
        if _is_second_and_undone(books, one):
            continue
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
                f"If this store is an old copy, run: {ADOPT}; else cancel it at Stripe.",
            )
        yield from _refunds(books, one)


def _of_unknown(one: PaymentSeen) -> Iterator[Difference]:
    """Give a payment for a session that the store does not know, unless it came to nothing.

    A session booked after the backup from which the store was restored is known to Stripe alone.
    """
    left = _left(one)
    if one.status == "canceled" or (one.status == "succeeded" and left <= 0):
        return
    if one.status == "succeeded":
        words = f"Stripe took {pounds(left)} for a session not known here"
        proposal = (
            "Ask its therapist and client: book it anew if it is to come, and refund this at"
            " Stripe unless it was held."
        )
    else:
        words = f"Stripe has an unpaid payment of {pounds(one.amount)} for a session not known here"
        proposal = "Cancel it at Stripe, then book the session anew if it is to come."
    yield Difference(
        "unknown_appointment",
        one.appointment_id,
        one.stripe_id,
        None,
        left,
        words,
        proposal,
    )


def _left(one: PaymentSeen) -> int:
    """Return what was taken and not given back, in pence."""
    return one.received - sum(back.amount for back in one.refunds if back.status in ALIVE)


def _is_second_and_undone(books: _Books, one: PaymentSeen) -> bool:
    """Say whether a payment beside the one that counts was given back whole (M5)."""
    strange = one.status == "succeeded" and one.stripe_id not in books.intents
    return strange and one.appointment_id in books.paid and _left(one) <= 0


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
            f"Run: helpspace charges retry {one.appointment_id} --look"
            if known
            else _on_strange_charge(books, one),
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


def _on_strange_charge(books: _Books, one: PaymentSeen) -> str:
    """Return what to do about a payment that this store never made."""
    if one.appointment_id in books.paid:
        return "This session is paid already: refund it at Stripe, and tell the client."
    return f"The store may be an old copy; run: {ADOPT}"


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
                _on_refund(books, one, refund.amount),
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


def _on_refund(books: _Books, one: PaymentSeen, amount: int) -> str:
    """Return what to do about a refund that the ledger does not have."""
    intent = books.intents.get(one.stripe_id)
    if intent is not None and amount != intent.amount:
        return "Part of a fee cannot be given back here: keep a note of it with your books."
    return f"If it was made at Stripe by hand, run: {ADOPT}"


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
    stand = [one for one in seen if one.status == "succeeded" and _left(one) > 0]
    paid = Counter(one.appointment_id for one in stand)
    for one in stand:
        if paid[one.appointment_id] > 1:
            yield Difference(
                "paid_twice",
                one.appointment_id,
                one.stripe_id,
                None,
                one.received,
                f"Stripe has {paid[one.appointment_id]} payments for this appointment",
                "Refund all at Stripe but the one in the ledger, and tell the client.",
            )


def _disputes(books: _Books, seen: list[DisputeSeen], began: int) -> Iterator[Difference]:
    """Give what banks took back, or gave again, and the ledger has otherwise."""
    withdrawn = {one.stripe_id: one for one in seen if one.withdrawn}
    for one in withdrawn.values():
        intent = books.intents.get(one.intent or "")
        if intent is not None and ("dispute", one.stripe_id) not in books.moved:
            yield Difference(
                "unrecorded_dispute",
                intent.appointment_id,
                one.stripe_id,
                None,
                one.amount,
                f"A bank took {pounds(one.amount)} back that the ledger does not have",
                "Run: helpspace jobs run disputes",
            )
    read = {one.stripe_id for one in seen}
    for (kind, stripe_id), row in books.moved.items():
        gone = stripe_id in read or row.at > began - disputing.KEPT
        if kind == "dispute" and stripe_id not in withdrawn and gone and row.at < began:
            yield Difference(
                "missing_dispute",
                row.appointment_id,
                stripe_id,
                row.amount,
                None,
                f"The ledger has a dispute of {pounds(row.amount)} that took nothing at Stripe",
                "Run: helpspace jobs run disputes",
            )


def _debts(books: _Books, debts: list[Debt]) -> Iterator[Difference]:
    """Give what accounts still owe for refunds that were paid without their transfer (M3)."""
    refunds = {row.id: row for row in books.refunds.values()}
    intents = {row.id: row for row in books.intents.values()}
    for debt in debts:
        refund = refunds.get(debt.refund_id)
        intent = None if refund is None else intents.get(refund.intent_id)
        if refund is None or intent is None:
            continue
        yield Difference(
            "debt",
            intent.appointment_id,
            str(refund.stripe_id),
            debt.amount,
            None,
            f"The therapist's account still owes {pounds(debt.amount)} for this refund",
            "It is taken back by itself; see helpspace refunds list.",
        )
