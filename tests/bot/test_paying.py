"""The chat's way to settle an unpaid fee: what it says, and what its buttons do (M6, A1)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpspace.core import appointments, booking
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import settle
from helpspace.core.payments.steps import Answer, ConfirmIntent, Step
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Pages, Scene
from tests.core.fake_stripe import BEFORE, FakeStripe, settle_all
from tests.makers import SOON, card_of

UNKNOWN = "aaaaaaaaaaaa"


@dataclass
class Till(Pages):
    """A Stripe that makes card pages and takes payments."""

    bank: FakeStripe | None = None

    def carry_out(self, step: Step) -> Answer:
        assert self.bank is not None
        return self.bank.carry_out(step)

    def clock_ahead(self) -> int:
        return 0


@dataclass
class Money:
    """A session whose fee could not be taken, and the phone of its client."""

    scene: Scene
    bank: FakeStripe
    therapist: Actor
    client: Actor
    phone: Phone
    session: AppointmentView

    def settle(self) -> None:
        settle_all(self.scene.practice, self.bank)

    def hint(self) -> None:
        settle.look_again(self.scene.practice, list(self.bank.intents))
        self.settle()

    def card(self, how: str, number: int = 1) -> None:
        self.bank.cards[card_of(self.client, number).method] = how

    def tries(self) -> int:
        """How often the client's own taps were tried at Stripe."""
        steps = [step for _, step in self.bank.calls if isinstance(step, ConfirmIntent)]
        return len([step for step in steps if step.return_url is not None])

    def word(self) -> str:
        return appointments.appointment(self.scene.practice, self.client, self.session.id).payment


def owing(scene: Scene, how: str) -> Money:
    """Let a charge fail for how the bank answers."""
    phone = scene.phone()
    therapist = makers.add_therapist(scene.practice)
    client = makers.add_client(scene.practice, chat=phone.user.id)
    session = makers.session(scene.practice, therapist, client)
    bank = FakeStripe(scene.clock.now)
    scene.stripe = Till(bank=bank)
    money = Money(scene, bank, therapist, client, phone, session)
    money.card(how)
    scene.clock.move_to(session.free_until + 60)
    money.settle()
    return money


def test_m6_approving_from_the_notice(scene: Scene) -> None:
    """The bank's page is made at the tap, as a button; coming back shows that it is paid."""
    money = owing(scene, "ask")

    async def act(s: Scene) -> None:
        await s.start(money.phone)
        await s.press(money.phone, f"pay:{money.session.id}")
        assert money.phone.last.text.startswith("Approve at your bank")
        assert "approve £60" in money.phone.last.text
        assert "Test mode" not in money.phone.last.text
        money.phone.tap("Open your bank's page")
        assert money.phone.opened == ["https://bank.example.org/1"]
        assert money.bank.open_page(money.phone.opened[0], yes=True)
        await s.start(money.phone, f"paid_{money.session.id}")
        assert "We are asking Stripe" in money.phone.last.text
        assert s.nudges == ["charges"]
        money.settle()
        await s.tap(money.phone, "Approve payment")  # an old screen by now
        assert "It is paid" in money.phone.last.text
        assert "Money: £60 is paid." in money.phone.last.text
        assert "bank.example.org" not in str([b.buttons for b in money.phone.messages])

    scene.play(act)


def test_m6_the_sessions_details_say_what_can_be_done(scene: Scene) -> None:
    money = owing(scene, "ask")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"a_{money.session.id}")
        assert "your bank wants you to approve it" in money.phone.last.text
        assert "Please settle it by Fri 6 Mar 08:00 (UK time)" in money.phone.last.text
        assert money.phone.last.labels()[1:3] == ["Approve payment · £60", "Use another card"]
        await s.tap(money.phone, "Approve payment")
        assert money.phone.last.text.startswith("Approve at your bank")
        await s.tap(money.phone, "Check again")
        assert money.phone.last.text.startswith("Pay for this session")
        assert "Card on record: Visa ending 4242" in money.phone.last.text
        await s.tap(money.phone, "‹ Back")
        assert money.phone.last.text.startswith("First session")

    scene.play(act)


def test_m6_paying_after_a_soft_decline(scene: Scene) -> None:
    money = owing(scene, "insufficient_funds")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        assert money.tries() == 0  # a link only shows how it stands
        assert "not enough money on the card" in money.phone.last.text
        assert "tried again on Thu 5 Mar 09:00" in money.phone.last.text
        await s.tap(money.phone, "Pay £60")
        assert "It did not go through, because there was not enough" in money.phone.last.text
        money.card("ok")
        s.clock.advance(MINUTE)
        await s.tap(money.phone, "Pay £60")
        assert money.phone.last.text.startswith("Thank you. It is paid")
        assert s.nudges == ["delivery"]
        assert money.tries() == 2

    scene.play(act)
    assert money.word() == "paid"


@pytest.mark.parametrize("how", ["lost_card", "stolen_card"])
def test_m6_after_a_hard_decline_only_another_card_helps(scene: Scene, how: str) -> None:
    """A lost or a stolen card is told like any that has ended."""
    money = owing(scene, how)

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        assert "the card can no longer be used" in money.phone.last.text
        assert "Pay £60" not in money.phone.last.labels()
        await s.press(money.phone, f"pay:{money.session.id}")  # an old button
        assert money.tries() == 0
        assert "Please put another card on record" in money.phone.last.text
        await s.tap(money.phone, "Use another card")
        assert money.phone.last.text.startswith("Your card")
        makers.give_card(s.practice, money.client, card_of(money.client, 2))
        money.settle()
        await s.start(money.phone, f"a_{money.session.id}")
        assert "Money: £60 is paid." in money.phone.last.text

    scene.play(act)


def test_m6_tapping_twice_tries_once(scene: Scene) -> None:
    money = owing(scene, "ask")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        for _ in range(3):
            money.phone.tap(lambda button: button.label.startswith("Approve payment"))
        await s.settle()
        assert money.phone.last.text.startswith("Approve at your bank")
        assert not money.phone.spinning

    scene.play(act)
    assert money.tries() == 1
    assert money.bank.pages == 1


def test_m6_showing_it_again_tries_nothing(scene: Scene) -> None:
    """Words that nobody asked for, a restart, news: the screen comes again, the act does not."""
    money = owing(scene, "insufficient_funds")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        await s.tap(money.phone, "Pay £60")
        s.clock.advance(HOUR)
        await s.write(money.phone, "hello?")
        assert "Pay for this session" in money.phone.last.text
        from helpspace.bot import routes

        shown = routes.look_again(s.practice, s.stripe, money.phone.user.id)  # type: ignore[arg-type]
        assert shown is not None
        assert shown.reply.screen.title == "Pay for this session"

    scene.play(act)
    assert money.tries() == 1


def test_m5_a_stripe_that_does_not_answer_is_told_as_that(scene: Scene) -> None:
    money = owing(scene, "ask")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        money.bank.faults.extend([None, BEFORE])
        await s.tap(money.phone, "Approve payment")
        assert "a fee is never taken twice" in money.phone.last.text
        assert "£60 is being charged" in money.phone.last.text
        assert money.phone.last.labels()[0] == "Check again"
        assert s.nudges == ["charges"]
        s.clock.advance(MINUTE)
        money.settle()
        await s.tap(money.phone, "Check again")
        await s.tap(money.phone, "Approve payment")
        assert money.phone.last.text.startswith("Approve at your bank")

    scene.play(act)


def test_m5_while_a_sweep_is_at_it_a_tap_waits(scene: Scene) -> None:
    money = owing(scene, "insufficient_funds")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        s.clock.move_to(SOON - DAY)
        assert len(settle.claim(s.practice, "w")) == 1
        await s.tap(money.phone, "Pay £60")
        assert "is being looked at just now" in money.phone.last.text

    scene.play(act)
    assert money.tries() == 0


def test_without_stripe_nothing_is_tried(scene: Scene) -> None:
    money = owing(scene, "ask")
    scene.stripe = None  # type: ignore[assignment]

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        await s.tap(money.phone, "Approve payment")
        assert "Cards cannot be taken just now" in money.phone.last.text

    scene.play(act)


@pytest.mark.parametrize("link", ["pay_{}", "paid_{}"])
def test_a1_another_clients_link_is_like_none(scene: Scene, link: str) -> None:
    money = owing(scene, "ask")
    stranger = scene.phone(502, "Kim")
    makers.add_client(scene.practice, "Kim", chat=502)

    async def act(s: Scene) -> None:
        seen = []
        for which in (money.session.id, UNKNOWN):
            await s.start(stranger, link.format(which))
            seen.append((stranger.last.text, stranger.last.buttons))
        assert seen[0] == seen[1]
        assert "There is no such entry" in seen[0][0]
        assert s.nudges == []

    scene.play(act)


@pytest.mark.parametrize("when", ["late", "past"])
def test_m6_an_owed_fee_behind_is_found_among_my_sessions(scene: Scene, when: str) -> None:
    money = owing(scene, "insufficient_funds")
    if when == "late":
        booking.cancel(scene.practice, money.client, money.session.id)
    else:
        scene.clock.move_to(money.session.end + DAY)
        booking.complete_past(scene.practice)
        money.settle()

    async def act(s: Scene) -> None:
        await s.start(money.phone)
        await s.tap(money.phone, "My sessions")
        assert "A fee is still to be paid." in money.phone.last.text
        await s.tap(money.phone, "To pay: £60 · Fri 6 Mar 09:00")
        money.card("ok")
        await s.tap(money.phone, "Pay £60")
        assert "It is paid" in money.phone.last.text
        await s.start(money.phone)
        await s.tap(money.phone, "My sessions")
        assert "still to be paid" not in money.phone.last.text

    scene.play(act)


def test_m6a_the_accounts_fault_is_not_told_as_the_clients(scene: Scene) -> None:
    money = owing(scene, "insufficient_funds")

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        money.bank.refused_accounts.add("acct_1")
        await s.tap(money.phone, "Pay £60")
        assert "a fault on the receiving side, not of your card" in money.phone.last.text
        assert "Money: £60 is not charged yet." in money.phone.last.text
        assert "Use another card" not in money.phone.last.labels()

    scene.play(act)


@pytest.mark.parametrize(("key", "marks"), [("sk_test_x", 1), ("rk_test_x", 1), ("sk_live_x", 0)])
def test_a5_money_screens_say_that_nothing_is_real(scene: Scene, key: str, marks: int) -> None:
    money = owing(scene, "ask")
    object.__setattr__(scene.practice.settings, "stripe_key", key)

    async def act(s: Scene) -> None:
        await s.start(money.phone, f"pay_{money.session.id}")
        seen = [money.phone.last.text]
        await s.tap(money.phone, "Approve payment")
        seen.append(money.phone.last.text)
        await s.start(money.phone, "card")
        await s.tap(money.phone, "Change the card")
        seen.append(money.phone.last.text)
        assert [text.count("Test mode: no real money moves.") for text in seen] == [marks] * 3

    scene.play(act)
