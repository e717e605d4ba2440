"""Where Stripe's published description is at hand: every request and every object agrees with it.

The product and its other tests do without that file; where it is absent, nothing is collected.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import stripe

from helpspace.sandbox.stripe import API_VERSION
from helpspace.sandbox.stripe.api import ROUTES
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from tests.sandbox.stripe_description import FILE, Description, load
from tests.sandbox.stripe_kit import (
    ALWAYS_ASKS,
    BACK,
    DISPUTES,
    OK_CARD,
    SAVES_THEN_EMPTY,
    Platform,
)


class Listening(SandboxHTTPClient):
    """A transport that keeps what came back."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.sandbox)
        self.heard: list[tuple[str, str, int, Any]] = []

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any
    ) -> Any:
        answer = super().request(method, url, headers, post_data, **more)
        path = url.split("?", maxsplit=1)[0].partition("stripe.com")[2]
        self.heard.append((method.upper(), path, answer[1], json.loads(answer[0])))
        return answer


def walk(platform: Platform) -> None:
    """Call every endpoint at least once, in good and bad states."""
    v1 = platform.stripe.v1
    customer, therapist = platform.customer(), platform.therapist()
    on_account: Any = {"stripe_account": therapist}
    v1.account_links.create(
        {
            "account": therapist,
            "type": "account_onboarding",
            "refresh_url": BACK,
            "return_url": BACK,
            "collection_options": {"fields": "eventually_due", "future_requirements": "include"},
        }
    )
    v1.accounts.login_links.create(therapist)
    restricted = platform.therapist()
    platform.sandbox.restrict(restricted)
    v1.accounts.retrieve(restricted)
    v1.accounts.retrieve_current()
    v1.accounts.retrieve_current(None, on_account)
    v1.accounts.list({"limit": 5, "created": {"gte": 1}})
    page = platform.card_page(
        customer,
        locale="en-GB",
        client_reference_id="c1",
        metadata={"hold": "h"},
        custom_text={"submit": {"message": "Charged later."}},
        setup_intent_data={"metadata": {"hold": "h"}},
    )
    platform.sandbox.type_card(page.id, "4000000000009995")
    v1.setup_intents.retrieve(page.setup_intent)
    platform.sandbox.type_card(page.id, OK_CARD)
    v1.checkout.sessions.retrieve(page.id, {"expand": ["setup_intent.payment_method", "customer"]})
    v1.checkout.sessions.expire(platform.card_page(customer).id)
    v1.checkout.sessions.list({"customer": customer, "status": "open"})
    cards = {number: platform.card(customer, number) for number in (OK_CARD, ALWAYS_ASKS)}
    cards[SAVES_THEN_EMPTY] = platform.card(customer, SAVES_THEN_EMPTY)
    v1.payment_methods.list({"customer": customer, "type": "card"})
    v1.customers.payment_methods.list(customer, {"type": "card"})
    v1.customers.update(
        customer,
        {
            "email": "a@example.org",
            "name": "C",
            "phone": "0",
            "description": "d",
            "preferred_locales": ["en"],
            "invoice_settings": {"default_payment_method": cards[OK_CARD]},
        },
    )
    v1.customers.list({"email": "a@example.org"})
    platform.sandbox.renew_card(cards[OK_CARD], exp_month=1, exp_year=2044)

    intent = platform.intent(
        customer,
        therapist,
        application_fee_amount=300,
        description="Session",
        statement_descriptor_suffix="SESSION",
        receipt_email="a@example.org",
    )
    for card in (cards[SAVES_THEN_EMPTY], cards[ALWAYS_ASKS]):
        with pytest.raises(stripe.CardError):
            platform.charge(intent.id, card)
    v1.payment_intents.retrieve(intent.id, {"expand": ["payment_method", "latest_charge"]})
    v1.payment_intents.confirm(
        intent.id,
        {
            "payment_method": cards[ALWAYS_ASKS],
            "return_url": BACK,
            "setup_future_usage": "off_session",
        },
    )
    v1.payment_intents.update(intent.id, {"description": "Other", "metadata": {"b": "2"}})
    platform.sandbox.approve(intent.id)
    v1.payment_intents.retrieve(
        intent.id,
        {
            "expand": [
                "customer",
                "latest_charge.application_fee",
                "latest_charge.balance_transaction",
                "latest_charge.transfer.destination_payment",
                "on_behalf_of",
                "transfer_data.destination",
            ]
        },
    )
    v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    given = v1.refunds.create(
        {
            "payment_intent": intent.id,
            "reverse_transfer": True,
            "refund_application_fee": True,
            "reason": "requested_by_customer",
            "metadata": {"a": "1"},
            "expand": ["charge.refunds", "transfer_reversal.transfer"],
        }
    )
    v1.refunds.update(given.id, {"metadata": {"b": "2"}})
    v1.refunds.list({"charge": given.charge.id, "expand": ["data.balance_transaction"]})
    with pytest.raises(stripe.InvalidRequestError):
        v1.refunds.create({"payment_intent": intent.id})
    open_intent = v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "gbp",
            "customer": customer,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    v1.payment_intents.cancel(open_intent.id, {"cancellation_reason": "abandoned"})
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_intents.cancel(open_intent.id)
    v1.payment_intents.list({"customer": customer, "created": {"lt": 9_999_999_999}})

    plain = platform.intent(customer, therapist, confirm=True, payment_method=cards[OK_CARD])
    v1.charges.list({"payment_intent": plain.id, "customer": customer})
    transfer = v1.transfers.list({"destination": therapist}).data[0]
    v1.transfers.reversals.create(transfer.id, {"amount": 100, "metadata": {"a": "1"}})
    v1.transfers.retrieve(transfer.id, {"expand": ["source_transaction"]})
    v1.transfers.reversals.list(transfer.id)
    fee = v1.application_fees.list({"charge": given.charge.id}).data[0]
    v1.application_fees.retrieve(fee.id)
    platform.sandbox.refund_answers(["failed", "pending"])
    for _ in range(2):
        v1.refunds.retrieve(
            v1.refunds.create({"charge": str(plain.latest_charge), "amount": 50}).id
        )
    disputed = platform.intent(
        customer,
        therapist,
        confirm=True,
        off_session=True,
        payment_method=platform.card(customer, DISPUTES),
    )
    dispute = v1.disputes.list({"payment_intent": disputed.id}).data[0]
    v1.disputes.update(
        dispute.id,
        {"evidence": {"uncategorized_text": "x"}, "metadata": {"a": "1"}, "submit": True},
    )
    platform.sandbox.close_dispute(dispute.id, won=True)
    v1.disputes.retrieve(dispute.id, {"expand": ["charge", "payment_intent"]})
    v1.disputes.close(platform.sandbox.open_dispute(str(plain.latest_charge)))
    pay_on_page(platform, customer, therapist)

    v1.balance.retrieve()
    v1.balance.retrieve({}, on_account)
    v1.balance_transactions.list({"limit": 100, "expand": ["data.source"]})
    payout = platform.sandbox.pay_out(therapist)
    v1.payouts.retrieve(payout, {"expand": ["balance_transaction"]}, on_account)
    entries = v1.balance_transactions.list(
        {
            "payout": payout,
            "limit": 100,
            "expand": [
                "data.source.source_transfer.source_transaction",
                "data.source.source_transfer_reversal",
            ],
        },
        on_account,
    )
    v1.balance_transactions.retrieve(entries.data[0].id, {}, on_account)
    v1.charges.retrieve(str(transfer.destination_payment), {}, on_account)
    v1.payouts.list({"status": "paid", "arrival_date": {"gte": 1}}, on_account)
    v1.events.list({"types": ["charge.refunded", "refund.failed"], "limit": 100})
    v1.events.retrieve(v1.events.list({"limit": 1}).data[0].id)
    v1.events.list({"limit": 100}, on_account)
    v1.webhook_endpoints.create(
        {
            "url": BACK,
            "enabled_events": ["account.updated", "payment_intent.succeeded"],
            "connect": False,
            "api_version": API_VERSION,  # type: ignore[typeddict-item]
            "description": "d",
            "metadata": {"a": "1"},
        }
    )
    v1.webhook_endpoints.list()
    v1.payment_methods.attach(cards[OK_CARD], {"customer": customer})
    v1.payment_methods.detach(cards[OK_CARD])
    v1.payment_methods.retrieve(cards[OK_CARD])
    v1.customers.delete(customer)
    v1.customers.retrieve(customer)
    v1.payment_intents.retrieve(plain.id, {"expand": ["customer"]})
    platform.sandbox.deauthorise(restricted)
    with pytest.raises(stripe.PermissionError):
        v1.accounts.retrieve(restricted)
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"email": "nonsense"})


def pay_on_page(platform: Platform, customer: str, therapist: str) -> None:
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
                        "product_data": {"name": "Session", "description": "Later paid"},
                    },
                }
            ],
            "payment_intent_data": {
                "transfer_data": {"destination": therapist},
                "description": "Session",
                "metadata": {"appointment": "a2"},
            },
        }
    )
    platform.sandbox.type_card(page.id, OK_CARD)
    platform.stripe.v1.checkout.sessions.retrieve(page.id, {"expand": ["payment_intent"]})


if FILE.exists():

    @pytest.fixture(scope="module")
    def description() -> Description:
        return load()

    @pytest.fixture(scope="module")
    def heard() -> tuple[Platform, Listening]:
        platform = Platform()
        listening = Listening(platform)
        platform.stripe = platform.client(http_client=listening)
        walk(platform)
        return platform, listening

    def test_the_version_is_the_one_that_the_sandbox_speaks(description: Description) -> None:
        assert description.version == API_VERSION

    def test_the_walk_calls_every_endpoint(heard: tuple[Platform, Listening]) -> None:
        called = {
            (route.method, route.path)
            for route in ROUTES
            for method, path, _, _ in heard[1].heard
            if route.method == method and route.pattern.fullmatch(path)
        }
        assert {(route.method, route.path) for route in ROUTES} == called

    def test_every_answer_fits_the_description(
        description: Description, heard: tuple[Platform, Listening]
    ) -> None:
        wrong = {
            f"{method} {path} {fault}"
            for method, path, status, body in heard[1].heard
            for fault in description.answer_faults(
                description.operation(method, path), status, body
            )
        }
        assert not wrong

    def test_every_object_in_an_event_fits_the_description(
        description: Description, heard: tuple[Platform, Listening]
    ) -> None:
        endpoints = description.operation("POST", "/v1/webhook_endpoints")
        known = description.parameters(endpoints)["enabled_events"]["items"]["enum"]
        events = heard[0].sandbox.events()
        assert {event["type"] for event in events} <= set(known)
        wrong = {
            f"{event['type']} {fault}"
            for event in events
            for fault in (
                description.object_faults(event)
                + description.object_faults(event["data"]["object"])
            )
        }
        assert not wrong

    def test_every_request_of_the_walk_is_legal(
        description: Description, heard: tuple[Platform, Listening]
    ) -> None:
        assert description.illegal(heard[0].sandbox.requests) == []

    @pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
    def test_the_sandbox_takes_nothing_that_is_not_described(
        description: Description, route: Any
    ) -> None:
        operation = description.operation(route.method, route.path.replace("{}", "x"))
        described = description.parameters(operation)
        ours = set(route.shape)
        assert ours <= set(described)
        required = {name for name, kind in route.shape.items() if kind.required}
        assert description.required(operation) <= required
