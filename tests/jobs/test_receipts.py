"""Receipts: what was paid and given back, for the client and the team only (K1)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.moments import DAY
from helpspace.core.payments import receipts
from helpspace.core.payments.receipts import NoReceipt
from helpspace.core.store.tables import Client, Intent
from tests import makers
from tests.jobs import test_explain as stories
from tests.jobs.world import World

pytestmark = makers.ON_SQLITE


def test_k1_a_receipt_says_what_was_paid_and_given_back(world: World) -> None:
    session = stories.charged(world)
    first = receipts.receipt(world.practice, world.sam, session.id)
    number = receipts.number_of(session.id)
    assert receipts.as_text(first).splitlines() == [
        f"Receipt {number}",
        "Test mode: no real money moves.",
        "From: Zoë O'Brien",
        "To: Sam",
        "Appointment: 6 March 2026, 09:00–09:50 (UK time)",
        "Paid by card: £60.00 on 4 March 2026",
        "Paid in all: £60.00",
    ]
    world.clock.advance(DAY)
    world.cancel(world.zoe, session.id)
    world.settle()
    second = receipts.receipt(world.practice, world.sam, session.id)
    assert second.number == first.number
    assert receipts.as_text(second).splitlines()[-2:] == [
        "Given back to the card: £60.00 on 5 March 2026",
        "Paid in all: £0.00",
    ]


def test_k1_its_words_are_neutral_and_show_nothing_of_stripe_or_commission(
    store_url: str, clock: Any
) -> None:
    world = World(store_url, clock, COMMISSION_PERCENT="10")
    session = stories.charged(world)
    found = receipts.receipt(world.practice, world.sam, session.id)
    for text in (receipts.as_text(found), receipts.as_html(found)):
        low = text.lower()
        for stem in ("counsel", "therap", "psych", "mental", "pi_", "stripe", "£6.00", "session"):
            assert stem not in low
    world.close()


def test_a3_a_page_shows_a_name_as_it_is(world: World) -> None:
    world.zoe = world.therapist("<script>alert(1)</script> & Co")
    world.sam = world.client()
    session = world.session(world.zoe, world.sam)
    world.to_charge(session)
    world.charge()
    page = receipts.as_html(receipts.receipt(world.practice, world.sam, session.id))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in page
    assert "<script" not in page
    assert "http" not in page
    assert page.startswith("<!doctype html>")


def test_a1_only_the_client_and_the_team_have_it(world: World) -> None:
    session = stories.charged(world)
    (intent,) = world.rows(Intent)
    for actor in (world.sam, makers.TEAM):
        found = receipts.receipt(world.practice, actor, intent["stripe_id"])
        assert found.appointment_id == session.id
        assert receipts.receipts(world.practice, actor, world.sam.id) == [found]
    with pytest.raises(NotAllowed):
        receipts.receipt(world.practice, world.zoe, session.id)
    with pytest.raises(NotAllowed):
        receipts.receipts(world.practice, world.zoe, world.sam.id)
    for actor in (world.client(), world.therapist("Ann")):
        for named in (session.id, "nobody"):
            with pytest.raises(NotFound):
                receipts.receipt(world.practice, actor, named)
    with pytest.raises(NotFound):
        receipts.receipts(world.practice, world.client(), world.sam.id)


def test_what_was_not_paid_has_no_receipt(world: World) -> None:
    session = stories.hard_decline(world)
    with pytest.raises(NoReceipt):
        receipts.receipt(world.practice, world.sam, session.id)
    assert receipts.receipts(world.practice, world.sam, world.sam.id) == []


def test_its_times_are_the_clients_own(world: World) -> None:
    session = stories.charged(world)
    makers.set_row(world.practice, Client, world.sam.id, zone="Pacific/Auckland")
    text = receipts.as_text(receipts.receipt(world.practice, world.sam, session.id))
    assert "6 March 2026, 22:00–22:50 (Auckland time)" in text
