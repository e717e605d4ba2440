"""The whole way by visible buttons only; text is typed only for name and e-mail (K1, K2, B1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpspace.core import appointments
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.policy import DECISION_WINDOW
from helpspace.core.store.tables import Client, Dialogue
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

Find = Callable[[Phone], Actor]


BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@pytest.fixture
def therapist(scene: Scene) -> Actor:
    """A therapist in Berlin with five times on one day, four days ahead."""
    made = makers.add_therapist(scene.practice, about="I listen.", zone="Europe/Berlin")
    for number in range(5):
        makers.open_slot(scene.practice, made, makers.SOON + number * 2 * HOUR)
    return made


async def book_first_time(s: Scene, phone: Phone) -> None:
    """Go from /start to the card page."""
    await s.start(phone)
    for label in ("I agree", "Find a", "Zoë", "All free", "Fri 6 Mar", "09:00", "Go on"):
        await s.tap(phone, label)
    await s.write(phone, "Sam Smith")
    await s.write(phone, "sam@example.org")
    await s.tap(phone, "Book")


@BOTH
def test_from_start_to_cancelled_free_of_charge(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    async def act(s: Scene) -> None:
        phone = s.phone()
        await book_first_time(s, phone)
        assert "One step left" in phone.last.text
        assert "by 09:31 (UK time)" in phone.last.text
        phone.tap("Open the card page")
        assert phone.opened == [f"https://pay.example.org/{s.stripe.made[0]}"]
        s.complete_card()
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("Your session is booked")
        assert "Fri 6 Mar 09:00–09:50 (UK time)" in phone.last.text
        assert "Fri 6 Mar 10:00–10:50 (Berlin time) for Zoë O'Brien" in phone.last.text
        assert "£60, free to cancel until Wed 4 Mar 09:00." in phone.last.text
        await s.tap(phone, "See the details")
        assert "Contact: contact1" in phone.last.text
        assert "Money: £60, charged to your card on Wed 4 Mar 09:01." in phone.last.text
        phone.tap("Open the video room")
        assert phone.opened[-1].startswith("https://video.example.org/")
        await s.tap(phone, "Cancel this session")
        assert "you pay nothing" in phone.last.text
        await s.tap(phone, "Yes, cancel · free")
        assert phone.last.text.startswith("Your session is cancelled")
        assert "Nothing is charged." in phone.last.text
        await s.tap(phone, "My sessions")
        assert "You have no sessions ahead." in phone.last.text
        [session] = appointments.appointments(s.practice, client_of(phone))
        assert (session.state, session.payment) == ("cancelled_by_client", "none")

    scene.play(act)


@BOTH
def test_late_cancellation_has_the_money_on_its_button(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    """M2, M4, K2: computed when asked and again when done."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await book_first_time(s, phone)
        s.complete_card()
        await s.tap(phone, "Check again")
        await s.tap(phone, "See the details")
        await s.tap(phone, "Cancel this session")
        s.clock.move_to(makers.SOON - DECISION_WINDOW + 1)
        await s.tap(phone, "Yes, cancel · free")
        assert "What cancelling costs has changed since you looked" in phone.last.text
        [session] = appointments.appointments(s.practice, client_of(phone))
        assert session.state == "booked"
        assert "You pay £60." in phone.last.text
        danger = [b for row in phone.last.buttons for b in row if b.style == "danger"]
        assert [b.label for b in danger] == ["Yes, cancel · pay £60"]
        await s.tap(phone, "Yes, cancel · pay £60")
        assert "£60 is charged to your card." in phone.last.text
        [session] = appointments.appointments(s.practice, client_of(phone))
        assert (session.state, session.owed_pence) == ("cancelled_by_client", 6000)

    scene.play(act)


def test_at_free_until_itself_the_tie_goes_to_the_client(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    """M2a: the tap counts from when it was received, however late it is handled."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await book_first_time(s, phone)
        s.complete_card()
        await s.tap(phone, "Check again")
        await s.tap(phone, "See the details")
        await s.tap(phone, "Cancel this session")
        s.clock.move_to(makers.SOON - DECISION_WINDOW)
        phone.tap(lambda button: button.label.startswith("Yes, cancel"))
        await s.take_in()
        s.clock.advance(HOUR)
        await s.bot.handle_pending()
        assert "Nothing is charged." in phone.last.text
        [session] = appointments.appointments(s.practice, client_of(phone))
        assert session.cancelled_at == session.free_until

    scene.play(act)


def test_nothing_is_stored_before_consent(scene: Scene, therapist: Actor) -> None:
    """K3a, A4a: what came in is wiped, and no dialogue begins."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone, "t_handle1")
        assert "If you agree, we keep" in phone.last.text
        await s.tap(phone, "What exactly is kept")
        assert phone.last.text.startswith("Privacy")
        await s.tap(phone, "Carry on")
        await s.write(phone, "hello?")
        assert "If you agree, we keep" in phone.last.text
        for model in (Client, Dialogue):
            assert not makers.all_rows(s.practice, model)

    scene.play(act)


def test_a_deep_link_survives_consent_and_books_in_few_taps(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone, "t_handle1")
        await s.tap(phone, "What exactly is kept")
        await s.tap(phone, "Carry on")
        await s.tap(phone, "I agree")
        assert phone.last.text.startswith("Zoë O'Brien")
        await s.tap(phone, "Fri 6 Mar 09:00")
        await s.tap(phone, "Go on")
        await s.tap(phone, "Use “Sam”")
        await s.write(phone, "sam@example.org")
        await s.tap(phone, "Book")
        s.complete_card()
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("Your session is booked")
        # A second booking with a card on record: time, book.
        other = makers.add_therapist(s.practice, "Ann Li")
        makers.open_slot(s.practice, other, makers.SOON + DAY)
        await s.start(phone, "t_handle2")
        await s.tap(phone, "Sat 7 Mar 09:00")
        assert "Card: Visa ending 4242" in phone.last.text
        await s.tap(phone, "Book · £60 · free to cancel until Thu 5 Mar 09:00")
        assert phone.last.text.startswith("Your session is booked")
        assert len(appointments.appointments(s.practice, client_of(phone))) == 2

    scene.play(act)


def test_inside_the_window_the_button_says_charged_today(scene: Scene) -> None:
    """B3a: said on the button that books."""
    therapist = makers.add_therapist(scene.practice, notice_s=0)
    makers.open_slot(scene.practice, therapist, makers.NOW + DAY)

    async def act(s: Scene) -> None:
        phone = s.phone()
        makers.add_client(s.practice, chat=phone.user.id)
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Tue 3 Mar")
        await s.tap(phone, "Go on to the terms")
        await s.tap(phone, "Book · £60 · charged today, no free cancellation")
        assert "£60, charged today, no free cancellation." in phone.last.text

    scene.play(act)


def test_a_free_first_session_needs_no_card(scene: Scene) -> None:
    """B6."""
    therapist = makers.add_therapist(scene.practice, initial_fee=0)
    makers.open_slot(scene.practice, therapist)

    async def act(s: Scene) -> None:
        phone = s.phone()
        makers.add_client(s.practice, chat=phone.user.id, card=False)
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar 09:00")
        await s.tap(phone, "Go on to the terms")
        await s.tap(phone, "Book · free of charge")
        assert "free of charge." in phone.last.text
        assert not s.stripe.made

    scene.play(act)


def test_a_hidden_profile_only_says_no_space(scene: Scene) -> None:
    """P3, A1: a hidden profile and one that never was look the same."""
    makers.add_therapist(scene.practice)

    async def act(s: Scene) -> None:
        phone = s.phone()
        makers.add_client(s.practice, chat=phone.user.id)
        said = []
        for payload in ("t_handle1", "t_nobody"):
            await s.start(phone, payload)
            said.append((phone.last.text, phone.last.buttons))
        assert said[0] == said[1]
        assert said[0][0].startswith("No space at the moment")

    scene.play(act)


@BOTH
def test_lists_turn_their_pages(scene: Scene) -> None:
    """P4: pages follow on each other, each visible profile once."""
    for number in range(7):
        person = makers.add_therapist(scene.practice, f"Person {number}")
        makers.open_slot(scene.practice, person)

    async def act(s: Scene) -> None:
        phone = s.phone()
        makers.add_client(s.practice, chat=phone.user.id)
        await s.start(phone)
        await s.tap(phone, "Find a")
        first = [label for label in phone.last.labels() if label.startswith("Person")]
        await s.tap(phone, "Next ›")
        second = [label for label in phone.last.labels() if label.startswith("Person")]
        assert sorted(first + second) == [f"Person {number}" for number in range(7)]
        await s.tap(phone, "‹ Previous")
        assert first == [label for label in phone.last.labels() if label.startswith("Person")]

    scene.play(act)


def test_every_screen_ends_with_the_way_back_and_has_home(scene: Scene, therapist: Actor) -> None:
    seen: list[list[str]] = []

    async def act(s: Scene) -> None:
        phone = s.phone()
        await s.start(phone)
        s.sandbox.on_change(lambda _: seen.append(phone.last.labels()))
        await book_first_time(s, phone)
        s.complete_card()
        await s.tap(phone, "Check again")
        for label in ("See the details", "Cancel this", "‹ Back", "‹ Back", "‹ Back", "My card"):
            await s.tap(phone, label)
        for labels in seen:
            assert "‹ Back" not in labels[:-1]
            assert "Home" in labels or "I agree, go on" in labels or "Find a counsellor" in labels

    scene.play(act)


def test_one_living_message(scene: Scene, therapist: Actor) -> None:
    """Navigation edits one message; only it has buttons (N7)."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await book_first_time(s, phone)
        with_buttons = [bubble for bubble in phone.messages if bubble.buttons]
        assert len(with_buttons) == 1
        # /start, the screen, then name and address each with the screen that follows it.
        assert [bubble.from_bot for bubble in phone.messages] == [False, True] * 3
        assert all(bubble.protected for bubble in phone.messages if bubble.from_bot)
        assert not phone.spinning

    scene.play(act)


def test_the_calendar_file_is_neutral_and_can_be_kept(scene: Scene, therapist: Actor) -> None:
    """N6: no name, no topic; the same entry as in the mails."""
    phone = scene.phone()
    slot = makers.open_slot(scene.practice, therapist, makers.SOON + DAY)
    session = makers.book_initial(
        scene.practice, makers.add_client(scene.practice, chat=phone.user.id), slot
    )

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "My sessions")
        await s.tap(phone, "Sat 7 Mar")
        await s.tap(phone, "Calendar file")
        sent = phone.last
        assert sent.document is not None
        assert not sent.protected
        lines = sent.document.data.decode("ascii").split("\r\n")
        assert f"UID:{session.id}@" in sent.document.data.decode()
        assert "DTSTART:20260307T090000Z" in lines
        assert "SUMMARY:Appointment" in lines
        assert "Zo" not in sent.document.data.decode()
        assert all(len(line) <= 75 for line in lines)

    scene.play(act)


def test_the_links_in_mails_lead_to_the_session(
    scene: Scene, therapist: Actor, client_of: Find
) -> None:
    """N1, A1: one's own session opens; anybody else's link leads where an unknown one does."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        await book_first_time(s, phone)
        s.complete_card()
        await s.settle()
        [session] = appointments.appointments(s.practice, client_of(phone))
        await s.start(phone, f"a_{session.id}")
        assert "With Zoë O'Brien" in phone.last.text
        await s.start(phone, f"pay_{session.id}")
        assert "With Zoë O'Brien" in phone.last.text
        other = s.phone(502, "Ben")
        await s.start(other)
        await s.tap(other, "I agree")
        for link in (f"a_{session.id}", "a_nosuchthing"):
            await s.start(other, link)
            assert "Zoë" not in other.last.text
            assert "There is no such entry" in other.last.text

    scene.play(act)
