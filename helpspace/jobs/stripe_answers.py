"""What Stripe's objects and errors mean: plain values for the core, and nothing else of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from helpspace.core.cards import CardFound
from helpspace.core.gateways import AccountSeen, PageSeen, PaymentSeen
from helpspace.core.payments.steps import (
    AccountRefused,
    AlreadySo,
    Answer,
    ApprovalNeeded,
    ConfirmIntent,
    Declined,
    IntentSeen,
    MakeIntent,
    MakeRefund,
    NoAnswer,
    NotThere,
    RefundSeen,
    Step,
)

Obj = Mapping[str, Any]

OTHER_STATE = frozenset(
    {
        "payment_intent_unexpected_state",
        "payment_intent_incompatible_payment_method",
        "charge_already_refunded",
        "charge_already_captured",
    }
)
"""Codes that say: the object is in another state than you suppose."""

NO_REFUND_NOW = frozenset(
    {"charge_disputed", "balance_insufficient", "account_invalid", "transfer_already_reversed"}
)
"""Codes of a refund that Stripe will not make as things stand."""

ACCOUNT_CODES = frozenset(
    {
        "account_invalid",
        "account_closed",
        "account_number_invalid",
        "country_unsupported",
        "insufficient_capabilities_for_transfer",
        "payouts_not_allowed",
        "transfers_not_allowed",
    }
)
"""Codes about the therapist's account; no fault of the client (M6a)."""

ACCOUNT_PARAMS = ("on_behalf_of", "transfer_data")


def error_body(error: stripe.StripeError) -> Obj:
    """Return the error object of an answer, empty where there was none."""
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def code_of(error: stripe.StripeError) -> str:
    """Return a short code for logs and reports, never a message."""
    if isinstance(error, stripe.APIConnectionError):
        return "connection"
    code = error_body(error).get("code")
    if isinstance(code, str) and code:
        return code[:60]
    return f"http_{error.http_status}" if error.http_status else "unreadable"


def answer_to(error: stripe.StripeError, step: Step) -> Answer:
    """Return what an error means for a step; whatever is unclear is no answer (M5)."""
    body, code = error_body(error), code_of(error)
    if isinstance(error, stripe.CardError):
        return _of_card(body, code)
    if isinstance(error, stripe.RateLimitError):
        return NoAnswer(code, wait=waits(error))
    if isinstance(error, stripe.InvalidRequestError | stripe.PermissionError):
        return _of_request(body, code, step)
    return NoAnswer(code)


def _of_card(body: Obj, code: str) -> Answer:
    declined = body.get("decline_code") or code
    if "authentication_required" in (code, declined):
        return ApprovalNeeded()
    advice = body.get("advice_code")
    return Declined(str(declined), advice if isinstance(advice, str) else None)


def _of_request(body: Obj, code: str, step: Step) -> Answer:
    param = str(body.get("param") or "")
    if code in OTHER_STATE or (isinstance(step, MakeRefund) and code in NO_REFUND_NOW):
        return AlreadySo(code)
    if isinstance(step, MakeIntent | ConfirmIntent) and (
        code in ACCOUNT_CODES or param.startswith(ACCOUNT_PARAMS)
    ):
        return AccountRefused(code)
    if isinstance(step, ConfirmIntent) and param == "payment_method":
        # The card is no longer on record at Stripe: for its holder the same as a decline.
        return Declined("card_unusable")
    if code == "resource_missing":
        return NotThere()
    return NoAnswer(code)


def waits(error: stripe.StripeError) -> int:
    """Return how many seconds Stripe asks to wait, at least one."""
    text = header(error.headers, "Retry-After")
    return min(60, int(text)) if text and text.isdecimal() and int(text) > 0 else 1


def header(headers: Mapping[str, str] | None, name: str) -> str | None:
    """Return a header whatever the case of its name."""
    for key, value in (headers or {}).items():
        if key.lower() == name.lower():
            return value
    return None


def intent_seen(intent: Obj) -> IntentSeen:
    """Read a PaymentIntent."""
    failure = intent.get("last_payment_error") or {}
    return IntentSeen(
        stripe_id=str(intent["id"]),
        status=str(intent["status"]),
        received=int(intent.get("amount_received") or 0),
        code=failure.get("decline_code") or failure.get("code"),
        advice=failure.get("advice_code"),
        tried_at=_tried_at(intent),
        bank_page=_bank_page(intent),
    )


def _tried_at(intent: Obj) -> int | None:
    """Return when a card was tried last, where the last charge came along."""
    charge = intent.get("latest_charge")
    return int(charge["created"]) if isinstance(charge, Mapping) else None


def _bank_page(intent: Obj) -> str | None:
    """Return where the client approves at the bank, if that is what the intent waits for."""
    action = intent.get("next_action")
    way = action.get("redirect_to_url") if isinstance(action, Mapping) else None
    url = way.get("url") if isinstance(way, Mapping) else None
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None


def refund_seen(refund: Obj) -> RefundSeen:
    """Read a refund; one that needs somebody's action is still on its way."""
    metadata = refund.get("metadata") or {}
    return RefundSeen(
        stripe_id=str(refund["id"]),
        status=str(refund.get("status")),
        amount=int(refund["amount"]),
        refund_id=str(metadata.get("refund", "")),
        created_at=int(refund.get("created") or 0),
        reversed=bool(refund.get("transfer_reversal")),
        reason=_why_not(refund),
    )


def _why_not(refund: Obj) -> str | None:
    """Return why a refund waits or has failed, as Stripe's code."""
    code = refund.get("failure_reason") or refund.get("pending_reason")
    return str(code)[:60] if code else None


def payment_seen(intent: Obj, refunds: list[Obj]) -> PaymentSeen:
    """Read a PaymentIntent with its refunds for a comparison of the books."""
    metadata = intent.get("metadata") or {}
    destination = (intent.get("transfer_data") or {}).get("destination")
    failure = intent.get("last_payment_error") or {}
    return PaymentSeen(
        stripe_id=str(intent["id"]),
        appointment_id=str(metadata.get("appointment", "")),
        intent_id=str(metadata.get("intent", "")),
        status=str(intent["status"]),
        amount=int(intent["amount"]),
        received=int(intent.get("amount_received") or 0),
        commission=int(intent.get("application_fee_amount") or 0),
        customer=_id_of(intent.get("customer")),
        account=_id_of(destination),
        refunds=tuple(refund_seen(one) for one in refunds),
        created_at=int(intent.get("created") or 0),
        card=_id_of(intent.get("payment_method")) or _id_of(failure.get("payment_method")),
    )


def card_found(method: Obj) -> CardFound:
    """Read a card on a customer's record."""
    card = method.get("card") or {}
    return CardFound(
        method=str(method["id"]),
        brand=str(card.get("brand") or "card"),
        last4=str(card.get("last4") or ""),
        month=int(card["exp_month"]),
        year=int(card["exp_year"]),
    )


def page_seen(session: Obj) -> PageSeen:
    """Read a card page; its card counts only if it was set up for the same customer."""
    status = str(session.get("status") or "open")
    if status != "complete":
        return PageSeen(status)
    setup = session.get("setup_intent")
    if not isinstance(setup, Mapping) or setup.get("status") != "succeeded":
        return PageSeen("open")
    method = setup.get("payment_method")
    customer = _id_of(session.get("customer"))
    if not isinstance(method, Mapping) or customer is None:
        return PageSeen("expired")
    if {_id_of(setup.get("customer")), _id_of(method.get("customer"))} != {customer}:
        return PageSeen("expired")
    card = method.get("card") or {}
    return PageSeen(
        "complete",
        CardFound(
            method=str(method["id"]),
            brand=str(card.get("brand") or "card"),
            last4=str(card.get("last4") or ""),
            month=int(card["exp_month"]),
            year=int(card["exp_year"]),
        ),
    )


def account_seen(account: Obj) -> AccountSeen:
    """Read a connected account: ready when it may charge and pay out, with both capabilities."""
    asked = account.get("requirements") or {}
    can = account.get("capabilities") or {}
    active = all(can.get(name) == "active" for name in ("card_payments", "transfers"))
    due = [*(asked.get("past_due") or ()), *(asked.get("currently_due") or ())]
    reason = asked.get("disabled_reason")
    words = [str(one) for one in dict.fromkeys([reason, *due]) if one]
    return AccountSeen(
        account=str(account["id"]),
        charges_enabled=bool(account.get("charges_enabled")) and active,
        payouts_enabled=bool(account.get("payouts_enabled")),
        requirements=tuple(words),
        submitted=bool(account.get("details_submitted")),
        due_at=asked.get("current_deadline"),
    )


def _id_of(thing: object) -> str | None:
    """Return the id of an object that is given as itself or as its id."""
    if isinstance(thing, Mapping):
        thing = thing.get("id")
    return thing if isinstance(thing, str) else None
