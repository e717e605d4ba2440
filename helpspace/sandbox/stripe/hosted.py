"""What a person does on Stripe's own pages: type a card, approve at the bank, come back."""

from __future__ import annotations

from datetime import UTC, datetime

from helpspace.sandbox.stripe import attempts, checkout
from helpspace.sandbox.stripe.answers import copied
from helpspace.sandbox.stripe.attempts import error_fields
from helpspace.sandbox.stripe.cards import (
    ASKS,
    OK,
    CardAnswer,
    CardResult,
    TypedCard,
    answer,
    find_card,
)
from helpspace.sandbox.stripe.customers import make_method
from helpspace.sandbox.stripe.errors import ApiError
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.payment_intents import make_intent
from helpspace.sandbox.stripe.state import World

NOT_APPROVED = CardAnswer(
    "setup_intent_authentication_failure", message="The card holder did not approve the card."
)


def session_of(world: World, ident: str) -> Obj | None:
    """The session behind a page, if there is one."""
    session = world.things.get(ident)
    return session if session is not None and session["object"] == "checkout.session" else None


def begin_card(
    world: World,
    session: Obj,
    number: str,
    exp_month: int | None = None,
    exp_year: int | None = None,
    name: str | None = None,
) -> CardResult:
    """A card was typed: it is taken, refused, or the bank asks first."""
    if session["status"] != "open":
        return CardResult(False, f"This page is {session['status']}.", "session_not_open")
    card = find_card(number)
    if card is None:
        return _refused(world, session, answer("incorrect_number"), None)
    year = exp_year or datetime.fromtimestamp(world.now, UTC).year + 3
    typed = TypedCard(card, exp_month or 12, year, name)
    if card_has_expired(typed.exp_month, typed.exp_year, world.now):
        return _refused(world, session, answer("expired_card"), typed)
    if card.saving == ASKS:
        world.typed[session["id"]] = typed
        return CardResult(False, "The bank asks for approval.", ASKS, needs_approval=True)
    if card.saving != OK:
        return _refused(world, session, answer(card.saving), typed)
    return _take(world, session, typed, approved=False)


def finish_card(world: World, session: Obj, *, yes: bool) -> CardResult:
    """The holder answered the bank about the card typed before."""
    typed = world.typed.pop(session["id"], None)
    if typed is None or session["status"] != "open":
        return CardResult(False, "There is nothing to approve.", "session_not_open")
    if not yes:
        return _refused(world, session, NOT_APPROVED, typed)
    return _take(world, session, typed, approved=True)


def card_has_expired(month: int, year: int, now: int) -> bool:
    """Whether a card's last month is over."""
    today = datetime.fromtimestamp(now, UTC)
    return not 1 <= month <= 12 or (year, month) < (today.year, today.month)


def _take(world: World, session: Obj, typed: TypedCard, *, approved: bool) -> CardResult:
    if session["mode"] == "setup":
        return _save(world, session, typed)
    return _pay(world, session, typed, approved=approved)


def _save(world: World, session: Obj, typed: TypedCard) -> CardResult:
    """Put the card on the customer's record."""
    method = make_method(world, typed, session["customer"], set_up=True)
    intent = world.things[session["setup_intent"]]
    intent.update(
        status="succeeded",
        payment_method=method["id"],
        last_setup_error=None,
        latest_attempt=world.new_id("setatt_"),
    )
    world.emit("setup_intent.succeeded", intent)
    return CardResult(True, "The card is on record.", redirect=checkout.complete(world, session))


def _pay(world: World, session: Obj, typed: TypedCard, *, approved: bool) -> CardResult:
    """Take the payment that the page is for."""
    plan = world.session_plans[session["id"]]
    if session["payment_intent"] is None:
        asked = {**plan, "amount": session["amount_total"], "currency": "gbp"}
        if session["customer"] is not None:
            asked["customer"] = session["customer"]
        intent = make_intent(world, {**asked, "payment_method_types": ["card"]})
        session["payment_intent"] = intent["id"]
    intent = world.things[session["payment_intent"]]
    method = make_method(world, typed, None, set_up=approved)
    said = world.cards[method["id"]].next_answer(approved=approved)
    if not said.ok:
        refusal: ApiError = attempts.decline(world, intent, method, said)
        return CardResult(False, refusal.message, said.code)
    attempts.pay(world, intent, method, approved=approved)
    session["payment_status"] = "paid"
    return CardResult(True, "Paid.", redirect=checkout.complete(world, session))


def _refused(world: World, session: Obj, said: CardAnswer, typed: TypedCard | None) -> CardResult:
    """The card was not taken; the page stays open for another."""
    if session["mode"] == "setup" and typed is not None:
        intent = world.things[session["setup_intent"]]
        method = make_method(world, typed, None, set_up=False)
        fields = error_fields(said, None)
        fields.setdefault("decline_code", said.code)
        intent["last_setup_error"] = {**fields, "payment_method": copied(method)}
        world.emit("setup_intent.setup_failed", intent)
    return CardResult(False, said.message, said.code)
