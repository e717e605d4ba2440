"""Movements of money on the platform and on accounts: entries and balances."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, page_of
from helpspace.sandbox.stripe.errors import refused
from helpspace.sandbox.stripe.params import DATED, Obj, text, within
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import PLATFORM, World

DAY = 86_400
SETTLES_AFTER = 3 * DAY

REPORTED_AS = {
    "adjustment": "dispute",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "payment": "charge",
    "payment_refund": "refund",
    "payout_failure": "payout_reversal",
    "refund_failure": "refund_failure",
    "transfer_refund": "transfer_reversal",
}


def stripe_fee(amount: int) -> int:
    """What Stripe keeps of a card payment: 1.5 % rounded to the penny, and 20 pence."""
    return (amount * 15 + 500) // 1000 + 20


def enter(
    world: World,
    owner: str,
    kind: str,
    amount: int,
    source: str,
    *,
    fees: list[Obj] | None = None,
    description: str | None = None,
    at: int | None = None,
) -> str:
    """Write one movement on an account's balance and return its id; `at` is when, if not now."""
    taken = fees or []
    fee = sum(one["amount"] for one in taken)
    at_once = kind in {"payout", "payout_failure"}
    created = world.now if at is None else at
    entry: Obj = {
        "id": world.new_id("txn_"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created if at_once else created + SETTLES_AFTER,
        "balance_type": "payments",
        "created": created,
        "currency": "gbp",
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": taken,
        "net": amount - fee,
        "reporting_category": REPORTED_AS.get(kind, kind),
        "source": source,
        "status": "available" if at_once else "pending",
        "type": kind,
    }
    world.not_out.setdefault(owner, []).append(entry["id"])
    return str(world.add(entry, owner)["id"])


def fee_line(amount: int, kind: str, description: str) -> Obj:
    """One line of what was kept of a movement."""
    application = "ca_sandbox" if kind == "application_fee" else None
    return {
        "amount": amount,
        "application": application,
        "currency": "gbp",
        "description": description,
        "type": kind,
    }


def _fresh(world: World, entry: Obj) -> Obj:
    """A movement becomes available by the passing of time alone."""
    if entry["status"] == "pending" and entry["available_on"] <= world.now:
        entry["status"] = "available"
    return entry


def retrieve(world: World, call: Call) -> Obj:
    """One movement."""
    found = world.find("balance_transaction", call.ids[0], owner=call.account)
    return _fresh(world, found)


def listing(world: World, call: Call) -> Obj:
    """Movements, by source, type, time, or the payout that they went out with."""
    asked = call.params
    if "payout" in asked:
        payout = world.find("payout", asked["payout"], "payout", owner=call.account, status=400)
        if not payout["automatic"]:
            raise refused(
                "Balance transaction history can only be filtered on automatic payouts.",
                param="payout",
            )

    def keep(entry: Obj) -> bool:
        _fresh(world, entry)
        return (
            asked.get("source", entry["source"]) == entry["source"]
            and asked.get("type", entry["type"]) == entry["type"]
            and asked.get("currency", "gbp") == "gbp"
            and within(entry["created"], asked.get("created"))
            and ("payout" not in asked or world.payout_of.get(entry["id"]) == asked["payout"])
        )

    return page_of(world, call, "balance_transaction", keep)


def balance(world: World, call: Call) -> Obj:
    """What an account has, and what is still on its way."""
    available = pending = 0
    for entry in world.all("balance_transaction", call.account):
        if entry["available_on"] <= world.now:
            available += entry["net"]
        else:
            pending += entry["net"]
    return {
        "object": "balance",
        "available": [_amount(available)],
        "livemode": False,
        "pending": [_amount(pending)],
    }


def _amount(amount: int) -> Obj:
    return {"amount": amount, "currency": "gbp", "source_types": {"card": amount}}


def total(world: World, owner: str = PLATFORM) -> int:
    """The sum of all movements of an account, in pence."""
    return sum(entry["net"] for entry in world.all("balance_transaction", owner))


ENTRIES = {**DATED, "currency": text(), "payout": text(), "source": text(), "type": text()}
ROUTES = (
    Route("GET", "/v1/balance", balance, connected=True),
    Route("GET", "/v1/balance_transactions", listing, ENTRIES, connected=True),
    Route("GET", "/v1/balance_transactions/{}", retrieve, connected=True),
)
