"""A client approves at the bank from the demo's phone: the whole way, with the real bot (M6)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from helpspace.core import accounts, appointments
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.store.tables import Client
from helpspace.sandbox.demo.pages import hosted_page
from helpspace.sandbox.demo.world import REGULARS, World, add_regulars, open_world
from tests import makers

START = makers.NOW
NAME, CHAT, _ = REGULARS[0]


async def _approve(world: World) -> None:
    await add_regulars(world)
    practice, phone = world.practice, world.phone(CHAT, NAME.split()[0])
    found = accounts.client_of_chat(practice, CHAT)
    assert found is not None
    maya = Actor.client(found)
    first = appointments.appointments(practice, maya)[0]
    card = makers.row(practice, Client, maya.id)["card"]
    world.stripe.card_answers(card, ["authentication_required"] * 3)
    await world.advance_to(first.free_until + 2 * MINUTE)
    assert "asks you to approve" in phone.last.text
    phone.tap("Approve the payment")
    await world.settle()
    assert phone.last.text.startswith("Approve at your bank")
    assert "Test mode: no real money moves." in phone.last.text
    phone.tap("Open your bank's page")
    assert hosted_page(world.stripe, phone.opened[-1]) is not None
    intent = phone.opened[-1].split("/")[-2]
    result = world.stripe.approve(intent, yes=False)
    assert result.redirect is not None
    assert phone.leads_home(result.redirect.partition("&")[0])
    await world.settle()
    assert "did not go through" in phone.last.text  # the news; the way on stands above it
    phone.tap("Approve the payment", message_id=phone.last.message_id)
    await world.settle()
    phone.tap("Open your bank's page")
    world.stripe.card_answers(card, ["ok"])
    await world.advance(DAY)
    assert appointments.appointment(practice, maya, first.id).payment == "needs_approval"
    assert world.stripe.approve(intent).ok
    await world.settle()
    assert appointments.appointment(practice, maya, first.id).payment == "paid"
    assert any("has been paid" in bubble.text for bubble in phone.messages)
    # The link to the page has gone.
    assert not [b for b in phone.messages if "/approve/" in str(b.buttons)]


def test_m6_the_whole_way_to_the_bank_and_back(tmp_path: Path) -> None:
    async def play() -> None:
        async with open_world(tmp_path, START, seed=3) as world:
            await _approve(world)

    asyncio.run(play())
