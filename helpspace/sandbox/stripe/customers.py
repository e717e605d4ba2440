"""Customers and the cards on their record."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, copied, page_of
from helpspace.sandbox.stripe.cards import HeldCard, TypedCard
from helpspace.sandbox.stripe.errors import invalid, missing, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    PAGING,
    Obj,
    choice,
    clearable,
    email,
    group,
    labels,
    many,
    merged,
    need,
    text,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World

FIELDS = ("description", "email", "name", "phone", "preferred_locales")


def create(world: World, call: Call) -> Obj:
    """A new customer."""
    customer: Obj = {
        "id": world.new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": world.new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(world, customer, call.params)
    world.add(customer)
    world.emit("customer.created", customer)
    return customer


def _apply(world: World, customer: Obj, asked: Obj) -> None:
    default = asked.get("invoice_settings", {}).get("default_payment_method")
    if default is not None:
        method = world.find(
            "payment_method", default, "invoice_settings[default_payment_method]", status=400
        )
        if method["customer"] != customer["id"]:
            raise refused(
                "The payment method must be attached to the customer first.",
                param="invoice_settings[default_payment_method]",
            )
    if "invoice_settings" in asked:
        customer["invoice_settings"].update(asked["invoice_settings"])
    customer.update({name: asked[name] for name in FIELDS if name in asked})
    if "metadata" in asked:
        customer["metadata"] = merged(customer["metadata"], asked["metadata"])


def retrieve(world: World, call: Call) -> Obj:
    """One customer; of a deleted one only that it was deleted."""
    thing = world.things.get(call.ids[0])
    if thing is None or thing["object"] != "customer":
        raise missing("customer", call.ids[0])
    return thing


def update(world: World, call: Call) -> Obj:
    """Change a customer."""
    customer = world.find("customer", call.ids[0])
    before = copied(customer)
    _apply(world, customer, call.params)
    previous = {name: before[name] for name in before if before[name] != customer[name]}
    if previous:
        world.emit("customer.updated", customer, previous)
    return customer


def delete(world: World, call: Call) -> Obj:
    """Delete a customer for good, with the cards on record; charges stay."""
    customer = world.find("customer", call.ids[0])
    for method in world.all("payment_method"):
        if method["customer"] == customer["id"]:
            detach_method(world, method)
    world.emit("customer.deleted", customer)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    world.things[customer["id"]] = stub
    return stub


def listing(world: World, call: Call) -> Obj:
    """Customers, by e-mail where asked."""
    asked = call.params
    return page_of(
        world,
        call,
        "customer",
        lambda one: (
            not one.get("deleted")
            and asked.get("email", one.get("email")) == one.get("email")
            and within(one["created"], asked.get("created"))
        ),
    )


def make_method(world: World, typed: TypedCard, customer: str | None, *, set_up: bool) -> Obj:
    """The payment method of a card that was typed on a hosted page, attached where it belongs."""
    card = typed.card
    method: Obj = {
        "id": world.new_id("pm_"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": {
                "city": None,
                "country": "GB",
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "email": None,
            "name": typed.name,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "GB",
            "display_brand": card.brand,
            "exp_month": typed.exp_month,
            "exp_year": typed.exp_year,
            "fingerprint": card.fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": world.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    world.add(method)
    world.cards[method["id"]] = HeldCard(card, set_up)
    if customer is not None:
        attach_method(world, method, customer)
    return method


def attach_method(world: World, method: Obj, customer: str) -> None:
    """Put a card on a customer's record."""
    if method["customer"] != customer:
        method["customer"] = customer
        world.emit("payment_method.attached", method)


def detach_method(world: World, method: Obj) -> None:
    """Take a card off the record; it can never be used again."""
    customer = world.things[method["customer"]]
    previous = {"customer": method["customer"]}
    method["customer"] = None
    world.cards[method["id"]].detached = True
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == method["id"]:
        settings["default_payment_method"] = None
    world.emit("payment_method.detached", method, previous)


def usable_method(world: World, ident: str, customer: str | None) -> Obj:
    """The card to charge, if it may be charged for this customer."""
    method = world.find("payment_method", ident, "payment_method", status=400)
    if world.cards[ident].detached:
        raise refused(
            f"The payment method '{ident}' was detached; it may not be used again.",
            "payment_method_unexpected_state",
            "payment_method",
        )
    if method["customer"] != customer and method["customer"] is not None:
        raise refused(
            f"The payment method '{ident}' belongs to the customer '{method['customer']}', not to "
            f"the one of this intent.",
            param="payment_method",
        )
    return method


def retrieve_method(world: World, call: Call) -> Obj:
    """One card."""
    return world.find("payment_method", call.ids[0], "payment_method")


def list_methods(world: World, call: Call) -> Obj:
    """The cards of one customer; without a customer, none."""
    wanted = call.params.get("customer")
    if wanted is not None:
        world.find("customer", wanted, "customer", status=400)
    return _methods_of(world, call, wanted)


def list_customer_methods(world: World, call: Call) -> Obj:
    """The cards of the customer in the path."""
    return _methods_of(world, call, str(world.find("customer", call.ids[0], "customer")["id"]))


def _methods_of(world: World, call: Call, customer: str | None) -> Obj:
    return page_of(
        world,
        call,
        "payment_method",
        lambda one: customer is not None and one["customer"] == customer,
    )


def attach(world: World, call: Call) -> Obj:
    """Put a card on record; one that was detached stays off."""
    method = world.find("payment_method", call.ids[0], "payment_method")
    if "customer" not in call.params:
        raise invalid("Must provide customer.", code="parameter_missing")
    customer = call.params["customer"]
    world.find("customer", customer, "customer", status=400)
    usable_method(world, method["id"], customer)
    attach_method(world, method, customer)
    return method


def detach(world: World, call: Call) -> Obj:
    """Take a card off the record."""
    method = world.find("payment_method", call.ids[0], "payment_method")
    if method["customer"] is None:
        raise refused("The payment method you provided is not attached to a customer.")
    detach_method(world, method)
    return method


CUSTOMER = {
    "description": clearable(text()),
    "email": clearable(email()),
    "name": clearable(text(256)),
    "phone": clearable(text(20)),
    "preferred_locales": many(text()),
    "metadata": labels(),
    "invoice_settings": group(default_payment_method=clearable(text())),
}
TYPE = choice("card")
ROUTES = (
    Route("POST", "/v1/customers", create, CUSTOMER),
    Route("GET", "/v1/customers", listing, {**DATED, "email": text(512)}),
    Route("GET", "/v1/customers/{}", retrieve),
    Route("POST", "/v1/customers/{}", update, CUSTOMER),
    Route("DELETE", "/v1/customers/{}", delete),
    Route(
        "GET", "/v1/customers/{}/payment_methods", list_customer_methods, {**PAGING, "type": TYPE}
    ),
    Route("GET", "/v1/payment_methods", list_methods, {**PAGING, "customer": text(), "type": TYPE}),
    Route("GET", "/v1/payment_methods/{}", retrieve_method),
    Route("POST", "/v1/payment_methods/{}/attach", attach, {"customer": need(text())}),
    Route("POST", "/v1/payment_methods/{}/detach", detach),
)
