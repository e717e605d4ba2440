"""My card: seen, changed, and taken off the record with what that means (M6, K1)."""

from __future__ import annotations

from helpspace.core import card_removal
from helpspace.core.store.tables import CardRemoval, Client
from tests import makers
from tests.bot.conftest import Scene


def test_removing_says_which_sessions_then_have_no_card(scene: Scene) -> None:
    zoe = makers.add_therapist(scene.practice)
    phone = scene.phone()
    sam = makers.add_client(scene.practice, chat=phone.user.id)
    one = makers.session(scene.practice, zoe, sam)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "My card")
        assert "Visa ending 4242, until 12/30" in phone.last.text
        await s.tap(phone, "Remove the card")
        assert "Fri 6 Mar 09:00: £60" in phone.last.text
        assert "stay booked" in phone.last.text
        yes = phone.last.message_id
        for _ in range(2):
            phone.tap("Yes, remove this card", message_id=yes)
        await s.settle()
        assert phone.last.text.startswith(("Your card is removed", "My card"))
        assert "No card." in phone.last.text
        assert "Remove the card" not in phone.last.labels()

    scene.play(act)
    assert "cards" in scene.nudges
    row = makers.row(scene.practice, Client, sam.id)
    assert [row[name] for name in card_removal.FIELDS] == [None] * 6
    [removal] = makers.all_rows(scene.practice, CardRemoval)
    assert (removal["method"], removal["done_at"]) == (makers.card_of(sam).method, None)
    assert makers.appointment_of(scene.practice, one.id)["state"] == "booked"


def test_an_old_button_removes_no_newer_card(scene: Scene) -> None:
    """The button stands for the card that it showed."""
    phone = scene.phone()
    sam = makers.add_client(scene.practice, chat=phone.user.id)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "My card")
        await s.tap(phone, "Remove the card")
        s.clock.advance(60)
        makers.give_card(s.practice, sam, makers.card_of(sam, 2))
        await s.tap(phone, "Yes, remove")
        assert "There is another card on record since you looked" in phone.last.text

    scene.play(act)
    assert makers.row(scene.practice, Client, sam.id)["card"] == makers.card_of(sam, 2).method
    assert makers.all_rows(scene.practice, CardRemoval) == []
