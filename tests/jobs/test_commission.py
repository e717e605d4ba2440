"""The platform's part of a fee, from the setting to Stripe's books and back (M7)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core.moments import DAY
from helpspace.core.payments.movements import Sums, add_up, movements
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import Intent
from tests import makers
from tests.jobs.world import World

pytestmark = makers.ON_SQLITE


def charged(world: World, fee: int) -> Any:
    world.zoe, world.sam = world.therapist(initial_fee=fee), world.client()
    session = world.session(world.zoe, world.sam)
    world.to_charge(session)
    world.settle()
    return session


def sums(world: World) -> Sums:
    with world.practice.reading() as view:
        return add_up(movements(view))


@pytest.mark.parametrize(
    ("fee", "percent", "pence", "kept"),
    [
        (6000, "10", "0", 600),
        (6000, "0", "250", 250),
        (4555, "7.5", "20", 361),  # 341.625 and 20: rounded down
        (3333, "0.01", "0", 0),
        (6001, "33.33", "0", 2000),  # 2000.13
        (30, "50", "40", 30),  # never more than the fee
        (30, "100", "0", 30),
        (6000, "0", "0", 0),
    ],
)
def test_m7_it_is_rounded_down_never_more_than_the_fee_and_returned(
    store_url: str, clock: Any, fee: int, percent: str, pence: str, kept: int
) -> None:
    world = World(store_url, clock, COMMISSION_PERCENT=percent, COMMISSION_PENCE=pence)
    session = charged(world, fee)
    (row,) = world.bank.ledger()
    assert (row.gross, row.fee, row.transferred) == (fee, kept, fee)
    assert world.bank.total(world.account_of(world.zoe)) == fee - kept
    assert sums(world) == Sums(fee, 0, 0, kept)
    assert sums(world).net_pence == fee - kept
    world.cancel(world.zoe, session.id)
    world.settle()
    (row,) = world.bank.ledger()
    assert (row.refunded, row.reversed, row.fee_refunded) == (fee, fee, kept)
    assert world.bank.total(world.account_of(world.zoe)) == 0
    assert sums(world) == Sums(fee, fee, 0, 0)
    world.clock.advance(1)
    assert reconcile(world.practice, world.stripe) == []
    world.close()


def test_m7_another_commission_touches_no_charge_that_was_made(store_url: str, clock: Any) -> None:
    """What was taken goes back, whatever the setting says by then; the next charge has the new."""
    first = World(store_url, clock, COMMISSION_PERCENT="10")
    session = charged(first, 6000)
    later = World(store_url, clock, COMMISSION_PERCENT="5", COMMISSION_PENCE="7")
    later.bank, later.sdk = first.bank, first.sdk
    later.stripe = later.gateway()
    later.zoe, later.sam = first.zoe, first.sam
    follow_up = makers.follow_up(later.practice, later.zoe, later.sam, makers.SOON + 7 * DAY)
    later.clock.advance(1)
    later.cancel(later.zoe, session.id)
    later.settle(60)
    later.to_charge(follow_up)
    later.settle(60)
    assert {row["commission"] for row in later.rows(Intent)} == {600, 307}
    assert sorted((row.fee, row.fee_refunded) for row in later.bank.ledger()) == [
        (307, 0),
        (600, 600),
    ]
    assert sums(later) == Sums(12000, 6000, 0, 307)
    assert reconcile(later.practice, later.stripe) == []
    first.close()
    later.close()
