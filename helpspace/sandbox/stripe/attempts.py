"""One attempt to take a payment: paid, declined, or waiting for the holder at the bank's page."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode, urlsplit, urlunsplit

from helpspace.sandbox.stripe.answers import copied
from helpspace.sandbox.stripe.cards import ASKS, PROCESSING, CardAnswer, CardResult, answer
from helpspace.sandbox.stripe.charges import make_charge, settle
from helpspace.sandbox.stripe.customers import attach_method
from helpspace.sandbox.stripe.disputes import open_dispute
from helpspace.sandbox.stripe.errors import ApiError
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import World


def attempt(
    world: World,
    intent: Obj,
    method: Obj,
    *,
    asks_allowed: bool,
    return_url: str | None,
) -> None:
    """Ask the bank once; a decline raises 402 and leaves its traces.

    `asks_allowed` says that the holder is there to approve; off-session nobody is.
    """
    said = world.cards[method["id"]].next_answer()
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    if said.code == PROCESSING:
        intent["status"] = "processing"
        world.emit("payment_intent.processing", intent)
    elif said.code == ASKS and asks_allowed:
        _ask(world, intent, return_url)
    elif said.ok:
        pay(world, intent, method, approved=False)
    else:
        raise decline(world, intent, method, said)


def pay(world: World, intent: Obj, method: Obj, *, approved: bool) -> Obj:
    """The money came: the charge stands at once, its movements follow the answer."""
    charge = make_charge(world, intent, method, answer("ok"), approved=approved)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
        payment_method=method["id"],
    )
    held = world.cards[method["id"]]
    if intent["setup_future_usage"] == "off_session":
        held.set_up = True
        if intent["customer"]:
            attach_method(world, method, intent["customer"])
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)
    if intent["capture_method"] == "automatic":
        settle(world, charge)
    else:
        world.later.append(partial(settle, world, charge))
    if held.card.disputes:
        world.later.append(partial(dispute_at_once, world, charge))
    return charge


def dispute_at_once(world: World, charge: Obj) -> None:
    """The test card for disputes: its holder disputes every payment."""
    open_dispute(world, charge, "fraudulent")


def decline(world: World, intent: Obj, method: Obj, said: CardAnswer) -> ApiError:
    """The bank refused: the intent waits for a card again; the 402 to raise is returned."""
    charge = make_charge(world, intent, method, said, approved=False)
    told = error_fields(said, charge["id"])
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        latest_charge=charge["id"],
        last_payment_error={**told, "payment_method": copied(method)},
    )
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)
    extra = {**told, "payment_intent": copied(intent), "payment_method": copied(method)}
    return ApiError(402, "card_error", said.message, code=said.code, began=True, extra=extra)


def finish_processing(world: World, intent: Obj, said: CardAnswer) -> None:
    """The bank has made up its mind about a payment that was left in the air."""
    if intent["status"] != "processing":
        raise ValueError(f"the payment is {intent['status']}, not processing")
    method = world.things[intent["payment_method"]]
    if said.ok:
        pay(world, intent, method, approved=False)
    else:
        decline(world, intent, method, said)


def error_fields(said: CardAnswer, charge: str | None) -> Obj:
    """What Stripe tells of a card's refusal, without the fields that do not apply."""
    told = {
        "advice_code": said.advice_code,
        "charge": charge,
        "code": said.code,
        "decline_code": said.decline_code,
        "doc_url": "https://stripe.com/docs/error-codes/" + said.code.replace("_", "-"),
        "message": said.message,
        "type": "card_error",
    }
    return {name: value for name, value in told.items() if value is not None}


def _ask(world: World, intent: Obj, return_url: str | None) -> None:
    """The bank wants the holder's approval first: its page is where the next action points."""
    token = world.new_id("", 20)
    world.approvals[intent["id"]] = token
    url = f"{world.base_url}/approve/{intent['id']}/{token}"
    if return_url:
        action: Obj = {
            "redirect_to_url": {"return_url": return_url, "url": url},
            "type": "redirect_to_url",
        }
    else:
        sdk = {"stripe_js": url, "type": "three_d_secure_redirect"}
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    intent.update(status="requires_action", next_action=action)
    world.emit("payment_intent.requires_action", intent)


def approve(world: World, intent: Obj, *, yes: bool) -> CardResult:
    """The holder answers on the bank's page: approved, the bank still may decline."""
    if intent["status"] != "requires_action":
        return CardResult(False, f"Nothing to approve: the payment is {intent['status']}.")
    action = intent["next_action"]
    back = action.get("redirect_to_url", {}).get("return_url")
    method = world.things[intent["payment_method"]]
    world.approvals.pop(intent["id"], None)
    said = world.cards[method["id"]].next_answer(approved=True) if yes else NOT_APPROVED
    if said.ok:
        pay(world, intent, method, approved=True)
        return CardResult(True, "Paid.", redirect=_returned(back, intent, "succeeded"))
    if yes:
        decline(world, intent, method, said)
    else:
        intent.update(
            status="requires_payment_method",
            payment_method=None,
            next_action=None,
            last_payment_error={
                **error_fields(said, None),
                "type": "invalid_request_error",
                "payment_method": copied(method),
            },
        )
        world.emit("payment_intent.payment_failed", intent)
    return CardResult(False, said.message, said.code, redirect=_returned(back, intent, "failed"))


NOT_APPROVED = CardAnswer(
    "payment_intent_authentication_failure",
    message="The card holder did not approve the payment.",
)


def _returned(back: str | None, intent: Obj, status: str) -> str | None:
    """The address that the bank's page leads back to, with what Stripe adds to it."""
    if back is None:
        return None
    parts = urlsplit(back)
    added = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": status,
        }
    )
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))
