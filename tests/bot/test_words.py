"""What people write: only what is asked for is kept; a crisis is answered at once (K3, A4a)."""

from __future__ import annotations

import json

import pytest

from helpspace.bot.crisis import sounds_like_crisis
from helpspace.core import accounts
from helpspace.core.actors import Actor
from helpspace.core.store.tables import Appointment, Client, Dialogue, Inbox
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene

HOSTILE = (
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;aGk=\x07Eve",
    "=1+1",
    "<b>Bob</b>",
    "Zoë O'Brien",
    "محمد",
    "李",
    "\u202eevil",
    "🙂" * 40,
    "*_`~",
)


def client(scene: Scene, phone: Phone) -> Actor:
    return makers.add_client(scene.practice, chat=phone.user.id)


def written(scene: Scene) -> str:
    """Everything readable that waits in the inbox, decrypted."""
    rows = makers.all_rows(scene.practice, Inbox)
    vault = scene.practice.vault
    return "".join(vault.open(row["sealed"], "inbox.payload") for row in rows if row["sealed"])


def test_text_that_nobody_asked_for_is_not_written_down(scene: Scene) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.write("my secret story")
        phone.write("/start my secret story")
        phone.write("/nothing secret")
        phone.send_photo(caption="secret caption")
        await s.take_in()
        assert "secret" not in written(s)
        assert '"c":"start"' in written(s)
        await s.bot.handle_pending()
        assert "secret" not in "".join(bubble.text for bubble in phone.messages if bubble.from_bot)
        assert not written(s)

    scene.play(act)


def test_what_was_asked_for_is_kept_until_it_is_handled(scene: Scene) -> None:
    therapist = makers.add_therapist(scene.practice)
    makers.open_slot(scene.practice, therapist)
    phone = scene.phone()
    accounts.register(scene.practice, phone.user.id)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        phone.write("Sam Smith")
        await s.take_in()
        assert json.loads(written(s))["t"] == "Sam Smith"
        await s.bot.handle_pending()
        assert not written(s)
        assert "Your name: Sam Smith" in phone.last.text

    scene.play(act)


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i’m SUICIDAL",
        "I don't want to live",
        "Some self-harm lately",
        "thinking to   kill\nmyself",
        "not suicidal, only asking",
        "ｋｉｌｌ ｍｙｓｅｌｆ",
        "I don’t want to be here any more",
        "i just want it all to end",
        "took too many pills",
        "feeling sucidal",
    ],
)
def test_words_that_sound_like_a_crisis(text: str) -> None:
    assert sounds_like_crisis(text)


@pytest.mark.parametrize("text", ["Sam", "sam@example.org", "Diewald", "Hello", "Will Dye", "100"])
def test_words_that_do_not(text: str) -> None:
    assert not sounds_like_crisis(text)


def test_a_crisis_is_answered_at_once_and_nothing_of_it_stays(scene: Scene) -> None:
    """K3: at any step, before consent too; the dialogue stays where it was."""
    therapist = makers.add_therapist(scene.practice)
    makers.open_slot(scene.practice, therapist)
    phone, stranger = scene.phone(501), scene.phone(502)
    actor = accounts.register(scene.practice, phone.user.id)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        before = makers.snapshot(s.practice)
        phone.write("I want to die")
        stranger.write("/start I want to die")
        stranger.send_photo(caption="suicide")
        await s.take_in()
        # What is written tells nothing: a call for help like any /help; the answer needs no queue.
        written = makers.snapshot(s.practice)
        new = [row for row in written.pop("inbox") if row["state"] == "new"]
        assert [row["kind"] for row in new] == ["command"] * 3
        for row in new:
            said = json.loads(s.practice.vault.open(row["sealed"], "inbox.payload"))
            assert set(said) == {"p", "c", "a"}
            assert (said["c"], said["a"]) == ("help", "")
        handled = before.pop("inbox")
        assert written == before
        await s.bot.handle_pending()
        for one in (phone, stranger):
            for number in ("999", "NHS 111", "116 123", "85258"):
                assert number in one.last.text
        after = makers.snapshot(s.practice)
        wiped = after.pop("inbox")[len(handled) :]
        assert [(row["state"], row["sealed"]) for row in wiped] == [("done", None)] * 3
        assert after == before
        await s.tap(phone, "Carry on")
        assert phone.last.text.startswith("Your name")
        assert "116 123" in "".join(bubble.text for bubble in phone.messages)
        await s.write(phone, "Sam")
        assert makers.row(s.practice, Client, actor)["name_sealed"]

    scene.play(act)


def test_help_and_privacy_answer_everybody(scene: Scene) -> None:
    """D8: also before consent."""

    async def act(s: Scene) -> None:
        phone = s.phone()
        for command in ("/help", "/urgent", "/privacy"):
            await s.write(phone, command)
            title = "Privacy" if command == "/privacy" else "Urgent help"
            assert phone.last.text.startswith(title)
        assert not makers.all_rows(s.practice, Dialogue)

    scene.play(act)


def test_stop_and_cancel_cancel_no_session(scene: Scene) -> None:
    """K2."""
    therapist = makers.add_therapist(scene.practice)
    phone = scene.phone()
    session = makers.session(scene.practice, therapist, client(scene, phone))

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:cancel:{session.id}")
        await s.write(phone, "/stop")
        assert "Stopped. Nothing was booked, cancelled or charged by this." in phone.last.text
        await s.write(phone, "/cancel")
        assert "Nothing was cancelled. To cancel a session, choose it here." in phone.last.text
        assert "Fri 6 Mar 09:00 · Zoë O'Brien" in phone.last.labels()
        assert makers.row(s.practice, Appointment, session.id)["state"] == "booked"

    scene.play(act)


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "contact", "file"])
def test_other_kinds_of_messages_get_one_kind_line(scene: Scene, kind: str) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "My card")
        if kind == "file":
            phone.send_file(b"%PDF-", name="x.pdf")
        else:
            getattr(phone, f"send_{kind}")()
        await s.settle()
        assert phone.last.text.startswith("I cannot take pictures, voice messages or files.")
        assert "My card" in phone.last.text

    scene.play(act)


def test_edited_messages_are_not_even_asked_for(scene: Scene) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.settle()
        await s.write(phone, "/start")
        count = len(phone.messages)
        phone.edit_message(phone.messages[0].message_id, "/card")
        await s.settle()
        assert len(phone.messages) == count

    scene.play(act)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_foreign_names_are_only_text(scene: Scene, name: str) -> None:
    """A3, A3a: on every screen and button, for both people of a session."""
    therapist = makers.add_therapist(scene.practice, name, headline=name, about=f"{name}\n{name}")
    makers.open_slot(scene.practice, therapist)
    phone = scene.phone(501, name)

    async def act(s: Scene) -> None:
        await s.start(phone)
        for label in ("I agree", "Find a"):
            await s.tap(phone, label)
        await s.tap(phone, phone.last.labels()[0])
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        if any(map(str.isalnum, name)):
            await s.tap(phone, "Use “")
        else:
            await s.write(phone, "Sam")
        await s.write(phone, "sam@example.org")
        await s.tap(phone, "Book")
        s.complete_card()
        await s.tap(phone, "Check again")
        await s.tap(phone, "See the details")
        for bubble in phone.messages:
            assert "\x1b" not in bubble.text
            assert "\u202e" not in bubble.text
            if bubble.from_bot:
                # The one emphasis is our own title; a foreign name adds none.
                assert [entity.type for entity in bubble.entities] in (["bold"], [])
        if name in ("Zoë O'Brien", "محمد", "李"):
            assert f"With {name}" in phone.last.text

    scene.play(act)


def test_a_name_without_letters_is_asked_for_again(scene: Scene) -> None:
    therapist = makers.add_therapist(scene.practice)
    makers.open_slot(scene.practice, therapist)
    phone = scene.phone()
    accounts.register(scene.practice, phone.user.id)

    async def act(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        await s.write(phone, "\u200f\u202e")
        assert "That name has no letters" in phone.last.text
        await s.write(phone, "x" * 4000)
        await s.tap(phone, "‹ Back")
        await s.tap(phone, "Keep “xxx")
        for wrong in ("nonsense", "a@b", "@", "sam@example.org and more"):
            await s.write(phone, wrong)
            assert "That is no e-mail address" in phone.last.text
        await s.write(phone, "Sam@Example.org")
        assert "Your e-mail: Sam@example.org" in phone.last.text

    scene.play(act)


@pytest.mark.parametrize("kind", ["supergroup", "channel", "group"])
def test_groups_and_channels_are_left_politely(scene: Scene, kind: str) -> None:
    phone = scene.phone()

    async def act(s: Scene) -> None:
        await s.settle()
        group = s.sandbox.group(-1001, kind=kind)  # type: ignore[arg-type]
        group.add_bot(phone)
        await s.settle()
        assert not group.chat.open
        assert "private chat" in group.messages[-1].text
        assert not makers.all_rows(s.practice, Client)
        assert not makers.all_rows(s.practice, Dialogue)

    scene.play(act)


def test_a_blocked_bot_is_remembered_and_forgiven(scene: Scene) -> None:
    """N7: notices go by e-mail meanwhile."""
    phone = scene.phone()
    actor = client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.write("/card")
        phone.block()
        await s.settle()
        assert makers.row(s.practice, Client, actor.id)["chat_blocked_at"]
        phone.unblock()
        await s.settle()
        assert not makers.row(s.practice, Client, actor.id)["chat_blocked_at"]

    scene.play(act)


def test_confirming_an_address(scene: Scene) -> None:
    """N1: only by its own account, once."""
    from helpspace.core import confirm

    phone, other = scene.phone(501), scene.phone(502)
    actor = client(scene, phone)
    client(scene, other)
    token = confirm.make_token(scene.practice, actor.id)

    async def act(s: Scene) -> None:
        await s.start(other, f"c_{token}")
        assert "That link is not valid any more" in other.last.text
        await s.start(phone, f"c_{token}")
        assert "Your e-mail address is confirmed." in phone.last.text
        await s.start(phone, f"c_{token}")
        assert "That link is not valid any more" in phone.last.text

    scene.play(act)


def test_coming_back_from_the_card_page(scene: Scene) -> None:
    """B3: `/start card` has the page looked at right away."""
    therapist = makers.add_therapist(scene.practice)
    slot = makers.open_slot(scene.practice, therapist)
    phone = scene.phone()
    makers.add_client(scene.practice, chat=phone.user.id, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        s.nudges.clear()
        await s.start(phone, "card")
        assert phone.last.text.startswith("Checking")
        assert s.nudges == ["cards"]
        s.complete_card()
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("Your session is booked")

    scene.play(act)
