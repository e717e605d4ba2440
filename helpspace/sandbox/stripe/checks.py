"""What must hold of a payment before an intent for it exists."""

from __future__ import annotations

import re

from helpspace.sandbox.stripe.accounts import check_destination
from helpspace.sandbox.stripe.customers import usable_method
from helpspace.sandbox.stripe.errors import invalid
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import World

SMALLEST = 30
LARGEST = 99_999_999


def check(world: World, asked: Obj) -> None:
    """Refuse an intent that could never be paid out as asked."""
    check_amount(asked["amount"])
    if asked["currency"].lower() != "gbp":
        raise invalid("This sandbox takes gbp only.", "currency")
    if "customer" in asked:
        world.find("customer", asked["customer"], "customer", status=400)
    if "payment_method" in asked:
        usable_method(world, asked["payment_method"], asked.get("customer"))
    if "payment_method_types" in asked and "automatic_payment_methods" in asked:
        raise invalid(
            "payment_method_types and automatic_payment_methods exclude each other.",
            "automatic_payment_methods",
        )
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if re.search(r"[<>\\'\"*]", asked.get(name, "")):
            raise invalid("The statement descriptor has forbidden characters.", name)
    _check_money_split(world, asked)


def check_amount(amount: int) -> None:
    """Refuse what is too little or too much for a card payment."""
    if amount < SMALLEST:
        raise invalid("Amount must be at least £0.30 gbp", "amount", "amount_too_small")
    if amount > LARGEST:
        raise invalid("Amount must be no more than £999,999.99", "amount", "amount_too_large")


def _check_money_split(world: World, asked: Obj) -> None:
    """Who gets which part: the destination, the commission, on whose behalf."""
    transfer = asked.get("transfer_data")
    fee = asked.get("application_fee_amount")
    behalf = asked.get("on_behalf_of")
    if fee is not None:
        if transfer is None:
            raise invalid(
                "An application fee needs a destination charge.", "application_fee_amount"
            )
        if "amount" in transfer:
            raise invalid(
                "application_fee_amount and transfer_data[amount] exclude each other.",
                "transfer_data[amount]",
            )
        if fee > asked["amount"]:
            raise invalid("The application fee exceeds the amount.", "application_fee_amount")
    if transfer is not None:
        if transfer.get("amount", 0) > asked["amount"]:
            raise invalid("The transfer exceeds the amount.", "transfer_data[amount]")
        check_destination(world, transfer["destination"], "transfer_data[destination]")
    if behalf is not None:
        if transfer is not None and behalf != transfer["destination"]:
            raise invalid(
                "With cards, on_behalf_of must be the same account as transfer_data[destination].",
                "on_behalf_of",
            )
        check_destination(world, behalf, "on_behalf_of")
