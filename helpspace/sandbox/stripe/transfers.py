"""Transfers to therapists' accounts, commissions, and taking both back."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, copied, page_of
from helpspace.sandbox.stripe.balance import enter, fee_line
from helpspace.sandbox.stripe.errors import no_access, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    PAGING,
    Obj,
    flag,
    labels,
    merged,
    text,
    whole,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World


def check_reversal(world: World, transfer: Obj, amount: int) -> None:
    """Refuse to take back more than was passed on, or from an account that cannot give it."""
    account = transfer["destination"]
    if account in world.gone:
        raise no_access(account)
    if amount > transfer["amount"] - transfer["amount_reversed"]:
        raise refused(
            "The reversal exceeds what is left of the transfer.",
            param="amount",
        )
    if account in world.short:
        raise refused(
            f"The account '{account}' does not have enough money to take this transfer back.",
            "balance_insufficient",
        )


def reverse(
    world: World,
    transfer: Obj,
    amount: int,
    *,
    commission_back: int = 0,
    refund: str | None = None,
    metadata: Obj | None = None,
) -> Obj:
    """Take money back from an account, handing it that part of the commission that falls away."""
    account = transfer["destination"]
    ident = world.new_id("trr_")
    payment = world.things[transfer["destination_payment"]]
    returned = _returned_payment(world, payment, amount, commission_back, ident)
    reversal: Obj = {
        "id": ident,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": enter(world, "", "transfer_refund", amount, ident),
        "created": world.now,
        "currency": "gbp",
        "destination_payment_refund": returned["id"],
        "metadata": metadata or {},
        "source_refund": refund,
        "transfer": transfer["id"],
    }
    world.add(reversal)
    payment["amount_refunded"] += amount
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, copied(reversal))
    world.emit("transfer.reversed", transfer)
    if commission_back:
        _give_commission_back(world, payment["application_fee"], commission_back)
    world.emit("charge.refunded", payment, account=account)
    return reversal


def _returned_payment(
    world: World, payment: Obj, amount: int, commission_back: int, reversal: str
) -> Obj:
    """The account's own view of a reversal: a refund of the payment it got."""
    account = world.owners[payment["id"]]
    ident = world.new_id("pyr_")
    fees = [fee_line(-commission_back, "application_fee", "Helpspace application fee")]
    refund: Obj = {
        "id": ident,
        "object": "refund",
        "amount": amount,
        "balance_transaction": enter(
            world,
            account,
            "payment_refund",
            -amount,
            ident,
            fees=fees if commission_back else [],
        ),
        "charge": payment["id"],
        "created": world.now,
        "currency": "gbp",
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": reversal,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    return world.add(refund, account)


def _give_commission_back(world: World, ident: str, amount: int) -> None:
    """Return a part of the platform's commission."""
    fee = world.things[ident]
    back = world.new_id("fr_")
    fee_refund: Obj = {
        "id": back,
        "object": "fee_refund",
        "amount": amount,
        "balance_transaction": enter(world, "", "application_fee_refund", -amount, back),
        "created": world.now,
        "currency": "gbp",
        "fee": ident,
        "metadata": {},
    }
    world.add(fee_refund)
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    fee["refunds"]["data"].insert(0, copied(fee_refund))
    world.emit("application_fee.refunded", fee)


def part_of_commission(world: World, transfer: Obj, amount: int) -> int:
    """The commission that belongs to a part of a transfer, at most what is left of it."""
    payment = world.things[transfer["destination_payment"]]
    fee = world.things.get(payment["application_fee"] or "")
    if fee is None:
        return 0
    share = (fee["amount"] * amount + transfer["amount"] // 2) // transfer["amount"]
    rest: int = fee["amount"] - fee["amount_refunded"]
    return min(int(share), rest)


def retrieve(world: World, call: Call) -> Obj:
    """One transfer."""
    return world.find("transfer", call.ids[0])


def listing(world: World, call: Call) -> Obj:
    """Transfers, by destination, group and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "transfer",
        lambda one: (
            asked.get("destination", one["destination"]) == one["destination"]
            and asked.get("transfer_group", one["transfer_group"]) == one["transfer_group"]
            and within(one["created"], asked.get("created"))
        ),
    )


def create_reversal(world: World, call: Call) -> Obj:
    """Take a transfer back, or a part of it, without touching the client's charge."""
    transfer = world.find("transfer", call.ids[0])
    asked = call.params
    rest = transfer["amount"] - transfer["amount_reversed"]
    amount = asked.get("amount", rest)
    if rest == 0:
        raise refused("This transfer is already fully reversed.")
    check_reversal(world, transfer, amount)
    with_fee = asked.get("refund_application_fee", False)
    back = part_of_commission(world, transfer, amount) if with_fee else 0
    metadata = merged({}, asked.get("metadata", {}))
    return reverse(world, transfer, amount, commission_back=back, metadata=metadata)


def list_reversals(world: World, call: Call) -> Obj:
    """What was taken back of one transfer."""
    transfer = world.find("transfer", call.ids[0])
    return page_of(
        world, call, "transfer_reversal", lambda one: bool(one["transfer"] == transfer["id"])
    )


def retrieve_fee(world: World, call: Call) -> Obj:
    """One commission."""
    return world.find("application_fee", call.ids[0])


def list_fees(world: World, call: Call) -> Obj:
    """Commissions, by charge and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "application_fee",
        lambda one: (
            asked.get("charge", one["charge"]) == one["charge"]
            and within(one["created"], asked.get("created"))
        ),
    )


REVERSAL = {"amount": whole(1), "refund_application_fee": flag(), "metadata": labels()}
TRANSFERS = {**DATED, "destination": text(), "transfer_group": text()}
ROUTES = (
    Route("GET", "/v1/transfers", listing, TRANSFERS),
    Route("GET", "/v1/transfers/{}", retrieve),
    Route("POST", "/v1/transfers/{}/reversals", create_reversal, REVERSAL),
    Route("GET", "/v1/transfers/{}/reversals", list_reversals, PAGING),
    Route("GET", "/v1/application_fees", list_fees, {**DATED, "charge": text()}),
    Route("GET", "/v1/application_fees/{}", retrieve_fee),
)
