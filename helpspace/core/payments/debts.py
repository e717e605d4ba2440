"""What connected accounts owe: refunds that were paid without taking the transfer back (M3).

A debt is a row from the moment its refund was made. Its own sweep looks at the transfer first, and
takes back what is left of it; until then the team sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Debt, Intent, Refund

if TYPE_CHECKING:
    from helpspace.core.payments.case import Case


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What is needed to take a transfer back: the intent it came from, and a key of its own."""

    refund_id: str
    appointment_id: str
    stripe_id: str
    amount: int
    with_commission: bool
    key: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How a transfer stands: `code` says why it is not all back, None that it is."""

    code: str | None
    reversal: str | None = None


@dataclass(frozen=True, slots=True)
class DebtView:
    """What an account owes, for the team; instants in UTC epoch seconds."""

    refund_id: str
    appointment_id: str
    therapist_id: str
    account: str
    amount_pence: int
    state: str
    reason: str | None
    created_at: int
    next_at: int | None
    settled_at: int | None


def owe(case: Case, refund: Refund) -> None:
    """Write down, once, that the account of a case owes what was given back for it."""
    case.tx.insert_once(
        Debt,
        refund_id=refund.id,
        therapist_id=case.therapist.id,
        account=case.the_intent.account,
        amount=refund.amount,
        state="open",
        tries=0,
        next_at=case.now + HOUR,
        created_at=case.now,
    )


def anything_due(practice: Practice) -> bool:
    """Say whether a debt has its turn."""
    with practice.reading() as view:
        return view.find(Debt, "next_at <= ?", view.now) is not None


def due(practice: Practice, limit: int = 50) -> list[TakingBack]:
    """Return the debts whose turn it is, each tried under a new key; their next turn is moved on
    first: hourly to begin with, daily in the end."""
    with practice.change() as tx:
        rows = tx.find_all(Debt, "next_at <= ? ORDER BY next_at LIMIT ?", tx.now, limit)
        found = [_order(tx, row) for row in rows]
        for row in rows:
            gap = min(HOUR * 2 ** min(row.tries, 5), DAY)
            tx.set(Debt, "refund_id = ?", row.refund_id, tries=row.tries + 1, next_at=tx.now + gap)
        return found


def _order(tx: Tx, row: Debt) -> TakingBack:
    intent = tx.find(Intent, "id = (SELECT intent_id FROM refund WHERE id = ?)", row.refund_id)
    assert intent is not None  # noqa: S101 - the schema refers to it
    name = store_name(tx)
    return TakingBack(
        refund_id=row.refund_id,
        appointment_id=intent.appointment_id,
        stripe_id=str(intent.stripe_id),
        amount=row.amount,
        with_commission=intent.commission > 0,
        key=f"{name}:reversal:{row.refund_id}:{row.tries + 1}",
        metadata={"store": name, "appointment": intent.appointment_id, "refund": row.refund_id},
    )


def seen(practice: Practice, refund_id: str, found: TakenBack) -> bool:
    """Record how a transfer stands; True when the debt is settled by now."""
    with practice.change() as tx:
        row = tx.get(Debt, refund_id)
        if row is None or row.state == "settled":
            return False
        if found.code is not None:
            tx.set(Debt, "refund_id = ?", refund_id, reason=found.code[:60])
            return False
        values: dict[str, Any] = {"state": "settled", "reason": None, "next_at": None}
        values |= {"reversal": found.reversal, "settled_at": tx.now}
        tx.set(Debt, "refund_id = ?", refund_id, **values)
        tx.audit(Actor.job("debts"), "take_back", "refund", refund_id, amount=row.amount)
        return True


def debts(
    practice: Practice, actor: Actor, *, state: str | None = None, limit: int = 1000
) -> list[DebtView]:
    """Return what accounts owe or have owed, for the team, the newest first."""
    actor.must_be("team")
    query = (
        Debt.select(Debt, Intent.appointment_id.alias("appointment_id"))
        .join(Refund, on=(Refund.id == Debt.refund_id))
        .join(Intent, on=(Intent.id == Refund.intent_id))
        .order_by(Debt.created_at.desc(), Debt.refund_id)
        .limit(limit)
        .objects()
    )
    if state is not None:
        query = query.where(Debt.state == state)
    with practice.reading() as view:
        return [_view(row) for row in view.rows(query)]


def _view(row: Any) -> DebtView:
    return DebtView(
        refund_id=row.refund_id,
        appointment_id=row.appointment_id,
        therapist_id=row.therapist_id,
        account=row.account,
        amount_pence=row.amount,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        next_at=row.next_at,
        settled_at=row.settled_at,
    )


def owed_by(practice: Practice) -> dict[str, int]:
    """Return what is still owed by each therapist's account, in pence."""
    with practice.reading() as view:
        rows = view.sql(
            "SELECT therapist_id, sum(amount) FROM debt WHERE state = 'open' GROUP BY therapist_id"
        )
    return {str(who): int(amount) for who, amount in rows}
