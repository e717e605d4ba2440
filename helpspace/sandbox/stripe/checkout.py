"""Checkout sessions: a hosted page on which a card is put on record or a payment made."""

from __future__ import annotations

from helpspace.sandbox.stripe.answers import Call, page_of
from helpspace.sandbox.stripe.checks import check
from helpspace.sandbox.stripe.errors import invalid, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    Obj,
    Shape,
    address,
    choice,
    email,
    group,
    labels,
    many,
    merged,
    need,
    text,
    whole,
    within,
)
from helpspace.sandbox.stripe.payment_intents import FUTURE, OPEN, SPLIT, TYPES, close
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World

SHORTEST = 30 * 60
LONGEST = 24 * 3600


def create(world: World, call: Call) -> Obj:
    """A page that is open for between 30 minutes and 24 hours."""
    asked = call.params
    expires_at = asked.get("expires_at", world.now + LONGEST)
    if not SHORTEST <= expires_at - world.now <= LONGEST:
        raise invalid(
            "expires_at must be between 30 minutes and 24 hours after the session is made.",
            "expires_at",
        )
    if "customer" in asked:
        world.find("customer", asked["customer"], "customer", status=400)
        if "customer_email" in asked:
            raise invalid("customer and customer_email exclude each other.", "customer_email")
    setup = asked["mode"] == "setup"
    _check_mode(world, asked, setup=setup)
    amount = None if setup else _amount(asked)
    ident = world.new_id("cs_test_", 58)
    session: Obj = {
        "id": ident,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": asked.get("cancel_url"),
        "client_reference_id": asked.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now,
        "currency": asked.get("currency", None if setup else "gbp"),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": _custom_text(asked.get("custom_text", {})),
        "customer": asked.get("customer"),
        "customer_creation": None,
        "customer_details": None,
        "customer_email": asked.get("customer_email"),
        "discounts": None if setup else [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": asked.get("locale"),
        "metadata": merged({}, asked.get("metadata", {})),
        "mode": asked["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always" if setup else "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": asked.get("payment_method_types", ["card"]),
        "payment_status": "no_payment_required" if setup else "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": asked["success_url"],
        "total_details": (
            None if setup else {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        ),
        "ui_mode": "hosted_page",
        "url": f"{world.base_url}/pay/{ident}",
        "wallet_options": None,
    }
    world.add(session)
    if setup:
        session["setup_intent"] = _setup_intent(world, session, asked)["id"]
    else:
        world.session_plans[ident] = asked.get("payment_intent_data", {})
    world.open_sessions[ident] = expires_at
    return session


def _check_mode(world: World, asked: Obj, *, setup: bool) -> None:
    """What belongs to the one mode is refused in the other."""
    wrong = ("line_items", "payment_intent_data") if setup else ("setup_intent_data",)
    for name in wrong:
        if name in asked:
            raise invalid(f"You can not pass `{name}` in `{asked['mode']}` mode.", name)
    if not setup:
        if "line_items" not in asked:
            raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
        plan = {**asked.get("payment_intent_data", {}), "amount": _amount(asked)}
        check(world, {**plan, "currency": "gbp"})
    elif "currency" not in asked and "payment_method_types" not in asked:
        raise invalid(
            "In setup mode give a currency, or the payment_method_types.",
            "currency",
            "parameter_missing",
        )


def _amount(asked: Obj) -> int:
    """The sum of the lines."""
    return sum(line["price_data"]["unit_amount"] * line["quantity"] for line in asked["line_items"])


def _custom_text(asked: Obj) -> Obj:
    places = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {place: asked.get(place) for place in places}


def _setup_intent(world: World, session: Obj, asked: Obj) -> Obj:
    """What stands behind a page that only puts a card on record."""
    data = asked.get("setup_intent_data", {})
    ident = world.new_id("seti_")
    intent: Obj = {
        "id": ident,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": f"{ident}_secret_{world.new_id('', 22)}",
        "created": world.now,
        "customer": session["customer"],
        "description": data.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged({}, data.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": session["payment_method_types"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    world.add(intent)
    world.emit("setup_intent.created", intent)
    return intent


def retrieve(world: World, call: Call) -> Obj:
    """One session."""
    return world.find("checkout.session", call.ids[0], "session")


def listing(world: World, call: Call) -> Obj:
    """Sessions, by customer, intent, state and time."""
    asked = call.params
    return page_of(
        world,
        call,
        "checkout.session",
        lambda one: (
            asked.get("customer", one["customer"]) == one["customer"]
            and asked.get("payment_intent", one["payment_intent"]) == one["payment_intent"]
            and asked.get("status", one["status"]) == one["status"]
            and within(one["created"], asked.get("created"))
        ),
    )


def expire(world: World, call: Call) -> Obj:
    """Close an open session before its time."""
    session = world.find("checkout.session", call.ids[0], "session")
    if session["status"] != "open":
        raise refused(
            f"Only open sessions can be expired; this one is {session['status']}.",
            param="session",
        )
    end(world, session)
    return session


def end(world: World, session: Obj) -> None:
    """The page is closed; what was behind it is cancelled."""
    session.update(status="expired", url=None)
    world.open_sessions.pop(session["id"], None)
    world.typed.pop(session["id"], None)
    behind = world.things.get(session["setup_intent"] or "")
    if behind is not None:
        behind.update(status="canceled", cancellation_reason="abandoned")
        world.emit("setup_intent.canceled", behind)
    unpaid = world.things.get(session["payment_intent"] or "")
    if unpaid is not None and unpaid["status"] in OPEN:
        close(world, unpaid, "expired")
    world.emit("checkout.session.expired", session)


def end_overdue(world: World) -> None:
    """Close every page whose time has passed."""
    for ident, expires_at in list(world.open_sessions.items()):
        if expires_at <= world.now:
            end(world, world.things[ident])


def complete(world: World, session: Obj) -> str:
    """The page did its work; returns the address that it leads on to."""
    session.update(
        status="complete",
        url=None,
        customer_details={
            "address": None,
            "email": session["customer_email"],
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    world.open_sessions.pop(session["id"], None)
    world.emit("checkout.session.completed", session)
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def retrieve_setup(world: World, call: Call) -> Obj:
    """One setup intent."""
    return world.find("setup_intent", call.ids[0], "intent")


MESSAGE = group(message=need(text(1200)))
LINE = group(
    quantity=need(whole(1)),
    price_data=need(
        group(
            currency=need(choice("gbp")),
            unit_amount=need(whole(1)),
            product_data=need(group(name=need(text()), description=text())),
        )
    ),
)
SESSION: Shape = {
    "mode": need(choice("setup", "payment")),
    "success_url": need(address()),
    "cancel_url": address(),
    "client_reference_id": text(200),
    "currency": choice("gbp"),
    "custom_text": group(submit=MESSAGE, after_submit=MESSAGE),
    "customer": text(),
    "customer_email": email(),
    "expires_at": whole(),
    "line_items": many(LINE),
    "locale": choice("auto", "en", "en-GB"),
    "metadata": labels(),
    "payment_intent_data": group(
        **SPLIT,
        description=text(1000),
        metadata=labels(),
        receipt_email=email(),
        setup_future_usage=FUTURE,
        statement_descriptor_suffix=text(22),
    ),
    "payment_method_types": TYPES,
    "setup_intent_data": group(description=text(1000), metadata=labels()),
    "ui_mode": choice("hosted_page"),
}
SESSIONS: Shape = {
    **DATED,
    "customer": text(),
    "payment_intent": text(),
    "status": choice("open", "complete", "expired"),
}
PATH = "/v1/checkout/sessions"
ROUTES = (
    Route("POST", PATH, create, SESSION),
    Route("GET", PATH, listing, SESSIONS),
    Route("GET", PATH + "/{}", retrieve),
    Route("POST", PATH + "/{}/expire", expire),
    Route("GET", "/v1/setup_intents/{}", retrieve_setup, {"client_secret": text()}),
)
