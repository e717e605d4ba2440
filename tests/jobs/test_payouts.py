"""Payouts to the banks, read from Stripe with the sessions in each (M7)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, NotAllowed, NotFound, OutsideFault
from helpspace.core.moments import DAY
from helpspace.core.payments import payouts as core
from helpspace.core.payments.movements import add_up, movements
from helpspace.core.payments.payouts import PayoutView
from tests import makers
from tests.jobs.world import World
from tests.sandbox.stripe_description import FILE, load

pytestmark = makers.ON_SQLITE


def seen(world: World, actor: Actor = makers.TEAM, **asked: Any) -> list[PayoutView]:
    return core.payouts(world.practice, world.stripe, actor, since=0, **asked)


def paid(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    return session


def one_more(world: World, start: int) -> Any:
    session = makers.follow_up(world.practice, world.zoe, world.sam, start)
    world.to_charge(session)
    world.settle()
    return session


def test_m7_a_payout_names_its_sessions_and_adds_up(world: World) -> None:
    first = paid(world)
    second = one_more(world, makers.SOON + 3 * DAY)
    payout = world.bank.pay_out(world.account_of(world.zoe))
    (found,) = seen(world)
    assert (found.id, found.therapist_id, found.amount_pence) == (payout, world.zoe.id, 12000)
    assert [(one.appointment_id, one.what, one.amount_pence) for one in found.sessions] == [
        (first.id, "payment", 6000),
        (second.id, "payment", 6000),
    ]
    assert [one.start for one in found.sessions] == [first.start, second.start]
    assert (found.others, found.note, found.state_words) == ((), None, "paid to the bank")
    assert seen(world, world.zoe) == [found]


def test_m7_daily_payouts_hold_everything_the_ledger_has_less_the_commission(
    store_url: str, clock: Any
) -> None:
    """Charges and refunds with commission: payouts and rest of the balance equal the ledger's net.

    A refund of what went out before is in a later payout, as a negative line.
    """
    world = World(store_url, clock, COMMISSION_PERCENT="10", COMMISSION_PENCE="20")
    world.bank.pay_out_daily()
    first = paid(world)
    world.clock.move_to(makers.SOON - 3600 * 5)
    second = one_more(world, makers.SOON + 3 * DAY)
    world.clock.move_to(makers.SOON + 2 * DAY)
    world.cancel(world.zoe, second.id)
    world.settle()
    third = one_more(world, makers.SOON + 9 * DAY)
    fourth = one_more(world, makers.SOON + 10 * DAY)
    world.clock.advance(20 * DAY)
    found = seen(world)
    parts = [part for one in found for part in one.sessions]
    for one in found:
        assert sum(part.net_pence for part in one.sessions) == one.amount_pence
        assert one.others == ()
    assert {(part.appointment_id, part.what) for part in parts} >= {
        (first.id, "payment"),
        (second.id, "payment"),
        (second.id, "refund"),
        (third.id, "payment"),
        (fourth.id, "payment"),
    }
    with world.practice.reading() as view:
        sums = add_up(movements(view))
    assert sums.commission_pence == 3 * (600 + 20)
    assert sum(one.amount_pence for one in found) == sums.net_pence == 18000 - 3 * 620
    assert sum(one.fees_pence for one in found) == sums.commission_pence
    world.close()


def test_m7_what_is_not_ours_is_said_in_words(world: World) -> None:
    """Another store may use the same account; a bank may have sent money back."""
    session = paid(world)
    account = world.account_of(world.zoe)
    who = makers.row(world.practice, makers.Client, world.sam.id)
    world.sdk.v1.payment_intents.create(
        {
            "amount": 2500,
            "currency": "gbp",
            "customer": who["customer"],
            "payment_method": who["card"],
            "payment_method_types": ["card"],
            "confirm": True,
            "transfer_data": {"destination": account},
            "metadata": {"store": "another", "appointment": session.id},
        }
    )
    world.bank.pay_out(account, fails=True)
    world.bank.pay_out(account)
    failed, fresh = sorted(seen(world), key=lambda one: one.state)
    assert failed.state_words == "sent back by the bank"
    assert [(one.words, one.net_pence) for one in failed.others] == [
        ("a payment that did not come through this practice", 2500)
    ]
    assert [one.words for one in fresh.others] == ["an earlier payout that the bank sent back"]
    assert fresh.sessions == ()
    assert sum(one.net_pence for one in fresh.others) == fresh.amount_pence == 8500


def test_m7_a_transfer_taken_back_by_itself_still_finds_its_session(world: World) -> None:
    """The client was given their money first; the transfer comes back later, without a refund."""
    session = paid(world)
    one_more(world, makers.SOON + 3 * DAY)
    (transfer, *_) = reversed(world.sdk.v1.transfers.list().data)
    world.sdk.v1.transfers.reversals.create(transfer.id, {})
    world.bank.pay_out(world.account_of(world.zoe))
    (found,) = seen(world)
    assert (session.id, "refund", -6000) in [
        (one.appointment_id, one.what, one.amount_pence) for one in found.sessions
    ]
    assert found.others == ()


def test_m7_a_payout_by_hand_says_why_its_sessions_are_not_known(world: World) -> None:
    paid(world)
    world.bank.pay_out(world.account_of(world.zoe), by_hand=True)
    (found,) = seen(world)
    assert (found.sessions, found.others, found.note) == ((), (), core.BY_HAND)
    assert found.amount_pence == 6000


def test_a1_a_therapist_reads_their_own_payouts_only(world: World) -> None:
    paid(world)
    world.bank.pay_out(world.account_of(world.zoe))
    other = world.therapist("Ann")
    assert seen(world, other) == []
    assert len(seen(world, therapist_id=world.zoe.id)) == 1
    for actor, whose, refusal in (
        (other, world.zoe.id, NotFound),
        (makers.TEAM, "nobody", NotFound),
        (world.sam, None, NotAllowed),
        (world.sam, world.zoe.id, NotFound),
    ):
        with pytest.raises(refusal):
            seen(world, actor, therapist_id=whose)


def test_nothing_of_a_payout_is_stored_and_no_bank_is_asked_for(world: World) -> None:
    paid(world)
    world.bank.pay_out(world.account_of(world.zoe))
    before = makers.snapshot(world.practice)
    seen(world)
    assert makers.snapshot(world.practice) == before
    asked = [one for one in world.bank.requests if one.account]
    assert {one.method for one in asked} == {"GET"}
    assert {one.path for one in asked} == {"/v1/payouts", "/v1/balance_transactions"}


def test_a_silent_stripe_and_a_lost_account_are_said(world: World) -> None:
    paid(world)
    with pytest.raises(HelpspaceError, match="not set up"):
        core.payouts(world.practice, None, makers.TEAM, since=0)
    world.bank.faults.add("503", "GET", "", times=None)
    with pytest.raises(OutsideFault, match="as needed"):
        seen(world)
    world.bank.faults.clear()
    world.bank.deauthorise(world.account_of(world.zoe))
    with pytest.raises(OutsideFault, match="no access"):
        seen(world)


if FILE.exists():

    def test_every_request_about_payouts_is_legal(world: World) -> None:
        """By Stripe's published description, where it is at hand."""
        paid(world)
        one_more(world, makers.SOON + 3 * DAY)
        (transfer, *_) = reversed(world.sdk.v1.transfers.list().data)
        world.sdk.v1.transfers.reversals.create(transfer.id, {})
        world.bank.pay_out(world.account_of(world.zoe))
        world.bank.forget_requests()
        (found,) = seen(world)
        assert len(found.sessions) == 3
        asked = world.bank.requests
        assert {one.path.split("/")[2] for one in asked} == {
            "payouts",
            "balance_transactions",
            "charges",
        }
        assert load().illegal(asked) == []
