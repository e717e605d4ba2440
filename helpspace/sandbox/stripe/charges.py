"""Charges: what an attempt leaves behind, and where the money of a good one goes."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, page_of, sublist
from helpspace.sandbox.stripe.balance import enter, fee_line, stripe_fee
from helpspace.sandbox.stripe.cards import CardAnswer
from helpspace.sandbox.stripe.params import DATED, Obj, text, within
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World


def make_charge(world: World, intent: Obj, method: Obj, said: CardAnswer, *, approved: bool) -> Obj:
    """The record of one attempt, good or bad; nothing has moved yet."""
    ident = world.new_id("ch_")
    destination = (intent["transfer_data"] or {}).get("destination")
    charge: Obj = {
        "id": ident,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if said.ok else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "HELPSPACE SANDBOX",
        "captured": said.ok,
        "created": world.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if said.ok else said.code,
        "failure_message": None if said.ok else said.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": intent["on_behalf_of"],
        "outcome": _outcome(said),
        "paid": said.ok,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _card_details(method, intent["amount"], approved=approved),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{world.base_url}/receipt/{ident}" if said.ok else None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if said.ok else "failed",
        "transfer_data": (
            {"amount": intent["transfer_data"].get("amount"), "destination": destination}
            if destination
            else None
        ),
        "transfer_group": intent["transfer_group"],
    }
    return world.add(charge)


def _outcome(said: CardAnswer) -> Obj:
    return {
        "advice_code": None if said.ok else said.advice_code,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if said.ok else "declined_by_network",
        "reason": None if said.ok else said.decline_code or said.code,
        "risk_level": "normal",
        "seller_message": "Payment complete." if said.ok else "The bank declined the payment.",
        "type": "authorized" if said.ok else "issuer_declined",
    }


def _card_details(method: Obj, amount: int, *, approved: bool) -> Obj:
    card = method["card"]
    shared = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    return {
        "card": {
            **{name: card[name] for name in shared},
            "amount_authorized": amount,
            "authorization_code": None,
            "checks": card["checks"],
            "installments": None,
            "mandate": None,
            "network": card["brand"],
            "network_transaction_id": None,
            "regulated_status": card["regulated_status"],
            "three_d_secure": secure if approved else None,
            "wallet": None,
        },
        "type": "card",
    }


def settle(world: World, charge: Obj) -> None:
    """Move the money of a good charge: in, on to the therapist's account, commission back.

    This comes after the answer, as with Stripe, whose answers do not name these objects yet.
    """
    amount = charge["amount"]
    kept = fee_line(stripe_fee(amount), "stripe_fee", "Stripe processing fees")
    charge["balance_transaction"] = enter(
        world, "", "charge", amount, charge["id"], fees=[kept], description=charge["description"]
    )
    previous: Obj = {"balance_transaction": None}
    if charge["transfer_data"]:
        _transfer(world, charge)
        previous.update(transfer=None, application_fee=None)
    world.emit("charge.updated", charge, previous)


def _transfer(world: World, charge: Obj) -> None:
    """Pass a charge on to its destination, less the platform's commission."""
    account = charge["transfer_data"]["destination"]
    amount = charge["transfer_data"]["amount"] or charge["amount"]
    commission = charge["application_fee_amount"] or 0
    transfer: Obj = {
        "id": world.new_id("tr_"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": world.now,
        "currency": "gbp",
        "description": None,
        "destination": account,
        "destination_payment": None,
        "livemode": False,
        "metadata": {},
        "reversals": sublist([], ""),
        "reversed": False,
        "source_transaction": charge["id"],
        "source_type": "card",
        "transfer_group": charge["transfer_group"],
    }
    world.add(transfer)
    transfer["reversals"]["url"] = f"/v1/transfers/{transfer['id']}/reversals"
    transfer["balance_transaction"] = enter(world, "", "transfer", -amount, transfer["id"])
    payment = {
        **charge,
        "id": world.new_id("py_"),
        "amount": amount,
        "amount_captured": amount,
        "application_fee": None,
        "application_fee_amount": commission or None,
        "balance_transaction": None,
        "customer": None,
        "description": None,
        "metadata": {},
        "on_behalf_of": None,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {
            "stripe_account": {},
            "type": "stripe_account",
        },
        "receipt_url": None,
        "source_transfer": transfer["id"],
        "transfer_data": None,
    }
    world.add(payment, account)
    transfer["destination_payment"] = payment["id"]
    charge["transfer"] = transfer["id"]
    fees = []
    if commission:
        fee = _commission(world, charge, account, commission)
        charge["application_fee"] = payment["application_fee"] = fee["id"]
        fees = [fee_line(commission, "application_fee", "Helpspace application fee")]
    payment["balance_transaction"] = enter(
        world, account, "payment", amount, payment["id"], fees=fees
    )
    world.emit("transfer.created", transfer)


def _commission(world: World, charge: Obj, account: str, amount: int) -> Obj:
    """The platform's commission on a charge."""
    ident = world.new_id("fee_")
    fee: Obj = {
        "id": ident,
        "object": "application_fee",
        "account": account,
        "amount": amount,
        "amount_refunded": 0,
        "application": "ca_sandbox",
        "balance_transaction": enter(world, "", "application_fee", amount, ident),
        "charge": charge["id"],
        "created": world.now,
        "currency": "gbp",
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": charge["id"],
        "refunded": False,
        "refunds": sublist([], f"/v1/application_fees/{ident}/refunds"),
    }
    world.add(fee)
    world.emit("application_fee.created", fee)
    return fee


def retrieve(world: World, call: Call) -> Obj:
    """One charge."""
    return world.find("charge", call.ids[0], "charge", owner=call.account)


def listing(world: World, call: Call) -> Obj:
    """Charges, by intent, customer and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "charge",
        lambda one: (
            asked.get("payment_intent", one["payment_intent"]) == one["payment_intent"]
            and asked.get("customer", one["customer"]) == one["customer"]
            and asked.get("transfer_group", one["transfer_group"]) == one["transfer_group"]
            and within(one["created"], asked.get("created"))
        ),
    )


CHARGES = {**DATED, "customer": text(), "payment_intent": text(), "transfer_group": text()}
ROUTES = (
    Route("GET", "/v1/charges", listing, CHARGES, connected=True),
    Route("GET", "/v1/charges/{}", retrieve, connected=True),
)
