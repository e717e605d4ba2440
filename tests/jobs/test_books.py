"""The books on both databases: story, figures, report, receipts, list and try again (M8)."""

from __future__ import annotations

import pytest

from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import (
    coming,
    explain,
    figures,
    income,
    lists,
    payouts,
    receipts,
    retry,
)
from helpspace.core.payments.movements import Sums, add_up, movements
from helpspace.core.periods import days, tax_year_of
from helpspace.core.reconcile import reconcile
from tests import makers
from tests.jobs.world import World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


@BOTH
def test_m8_every_reading_of_the_books_agrees(world: World) -> None:
    first = world.booked()
    world.to_charge(first)
    world.charge()
    second = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    world.clock.advance(HOUR)
    world.cancel(world.zoe, first.id)
    world.settle(60)
    third = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 8 * DAY)
    world.to_charge(second)
    world.charge()
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(third)
    world.charge()
    world.clock.advance(HOUR)
    wanted = Sums(12000, 6000, 0, 0)
    with world.practice.reading() as view:
        assert add_up(movements(view)) == wanted
        assert add_up(movements(view, therapist_id=world.zoe.id)) == wanted
        assert add_up(movements(view, client_id=world.sam.id)) == wanted
        assert add_up(movements(view, appointment_id=second.id)) == Sums(6000, 0, 0, 0)
        assert movements(view, since=world.clock.now()) == []
        back = movements(view)[1]
    assert (back.kind, back.payment_intent) == ("refund", world.bank.ledger()[0].payment_intent)
    year = tax_year_of(world.practice.now())
    report = income.income(world.practice, world.zoe, year.first_day.year)
    assert report.sums == wanted
    assert report == income.income(
        world.practice, makers.TEAM, year.first_day.year, therapist_id=world.zoe.id
    )
    found = figures.figures(world.practice, world.zoe, year)
    assert (found.sums, found.owed_pence) == (wanted, 6000)
    assert sum(one.owed_pence for one in figures.by_week(world.practice, world.zoe, year)) == 6000
    empty = days("none", year.first_day, year.first_day)
    assert figures.figures(world.practice, makers.TEAM, empty).sums == Sums()
    assert [one.paid_pence for one in lists.charges(world.practice, makers.TEAM)] == [0, 6000, 0]
    (owed,) = coming.coming(world.practice, world.zoe)
    assert (owed.appointment_id, owed.which) == (third.id, "again")
    numbers = [one.appointment_id for one in receipts.receipts(
        world.practice, world.sam, world.sam.id
    )]  # fmt: skip
    assert numbers == [second.id, first.id]
    story = explain.explain(world.practice, world.sam, third.id)
    assert (story.payment, story.owed_pence) == ("failed", 6000)
    assert explain.explain(world.practice, makers.TEAM, first.id).paid_pence == 0
    world.bank.pay_out(world.account_of(world.zoe))
    (payout,) = payouts.payouts(world.practice, world.stripe, world.zoe, since=0)
    assert payout.amount_pence == report.sums.net_pence
    assert [one.appointment_id for one in payout.sessions] == [first.id, first.id, second.id]
    retry.retry(world.practice, makers.TEAM, third.id)
    world.charge()
    assert world.payment(third) == "paid"
    world.clock.advance(1)
    assert reconcile(world.practice, world.stripe) == []
