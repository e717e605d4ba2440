"""Payment intents through the real SDK: paid, declined, approved, cancelled, never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from helpspace.sandbox.stripe import CardAnswer, LedgerError
from tests.sandbox.stripe_kit import (
    ALWAYS_ASKS,
    ASKS_ONCE,
    BACK,
    OK_CARD,
    SAVES_THEN_EMPTY,
    Platform,
)


@pytest.fixture
def platform() -> Platform:
    return Platform()


def declined(call: Any) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as refused:
        call()
    assert refused.value.http_status == 402
    return refused.value


def test_an_intent_waits_until_it_is_confirmed(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card = platform.card(customer)
    bare = platform.intent(customer, therapist)
    assert (bare.status, bare.latest_charge) == ("requires_payment_method", None)
    with_card = platform.intent(customer, therapist, payment_method=card)
    assert with_card.status == "requires_confirmation"
    assert platform.sandbox.ledger()[0].gross == 0


@pytest.mark.parametrize("number", [OK_CARD, ASKS_ONCE])
def test_a_good_card_pays_off_session(platform: Platform, number: str) -> None:
    paid = platform.paid(number, description="Session")
    assert (paid.status, paid.amount_received, paid.next_action) == ("succeeded", 6000, None)
    charge = platform.stripe.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.status, charge.captured, charge.metadata.to_dict()) == (
        "succeeded",
        True,
        {"appointment": "a1"},
    )
    assert charge.description == "Session"
    assert platform.types()[-4:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "transfer.created",
        "charge.updated",
    ]
    platform.sandbox.check("appointment")


def test_the_answer_names_no_transfer_yet_and_a_later_look_does(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    intent = platform.intent(customer, therapist, application_fee_amount=300)
    card = platform.card(customer)
    answered = platform.charge(intent.id, card, expand=["latest_charge"])
    assert answered.latest_charge.balance_transaction is None
    assert answered.latest_charge.application_fee is None
    assert not hasattr(answered.latest_charge, "transfer")
    later = platform.stripe.v1.payment_intents.retrieve(
        intent.id,
        {"expand": ["latest_charge.transfer", "latest_charge.balance_transaction"]},
    )
    assert later.latest_charge.transfer.amount == 6000
    assert later.latest_charge.balance_transaction.fee == 110
    fee = platform.stripe.v1.application_fees.retrieve(str(later.latest_charge.application_fee))
    assert (fee.amount, fee.account) == (300, therapist)
    assert (platform.sandbox.total(), platform.sandbox.total(therapist)) == (190, 5700)


def test_created_and_confirmed_in_one_call(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card = platform.card(customer)
    paid = platform.intent(customer, therapist, payment_method=card, confirm=True, off_session=True)
    assert paid.status == "succeeded"


def test_a_decline_leaves_the_intent_alive_and_tells_why(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    intent = platform.intent(customer, therapist)
    error = declined(lambda: platform.charge(intent.id, platform.card(customer, SAVES_THEN_EMPTY)))
    assert error.code == "card_declined"
    assert error.error.decline_code == "insufficient_funds"
    assert error.error.advice_code == "try_again_later"
    assert error.user_message
    assert error.request_id
    assert error.error.payment_intent.id == intent.id
    assert error.error.payment_intent.status == "requires_payment_method"
    assert error.error.payment_intent.payment_method is None
    failed = platform.stripe.v1.charges.retrieve(error.error.charge)
    assert (failed.status, failed.paid, failed.failure_code) == ("failed", False, "card_declined")
    now = platform.stripe.v1.payment_intents.retrieve(intent.id)
    assert now.last_payment_error.decline_code == "insufficient_funds"
    assert now.last_payment_error.payment_method.card.last4 == "3178"
    assert platform.types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    paid = platform.charge(intent.id, platform.card(customer))
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    row = platform.sandbox.ledger()[0]
    assert (row.gross, row.attempts, len(row.captured_at)) == (6000, 2, 1)


def test_a_card_that_always_asks_is_402_off_session_and_paid_after_approval(
    platform: Platform,
) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    error = declined(lambda: platform.charge(intent.id, card))
    assert (error.code, error.error.decline_code) == ("authentication_required",) * 2
    assert error.error.payment_intent.last_payment_error.payment_method.id == card
    asked = platform.stripe.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "return_url": BACK + "?a=1"}
    )
    assert asked.status == "requires_action"
    assert asked.next_action.type == "redirect_to_url"
    assert asked.next_action.redirect_to_url.return_url == BACK + "?a=1"
    assert asked.next_action.redirect_to_url.url.startswith(
        f"https://sandbox.invalid/approve/{intent.id}/"
    )
    assert platform.types()[-1] == "payment_intent.requires_action"
    result = platform.sandbox.approve(intent.id)
    assert result.ok
    assert result.redirect is not None
    assert result.redirect.startswith(BACK + "?a=1&payment_intent=" + intent.id)
    assert result.redirect.endswith("redirect_status=succeeded")
    assert platform.stripe.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert not platform.sandbox.approve(intent.id).ok
    platform.sandbox.check("appointment")


def test_an_approval_denied_asks_for_a_card_again(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    platform.stripe.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "return_url": BACK}
    )
    result = platform.sandbox.approve(intent.id, yes=False)
    assert result.code == "payment_intent_authentication_failure"
    now = platform.stripe.v1.payment_intents.retrieve(intent.id)
    assert now.status == "requires_payment_method"
    assert now.last_payment_error.code == "payment_intent_authentication_failure"


def test_the_bank_may_decline_after_the_approval(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer), platform.intent(customer, therapist)
    platform.sandbox.card_answers(card, ["authentication_required", "insufficient_funds"])
    platform.stripe.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "return_url": BACK}
    )
    assert platform.sandbox.approve(intent.id).code == "card_declined"
    assert platform.sandbox.ledger()[0].gross == 0


def test_without_a_return_url_the_next_action_is_for_the_sdk(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    asked = platform.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": card})
    assert asked.next_action.type == "use_stripe_sdk"
    error = declined(
        lambda: platform.stripe.v1.payment_intents.confirm(
            intent.id, {"payment_method": card, "error_on_requires_action": True}
        )
    )
    assert error.code == "authentication_required"


def test_an_abandoned_approval_gives_way_to_a_fresh_one(platform: Platform) -> None:
    """Nothing is decided by leaving; confirming again makes the older page worthless."""
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    on_session: Any = {"payment_method": card, "return_url": BACK}
    first = platform.stripe.v1.payment_intents.confirm(intent.id, on_session)
    platform.clock.advance(3600)
    assert platform.stripe.v1.payment_intents.retrieve(intent.id).status == "requires_action"
    second = platform.stripe.v1.payment_intents.confirm(intent.id, on_session)
    assert first.next_action.redirect_to_url.url != second.next_action.redirect_to_url.url
    assert platform.sandbox.approve(intent.id).ok
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.payment_intents.confirm(intent.id, on_session)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_card_is_not_set_up_while_its_holder_is_away(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card = platform.card(customer)
    intent = platform.intent(customer, therapist, setup_future_usage="off_session")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.charge(intent.id, card)
    assert refused.value.param == "off_session"
    assert platform.sandbox.ledger()[0].gross == 0


def test_a_bank_says_what_a_test_lays_out(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer), platform.intent(customer, therapist)
    platform.sandbox.card_answers(
        card,
        [
            "lost_card",
            "expired_card",
            CardAnswer("card_declined", "do_not_honor", "confirm_card_data", "No."),
            "ok",
        ],
    )
    told = []
    for _ in range(3):
        error = declined(lambda: platform.charge(intent.id, card))
        told.append((error.code, error.error.decline_code, error.error.advice_code))
    assert told == [
        ("card_declined", "lost_card", "do_not_try_again"),
        ("expired_card", None, "do_not_try_again"),
        ("card_declined", "do_not_honor", "confirm_card_data"),
    ]
    assert platform.charge(intent.id, card).status == "succeeded"


@pytest.mark.parametrize(("word", "taken"), [("ok", 6000), ("insufficient_funds", 0)])
def test_a_payment_left_in_the_air_is_not_paid_and_cannot_be_touched(
    platform: Platform, word: str, taken: int
) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer), platform.intent(customer, therapist)
    platform.sandbox.card_answers(card, ["processing"])
    waiting = platform.charge(intent.id, card)
    assert (waiting.status, waiting.amount_received, waiting.latest_charge) == (
        "processing",
        0,
        None,
    )
    for call in (
        lambda: platform.charge(intent.id, card),
        lambda: platform.stripe.v1.payment_intents.cancel(intent.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call()
        assert refused.value.code == "payment_intent_unexpected_state"
    platform.sandbox.finish_processing(intent.id, word)
    assert platform.sandbox.ledger()[0].gross == taken
    with pytest.raises(ValueError, match="not processing"):
        platform.sandbox.finish_processing(intent.id)
    platform.sandbox.check()


def test_a_paid_intent_cannot_be_confirmed_cancelled_or_repriced(platform: Platform) -> None:
    paid = platform.paid()
    card = str(paid.payment_method)
    for call in (
        lambda: platform.charge(paid.id, card),
        lambda: platform.stripe.v1.payment_intents.cancel(paid.id),
        lambda: platform.stripe.v1.payment_intents.update(paid.id, {"amount": 100}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call()
        assert refused.value.code == "payment_intent_unexpected_state"
        assert refused.value.error.payment_intent.status == "succeeded"
    assert platform.sandbox.ledger()[0].gross == 6000
    written = platform.stripe.v1.payment_intents.update(paid.id, {"metadata": {"note": "x"}})
    assert written.metadata.to_dict() == {"appointment": "a1", "note": "x"}


def test_many_confirm_at_once_and_one_is_paid(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer), platform.intent(customer, therapist)

    def confirm(number: int) -> str:
        try:
            return str(platform.charge(intent.id, card, f"charge:{number}").status)
        except stripe.InvalidRequestError as refused:
            return str(refused.code)

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(confirm, range(16)))
    assert told == ["payment_intent_unexpected_state"] * 15 + ["succeeded"]
    assert platform.sandbox.ledger()[0].gross == 6000


def test_a_cancelled_intent_can_never_take_money(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer), platform.intent(customer, therapist)
    ended = platform.stripe.v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer"}
    )
    assert (ended.status, ended.canceled_at) == ("canceled", platform.clock.now())
    for call in (
        lambda: platform.charge(intent.id, card),
        lambda: platform.stripe.v1.payment_intents.cancel(intent.id),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call()
        assert refused.value.code == "payment_intent_unexpected_state"


def test_cancelling_while_the_bank_asks_makes_the_approval_worthless(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card, intent = platform.card(customer, ALWAYS_ASKS), platform.intent(customer, therapist)
    platform.stripe.v1.payment_intents.confirm(
        intent.id, {"payment_method": card, "return_url": BACK}
    )
    platform.stripe.v1.payment_intents.cancel(intent.id)
    assert not platform.sandbox.approve(intent.id).ok
    assert platform.sandbox.ledger()[0].gross == 0


def test_the_customers_default_card_stands_in(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    intent = platform.intent(customer, therapist)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.payment_intents.confirm(intent.id, {"off_session": True})
    assert refused.value.code == "payment_intent_unexpected_state"
    card = platform.card(customer)
    platform.stripe.v1.customers.update(
        customer, {"invoice_settings": {"default_payment_method": card}}
    )
    paid = platform.stripe.v1.payment_intents.confirm(intent.id, {"off_session": True})
    assert (paid.status, paid.payment_method) == ("succeeded", card)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"amount": 29}, "amount_too_small", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -6000}, "parameter_invalid_integer", "amount"),
        ({"amount": "60.00"}, "parameter_invalid_integer", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": ""}, "parameter_invalid_integer", "amount"),
        ({"currency": "usd"}, None, "currency"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"application_fee_amount": 6001}, None, "application_fee_amount"),
        ({"application_fee_amount": 0}, "parameter_invalid_integer", "application_fee_amount"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"allowed_payment_method_types": ["card"]}, "parameter_unknown", None),
        ({"transfer_data": {"target": "x"}}, "parameter_unknown", "transfer_data[target]"),
        ({"transfer_data": {"amount": 1}}, "parameter_missing", "transfer_data[destination]"),
        ({"transfer_data": "acct"}, None, "transfer_data"),
        ({"payment_method_types": ["cash"]}, None, "payment_method_types[0]"),
        ({"payment_method_types": "card"}, None, "payment_method_types"),
        ({"off_session": True}, None, "off_session"),
        ({"confirm": "maybe"}, None, "confirm"),
        ({"metadata": {"k" * 41: "v"}}, None, None),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
        ({"statement_descriptor_suffix": "<b>"}, None, "statement_descriptor_suffix"),
        ({"description": "x" * 1001}, None, "description"),
        ({"expand": ["colour"]}, None, "expand"),
        ({"expand": ["latest_charge.customer.id"]}, None, "expand"),
        ({"expand": ["data.customer"]}, None, "expand"),
    ],
)
def test_what_is_not_legal_is_refused_and_nothing_is_paid(
    platform: Platform, change: dict[str, Any], code: str | None, param: str | None
) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    legal = {
        "amount": 6000,
        "currency": "gbp",
        "customer": customer,
        "payment_method": platform.card(customer),
        "payment_method_types": ["card"],
        "transfer_data": {"destination": therapist},
        "confirm": True,
        "off_session": True,
    }
    if change == {"off_session": True}:
        del legal["confirm"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.payment_intents.create({**legal, **change})
    assert platform.sandbox.ledger() == []
    assert refused.value.http_status == 400
    if code is not None:
        assert refused.value.code == code
    if param is not None:
        assert refused.value.param == param


def test_missing_parameters_are_named(platform: Platform) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.payment_intents.create({"currency": "gbp"})
    assert (refused.value.code, refused.value.param) == ("parameter_missing", "amount")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        platform.stripe.v1.payment_intents.retrieve("pi_none")
    assert (missing.value.http_status, missing.value.code, missing.value.param) == (
        404,
        "resource_missing",
        "intent",
    )


def test_on_behalf_of_is_the_destination(platform: Platform) -> None:
    customer, one, other = platform.customer(), platform.therapist(), platform.therapist()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.intent(customer, one, on_behalf_of=other)
    assert refused.value.param == "on_behalf_of"


def test_automatic_methods_need_a_way_back_on_session(platform: Platform) -> None:
    customer = platform.customer()
    card = platform.card(customer)
    asked = {"amount": 500, "currency": "gbp", "customer": customer, "payment_method": card}
    open_intent = platform.stripe.v1.payment_intents.create(asked)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.payment_intents.confirm(open_intent.id)
    assert refused.value.param == "return_url"
    never = platform.stripe.v1.payment_intents.create(
        {**asked, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    assert platform.stripe.v1.payment_intents.confirm(never.id).status == "succeeded"


def test_intents_are_listed_by_customer_and_time_page_by_page(platform: Platform) -> None:
    therapist, mine, other = platform.therapist(), platform.customer(), platform.customer()
    made = []
    for _ in range(5):
        platform.clock.advance(10)
        made.append(platform.intent(mine, therapist).id)
        platform.intent(other, therapist)
    newest_first = made[::-1]
    listing = platform.stripe.v1.payment_intents.list
    first = listing({"customer": mine, "limit": 2})
    assert ([one.id for one in first.data], first.has_more) == (newest_first[:2], True)
    second = listing({"customer": mine, "limit": 2, "starting_after": newest_first[1]})
    assert [one.id for one in second.data] == newest_first[2:4]
    before = listing({"customer": mine, "limit": 2, "ending_before": newest_first[3]})
    assert ([one.id for one in before.data], before.has_more) == (newest_first[1:3], True)
    assert [one.id for one in listing({"customer": mine, "limit": 1}).auto_paging_iter()] == (
        newest_first
    )
    since = platform.clock.now() - 10
    assert [one.id for one in listing({"customer": mine, "created": {"gte": since}})] == (
        newest_first[:2]
    )
    with pytest.raises(stripe.InvalidRequestError):
        listing({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError):
        listing({"starting_after": "pi_none"})


def test_the_books_say_when_something_is_wrong(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card = platform.card(customer)
    for _ in range(2):
        platform.charge(platform.intent(customer, therapist).id, card)
    platform.sandbox.check()
    with pytest.raises(LedgerError, match="appointment a1 was paid 2 times"):
        platform.sandbox.check("appointment")


def test_the_same_seed_gives_the_same_ids() -> None:
    runs = []
    for _ in range(2):
        platform = Platform()
        platform.paid()
        runs.append([event["id"] for event in platform.sandbox.events()])
        platform.sandbox.reset()
        platform.paid()
        runs.append([event["id"] for event in platform.sandbox.events()])
    assert runs[0] == runs[1] == runs[2]
