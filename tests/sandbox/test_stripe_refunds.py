"""Refunds, transfers taken back, disputes, balances and payouts, through the real SDK."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_kit import DISPUTES, Platform


@pytest.fixture
def platform() -> Platform:
    return Platform()


def refund(platform: Platform, intent: str, **more: Any) -> stripe.Refund:
    return platform.stripe.v1.refunds.create(
        {
            "payment_intent": intent,
            "reverse_transfer": True,
            "reason": "requested_by_customer",
            **more,
        }
    )


def refused(call: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as told:
        call()
    return told.value


def destination(paid: stripe.PaymentIntent) -> str:
    return str(paid.transfer_data.destination)


def test_a_full_refund_takes_the_transfer_and_the_commission_back(platform: Platform) -> None:
    paid = platform.paid(application_fee_amount=300)
    therapist = destination(paid)
    given = refund(platform, paid.id, refund_application_fee=True, metadata={"appointment": "a1"})
    assert (given.status, given.amount, given.charge) == ("succeeded", 6000, paid.latest_charge)
    assert given.metadata.to_dict() == {"appointment": "a1"}
    charge = platform.stripe.v1.charges.retrieve(
        str(paid.latest_charge), {"expand": ["refunds", "transfer"]}
    )
    assert (charge.refunded, charge.amount_refunded) == (True, 6000)
    assert [one.id for one in charge.refunds.data] == [given.id]
    assert charge.transfer.reversed
    fee = platform.stripe.v1.application_fees.retrieve(str(charge.application_fee))
    assert (fee.refunded, fee.refunds.data[0].amount) == (True, 300)
    assert (platform.sandbox.total(), platform.sandbox.total(therapist)) == (-110, 0)
    assert platform.stripe.v1.payment_intents.retrieve(paid.id).status == "succeeded"
    assert {"refund.created", "charge.refunded", "transfer.reversed"} <= set(platform.types())
    row = platform.sandbox.ledger()[0]
    assert (row.gross, row.refunded, row.net, row.reversed, row.fee_refunded) == (
        6000,
        6000,
        0,
        6000,
        300,
    )
    platform.sandbox.check("appointment")


def test_a_second_refund_is_refused(platform: Platform) -> None:
    paid = platform.paid()
    refund(platform, paid.id)
    assert refused(lambda: refund(platform, paid.id)).code == "charge_already_refunded"
    assert platform.sandbox.total(destination(paid)) == 0


def test_parts_never_add_up_to_more_than_was_paid(platform: Platform) -> None:
    paid = platform.paid(application_fee_amount=301)
    therapist = destination(paid)
    refund(platform, paid.id, amount=1999, refund_application_fee=True)
    error = refused(lambda: refund(platform, paid.id, amount=4002))
    assert (error.code, error.param) == (None, "amount")
    refund(platform, paid.id, amount=4001, refund_application_fee=True)
    assert refused(lambda: refund(platform, paid.id, amount=1)).code == "charge_already_refunded"
    assert platform.sandbox.total(therapist) == 0
    listed = platform.stripe.v1.refunds.list({"payment_intent": paid.id})
    assert [one.amount for one in listed] == [4001, 1999]
    platform.sandbox.check()


def test_what_was_not_taken_cannot_be_given_back(platform: Platform) -> None:
    without_fee = platform.paid()
    error = refused(lambda: refund(platform, without_fee.id, refund_application_fee=True))
    assert error.param == "refund_application_fee"
    with_fee = platform.paid(application_fee_amount=300)
    error = refused(
        lambda: refund(platform, with_fee.id, refund_application_fee=True, reverse_transfer=False)
    )
    assert error.param == "refund_application_fee"
    customer = platform.customer()
    plain = platform.stripe.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "gbp",
            "customer": customer,
            "payment_method": platform.card(customer),
            "payment_method_types": ["card"],
            "confirm": True,
        }
    )
    assert refused(lambda: refund(platform, plain.id)).param == "reverse_transfer"
    unpaid = platform.intent(customer, platform.therapist())
    refused(lambda: refund(platform, unpaid.id))
    refused(lambda: platform.stripe.v1.refunds.create({"amount": 5}))
    assert all(row.refunded == 0 for row in platform.sandbox.ledger())


def test_a_refund_may_wait_and_then_arrive(platform: Platform) -> None:
    paid = platform.paid()
    platform.sandbox.refund_answers(["pending"])
    given = refund(platform, paid.id)
    assert (given.status, given.pending_reason) == ("pending", "insufficient_funds")
    assert refused(lambda: refund(platform, paid.id)).code == "charge_already_refunded"
    platform.sandbox.finish_refund(given.id, ok=True)
    assert platform.stripe.v1.refunds.retrieve(given.id).status == "succeeded"
    assert platform.types()[-1] == "refund.updated"
    with pytest.raises(ValueError, match="not pending"):
        platform.sandbox.finish_refund(given.id, ok=True)


def test_a_refund_may_fail_later_and_the_money_is_back_with_the_platform(
    platform: Platform,
) -> None:
    paid = platform.paid()
    platform.sandbox.refund_answers(["failed"])
    given = refund(platform, paid.id)
    assert given.status == "pending"
    now = platform.stripe.v1.refunds.retrieve(given.id)
    assert (now.status, now.failure_reason) == ("failed", "expired_or_canceled_card")
    assert "refund.failed" in platform.types()
    row = platform.sandbox.ledger()[0]
    assert (row.gross, row.refunded, row.reversed) == (6000, 0, 6000)
    assert platform.sandbox.total() == 5890
    assert refund(platform, paid.id, reverse_transfer=False).status == "succeeded"
    platform.sandbox.check()


def test_a_short_account_keeps_the_transfer_until_it_can_pay(platform: Platform) -> None:
    paid = platform.paid(application_fee_amount=300)
    therapist = destination(paid)
    platform.sandbox.short_of_money(therapist)
    assert refused(lambda: refund(platform, paid.id)).code == "balance_insufficient"
    assert refund(platform, paid.id, reverse_transfer=False).status == "succeeded"
    transfer = platform.stripe.v1.transfers.list({"destination": therapist}).data[0]
    reverse = platform.stripe.v1.transfers.reversals.create
    assert refused(lambda: reverse(transfer.id)).code == "balance_insufficient"
    platform.sandbox.short_of_money(therapist, short=False)
    taken = reverse(transfer.id, {"refund_application_fee": True})
    assert taken.amount == 6000
    assert platform.sandbox.total(therapist) == 0
    assert platform.stripe.v1.transfers.retrieve(transfer.id).reversed
    assert [r.id for r in platform.stripe.v1.transfers.reversals.list(transfer.id)] == [taken.id]
    refused(lambda: reverse(transfer.id))
    platform.sandbox.check()


def test_a_lost_account_does_not_keep_the_client_waiting(platform: Platform) -> None:
    paid = platform.paid()
    platform.sandbox.deauthorise(destination(paid))
    with pytest.raises(stripe.PermissionError):
        refund(platform, paid.id)
    assert refund(platform, paid.id, reverse_transfer=False).status == "succeeded"


def test_a_disputed_charge_refuses_refunds_until_the_dispute_is_won(platform: Platform) -> None:
    paid = platform.paid(DISPUTES)
    dispute = platform.stripe.v1.disputes.list({"payment_intent": paid.id}).data[0]
    assert (dispute.status, dispute.amount, dispute.reason) == (
        "needs_response",
        6000,
        "fraudulent",
    )
    assert platform.stripe.v1.charges.retrieve(str(paid.latest_charge)).disputed
    assert refused(lambda: refund(platform, paid.id)).code == "charge_disputed"
    assert platform.sandbox.total() == -110 - 6000 - 2000
    answered = platform.stripe.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "The session took place."}}
    )
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    platform.sandbox.close_dispute(dispute.id, won=True)
    assert platform.stripe.v1.disputes.retrieve(dispute.id).status == "won"
    assert refund(platform, paid.id).status == "succeeded"
    assert [kind for kind in platform.types() if kind.startswith("charge.dispute")] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_a_dispute_can_be_opened_by_hand_staged_and_given_up(platform: Platform) -> None:
    paid = platform.paid()
    dispute = platform.sandbox.open_dispute(str(paid.latest_charge), "product_not_received")
    staged = platform.stripe.v1.disputes.update(
        dispute, {"evidence": {"customer_name": "C."}, "submit": False}
    )
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert platform.stripe.v1.disputes.close(dispute).status == "lost"
    refused(lambda: platform.stripe.v1.disputes.close(dispute))
    with pytest.raises(ValueError, match="cannot be disputed"):
        platform.sandbox.open_dispute(str(paid.latest_charge))


def test_a_payout_names_the_payments_that_went_out_with_it(platform: Platform) -> None:
    paid = platform.paid(application_fee_amount=300)
    therapist = destination(paid)
    on_account = {"stripe_account": therapist}
    before = platform.stripe.v1.balance.retrieve({}, on_account)
    assert (before.available[0].amount, before.pending[0].amount) == (0, 5700)
    platform.clock.advance(3 * 86_400)
    after = platform.stripe.v1.balance.retrieve({}, on_account)
    assert (after.available[0].amount, after.pending[0].amount) == (5700, 0)
    payout = platform.sandbox.pay_out(therapist)
    shown = platform.stripe.v1.payouts.retrieve(payout, {}, on_account)
    assert (shown.amount, shown.status, shown.automatic) == (5700, "paid", True)
    assert [one.id for one in platform.stripe.v1.payouts.list({}, on_account)] == [payout]
    assert platform.stripe.v1.payouts.list().data == []
    entries = platform.stripe.v1.balance_transactions.list(
        {"payout": payout, "type": "payment", "expand": ["data.source.source_transfer"]},
        on_account,
    )
    assert [entry.source.source_transfer.source_transaction for entry in entries] == [
        paid.latest_charge
    ]
    assert (entries.data[0].amount, entries.data[0].fee, entries.data[0].net) == (6000, 300, 5700)
    assert platform.types(therapist)[-2:] == ["payout.created", "payout.paid"]
    with pytest.raises(ValueError, match="nothing to pay out"):
        platform.sandbox.pay_out(therapist)


def test_a_payout_may_come_back(platform: Platform) -> None:
    paid = platform.paid()
    therapist = destination(paid)
    failed = platform.sandbox.pay_out(therapist, fails=True)
    shown = platform.stripe.v1.payouts.retrieve(failed, {}, {"stripe_account": therapist})
    assert (shown.status, shown.failure_code) == ("failed", "account_closed")
    assert platform.sandbox.total(therapist) == 6000
    assert platform.sandbox.get(platform.sandbox.pay_out(therapist))["amount"] == 6000


def test_the_platforms_movements_are_listed_by_type_source_and_time(platform: Platform) -> None:
    paid = platform.paid(application_fee_amount=300)
    listing = platform.stripe.v1.balance_transactions.list
    assert [one.type for one in listing()] == ["application_fee", "transfer", "charge"]
    by_source = listing({"source": str(paid.latest_charge)}).data
    assert [(one.amount, one.fee, one.net, one.status) for one in by_source] == [
        (6000, 110, 5890, "pending")
    ]
    platform.clock.advance(3 * 86_400)
    assert platform.stripe.v1.balance_transactions.retrieve(by_source[0].id).status == "available"
    assert listing({"created": {"gt": platform.clock.now() - 60}}).data == []
