"""Refunds: money back to the card, never more than was taken, and not always at once."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, page_of
from helpspace.sandbox.stripe.balance import enter
from helpspace.sandbox.stripe.disputes import blocking
from helpspace.sandbox.stripe.errors import invalid, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    Obj,
    choice,
    flag,
    labels,
    merged,
    text,
    whole,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World
from helpspace.sandbox.stripe.transfers import check_reversal, part_of_commission, reverse

OUTCOMES = {"ok", "pending", "failed"}


def create(world: World, call: Call) -> Obj:
    """Give a charge back, or a part of it."""
    asked = call.params
    charge = _charge_of(world, asked)
    amount = _amount_of(world, charge, asked)
    transfer = _transfer_of(world, charge, asked)
    taken_back = 0
    if transfer is not None:
        taken_back = min(
            (transfer["amount"] * amount + charge["amount"] // 2) // charge["amount"],
            transfer["amount"] - transfer["amount_reversed"],
        )
        check_reversal(world, transfer, taken_back)
    refund = _make(world, charge, amount, asked)
    if transfer is not None and taken_back:
        back = (
            part_of_commission(world, transfer, taken_back)
            if asked.get("refund_application_fee")
            else 0
        )
        reversal = reverse(world, transfer, taken_back, commission_back=back, refund=refund["id"])
        refund["transfer_reversal"] = reversal["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    outcome = world.refund_plan.popleft() if world.refund_plan else "ok"
    if outcome != "ok":
        refund["status"] = "pending"
        refund["pending_reason"] = "insufficient_funds"
    if outcome == "failed":
        world.later.append(lambda: fail(world, refund))
    return refund


def _charge_of(world: World, asked: Obj) -> Obj:
    """The charge to give back, found by itself or by its intent."""
    if ("charge" in asked) == ("payment_intent" in asked):
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or "
            "charge."
        )
    if "charge" in asked:
        charge = world.find("charge", asked["charge"])
    else:
        intent = world.find("payment_intent", asked["payment_intent"], "payment_intent", status=400)
        charge = world.things.get(intent["latest_charge"] or "", {})
    if charge.get("status") != "succeeded":
        raise refused("There is no successful charge to refund.")
    return charge


def _amount_of(world: World, charge: Obj, asked: Obj) -> int:
    """How much to give back, within what is left."""
    rest = charge["amount"] - charge["amount_refunded"]
    if blocking(world, charge):
        raise refused(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            "charge_disputed",
        )
    if rest == 0:
        raise refused(
            f"Charge {charge['id']} has already been refunded.", "charge_already_refunded"
        )
    amount: int = asked.get("amount", rest)
    if amount > rest:
        raise refused(
            f"Refund amount (£{amount / 100:.2f}) is greater than unrefunded amount on charge "
            f"(£{rest / 100:.2f})",
            param="amount",
        )
    return amount


def _transfer_of(world: World, charge: Obj, asked: Obj) -> Obj | None:
    """The transfer to take back along with it, if that was asked and is there."""
    if asked.get("refund_application_fee"):
        if not charge["application_fee"]:
            raise refused("This charge has no application fee.", param="refund_application_fee")
        if not asked.get("reverse_transfer"):
            raise refused(
                "An application fee of a destination charge goes back with its transfer only.",
                param="refund_application_fee",
            )
    if not asked.get("reverse_transfer"):
        return None
    if "transfer" not in charge:
        raise refused("This charge has no transfer to reverse.", param="reverse_transfer")
    return world.things[charge["transfer"]]


def _make(world: World, charge: Obj, amount: int, asked: Obj) -> Obj:
    ident = world.new_id("re_")
    said = f" ({charge['description']})" if charge["description"] else ""
    refund: Obj = {
        "id": ident,
        "object": "refund",
        "amount": amount,
        "balance_transaction": enter(
            world, "", "refund", -amount, ident, description=f"REFUND FOR CHARGE{said}"
        ),
        "charge": charge["id"],
        "created": world.now,
        "currency": "gbp",
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": merged({}, asked.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "reason": asked.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    return world.add(refund)


def finish(world: World, refund: Obj, *, ok: bool) -> None:
    """A waiting refund arrives, or comes back."""
    if refund["status"] != "pending":
        raise ValueError(f"the refund is {refund['status']}, not pending")
    if ok:
        refund["status"] = "succeeded"
        del refund["pending_reason"]
        world.emit("refund.updated", refund, {"status": "pending"})
    else:
        fail(world, refund)


def fail(world: World, refund: Obj) -> None:
    """The card could not take the money: it is back with the platform, and the charge stands."""
    before = refund["status"]
    refund.pop("pending_reason", None)
    refund["status"] = "failed"
    refund["failure_reason"] = "expired_or_canceled_card"
    refund["failure_balance_transaction"] = enter(
        world, "", "refund_failure", refund["amount"], refund["id"]
    )
    charge = world.things[refund["charge"]]
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.emit("refund.updated", refund, {"status": before})
    world.emit("refund.failed", refund, {"status": before})
    world.emit("charge.updated", charge)


def retrieve(world: World, call: Call) -> Obj:
    """One refund."""
    return world.find("refund", call.ids[0], "refund", owner=call.account)


def update(world: World, call: Call) -> Obj:
    """Change what is written on a refund."""
    refund = world.find("refund", call.ids[0], "refund")
    refund["metadata"] = merged(refund["metadata"], call.params.get("metadata", {}))
    world.emit("refund.updated", refund)
    return refund


def listing(world: World, call: Call) -> Obj:
    """Refunds, by charge, intent and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "refund",
        lambda one: (
            asked.get("charge", one["charge"]) == one["charge"]
            and asked.get("payment_intent", one["payment_intent"]) == one["payment_intent"]
            and within(one["created"], asked.get("created"))
        ),
    )


REFUND = {
    "amount": whole(1),
    "charge": text(),
    "payment_intent": text(),
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    "refund_application_fee": flag(),
    "reverse_transfer": flag(),
    "metadata": labels(),
}
ROUTES = (
    Route("POST", "/v1/refunds", create, REFUND),
    Route("GET", "/v1/refunds", listing, {**DATED, "charge": text(), "payment_intent": text()}),
    Route("GET", "/v1/refunds/{}", retrieve, connected=True),
    Route("POST", "/v1/refunds/{}", update, {"metadata": labels()}),
)
