"""Customers and cards on record, through the real SDK and the hosted page's Python twin."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from helpspace.sandbox.stripe.cards import CARDS
from tests.sandbox.stripe_kit import (
    ALWAYS_ASKS,
    ASKS_ONCE,
    BACK,
    HOUR,
    OK_CARD,
    SAVES_THEN_DECLINES,
    SAVES_THEN_EMPTY,
    START,
    Platform,
)


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_a_card_typed_on_the_page_is_on_the_customers_record(platform: Platform) -> None:
    customer = platform.customer()
    page = platform.card_page(customer, client_reference_id="c1", metadata={"hold": "h1"})
    assert (page.status, page.url) == ("open", f"https://sandbox.invalid/pay/{page.id}")
    result = platform.sandbox.type_card(page.id, "4242 4242 4242 4242", name="Zoë O'Brien")
    assert result.redirect == f"{BACK}?session={page.id}"
    done = platform.stripe.v1.checkout.sessions.retrieve(
        page.id, {"expand": ["setup_intent.payment_method", "customer"]}
    )
    assert (done.status, done.url, done.payment_status) == (
        "complete",
        None,
        "no_payment_required",
    )
    assert done.customer.id == customer
    method = done.setup_intent.payment_method
    assert (done.setup_intent.status, method.customer) == ("succeeded", customer)
    assert (method.card.brand, method.card.last4, method.card.exp_month) == ("visa", "4242", 12)
    assert method.billing_details.name == "Zoë O'Brien"
    listed = platform.stripe.v1.payment_methods.list({"customer": customer, "type": "card"})
    assert [one.id for one in listed] == [method.id]
    assert platform.types()[-3:] == [
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize("number", [ASKS_ONCE, ALWAYS_ASKS, SAVES_THEN_EMPTY])
def test_a_card_that_asks_is_saved_only_when_approved(platform: Platform, number: str) -> None:
    page = platform.card_page(platform.customer())
    asked = platform.sandbox.begin_card(page.id, number)
    assert asked.needs_approval
    assert not platform.sandbox.finish_card(page.id, yes=False).ok
    behind = platform.stripe.v1.setup_intents.retrieve(page.setup_intent)
    assert behind.last_setup_error.code == "setup_intent_authentication_failure"
    assert platform.sandbox.type_card(page.id, number, approve=True).ok


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000009995", "card_declined"),
        ("4000000000000069", "expired_card"),
        ("4000000000000002", "card_declined"),
        ("4000000000000127", "incorrect_cvc"),
        ("4111111111111111", "incorrect_number"),
        ("", "incorrect_number"),
    ],
)
def test_a_card_that_cannot_be_saved_leaves_the_page_open(
    platform: Platform, number: str, code: str
) -> None:
    customer = platform.customer()
    page = platform.card_page(customer)
    result = platform.sandbox.type_card(page.id, number)
    assert (result.ok, result.code, result.redirect) == (False, code, None)
    assert result.message
    assert platform.stripe.v1.payment_methods.list({"customer": customer}).data == []
    assert platform.stripe.v1.checkout.sessions.retrieve(page.id).status == "open"
    assert platform.sandbox.type_card(page.id, OK_CARD).ok


def test_a_card_whose_month_is_over_cannot_be_saved(platform: Platform) -> None:
    page = platform.card_page(platform.customer())
    assert platform.sandbox.type_card(page.id, OK_CARD, exp_month=2, exp_year=2030).code == (
        "expired_card"
    )
    assert platform.sandbox.type_card(page.id, OK_CARD, exp_month=3, exp_year=2030).ok


def test_nothing_typed_is_kept_but_the_last_digits() -> None:
    platform = Platform()
    for number, card in CARDS.items():
        page = platform.card_page(platform.customer())
        platform.sandbox.type_card(page.id, number)
        kept = str(platform.sandbox.events())
        assert number not in kept
        assert card.last4 in kept


def test_a_page_closes_by_time_alone_and_says_so_once(platform: Platform) -> None:
    page = platform.card_page(platform.customer())
    platform.clock.move_to(page.expires_at - 1)
    assert platform.stripe.v1.checkout.sessions.retrieve(page.id).status == "open"
    platform.clock.move_to(page.expires_at)
    assert platform.sandbox.type_card(page.id, OK_CARD).code == "session_not_open"
    closed = platform.stripe.v1.checkout.sessions.retrieve(page.id)
    assert (closed.status, closed.url) == ("expired", None)
    assert platform.types().count("checkout.session.expired") == 1
    assert platform.stripe.v1.setup_intents.retrieve(page.setup_intent).status == "canceled"


def test_a_page_can_be_closed_early_unless_it_is_done(platform: Platform) -> None:
    customer = platform.customer()
    page = platform.card_page(customer)
    assert platform.stripe.v1.checkout.sessions.expire(page.id).status == "expired"
    done = platform.card_page(customer)
    platform.sandbox.type_card(done.id, OK_CARD)
    for ident in (page.id, done.id):
        with pytest.raises(stripe.InvalidRequestError):
            platform.stripe.v1.checkout.sessions.expire(ident)
    listed = platform.stripe.v1.checkout.sessions.list({"customer": customer, "status": "expired"})
    assert [one.id for one in listed] == [page.id]


@pytest.mark.parametrize(
    ("seconds", "legal"),
    [
        (30 * 60 - 1, False),
        (30 * 60, True),
        (24 * HOUR, True),
        (24 * HOUR + 1, False),
    ],
)
def test_a_page_lives_from_half_an_hour_to_a_day(
    platform: Platform, seconds: int, legal: bool
) -> None:
    customer = platform.customer()
    if legal:
        assert platform.card_page(customer, expires_at=START + seconds).status == "open"
    else:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            platform.card_page(customer, expires_at=START + seconds)
        assert refused.value.param == "expires_at"


def test_a_default_card_is_set_cleared_by_detaching_and_never_used_again(
    platform: Platform,
) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    card = platform.card(customer)
    platform.stripe.v1.customers.update(
        customer, {"invoice_settings": {"default_payment_method": card}}
    )
    shown = platform.stripe.v1.customers.retrieve(
        customer, {"expand": ["invoice_settings.default_payment_method"]}
    )
    assert shown.invoice_settings.default_payment_method.id == card
    assert platform.stripe.v1.payment_methods.detach(card).customer is None
    assert (
        platform.stripe.v1.customers.retrieve(customer).invoice_settings.default_payment_method
        is None
    )
    intent = platform.intent(customer, therapist)
    for call in (
        lambda: platform.charge(intent.id, card),
        lambda: platform.stripe.v1.payment_methods.attach(card, {"customer": customer}),
        lambda: platform.stripe.v1.payment_methods.detach(card),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            call()


def test_a_card_belongs_to_one_customer(platform: Platform) -> None:
    therapist = platform.therapist()
    mine, theirs = platform.customer(), platform.customer()
    card = platform.card(mine)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.charge(platform.intent(theirs, therapist).id, card)
    assert refused.value.param == "payment_method"


def test_a_deleted_customer_is_gone_with_the_cards_but_charges_stay(platform: Platform) -> None:
    paid = platform.paid()
    customer = str(paid.customer)
    assert platform.stripe.v1.customers.delete(customer).deleted
    assert platform.stripe.v1.customers.retrieve(customer).deleted
    assert platform.stripe.v1.payment_intents.retrieve(paid.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        platform.stripe.v1.customers.update(customer, {"name": "x"})
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    told = [e for e in platform.sandbox.events() if e["type"] == "customer.deleted"]
    assert "deleted" not in told[0]["data"]["object"]


def test_a_customer_is_changed_field_by_field(platform: Platform) -> None:
    customer = platform.customer()
    changed = platform.stripe.v1.customers.update(
        customer, {"email": "a@example.org", "metadata": {"x": "1", "client_id": ""}}
    )
    assert (changed.email, changed.metadata.to_dict()) == ("a@example.org", {"x": "1"})
    listed = platform.stripe.v1.customers.list({"email": "a@example.org"})
    assert [one.id for one in listed] == [customer]
    assert platform.stripe.v1.customers.update(customer, {"email": ""}).email is None


def test_a_payment_page_that_closes_takes_its_intent_with_it(platform: Platform) -> None:
    line = {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "Session"}}
    page = platform.stripe.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": BACK,
            "line_items": [{"quantity": 1, "price_data": line}],
        }
    )
    assert not platform.sandbox.type_card(page.id, SAVES_THEN_DECLINES).ok
    behind = platform.stripe.v1.checkout.sessions.expire(page.id).payment_intent
    ended = platform.stripe.v1.payment_intents.retrieve(str(behind))
    assert (ended.status, ended.cancellation_reason) == ("canceled", "expired")


@pytest.mark.parametrize(
    "change",
    [
        {"line_items": [{"quantity": 1}]},
        {"payment_intent_data": {"description": "x"}},
        {"customer": "cus_none"},
        {"customer_email": "a@example.org"},
        {"success_url": "nonsense"},
        {"success_url": "javascript:alert(1)"},
        {"mode": "subscription"},
        {"mode": "payment"},
        {"locale": "xx"},
        {"payment_method_types": None},
    ],
)
def test_what_does_not_belong_on_a_card_page_is_refused(
    platform: Platform, change: dict[str, Any]
) -> None:
    legal = {
        "mode": "setup",
        "customer": platform.customer(),
        "payment_method_types": ["card"],
        "success_url": BACK,
    }
    with pytest.raises(stripe.InvalidRequestError):
        platform.stripe.v1.checkout.sessions.create({**legal, **change})


def test_the_bank_renews_a_card(platform: Platform) -> None:
    card = platform.card(platform.customer())
    platform.sandbox.renew_card(card, exp_month=7, exp_year=2041)
    assert platform.stripe.v1.payment_methods.retrieve(card).card.exp_year == 2041
    assert platform.types()[-1] == "payment_method.automatically_updated"


def test_a_payment_page_takes_the_money_and_sets_the_card_up(platform: Platform) -> None:
    customer, therapist = platform.customer(), platform.therapist()
    page = platform.stripe.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": customer,
            "success_url": BACK,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "gbp",
                        "unit_amount": 6000,
                        "product_data": {"name": "Session"},
                    },
                }
            ],
            "payment_intent_data": {
                "on_behalf_of": therapist,
                "transfer_data": {"destination": therapist},
                "application_fee_amount": 300,
                "setup_future_usage": "off_session",
                "metadata": {"appointment": "a1"},
            },
        }
    )
    assert (page.payment_intent, page.payment_status, page.amount_total) == (None, "unpaid", 6000)
    assert platform.sandbox.type_card(page.id, SAVES_THEN_DECLINES).code == "card_declined"
    assert platform.sandbox.type_card(page.id, ASKS_ONCE).ok
    done = platform.stripe.v1.checkout.sessions.retrieve(page.id, {"expand": ["payment_intent"]})
    assert (done.payment_status, done.payment_intent.status) == ("paid", "succeeded")
    saved = platform.stripe.v1.payment_methods.list({"customer": customer}).data
    assert len(saved) == 1
    again = platform.charge(platform.intent(customer, therapist).id, saved[0].id)
    assert again.status == "succeeded"
    assert platform.sandbox.total(therapist) == 11_700
