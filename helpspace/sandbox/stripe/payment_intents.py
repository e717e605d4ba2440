"""Payment intents: made, confirmed, cancelled; each can take its money at most once."""

from __future__ import annotations

from helpspace.sandbox.stripe.accounts import check_destination
from helpspace.sandbox.stripe.answers import Call, copied, page_of
from helpspace.sandbox.stripe.attempts import attempt
from helpspace.sandbox.stripe.checks import check, check_amount
from helpspace.sandbox.stripe.customers import usable_method
from helpspace.sandbox.stripe.errors import ApiError, invalid, refused
from helpspace.sandbox.stripe.params import (
    DATED,
    Obj,
    Shape,
    address,
    choice,
    clearable,
    either,
    email,
    flag,
    group,
    labels,
    many,
    merged,
    need,
    text,
    whole,
    within,
)
from helpspace.sandbox.stripe.routes import Route
from helpspace.sandbox.stripe.state import World

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
ONLY_WITH_CONFIRM = ("off_session", "return_url", "error_on_requires_action")


def make_intent(world: World, asked: Obj) -> Obj:
    """A new intent out of checked parameters, not confirmed yet."""
    ident = world.new_id("pi_")
    destination = asked.get("transfer_data")
    automatic = asked.get("automatic_payment_methods")
    if "payment_method_types" not in asked and automatic is None:
        automatic = {"enabled": True}
    if automatic is not None and automatic["enabled"]:
        automatic = {"allow_redirects": "always", **automatic}
    intent: Obj = {
        "id": ident,
        "object": "payment_intent",
        "amount": asked["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": asked.get("application_fee_amount"),
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": asked.get("capture_method", "automatic_async"),
        "client_secret": f"{ident}_secret_{world.new_id('', 22)}",
        "confirmation_method": "automatic",
        "created": world.now,
        "currency": "gbp",
        "customer": asked.get("customer"),
        "description": asked.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged({}, asked.get("metadata", {})),
        "next_action": None,
        "on_behalf_of": asked.get("on_behalf_of"),
        "payment_method": asked.get("payment_method"),
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": asked.get("payment_method_types", ["card"]),
        "processing": None,
        "receipt_email": asked.get("receipt_email"),
        "review": None,
        "setup_future_usage": asked.get("setup_future_usage"),
        "shipping": None,
        "statement_descriptor": asked.get("statement_descriptor"),
        "statement_descriptor_suffix": asked.get("statement_descriptor_suffix"),
        "status": (
            "requires_confirmation" if "payment_method" in asked else "requires_payment_method"
        ),
        "transfer_data": destination,
        "transfer_group": asked.get("transfer_group", f"group_{ident}" if destination else None),
    }
    world.add(intent)
    world.emit("payment_intent.created", intent)
    return intent


def create(world: World, call: Call) -> Obj:
    """A new intent, confirmed at once when `confirm` says so."""
    asked = call.params
    if not asked.get("confirm"):
        for name in ONLY_WITH_CONFIRM:
            if asked.get(name):
                raise invalid(f"{name} can only be used with confirm=true.", name)
    check(world, asked)
    intent = make_intent(world, asked)
    if asked.get("confirm"):
        _confirm(world, intent, asked)
    return intent


def retrieve(world: World, call: Call) -> Obj:
    """One intent."""
    intent = world.find("payment_intent", call.ids[0], "intent")
    secret = call.params.get("client_secret", intent["client_secret"])
    if secret != intent["client_secret"]:
        raise invalid("The client_secret does not match this intent.", "client_secret")
    return intent


def listing(world: World, call: Call) -> Obj:
    """Intents, by customer and time, exact and up to date."""
    asked = call.params
    return page_of(
        world,
        call,
        "payment_intent",
        lambda one: (
            asked.get("customer", one["customer"]) == one["customer"]
            and within(one["created"], asked.get("created"))
        ),
    )


def update(world: World, call: Call) -> Obj:
    """Change an intent; once it is paid or cancelled, only what is written on it."""
    intent = world.find("payment_intent", call.ids[0], "intent")
    asked = dict(call.params)
    bound = sorted(set(asked) - {"metadata", "description", "receipt_email"})
    if intent["status"] not in OPEN and bound:
        raise unexpected_state(intent, "updated", bound[0])
    if "amount" in asked:
        check_amount(asked["amount"])
        if (intent["application_fee_amount"] or 0) > asked["amount"]:
            raise invalid("The application fee exceeds the amount.", "amount")
    if "payment_method" in asked:
        usable_method(world, asked["payment_method"], intent["customer"])
        intent["status"] = "requires_confirmation"
    metadata = asked.pop("metadata", {})
    intent["metadata"] = merged(intent["metadata"], metadata)
    intent.update(asked)
    return intent


def confirm(world: World, call: Call) -> Obj:
    """Try to take the money, with a new card where one is given."""
    intent = world.find("payment_intent", call.ids[0], "intent")
    _confirm(world, intent, call.params)
    return intent


def _confirm(world: World, intent: Obj, asked: Obj) -> None:
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "confirmed")
    ident = asked.get("payment_method") or intent["payment_method"] or _default(world, intent)
    if ident is None:
        raise unexpected_state(intent, "confirmed", reason="it has no payment method")
    method = usable_method(world, ident, intent["customer"])
    off_session = bool(asked.get("off_session"))
    if off_session and (asked.get("setup_future_usage") or intent["setup_future_usage"]):
        raise invalid(
            "A card cannot be set up for later use while its holder is not there.", "off_session"
        )
    _check_return(intent, asked, off_session=off_session)
    transfer = intent["transfer_data"]
    if transfer:
        check_destination(world, transfer["destination"], "transfer_data[destination]")
    if intent["on_behalf_of"]:
        check_destination(world, intent["on_behalf_of"], "on_behalf_of")
    for name in ("receipt_email", "setup_future_usage", "capture_method", "payment_method_types"):
        intent[name] = asked.get(name, intent[name])
    attempt(
        world,
        intent,
        method,
        asks_allowed=not (off_session or asked.get("error_on_requires_action")),
        return_url=asked.get("return_url"),
    )


def _default(world: World, intent: Obj) -> str | None:
    """The customer's default card stands in where none is named."""
    customer = world.things.get(intent["customer"] or "", {})
    default: str | None = customer.get("invoice_settings", {}).get("default_payment_method")
    return default


def _check_return(intent: Obj, asked: Obj, *, off_session: bool) -> None:
    """Automatic payment methods may lead away from the page, so they need a way back."""
    automatic = intent["automatic_payment_methods"] or {}
    redirects = automatic.get("enabled") and automatic.get("allow_redirects") != "never"
    if redirects and not off_session and "return_url" not in asked:
        raise invalid(
            "This intent accepts payment methods that redirect: give a return_url, or create it "
            "with payment_method_types or automatic_payment_methods[allow_redirects]=never.",
            "return_url",
        )


def cancel(world: World, call: Call) -> Obj:
    """End an intent that has not been paid; it can never take money again."""
    intent = world.find("payment_intent", call.ids[0], "intent")
    if intent["status"] not in OPEN:
        raise unexpected_state(intent, "canceled")
    close(world, intent, call.params.get("cancellation_reason"))
    return intent


def close(world: World, intent: Obj, reason: str | None) -> None:
    """Turn an open intent into a cancelled one."""
    intent.update(
        status="canceled",
        canceled_at=world.now,
        cancellation_reason=reason,
        next_action=None,
    )
    world.approvals.pop(intent["id"], None)
    world.emit("payment_intent.canceled", intent)


def unexpected_state(
    intent: Obj, verb: str, param: str | None = None, reason: str | None = None
) -> ApiError:
    """What is asked does not fit the intent's state; the answer carries the intent."""
    why = reason or f"it has a status of {intent['status']}"
    return refused(
        f"This PaymentIntent could not be {verb} because {why}. Only one with one of these "
        f"statuses can: {', '.join(OPEN)}.",
        "payment_intent_unexpected_state",
        param,
        extra={"payment_intent": copied(intent)},
    )


CAPTURE = choice("automatic", "automatic_async")
TYPES = many(choice("card"))
FUTURE = choice("off_session", "on_session")
ON_CONFIRM: Shape = {
    "capture_method": CAPTURE,
    "error_on_requires_action": flag(),
    "off_session": either(flag(), "one_off", "recurring"),
    "payment_method": text(),
    "payment_method_types": TYPES,
    "receipt_email": clearable(email()),
    "return_url": address(),
    "setup_future_usage": FUTURE,
}
WRITTEN: Shape = {
    "description": text(1000),
    "metadata": labels(),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}
SPLIT: Shape = {
    "application_fee_amount": whole(1),
    "on_behalf_of": text(),
    "transfer_data": group(destination=need(text()), amount=whole(1)),
}
CREATE: Shape = {
    **ON_CONFIRM,
    **WRITTEN,
    **SPLIT,
    "amount": need(whole(1)),
    "currency": need(text(3)),
    "confirm": flag(),
    "customer": text(),
    "automatic_payment_methods": group(
        enabled=need(flag()), allow_redirects=choice("always", "never")
    ),
}
UPDATE: Shape = {
    **WRITTEN,
    "amount": whole(1),
    "application_fee_amount": whole(1),
    "payment_method": text(),
    "receipt_email": clearable(email()),
    "setup_future_usage": FUTURE,
}
REASON = choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")
PATH = "/v1/payment_intents"
ROUTES = (
    Route("POST", PATH, create, CREATE),
    Route("GET", PATH, listing, {**DATED, "customer": text()}),
    Route("GET", PATH + "/{}", retrieve, {"client_secret": text()}),
    Route("POST", PATH + "/{}", update, UPDATE),
    Route("POST", PATH + "/{}/confirm", confirm, ON_CONFIRM),
    Route("POST", PATH + "/{}/cancel", cancel, {"cancellation_reason": REASON}),
)
