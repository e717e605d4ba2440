"""Disputes: the card holder takes the money back through the bank."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, copied, page_of
from helpspace.sandbox.stripe.balance import enter, fee_line
from helpspace.sandbox.stripe.errors import refused
from helpspace.sandbox.stripe.params import (
    DATED,
    Obj,
    clearable,
    flag,
    group,
    labels,
    merged,
    text,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World

TIME_TO_ANSWER = 8 * 86_400
DISPUTE_FEE = 2000
CLOSED = {"won", "lost"}
TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "uncategorized_text",
)
REST = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
)


def open_dispute(world: World, charge: Obj, reason: str) -> Obj:
    """The holder disputes a charge: what is left of it goes, with a fee, from the platform."""
    amount = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or charge["disputed"] or amount <= 0:
        raise ValueError("this charge cannot be disputed")
    ident = world.new_id("dp_")
    fee = fee_line(DISPUTE_FEE, "stripe_fee", "Dispute fee")
    entry = enter(
        world,
        "",
        "adjustment",
        -amount,
        ident,
        fees=[fee],
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    dispute: Obj = {
        "id": ident,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [copied(world.things[entry])],
        "charge": charge["id"],
        "created": world.now,
        "currency": "gbp",
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(TEXTS + REST), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now + TIME_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "chargeback",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    world.add(dispute)
    charge["disputed"] = True
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(world: World, dispute: Obj, *, won: bool) -> Obj:
    """The bank decides; won, the money comes back, though not the fee."""
    if dispute["status"] in CLOSED:
        raise refused("This dispute is already closed.")
    dispute["status"] = "won" if won else "lost"
    if won:
        dispute["is_charge_refundable"] = True
        entry = enter(
            world,
            "",
            "adjustment",
            dispute["amount"],
            dispute["id"],
            description=f"Chargeback reversal for {dispute['charge']}",
        )
        dispute["balance_transactions"].append(copied(world.things[entry]))
        world.emit("charge.dispute.funds_reinstated", dispute)
    world.emit("charge.dispute.closed", dispute)
    return dispute


def blocking(world: World, charge: Obj) -> bool:
    """Whether a dispute forbids to refund this charge."""
    return any(
        one["charge"] == charge["id"] and not one["is_charge_refundable"]
        for one in world.all("dispute")
    )


def retrieve(world: World, call: Call) -> Obj:
    """One dispute."""
    return world.find("dispute", call.ids[0], "dispute")


def listing(world: World, call: Call) -> Obj:
    """Disputes, by charge, intent and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "dispute",
        lambda one: (
            asked.get("charge", one["charge"]) == one["charge"]
            and asked.get("payment_intent", one["payment_intent"]) == one["payment_intent"]
            and within(one["created"], asked.get("created"))
        ),
    )


def update(world: World, call: Call) -> Obj:
    """Put evidence on record and, unless told otherwise, hand it to the bank."""
    dispute = world.find("dispute", call.ids[0], "dispute")
    if dispute["status"] in CLOSED:
        raise refused("This dispute is already closed.")
    if "metadata" in call.params:
        dispute["metadata"] = merged(dispute["metadata"], call.params["metadata"])
    if "evidence" in call.params:
        dispute["evidence"].update(call.params["evidence"])
        dispute["evidence_details"]["has_evidence"] = True
    if call.params.get("submit", "evidence" in call.params):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    world.emit("charge.dispute.updated", dispute)
    return dispute


def close(world: World, call: Call) -> Obj:
    """Give in: the dispute is lost."""
    dispute = world.find("dispute", call.ids[0], "dispute")
    return close_dispute(world, dispute, won=False)


EVIDENCE = group(**{name: clearable(text(20_000)) for name in TEXTS})
UPDATE = {"evidence": EVIDENCE, "metadata": labels(), "submit": flag()}
ROUTES = (
    Route("GET", "/v1/disputes", listing, {**DATED, "charge": text(), "payment_intent": text()}),
    Route("GET", "/v1/disputes/{}", retrieve),
    Route("POST", "/v1/disputes/{}", update, UPDATE),
    Route("POST", "/v1/disputes/{}/close", close),
)
