"""My card: seen, changed, and taken off the record with what that means (M6, K1)."""

from __future__ import annotations

import json

from helpspace.core import appointments, card_removal, letters, notices
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.store.tables import CardRemoval, Claim, Client, Notice
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
        # B7: the session stands, and says that nothing can be taken for it yet.
        await s.start(phone, f"a_{one.id}")
        assert "£60, due on Wed 4 Mar 09:01; there is no card yet." in phone.last.text
        await s.tap(phone, "Put a card on record")
        assert "Open the card page" in phone.last.labels()

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


def test_b3_a_card_from_my_card_while_a_time_is_held_offers_that_time(scene: Scene) -> None:
    """B3: the card alone books nothing; the next tap does, and it takes no second card page."""
    zoe = makers.add_therapist(scene.practice)
    slot = makers.open_slot(scene.practice, zoe)
    phone = scene.phone()
    sam = makers.add_client(scene.practice, chat=phone.user.id, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar 09:00")
        await s.tap(phone, "Go on to the terms")
        await s.tap(phone, "Book")
        await s.tap(phone, "Home")
        await s.tap(phone, "My card")
        assert "A time is held for you and not booked yet." in phone.last.text
        await s.tap(phone, "Put a card on record")
        s.complete_card()
        assert makers.row(s.practice, Claim, slot)["state"] == "held"
        assert not appointments.appointments(s.practice, sam)
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("My card")
        await s.tap(phone, "Finish my booking")
        assert phone.last.text.startswith("Your card is on record.")
        assert "Card: Visa ending 4242" in phone.last.text
        await s.tap(phone, "Book · £60 · free to cancel until Wed 4 Mar 09:00")
        assert phone.last.text.startswith("Your session is booked")
        await s.start(phone)
        await s.tap(phone, "My card")
        assert "Finish my booking" not in phone.last.labels()

    scene.play(act)
    [one] = appointments.appointments(scene.practice, sam)
    assert one.slot_id == slot
    [told] = [
        row for row in makers.all_rows(scene.practice, Notice) if row["event"] == "card_saved"
    ]
    assert json.loads(told["facts"]) == {"slot": slot}


def test_b3_the_held_time_is_offered_to_its_own_client_only(scene: Scene) -> None:
    """P1: a hold of somebody else is a time that is gone."""
    zoe = makers.add_therapist(scene.practice)
    slot = makers.open_slot(scene.practice, zoe)
    sam = makers.add_client(scene.practice, card=False)
    kim = makers.add_client(scene.practice, "Kim")
    makers.hold(scene.practice, sam, slot)
    facts = {"slot": slot}
    with scene.practice.change() as tx:
        for person in (sam, kim):
            notices.write(
                tx, Event.CARD_SAVED, once="x", party=Party.CLIENT, person_id=person.id,
                channels=["telegram"], facts=facts,
            )  # fmt: skip
    found = {}
    while errands := notices.claim(scene.practice, "w"):
        for errand in errands:
            told = letters.compose(scene.practice, errand)
            found[errand.person_id] = getattr(told, "slot_id", None)
            notices.sent(scene.practice, errand)
    assert found == {sam.id: slot, kim.id: None}
