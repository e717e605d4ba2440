"""The sandbox's own books, for tests and the demo: what each payment really came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import World


@dataclass(frozen=True)
class LedgerRow:
    """One payment intent as money sees it; amounts in pence, times in epoch seconds."""

    payment_intent: str
    status: str
    amount: int
    metadata: Mapping[str, str]
    customer: str | None
    destination: str | None
    gross: int
    refunded: int
    captured_at: tuple[int, ...]
    attempts: int
    disputed: bool
    transferred: int
    reversed: int
    fee: int
    fee_refunded: int

    @property
    def net(self) -> int:
        """What the client has paid in the end, disputes aside."""
        return self.gross - self.refunded


class LedgerError(AssertionError):
    """Something that must never happen has happened; the message lists it."""


def rows(world: World) -> list[LedgerRow]:
    """Every payment intent, oldest first."""
    charges: dict[str, list[Obj]] = {}
    for charge in world.all("charge"):
        charges.setdefault(charge["payment_intent"], []).append(charge)
    refunds: dict[str, int] = {}
    for refund in world.all("refund"):
        if refund["status"] in {"succeeded", "pending"}:
            refunds[refund["charge"]] = refunds.get(refund["charge"], 0) + refund["amount"]
    return [
        _row(world, intent, charges.get(intent["id"], []), refunds)
        for intent in world.all("payment_intent")
    ]


def _row(world: World, intent: Obj, tried: list[Obj], refunds: dict[str, int]) -> LedgerRow:
    paid = [charge for charge in tried if charge["status"] == "succeeded"]
    transfers = [world.things[charge["transfer"]] for charge in paid if "transfer" in charge]
    fees = [world.things[c["application_fee"]] for c in paid if c["application_fee"]]
    return LedgerRow(
        payment_intent=intent["id"],
        status=intent["status"],
        amount=intent["amount"],
        metadata=dict(intent["metadata"]),
        customer=intent["customer"],
        destination=(intent["transfer_data"] or {}).get("destination"),
        gross=sum(charge["amount_captured"] for charge in paid),
        refunded=sum(refunds.get(charge["id"], 0) for charge in paid),
        captured_at=tuple(charge["created"] for charge in paid),
        attempts=len(tried),
        disputed=any(charge["disputed"] for charge in paid),
        transferred=sum(transfer["amount"] for transfer in transfers),
        reversed=sum(transfer["amount_reversed"] for transfer in transfers),
        fee=sum(fee["amount"] for fee in fees),
        fee_refunded=sum(fee["amount_refunded"] for fee in fees),
    )


def check(world: World, one_payment_per: str | None = None) -> None:
    """Raise LedgerError if money was taken or given that cannot be right.

    `one_payment_per` names a metadata field (say, the appointment) that may be paid once at most.
    """
    wrong: list[str] = []
    paid: Counter[str] = Counter()
    for row in rows(world):
        wrong += [f"{row.payment_intent}: {what}" for what, bad in _faults(row).items() if bad]
        if row.gross and one_payment_per and one_payment_per in row.metadata:
            paid[row.metadata[one_payment_per]] += len(row.captured_at)
    wrong += [f"{one_payment_per} {name} was paid {n} times" for name, n in paid.items() if n > 1]
    for charge in world.all("charge"):
        if charge["amount_refunded"] > charge["amount"]:
            wrong.append(f"{charge['id']}: more refunded than taken")
    for entry in world.all("balance_transaction"):
        if entry["net"] != entry["amount"] - entry["fee"]:
            wrong.append(f"{entry['id']}: net is not amount less fee")
    if wrong:
        raise LedgerError("; ".join(wrong))


def _faults(row: LedgerRow) -> dict[str, bool]:
    return {
        "refunded more than was paid": row.refunded > row.gross,
        "took neither nothing nor its amount": row.gross not in {0, row.amount},
        "took its money more than once": len(row.captured_at) > 1,
        "took money though it is not paid": bool(row.gross) != (row.status == "succeeded"),
        "reversed more than was transferred": row.reversed > row.transferred,
        "returned more commission than was taken": row.fee_refunded > row.fee,
    }
