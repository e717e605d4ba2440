"""The sandbox pays out by itself: every midnight, what is available by then."""

from __future__ import annotations

import pytest
import stripe

from tests.sandbox.stripe_kit import OK_CARD, START, Platform

DAY = 86_400
MIDNIGHT = (START // DAY + 1) * DAY


@pytest.fixture
def platform() -> Platform:
    return Platform()


def paid(platform: Platform, therapist: str, amount: int = 6000) -> None:
    customer = platform.customer()
    platform.intent(
        customer,
        therapist,
        amount=amount,
        confirm=True,
        off_session=True,
        payment_method=platform.card(customer, OK_CARD),
    )


def shown(platform: Platform, therapist: str) -> list[stripe.Payout]:
    return platform.stripe.v1.payouts.list({}, {"stripe_account": therapist}).data


def test_money_goes_out_at_the_first_midnight_after_it_is_available(platform: Platform) -> None:
    therapist = platform.therapist()
    platform.sandbox.pay_out_daily()
    paid(platform, therapist)
    platform.clock.move_to(MIDNIGHT + 3 * DAY - 1)
    assert shown(platform, therapist) == []
    platform.clock.move_to(MIDNIGHT + 3 * DAY)
    (payout,) = shown(platform, therapist)
    assert (payout.amount, payout.status, payout.automatic) == (6000, "pending", True)
    assert (payout.created, payout.arrival_date) == (MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY)
    platform.clock.advance(DAY)
    (payout,) = shown(platform, therapist)
    assert payout.status == "paid"
    assert platform.sandbox.total(therapist) == 0


def test_a_long_time_is_caught_up_midnight_by_midnight(platform: Platform) -> None:
    """A clock that jumps makes the payouts of every day between, each with its own moment."""
    therapist, other = platform.therapist(), platform.therapist()
    platform.sandbox.pay_out_daily()
    paid(platform, therapist)
    platform.clock.advance(2 * DAY)
    paid(platform, therapist, 500)
    paid(platform, other, 700)
    platform.clock.advance(30 * DAY)
    late, early = shown(platform, therapist)
    assert (early.amount, late.amount) == (6000, 500)
    assert late.created - early.created == 2 * DAY
    assert [one.amount for one in shown(platform, other)] == [700]


def test_an_account_held_up_is_not_paid_out(platform: Platform) -> None:
    therapist = platform.therapist()
    platform.sandbox.pay_out_daily()
    paid(platform, therapist)
    platform.sandbox.restrict(therapist)
    platform.clock.advance(10 * DAY)
    assert shown(platform, therapist) == []
    platform.sandbox.verify(therapist)
    platform.clock.advance(DAY)
    assert [one.amount for one in shown(platform, therapist)] == [6000]


def test_of_a_payout_by_hand_stripe_does_not_say_what_is_in_it(platform: Platform) -> None:
    therapist = platform.therapist()
    paid(platform, therapist)
    payout = platform.sandbox.pay_out(therapist, by_hand=True)
    (found,) = shown(platform, therapist)
    assert (found.automatic, found.reconciliation_status) == (False, "not_applicable")
    with pytest.raises(stripe.InvalidRequestError, match="automatic payouts"):
        platform.stripe.v1.balance_transactions.list(
            {"payout": payout}, {"stripe_account": therapist}
        )
    with pytest.raises(ValueError, match="nothing to pay out"):
        platform.sandbox.pay_out(therapist)
