"""Disputes through the real SDK: marked, in the books, the team told, nothing taken by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from helpspace.core.errors import Invalid, NotAllowed, NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.payments import disputing, paying
from helpspace.core.reconcile import reconcile
from helpspace.core.store.tables import Client, Dispute, Ledger
from tests import makers
from tests.jobs.world import World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


def paid(world: World) -> Any:
    """A session that has been paid for."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    return session


def charge_of(world: World) -> str:
    return str(world.sdk.v1.charges.list({}).data[0].id)


def disputed(world: World) -> tuple[Any, str]:
    """A paid session, disputed by its card's holder; heard by the polled list."""
    session = paid(world)
    dispute = world.bank.open_dispute(charge_of(world))
    hear(world)
    return session, dispute


def hear(world: World) -> None:
    world.sweep("stripe-events", "disputes", "charges")


def moved(world: World) -> list[tuple[str, int]]:
    """What the ledger's rows come to, in their order."""
    return [
        (row["kind"], -row["amount"] if row["undoes"] else row["amount"])
        for row in world.rows(Ledger)
    ]


@BOTH
def test_dispute(world: World) -> None:
    """M8: marked, booked, charges stopped, the team told with the deadline, once each."""
    session, dispute = disputed(world)
    for _ in range(3):
        hear(world)
        world.clock.advance(DAY)
    assert world.payment(session) == "disputed"
    assert moved(world) == [("charge", 6000), ("dispute", 6000)]
    assert makers.row(world.practice, Client, world.sam.id)["charges_stopped_at"] is not None
    assert [(one.party, one.channel) for one in world.notices("disputed")] == [("team", "email")]
    (one,) = disputing.disputes(world.practice, makers.TEAM, open_only=True)
    assert (one.id, one.appointment_id, one.due_by) == (
        dispute,
        session.id,
        world.bank.get(dispute)["evidence_details"]["due_by"],
    )
    assert [found.kind for found in reconcile(world.practice, world.stripe)] == []


def test_a_dispute_nobody_hears_of_is_found(world: World) -> None:
    """M5a: all of them are listed a few times a day."""
    session = paid(world)
    world.sweep("disputes")
    world.bank.open_dispute(charge_of(world))
    world.sweep("disputes", "charges")
    assert world.payment(session) == "paid"
    world.clock.advance(6 * HOUR)
    world.sweep("disputes", "charges")
    assert world.payment(session) == "disputed"
    assert moved(world)[-1] == ("dispute", 6000)


def test_reconcile_finds_a_dispute_that_was_not_read(world: World) -> None:
    """M8: both ways to the penny."""
    paid(world)
    dispute = world.bank.open_dispute(charge_of(world))
    (found,) = reconcile(world.practice, world.stripe)
    assert (found.kind, found.stripe_id, found.stripe_pence) == (
        "unrecorded_dispute",
        dispute,
        6000,
    )


@pytest.mark.parametrize("heard", [True, False])
def test_a_dispute_that_is_won_takes_its_row_back(world: World, *, heard: bool) -> None:
    """M8: append-only; the payment is what it was."""
    session, dispute = disputed(world)
    world.bank.close_dispute(dispute, won=True)
    if heard:
        hear(world)
    else:
        world.clock.advance(DAY)
        world.sweep("disputes", "charges")
    assert world.payment(session) == "paid"
    assert moved(world) == [("charge", 6000), ("dispute", 6000), ("dispute", -6000)]
    assert world.session_of(session).paid_pence == 6000
    assert len(world.notices("disputed", "team")) == 2
    assert [found.kind for found in reconcile(world.practice, world.stripe)] == []


def test_a_dispute_that_is_lost_stays(world: World) -> None:
    session, dispute = disputed(world)
    world.bank.close_dispute(dispute, won=False)
    hear(world)
    world.settle(9 * DAY)
    assert world.payment(session) == "disputed"
    assert world.session_of(session).paid_pence == 0
    assert moved(world) == [("charge", 6000), ("dispute", 6000)]
    assert len(world.notices("disputed", "team")) == 2


def test_dispute_no_refund_on_top(world: World) -> None:
    """M3, M8: the therapist cancels a disputed session; the bank has given it back already."""
    session, dispute = disputed(world)
    world.cancel(world.zoe, session.id)
    world.settle(3 * DAY)
    assert world.posted("POST", "refunds") == []
    assert world.payment(session) == "disputed"
    world.bank.close_dispute(dispute, won=False)
    hear(world)
    world.settle(3 * DAY)
    assert world.posted("POST", "refunds") == []


def test_a_dispute_won_after_a_cancellation_is_refunded_then(world: World) -> None:
    """M3: net nothing, always."""
    session, dispute = disputed(world)
    world.cancel(world.zoe, session.id)
    hear(world)
    world.bank.close_dispute(dispute, won=True)
    hear(world)
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    assert sum(amount if kind == "charge" else -amount for kind, amount in moved(world)) == 0


def test_a_refund_refused_because_of_a_dispute_finds_it(world: World) -> None:
    """M5: the dispute was not heard of yet when the therapist cancelled."""
    session = paid(world)
    world.sweep("disputes")
    world.bank.open_dispute(charge_of(world))
    world.cancel(world.zoe, session.id)
    world.charge()
    assert world.payment(session) == "disputed"
    world.sweep("disputes", "charges")
    world.settle(3 * DAY)
    assert world.payment(session) == "disputed"
    assert len(world.posted("POST", "refunds")) == 1
    assert moved(world) == [("charge", 6000), ("dispute", 6000)]
    assert world.money() == (6000, 0)


def follow_up(world: World, after: Any) -> Any:
    return makers.follow_up(world.practice, world.zoe, world.sam, after.start + 7 * DAY)


@BOTH
def test_dispute_no_new_charges_for_this_client(world: World) -> None:
    """A new follow-up stands and says so; nothing is taken until the team lets it."""
    session, _ = disputed(world)
    next_one = follow_up(world, session)
    assert next_one.payment_reason == "charges_stopped"
    world.to_charge(next_one)
    world.settle(HOUR)
    assert (world.payment(next_one), world.reason(next_one)) == ("failed", "charges_stopped")
    assert len(world.posted("POST", "confirm")) == 1
    told = {one.party for one in world.notices("charge_failed")}
    assert told == {"client", "therapist"}
    due = disputing.resume_charges(world.practice, makers.TEAM, world.sam.id, "settled")
    assert due == 1
    world.settle(HOUR)
    assert world.payment(next_one) == "paid"


def test_what_was_booked_before_a_dispute_says_so_too(world: World) -> None:
    session = world.booked()
    next_one = follow_up(world, session)
    world.to_charge(session)
    world.settle()
    world.bank.open_dispute(charge_of(world))
    hear(world)
    assert world.session_of(next_one).payment_reason == "charges_stopped"
    disputing.resume_charges(world.practice, makers.TEAM, world.sam.id, "settled")
    assert world.session_of(next_one).payment_reason is None


def test_a_client_whose_charges_are_stopped_can_pay_themselves(world: World) -> None:
    """M6: only what is taken by itself has stopped."""
    session, _ = disputed(world)
    next_one = follow_up(world, session)
    world.to_charge(next_one)
    world.settle(HOUR)
    tapped = paying.pay(world.practice, world.stripe, world.sam, next_one.id)
    assert tapped.outcome == paying.Outcome.PAID
    assert world.payment(next_one) == "paid"


def test_only_the_team_lets_charges_go_on(world: World) -> None:
    """A1: with a reason, once."""
    disputed(world)
    practice, sam = world.practice, world.sam.id
    with pytest.raises(NotAllowed):
        disputing.resume_charges(practice, world.sam, sam, "please")
    with pytest.raises(Invalid):
        disputing.resume_charges(practice, makers.TEAM, sam, " ")
    with pytest.raises(NotFound):
        disputing.resume_charges(practice, makers.TEAM, "nobody", "x")
    disputing.resume_charges(practice, makers.TEAM, sam, "settled")
    with pytest.raises(NotAllowed):
        disputing.resume_charges(practice, makers.TEAM, sam, "settled")


def test_a_dispute_of_something_else_is_left_alone(world: World) -> None:
    """Two stores may use one Stripe account."""
    session = world.booked()
    card = makers.row(world.practice, Client, world.sam.id)
    world.sdk.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "gbp",
            "customer": card["customer"],
            "payment_method": card["card"],
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
        }
    )
    world.bank.open_dispute(charge_of(world))
    for _ in range(2):
        hear(world)
        world.clock.advance(6 * HOUR)
    assert [row["status"] for row in world.rows(Dispute)] == ["heard"]
    assert [row["next_at"] for row in world.rows(Dispute)] == [None]
    assert world.notices(Event.DISPUTED) == []
    assert makers.row(world.practice, Client, world.sam.id)["charges_stopped_at"] is None
    assert world.payment(session) == "scheduled"


def test_an_enquiry_that_becomes_a_dispute_stops_charges_again(world: World) -> None:
    """The team may have let charges go on while the bank only asked; now it takes the money."""
    session = paid(world)
    (intent,) = world.bank.ledger()
    asks = disputing.DisputeSeen(
        "dp_1", intent.payment_intent, 6000, "warning_needs_response", "general", False, True, None
    )

    def stopped() -> bool:
        return makers.row(world.practice, Client, world.sam.id)["charges_stopped_at"] is not None

    assert disputing.seen(world.practice, asks)
    assert stopped()
    disputing.resume_charges(world.practice, makers.TEAM, world.sam.id, "it was only a question")
    assert not disputing.seen(world.practice, asks)
    assert disputing.seen(world.practice, replace(asks, status="warning_under_review"))
    assert not stopped()
    taken = replace(asks, status="needs_response", withdrawn=True, refundable=False)
    assert disputing.seen(world.practice, taken)
    assert stopped()
    disputing.resume_charges(world.practice, makers.TEAM, world.sam.id, "all is said")
    assert disputing.seen(world.practice, replace(taken, status="under_review"))
    assert not stopped()
    assert world.payment(session) in ("paid", "disputed")
