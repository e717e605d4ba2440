"""Cards that end, are renewed by their bank, or leave Stripe; and the evening's summary (N4)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import card_looks, moments, summaries
from helpspace.core.moments import DAY, HOUR, LONDON, MINUTE
from helpspace.core.payments import disputing
from helpspace.core.store.tables import Client
from helpspace.jobs import events
from tests import makers
from tests.jobs.world import World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
MARCH = {"exp_month": 3, "exp_year": 2026}


def card(world: World) -> dict[str, Any]:
    row = makers.row(world.practice, Client, world.sam.id)
    return {name: row[f"card_{name}"] for name in ("brand", "last4", "month", "year")}


def ending_card(world: World, after: int) -> Any:
    """A session some days after the end of March, with a card that ends with March."""
    world.zoe, world.sam = world.therapist(), world.client()
    world.bank.renew_card(world.card_of(world.sam), **MARCH)
    world.sweep("stripe-events", "cards")
    events_of_now(world)
    makers.acquaint(world.practice, world.zoe, world.sam)
    start = moments.at_hour(moments.local_date(makers.SOON, LONDON), 9, LONDON) + 24 * DAY
    return makers.follow_up(world.practice, world.zoe, world.sam, start + after * DAY)


def events_of_now(world: World) -> None:
    """Hear everything there is by webhook."""
    for one in world.bank.events(account=""):
        events.take_in(world.practice, one)
    world.sweep("cards")


def come_near(world: World, session: Any) -> None:
    """A week before the charge, with the sweeps that tell and look."""
    world.clock.move_to(session.free_until - 7 * DAY)
    look_and_tell(world)


def look_and_tell(world: World) -> None:
    """What the sweeps do in a minute: find it, look at the card, tell."""
    for name in ("reminders", "cards", "reminders"):
        world.sweep(name)


@BOTH
def test_card_expires_before_the_next_charge(world: World) -> None:
    """N4: told a week ahead, once for each card and session, after a look at the card."""
    session = ending_card(world, 6)
    look_and_tell(world)
    assert world.notices("card_expiring") == []
    come_near(world, session)
    assert [one.party for one in world.notices("card_expiring")] == ["client", "client"]
    for _ in range(3):
        world.clock.advance(DAY)
        look_and_tell(world)
    assert len(world.notices("card_expiring")) == 2
    world.sweep("delivery")
    assert any("expired" in subject for subject in world.post.subjects)


def test_a_card_that_lasts_is_nobodys_worry(world: World) -> None:
    """The card is charged within its last month."""
    session = ending_card(world, 1)
    assert moments.local_date(session.free_until, LONDON).month == 3
    come_near(world, session)
    assert world.notices("card_expiring") == []


def test_a_card_renewed_unheard_is_seen_before_anybody_is_told(world: World) -> None:
    """M5a: the bank's renewal was never heard of; the look finds it."""
    session = ending_card(world, 6)
    world.bank.renew_card(world.card_of(world.sam), exp_month=3, exp_year=2030)
    come_near(world, session)
    assert world.notices("card_expiring") == []
    assert card(world)["year"] == 2030


def test_another_card_meanwhile_ends_the_worry(world: World) -> None:
    """N5: read again before it is sent."""
    session = ending_card(world, 6)
    come_near(world, session)
    assert len(world.notices("card_expiring")) == 2
    world.type_card(world.sam)
    world.sweep("delivery")
    assert not any("expired" in subject for subject in world.post.subjects)


def test_card_updated_by_the_network(world: World) -> None:
    """N4: brand, digits and end as Stripe has them."""
    world.zoe, world.sam = world.therapist(), world.client()
    world.sweep("stripe-events")
    world.bank.renew_card(world.card_of(world.sam), exp_month=7, exp_year=2031)
    world.sweep("stripe-events", "cards")
    found = card(world)
    assert (found["month"], found["year"]) == (7, 2031)


def test_a_renewed_card_is_tried_again(world: World) -> None:
    """M6: what failed because the card had expired goes through once it is known to be new."""
    session = world.booked()
    with world.practice.change() as tx:
        tx.set(Client, "id = ?", world.sam.id, card_year=2020)
    world.to_charge(session)
    world.settle(HOUR)
    assert world.reason(session) == "expired_card"
    world.sweep("stripe-events")
    world.bank.renew_card(world.card_of(world.sam), exp_month=7, exp_year=2031)
    world.sweep("stripe-events", "cards", "charges")
    assert world.payment(session) == "paid"


def test_card_detached(world: World) -> None:
    """N4: it is gone here too, and its client is told when the fee is due."""
    session = world.booked()
    world.sweep("stripe-events")
    world.sdk.v1.payment_methods.detach(world.card_of(world.sam))
    world.sweep("stripe-events", "cards")
    assert makers.row(world.practice, Client, world.sam.id)["card"] is None
    assert world.session_of(session).card == "missing"
    world.to_charge(session)
    world.charge()
    assert world.reason(session) == "no_card"


def test_a_card_that_cannot_be_read_has_another_turn(world: World) -> None:
    world.zoe, world.sam = world.therapist(), world.client()
    with world.practice.change() as tx:
        card_looks.hint(tx, world.card_of(world.sam))
    world.bank.faults.add("503", "GET", r"payment_methods", times=3)
    assert world.sweep("cards")["cards"].error == "stripe_unheard"
    world.clock.advance(HOUR)
    world.bank.renew_card(world.card_of(world.sam), exp_month=7, exp_year=2031)
    assert world.sweep("cards")["cards"].did == 1
    assert card(world)["year"] == 2031


def renewed_unheard(world: World) -> Any:
    """A card that expires before its fee is taken, and is renewed after its client was told."""
    session = world.booked()
    month = moments.at_zone(world.clock.now(), LONDON)
    with world.practice.change() as tx:
        tx.set(Client, "id = ?", world.sam.id, card_year=month.year - 1, card_month=1)
    world.bank.renew_card(world.card_of(world.sam), exp_month=7, exp_year=2031)
    world.to_charge(session)
    return session


@BOTH
def test_n4_a_card_renewed_without_a_word_is_seen_before_it_fails(world: World) -> None:
    """M5a: events are hints; the client is not told of a failure that there is not."""
    session = renewed_unheard(world)
    world.charge()
    assert world.notices("charge_failed") == []
    world.sweep("cards")
    world.settle(HOUR)
    assert world.payment(session) == "paid"
    assert card(world)["year"] == 2031
    assert world.notices("charge_failed") == []


def test_n4_while_stripe_does_not_show_the_card_the_client_is_told(world: World) -> None:
    """The look is asked for once: nobody waits for ever, and the fee is taken when it is seen."""
    session = renewed_unheard(world)
    world.charge()
    world.bank.faults.add("503", "GET", "payment_methods", times=None)
    world.sweep("cards")
    world.settle(HOUR)
    assert (world.payment(session), world.reason(session)) == ("failed", "expired_card")
    assert len(world.notices("charge_failed", "client")) == 2
    world.bank.faults.clear()
    world.clock.advance(HOUR)
    world.sweep("cards")
    world.settle(HOUR)
    assert world.payment(session) == "paid"


# --- the evening before


def evening_before(world: World, session: Any, zone: str = LONDON) -> int:
    """18:00 on the day before a session's fee falls due."""
    day = moments.local_date(session.free_until - DAY, zone)
    return moments.at_hour(day, summaries.AT_HOUR, zone)


@BOTH
def test_tomorrows_charges_are_told_the_evening_before(world: World) -> None:
    """One mail a therapist and day, at 18:00 of their own zone, with times and amounts."""
    session = world.booked(zone="Europe/Berlin")
    other = world.client()
    makers.acquaint(world.practice, world.zoe, other)
    makers.follow_up(world.practice, world.zoe, other, session.start + HOUR)
    quiet = world.therapist()
    evening = evening_before(world, session, "Europe/Berlin")
    world.clock.move_to(evening - MINUTE)
    world.sweep("reminders")
    assert world.notices("charges_tomorrow") == []
    world.clock.move_to(evening)
    for _ in range(3):
        world.sweep("reminders")
        world.clock.advance(HOUR)
    (told,) = world.notices("charges_tomorrow")
    assert (told.party, told.person_id, told.channel) == ("therapist", world.zoe.id, "email")
    assert told.person_id != quiet.id
    world.sweep("delivery")
    (mail,) = [one for one in world.post.sent if str(one["Subject"]).startswith("Payments on")]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "2 payments" in text
    assert "£120 in all" in text
    assert "Sam" not in text


def test_an_evening_without_charges_is_quiet(world: World) -> None:
    session = world.booked()
    world.clock.move_to(evening_before(world, session) - DAY)
    world.sweep("reminders")
    assert world.notices("charges_tomorrow") == []


def test_what_was_cancelled_since_is_not_told(world: World) -> None:
    """N5: read again before it is sent."""
    session = world.booked()
    world.clock.move_to(evening_before(world, session))
    world.sweep("reminders")
    world.cancel(world.sam, session.id)
    world.sweep("delivery")
    assert not any(subject.startswith("Payments on") for subject in world.post.subjects)


def summary(world: World) -> str:
    """The mail about tomorrow's payments, or nothing."""
    world.sweep("reminders", "delivery")
    found = [one for one in world.post.sent if str(one["Subject"]).startswith("Payments on")]
    return found[-1].get_body(("plain",)).get_content() if found else ""  # type: ignore[union-attr]


def test_what_is_not_taken_by_itself_is_not_announced(world: World) -> None:
    """A client whose bank disputes a payment is charged nothing by itself, so nothing is told."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    later = makers.follow_up(world.practice, world.zoe, world.sam, session.start + 7 * DAY)
    (charge,) = world.sdk.v1.charges.list({}).data
    world.bank.open_dispute(str(charge.id))
    world.sweep("stripe-events", "disputes", "charges")
    world.clock.move_to(evening_before(world, later))
    assert summary(world) == ""
    disputing.resume_charges(world.practice, makers.TEAM, world.sam.id, "the bank is done")
    assert "£60 in all" in summary(world)


def test_a_summary_says_which_card_is_missing(world: World) -> None:
    """B7: it is announced, and so is why it will not go through."""
    session = world.booked()
    assert "no card that works" not in summary(world)
    other = world.client(None)
    makers.acquaint(world.practice, world.zoe, other)
    makers.follow_up(world.practice, world.zoe, other, session.start + HOUR)
    world.clock.move_to(evening_before(world, session))
    told = summary(world)
    assert "2 payments" in told
    assert told.count("no card that works then is on record") == 1
