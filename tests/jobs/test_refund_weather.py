"""Giving back in bad weather, through the real SDK: the client first, once each (M3, M5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helpspace.core import booking
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import debts
from helpspace.core.payments.movements import add_up, movements
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import Debt, Ledger, Refund
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe import refunds
from tests import makers
from tests.jobs.world import World


def paid(world: World) -> Any:
    """A session that has been paid for."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    assert world.payment(session) == "paid"
    return session


def refund_of(world: World) -> dict[str, Any]:
    return world.rows(Refund)[-1]


def differences(world: World) -> list[str]:
    world.clock.advance(1)
    return [one.kind for one in reconcile(world.practice, world.stripe)]


def cancelled_while_short(world: World) -> Any:
    """A paid session cancelled by its therapist, whose account cannot give the transfer back."""
    session = paid(world)
    world.bank.short_of_money(world.account_of(world.zoe))
    world.cancel(world.zoe, session.id)
    world.charge()
    return session


def test_connected_balance_short(world: World) -> None:
    """M3: the client is refunded at once, and what the account owes is a debt of its own."""
    session = cancelled_while_short(world)
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    (row,) = world.bank.ledger()
    assert row.reversed == 0
    (debt,) = world.rows(Debt)
    assert (debt["amount"], debt["state"]) == (6000, "open")
    assert [one.party for one in world.notices("refunded")] == ["client", "client"]
    asked = world.posted("POST", "refunds")
    assert ["reverse_transfer" in one.params for one in asked] == [True, False]
    assert differences(world) == ["debt"]


def test_a_debt_is_settled_by_its_own_sweep(world: World) -> None:
    """M3, M5: tried daily in the end, looked at before each try, taken back once."""
    session = cancelled_while_short(world)
    for _ in range(3):
        world.clock.advance(DAY)
        world.sweep("debts")
    (debt,) = debts.debts(world.practice, makers.TEAM)
    assert (debt.state, debt.reason) == ("open", "balance_insufficient")
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.clock.advance(DAY)
    assert world.sweep("debts")["debts"].did == 1
    world.clock.advance(DAY)
    assert world.sweep("debts")["debts"].did == 0
    assert world.bank.ledger()[0].reversed == 6000
    assert [one.state for one in debts.debts(world.practice, makers.TEAM)] == ["settled"]
    keys = [one.idempotency_key for one in world.posted("POST", "reversals")]
    assert len(keys) == len(set(keys)) == 4
    assert world.payment(session) == "refunded"
    assert differences(world) == []


@pytest.mark.parametrize("effect", ["no_answer_after", "500_after", "drop_before", "503", "409"])
def test_a_reversal_of_unknown_fate_is_made_once(world: World, effect: str) -> None:
    """M5: the look before the act finds what was done."""
    cancelled_while_short(world)
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.bank.faults.add(effect, "POST", r"reversals$", times=3)
    for _ in range(3):
        world.clock.advance(DAY)
        world.sweep("debts")
    assert world.bank.ledger()[0].reversed == 6000
    assert [one["state"] for one in world.rows(Debt)] == ["settled"]


def test_the_commission_goes_back_with_the_debt(store_url: str, clock: MovableClock) -> None:
    """M3, M7: without the transfer no commission can go back; it does when the debt is settled."""
    world = World(store_url, clock, COMMISSION_PERCENT="10")
    cancelled_while_short(world)
    assert world.bank.ledger()[0].fee_refunded == 0
    world.bank.short_of_money(world.account_of(world.zoe), short=False)
    world.clock.advance(DAY)
    world.sweep("debts")
    (row,) = world.bank.ledger()
    assert (row.reversed, row.fee_refunded) == (6000, 600)
    world.close()


def test_refund_application_fee_with_no_fee(world: World) -> None:
    """M3: the parameters come from what was charged, not from settings of today."""
    session = paid(world)
    dearer = replace(world.practice.settings, commission_pence=500)
    object.__setattr__(world.practice, "settings", dearer)
    world.cancel(world.zoe, session.id)
    world.charge()
    (asked,) = world.posted("POST", "refunds")
    assert "refund_application_fee" not in asked.params
    assert world.money() == (6000, 6000)


def test_account_deauthorised_refunds_all_the_same(world: World) -> None:
    """M3: the transfer cannot come back from an account that is gone; the client does not wait."""
    session = paid(world)
    world.bank.deauthorise(world.account_of(world.zoe))
    world.cancel(world.zoe, session.id)
    world.charge()
    assert world.payment(session) == "refunded"
    world.clock.advance(DAY)
    world.sweep("debts")
    (debt,) = debts.debts(world.practice, makers.TEAM)
    assert (debt.state, debt.reason) == ("open", "account_invalid")


def test_platform_balance_short(world: World) -> None:
    """M3, N4: pending is shown as it is, followed to its end, and told when it has happened."""
    session = paid(world)
    world.bank.refund_answers(["pending"])
    world.cancel(world.zoe, session.id)
    world.charge()
    assert world.payment(session) == "refunding"
    assert (refund_of(world)["state"], refund_of(world)["reason"]) == (
        "pending",
        "insufficient_funds",
    )
    assert world.notices("refunded") == []
    world.bank.finish_refund(refund_of(world)["stripe_id"], ok=True)
    world.settle(2 * HOUR)
    assert world.payment(session) == "refunded"
    assert len(world.notices("refunded")) == 2


def refunded_and_come_back(world: World) -> Any:
    """A session whose refund had gone through and failed days later."""
    session = paid(world)
    world.cancel(world.zoe, session.id)
    world.charge()
    assert world.payment(session) == "refunded"
    assert len(world.notices("refunded")) == 2
    world.clock.advance(2 * HOUR)
    with world.bank.turn() as bank:
        refunds.fail(bank, bank.things[refund_of(world)["stripe_id"]])
    return session


@pytest.mark.parametrize("heard", [True, False])
def test_refund_failed_later(world: World, heard: bool) -> None:
    """M8, N4: the books are put right by a row of their own, the team is told, the client not
    twice; by an event, or by looking again after a day."""
    session = refunded_and_come_back(world)
    if heard:
        world.sweep("stripe-events", "charges")
    else:
        world.settle(2 * DAY)
    row = makers.payment_of(world.practice, session.id)
    assert (row["status"], row["reason"]) == ("refunding", "refund_failed")
    told = [(one["kind"], one["undoes"], one["stripe_id"]) for one in world.rows(Ledger)]
    made = refund_of(world)["stripe_id"]
    assert [one[:2] for one in told] == [("charge", 0), ("refund", 0), ("refund", 1)]
    assert told[-1][2] == f"{made}:failed"
    assert world.session_of(session).paid_pence == 6000
    with world.practice.reading() as view:
        sums = add_up(movements(view))
    assert (sums.gross_pence, sums.refunded_pence, sums.net_pence) == (6000, 0, 6000)
    assert [one.party for one in world.notices("refund_failed")] == ["team"]
    assert len(world.notices("refunded")) == 2
    assert differences(world) == []


def test_a_refund_made_again_by_the_team_is_taken_up(world: World) -> None:
    """M5, M8: a new refund of the same payment ends it; nobody is told twice."""
    session = refunded_and_come_back(world)
    world.sweep("stripe-events", "charges")
    payment = world.bank.ledger()[0].payment_intent
    world.sdk.v1.refunds.create({"payment_intent": payment, "reverse_transfer": False})
    world.sweep("stripe-events", "charges")
    assert world.payment(session) == "refunded"
    assert world.session_of(session).paid_pence == 0
    assert [one["state"] for one in world.rows(Refund)] == ["failed", "succeeded"]
    assert len(world.notices("refunded")) == 2
    assert differences(world) == []


def test_a_refund_is_looked_at_a_few_times_and_then_left(world: World) -> None:
    """M5a: nothing needs to be heard, and nothing goes on for ever."""
    session = paid(world)
    world.cancel(world.zoe, session.id)
    world.charge()
    began = len(world.bank.requests)
    world.settle(90 * DAY)
    looks = [one for one in world.bank.requests[began:] if one.path.endswith("/refunds")]
    assert len(looks) == 3
    assert world.next_due() is None


def test_refund_call_times_out(world: World) -> None:
    """M5: the answer is lost for three days; what was made is found, not made again."""
    session = paid(world)
    world.bank.faults.add("no_answer_after", "POST", r"refunds$", times=3)
    world.cancel(world.zoe, session.id)
    world.charge()
    world.clock.advance(3 * DAY)
    world.charge()
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    assert len(world.rows(Refund)) == 1


def test_charge_already_refunded_is_a_look(world: World) -> None:
    """M5: somebody gave it back at Stripe; ours finds it."""
    session = paid(world)
    payment = world.bank.ledger()[0].payment_intent
    world.sdk.v1.refunds.create({"payment_intent": payment, "reverse_transfer": True})
    booking.cancel(world.practice, world.zoe, session.id)
    world.settle(HOUR)
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    assert differences(world) == []
