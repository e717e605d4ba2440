"""Buttons that are old, foreign, forged or tapped twice: answered kindly, changing nothing (A1)."""

from __future__ import annotations

import pytest

from helpspace.bot import codec
from helpspace.core import appointments
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY
from helpspace.core.store.tables import Appointment, Claim, Inbox
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

UNKNOWN = "aaaaaaaaaaaa"


@pytest.fixture
def therapist(scene: Scene) -> Actor:
    return makers.add_therapist(scene.practice)


@pytest.fixture
def slot(scene: Scene, therapist: Actor) -> str:
    return makers.open_slot(scene.practice, therapist)


def client(scene: Scene, phone: Phone, *, card: bool = True) -> Actor:
    """Register the person of a phone as a client who has booked before."""
    return makers.add_client(scene.practice, phone.user.first_name, chat=phone.user.id, card=card)


def booked(scene: Scene, phone: Phone, slot: str) -> AppointmentView:
    """Let the person of a phone have a session."""
    return makers.book_initial(scene.practice, client(scene, phone), slot)


def lasting(scene: Scene) -> dict[str, object]:
    """Everything in the store but where people are in the chat."""
    kept = makers.snapshot(scene.practice)
    return {name: rows for name, rows in kept.items() if name not in ("inbox", "dialogue")}


OF_A_SESSION = (
    "a:{}",
    "pay:{}",
    "1:money:{}",
    "1:pay:{}",
    "1:session:{}",
    "1:cancel:{}",
    "1:cancelled:{}:0",
    "1:file:{}",
    "1:receipt:{}",
    "1:rest:{}:000000000000",
    "1:absent:{}",
    "1:absented:{}",
    "1:askmove:{}",
    "1:moveasked:{}",
)


@pytest.mark.parametrize("data", OF_A_SESSION)
def test_another_clients_session_is_like_none(scene: Scene, slot: str, data: str) -> None:
    owner, stranger = scene.phone(501, "Sam"), scene.phone(502, "Kim")
    foreign = booked(scene, owner, slot)
    client(scene, stranger)

    async def act(s: Scene) -> None:
        seen = []
        before = lasting(s)
        for wanted in (foreign.id, UNKNOWN):
            await s.start(stranger)
            await s.press(stranger, data.format(wanted))
            assert stranger.toast is not None
            seen.append((stranger.last.text, stranger.last.buttons, stranger.toast))
        assert seen[0] == seen[1]
        assert "Zoë" not in seen[0][0]
        assert seen[0][2].text.startswith("That button is from an older message.")
        assert lasting(s) == before

    scene.play(act)


@pytest.mark.parametrize("data", ["1:slot:{0}:{1}", "s:{0}", "1:book:{0}:{1}:6000:0:1"])
def test_a_slot_that_is_gone_leads_to_the_next_free_ones(
    scene: Scene, therapist: Actor, slot: str, data: str
) -> None:
    """C4: the loser is told at once and shown what is free; taken and never been look the same."""
    makers.open_slot(scene.practice, therapist, makers.SOON + DAY)
    booked(scene, scene.phone(501), slot)
    loser = scene.phone(502, "Kim")
    client(scene, loser)

    async def act(s: Scene) -> None:
        seen = []
        for wanted in (slot, UNKNOWN):
            await s.start(loser)
            await s.press(loser, data.format(wanted, therapist.id))
            seen.append((loser.last.text, loser.last.buttons))
        assert seen[0] == seen[1]
        assert "That time has just gone. Nothing was booked or charged" in seen[0][0]
        assert "Zoë O'Brien" in seen[0][0]
        assert len(makers.all_rows(s.practice, Appointment)) == 1

    scene.play(act)


@pytest.mark.parametrize(
    "data",
    [
        "x",
        "1:",
        "1:home:",
        "2:home",
        "1:session:",
        "1:session:ABC",
        "1:nothing",
        "a:'; drop table",
        "1:book:aaaaaaaaaaaa:aaaaaaaaaaaa:-1:0:1",
        "1:day:aaaaaaaaaaaa:٢٠٢٦٠٣٠٦",
        "\u202e\u0000\u001b]52;c;x",
        "é" * 32,
    ],
)
def test_invented_bytes_get_a_toast_and_a_fresh_screen(scene: Scene, slot: str, data: str) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Find a")
        before = lasting(s)
        await s.press(phone, data)
        assert phone.toast is not None
        assert phone.toast.text.startswith("That button is from an older message.")
        assert phone.last.text.startswith("Counsellors with free times")
        assert lasting(s) == before

    scene.play(act)


def test_forged_terms_book_nothing(scene: Scene, therapist: Actor, slot: str) -> None:
    """M7a: a button with another fee is refused, and the review is shown again."""
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:30:0:1")
        assert "The terms have changed since you looked" in phone.last.text
        assert not makers.all_rows(s.practice, Appointment)

    scene.play(act)


def test_no_button_books_a_follow_up_or_moves_one(scene: Scene) -> None:
    """B2: no verb of the codec makes or moves an appointment but the one that books a slot."""
    assert set(codec.VERBS) == {
        "home", "on", "welcome", "help", "privacy", "agree", "find", "who", "days", "day", "slot",
        "name", "named", "email", "terms", "book", "hold", "free", "mine", "session", "file",
        "cancel", "cancelled", "card", "page", "pay", "money", "wishes", "wish", "want", "clear",
        "again", "soon", "past", "receipts", "receipt", "rest", "absent", "absented", "askmove",
        "moveasked", "uncard", "uncarded",
        "me", "zone", "zoned", "told", "discreet", "address", "mydata", "forget", "forgotten",
        "write", "tickets", "ticket", "partners", "part", "parted", "invited", "called", "joined",
    }  # fmt: skip


def test_tapping_twice_books_once(scene: Scene, therapist: Actor, slot: str) -> None:
    phone = scene.phone()
    actor = client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        for _ in range(3):
            phone.tap(lambda button: button.label.startswith("Book"))
        await s.settle()
        assert phone.last.text.startswith("Your session is booked")
        assert len(appointments.appointments(s.practice, actor)) == 1
        assert not phone.spinning

    scene.play(act)


def test_tapping_twice_holds_once_and_shows_the_same_page(
    scene: Scene, therapist: Actor, slot: str
) -> None:
    phone = scene.phone()
    client(scene, phone, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        for _ in range(2):
            phone.tap(lambda button: button.label.startswith("Book"))
        await s.settle()
        assert len(s.stripe.made) == 1
        assert phone.last.text.startswith("One step left")

    scene.play(act)


def test_tapping_cancel_twice_cancels_once(scene: Scene, slot: str) -> None:
    phone = scene.phone()
    session = booked(scene, phone, slot)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"a:{session.id}")
        await s.tap(phone, "Cancel this")
        for _ in range(2):
            phone.tap(lambda button: button.label.startswith("Yes, cancel"))
        await s.settle()
        assert "cancelled" in phone.last.text
        trail = [row for row in makers.snapshot(s.practice)["audit"] if row["act"] == "cancel"]
        assert len(trail) == 1

    scene.play(act)


def test_news_stays_and_its_button_opens_a_new_message(scene: Scene, slot: str) -> None:
    """N7: a notice is a receipt; its Details button works for months."""
    phone = scene.phone()
    session = booked(scene, phone, slot)

    async def act(s: Scene) -> None:
        await s.start(phone)
        news = await s.bot.bot.send_message(
            phone.user.id, "Booked.", reply_markup=keyboard("Details", f"a:{session.id}")
        )
        await s.tap(phone, "Details")
        assert phone.message(news.message_id).text == "Booked."
        assert phone.last.text.startswith("First session")
        assert phone.last.message_id > news.message_id
        # The living message before it has lost its buttons; the news has kept its own.
        assert [b.message_id for b in phone.messages if b.buttons] == [
            news.message_id,
            phone.last.message_id,
        ]

    scene.play(act)


def keyboard(label: str, data: str) -> object:
    """Return a keyboard of one button, as the jobs send it under news."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])


def test_an_old_screen_comes_to_life_where_it_is_tapped(scene: Scene, slot: str) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        old = phone.last.message_id
        await s.start(phone)
        await s.press(phone, "1:card", message_id=old)
        assert phone.message(old).text.startswith("My card")
        assert [b.message_id for b in phone.messages if b.buttons] == [old]

    scene.play(act)


def test_a_deleted_message_is_replaced_by_a_new_one(scene: Scene, slot: str) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        gone = phone.last.message_id
        phone.delete_message(gone)
        phone.press("1:card", message_id=gone)
        await s.settle()
        assert phone.last.text.startswith("My card")

    scene.expected += ("message to edit not found",)
    scene.play(act)


def test_strangers_with_buttons_are_asked_for_consent(scene: Scene, slot: str) -> None:
    """K3a: whatever a stranger sends leads to what is kept."""
    phone = scene.phone()
    session = booked(scene, scene.phone(502), slot)

    async def act(s: Scene) -> None:
        await s.start(phone)
        before = lasting(s)
        for data in ("1:mine:0", f"a:{session.id}", f"s:{slot}", "card", "1:find:0"):
            await s.press(phone, data)
            assert "If you agree, we keep" in phone.last.text
        assert lasting(s) == before

    scene.play(act)


def test_old_consent_is_asked_again(scene: Scene) -> None:
    phone = scene.phone()

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, "1:agree:2001-01:")
        assert "If you agree, we keep" in phone.last.text

    scene.play(act)


def test_a_hold_that_is_over_says_so(scene: Scene, therapist: Actor, slot: str) -> None:
    """B3: an expired hold is free again; a newer hold ends an older one."""
    phone = scene.phone()
    client(scene, phone, card=False)
    second = makers.open_slot(scene.practice, therapist, makers.SOON + DAY)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        [old] = s.stripe.made
        await s.press(phone, f"1:book:{second}:{therapist.id}:6000:0:1")
        await s.press(phone, f"1:hold:{old}:{slot}:{therapist.id}")
        assert phone.last.text.startswith("The time is no longer held")
        await s.press(phone, f"1:free:{slot}:{therapist.id}")
        held = makers.row(s.practice, Claim, second)
        assert held["state"] == "held"
        await s.start(phone)
        assert "A time is held for you until 09:31." in phone.last.text
        await s.tap(phone, "Finish my booking")
        assert phone.last.text.startswith("One step left")
        s.clock.advance(40 * 60)
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("The time is no longer held")
        await s.tap(phone, "Look at the time again")
        assert phone.last.text.startswith("Your booking")

    scene.play(act)


def test_letting_a_held_time_go(scene: Scene, therapist: Actor, slot: str) -> None:
    phone = scene.phone()
    client(scene, phone, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        await s.tap(phone, "Let the time go")
        assert "The time is free again." in phone.last.text
        assert "Finish my booking" not in phone.last.labels()
        assert makers.row(s.practice, Claim, slot)["state"] == "open"

    scene.play(act)


def test_an_unpaid_fee_shows_the_reason_and_a_new_card(scene: Scene, slot: str) -> None:
    """M6."""
    from helpspace.core.store.tables import Payment

    phone = scene.phone()
    session = booked(scene, phone, slot)
    scene.clock.move_to(session.free_until + 100)
    makers.set_row(scene.practice, Payment, session.id, status="failed", reason="expired_card")

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"pay:{session.id}")
        assert "£60 did not go through, because the card has expired." in phone.last.text
        await s.tap(phone, "Use another card")
        assert phone.last.text.startswith("Your card")
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("Your card")
        s.complete_card()
        await s.tap(phone, "Check again")
        assert "Visa ending 4242, until 12/30." in phone.last.text

    scene.play(act)


def test_every_screens_buttons_are_short_and_read_back(
    scene: Scene, therapist: Actor, slot: str
) -> None:
    """All callback data of a walk fits, and means what it says."""
    phone = scene.phone()
    session = booked(scene, scene.phone(502), slot)
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        for _ in range(40):
            for row in phone.last.buttons:
                for one in row:
                    if one.kind == "callback":
                        assert len(one.value.encode()) <= codec.MOST_BYTES
                        assert codec.read(one.value) is not None
            choices = [b.label for row in phone.last.buttons for b in row if b.kind == "callback"]
            await s.tap(phone, choices[hash_of(phone.last.text) % len(choices)])
        assert session.id

    scene.play(act)
    assert not [row for row in makers.all_rows(scene.practice, Inbox) if row["sealed"]]


def hash_of(text: str) -> int:
    """Return a number that is the same in every run."""
    return sum(text.encode())


def test_preview_and_act_refuse_alike_after_the_start(scene: Scene, slot: str) -> None:
    """M2: after the start a client cannot cancel."""
    phone = scene.phone()
    session = booked(scene, phone, slot)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:cancel:{session.id}")
        s.clock.move_to(session.start)
        await s.tap(phone, "Yes, cancel")
        assert "This session has started" in phone.last.text
        await s.press(phone, f"a:{session.id}")
        assert "can no longer be cancelled" in phone.last.text
        assert "Cancel this session" not in phone.last.labels()
        assert makers.row(s.practice, Appointment, session.id)["state"] == "booked"

    scene.play(act)
