"""Hearing what happens at Stripe: events are hints to look, never the truth (M5a, A4).

Polled events and webhooks end in the same `hear`: each id counts once, the order does not matter,
and the place in the list is kept in the commit of the effects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpspace.core import card_looks, notices, team
from helpspace.core.actors import Actor
from helpspace.core.cards import hint as card_hint
from helpspace.core.cards import pages_hint
from helpspace.core.gateways import AccountSeen, EventSeen
from helpspace.core.joining.publishing import watched
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments import disputing
from helpspace.core.payments.settle import hint as payment_hint
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import StoreFact, StripeEvent, Therapist

CURSOR = "stripe_events_cursor"

LOOKED = "accounts_looked_at"
"""The fact of when a visit last let accounts be read."""

KEEP = 35 * DAY
"""How long ids of events are kept against repetition; Stripe keeps events for 30 days."""

HEARD = (
    "checkout.session.completed",
    "checkout.session.expired",
    "setup_intent.succeeded",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "charge.succeeded",
    "charge.updated",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "payment_method.automatically_updated",
    "payment_method.detached",
)
"""The types that are polled, and sent to the platform's endpoint; Stripe lists 20 at most."""

OF_ACCOUNTS = (
    "account.updated",
    "account.application.deauthorized",
    "capability.updated",
    "payout.failed",
)
"""The types of connected accounts: sent to an endpoint of their own, never in the polled list."""

READS_A_MINUTE = 10
"""Connected accounts that are read again of themselves each minute, all together (J5).

Without webhooks nobody tells of a change: a small practice sees it within a minute or two.
"""


def event_of(raw: Mapping[str, Any]) -> EventSeen:
    """Reduce an event as Stripe sends it to what it is about; what is missing stays empty."""
    data = raw.get("data")
    thing = data.get("object") if isinstance(data, Mapping) else None
    about = thing if isinstance(thing, Mapping) else {}
    kind = str(raw.get("type", ""))
    object_id = str(about.get("id") or "")
    intent = object_id if kind.startswith("payment_intent.") else about.get("payment_intent")
    account = raw.get("account")
    customer = about.get("customer")
    if account is None and kind == "account.updated":
        account = object_id
    elif account is None and kind.startswith("capability."):
        account = about.get("account")
    return EventSeen(
        id=str(raw.get("id") or ""),
        type=kind,
        object_id=object_id,
        account=account if isinstance(account, str) else None,
        payment_intent=intent if isinstance(intent, str) else None,
        customer=customer if isinstance(customer, str) else None,
    )


def cursor(practice: Practice) -> str | None:
    """Return up to where events have been heard; None before the first time."""
    with practice.reading() as view:
        return view.fact(CURSOR)


def hear(practice: Practice, events: Sequence[EventSeen], *, upto: str | None = None) -> int:
    """Take in events, each once, and the cursor in the same commit; return how many were new."""
    with practice.change() as tx:
        new = 0
        for event in events:
            if event.id and tx.insert_once(StripeEvent, id=event.id, type=event.type, at=tx.now):
                _apply(tx, event)
                new += 1
        if upto is not None and tx.fact(CURSOR) != upto:
            tx.set_fact(CURSOR, upto)
        return new


def _apply(tx: Tx, event: EventSeen) -> None:
    """Let the sweep that knows the thing look at it now."""
    if event.type.startswith("checkout.session."):
        card_hint(tx, event.object_id)
    elif event.type.startswith("setup_intent."):
        pages_hint(tx, event.customer)
    elif event.type.startswith("payment_method."):
        card_looks.hint(tx, event.object_id)
    elif event.type.startswith(("account.", "capability.", "payout.")):
        _look_at_account(tx, event.account)
    elif event.type.startswith("charge.dispute."):
        disputing.hint(tx, event.object_id)
    elif event.payment_intent is not None:
        payment_hint(tx, [event.payment_intent])


def _look_at_account(tx: Tx, account: str | None) -> None:
    if account is not None:
        tx.run(Therapist.update(account_next_at=tx.now).where(Therapist.account == account))


def look_at_accounts(practice: Practice) -> int:
    """Let the next sweep read whoever can be back from Stripe, and return how many: one came (J5).

    The visit does not say who, and proves nothing: only those who were sent there lately are read,
    and however many visits there are, at most once a minute.
    """
    with practice.reading() as view:
        # Most visits end here, so that many of them keep nobody from writing.
        waiting = Therapist.select().where(*_back_from_stripe(view))
        if _looked_lately(view) or not view.count(waiting):
            return 0
    with practice.change() as tx:
        tx.insert_once(StoreFact, key=LOOKED, value="0")
        if _looked_lately(tx):
            return 0
        tx.set_fact(LOOKED, str(tx.now))
        return tx.run(Therapist.update(account_next_at=tx.now).where(*_back_from_stripe(tx)))


def _looked_lately(view: View) -> bool:
    """Say whether a visit has let accounts be read within the last minute."""
    # A moment ahead of now was written by a clock that has been mended since.
    return 0 <= view.now - int(view.fact(LOOKED) or 0) < MINUTE


def _back_from_stripe(view: View) -> list[Any]:
    """Return the condition of having been sent to Stripe lately and not being ready since."""
    waiting = (Therapist.charges_enabled == 0) | (Therapist.payouts_enabled == 0)
    return [Therapist.account.is_null(False), waiting, Therapist.account_link_at > view.now - DAY]


def forget(practice: Practice) -> int:
    """Forget the ids of events that Stripe itself no longer keeps and return how many."""
    with practice.change() as tx:
        return tx.run(StripeEvent.delete().where(StripeEvent.at < tx.now - KEEP))


@dataclass(frozen=True, slots=True)
class DueAccount:
    """A connected account that is to be read again."""

    therapist_id: str
    account: str


def due_accounts(practice: Practice, limit: int = 100) -> list[DueAccount]:
    """Return connected accounts whose turn it is, longest due first, moving their turn on."""
    with practice.change() as tx:
        asked = Therapist.account_next_at <= tx.now
        old = Therapist.account_next_at.is_null() & (
            Therapist.account_checked_at.is_null() | (Therapist.account_checked_at <= tx.now - DAY)
        )
        rows = tx.rows(
            Therapist.select(Therapist.id, Therapist.account)
            .where(Therapist.account.is_null(False), asked | old)
            .order_by(Therapist.account_next_at, Therapist.id)
            .limit(limit)
        )
        for row in rows:
            # An account that could not be read is tried again within the hour.
            tx.run(Therapist.update(account_next_at=tx.now + HOUR).where(Therapist.id == row.id))
        return [DueAccount(row.id, row.account) for row in rows]


def account_seen(practice: Practice, therapist_id: str, seen: AccountSeen) -> bool:
    """Record a connected account as Stripe has it; say whether anything has changed (J5).

    Becoming ready and ceasing to be is told to the therapist, once each time.
    """
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        if row is None or row.account != seen.account:
            return False
        was = bool(row.charges_enabled and row.payouts_enabled)
        number = row.account_changes + int(was != seen.ready)
        state = {
            "charges_enabled": int(seen.charges_enabled),
            "payouts_enabled": int(seen.payouts_enabled),
            "requirements": json.dumps(seen.requirements, separators=(",", ":")),
            "account_submitted": int(seen.submitted or (seen.gone and row.account_submitted)),
            "account_due_at": seen.due_at,
            "account_gone_at": (row.account_gone_at or tx.now) if seen.gone else None,
            "account_changes": number,
        }
        changed = any(getattr(row, name) != value for name, value in state.items())
        turn = tx.now + _next_turn(tx, row, seen)
        if was != seen.ready:
            _tell(tx, therapist_id, number, ready=seen.ready)
        with watched(tx, therapist_id, f"account:{number}"):
            tx.set(
                Therapist,
                "id = ?",
                therapist_id,
                account_checked_at=tx.now,
                account_next_at=turn,
                **state,
            )
        if changed:
            detail = {"charges": seen.charges_enabled, "payouts": seen.payouts_enabled}
            tx.audit(Actor.job("accounts"), "account", "therapist", therapist_id, **detail)
        return changed


def _next_turn(tx: Tx, row: Therapist, seen: AccountSeen) -> int:
    """Return in how many seconds an account is read again.

    All of them share a number of reads a minute, so that few are read often; at least once a day,
    hourly while it cannot take money yet, and each minute while somebody is with Stripe.
    """
    number = tx.count(Therapist.select().where(Therapist.account.is_null(False)))
    at_stripe = row.account_link_at is not None and row.account_link_at > tx.now - HOUR
    most = HOUR
    if seen.ready or seen.gone:
        most = DAY
    elif at_stripe:
        most = MINUTE
    return max(MINUTE, min(most, number * MINUTE // READS_A_MINUTE))


def _tell(tx: Tx, therapist_id: str, number: int, *, ready: bool) -> None:
    """Write the mail that a change of an account owes its therapist, once (J5)."""
    event = Event.ACCOUNT_READY if ready else Event.ACCOUNT_LOST
    notices.write(
        tx,
        event,
        once=f"{event}:{therapist_id}:{number}",
        party=Party.THERAPIST,
        person_id=therapist_id,
    )
    if not ready:
        team.tell(tx, event, once=f"{therapist_id}:{number}", therapist=therapist_id)
