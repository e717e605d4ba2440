"""Finding somebody: wishes by buttons, pages, pictures, sharing, and who is free soon (P3, P4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpspace.bot import codec
from helpspace.bot.screens.wishes import FIELDS
from helpspace.core import accounts, inbox, kept_wishes, profiles
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.store.tables import Client, Dialogue, Document, Therapist, Wish
from helpspace.core.wishes import CONCERNS, Wishes, mask_of
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene
from tests.core import applicants

Find = Callable[[Phone], Actor]


@pytest.fixture
def phone(scene: Scene) -> Phone:
    """A phone whose person has agreed and booked before."""
    made = scene.phone()
    makers.add_client(scene.practice, chat=made.user.id)
    return made


def ready(scene: Scene, name: str, start: int = makers.SOON, **work: Any) -> Actor:
    made = makers.add_therapist(scene.practice, name, **work)
    makers.open_slot(scene.practice, made, start)
    return made


def people(phone: Phone) -> list[str]:
    """The names on the buttons of the newest message."""
    return [label for label in phone.last.labels() if label.startswith("T")]


# Wishes


def test_wishes_are_chosen_changed_and_taken_back(scene: Scene, phone: Phone) -> None:
    ready(scene, "Two", concerns=mask_of(["Grief", "Sleep"], CONCERNS), initial_fee=4000)
    ready(scene, "One", makers.SOON + 9 * HOUR, concerns=mask_of(["Grief"], CONCERNS))

    async def act(s: Scene) -> None:
        await s.start(phone)
        for label in ("Find a", "What I look for", "Concerns", "Grief", "More choices", "Sleep"):
            await s.tap(phone, label)
        # The eleventh concern is on the second page; the screen stays there.
        assert phone.last.text.startswith("What should they work with?")
        assert "Chosen: Grief, Sleep." in phone.last.text
        assert "✓ Sleep" in phone.last.labels()
        await s.tap(phone, "Show who fits")
        assert phone.last.text.index("Two") < phone.last.text.index("One")
        assert "fits 2 of 2: Grief, Sleep" in phone.last.text
        assert "fits 1 of 2: Grief; not Sleep" in phone.last.text
        for label in ("My wishes (2)", "Concerns", "✓ Grief", "‹ Back", "Days and times"):
            await s.tap(phone, label)
        await s.tap(phone, "Evenings")
        assert "Chosen: evenings." in phone.last.text
        await s.tap(phone, "‹ Back")
        assert "Concerns: Sleep\nDays and times: evenings" in phone.last.text
        await s.tap(phone, "Show who fits")
        assert "fits 1 of 2: Sleep; not evenings" in phone.last.text
        assert "fits 1 of 2: evenings; not Sleep" in phone.last.text
        assert "free Fri 6 Mar 18:00" in phone.last.text
        for label in ("My wishes (2)", "Clear my wishes"):
            await s.tap(phone, label)
        assert "Nothing chosen yet, so everybody is shown." in phone.last.text
        await s.tap(phone, "Show who fits")
        assert "fits" not in phone.last.text

    scene.play(act)


@pytest.mark.parametrize("field", range(len(FIELDS)))
def test_every_choice_of_every_wish_can_be_made_and_skipped(
    scene: Scene, phone: Phone, field: int
) -> None:
    """Each wish by itself: every button is there once, says what is chosen, and leads back."""
    ready(scene, "Ann")

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Find a")
        await s.tap(phone, "What I look for")
        await s.tap(phone, FIELDS[field].label)
        assert "Nothing chosen, so it does not matter." in phone.last.text
        choices = FIELDS[field].choices
        met = [label for label in phone.last.labels() if label in choices]
        if "More choices ›" in phone.last.labels():
            await s.tap(phone, "More choices ›")
            met += [label for label in phone.last.labels() if label in choices]
        assert tuple(met) == choices
        last = FIELDS[field].choices[-1]
        await s.tap(phone, last)
        assert f"✓ {last}" in phone.last.labels()
        assert "Chosen: " in phone.last.text
        assert len(phone.last.buttons) <= 8
        await s.tap(phone, "Show who fits")
        assert "of 1" in phone.last.text
        await s.tap(phone, "My wishes (1)")
        assert f"{FIELDS[field].label}: " in phone.last.text
        await s.tap(phone, FIELDS[field].label)
        if "More choices ›" in phone.last.labels():
            await s.tap(phone, "More choices ›")
        await s.tap(phone, f"✓ {last}")
        assert "Nothing chosen" in phone.last.text

    scene.play(act)


def test_a_second_tap_and_a_repeat_change_nothing(scene: Scene, phone: Phone) -> None:
    """D1: the button says what is to be, so the same tap twice, also after a kill, is one."""
    ready(scene, "Ann")

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, "1:want:0:3:1:0")
        phone.press("1:want:0:3:1:0")
        phone.press("1:want:0:3:1:0")
        await s.settle()
        assert "Chosen: Grief." in phone.last.text
        for data in ("1:want:0:99:1:0", "1:want:3:3:1:0", "1:wish:0:9"):
            await s.press(phone, data)
        await s.tap(phone, "Show who fits")
        assert "My wishes (1)" in phone.last.labels()

    scene.play(act)


def test_wishes_are_in_the_encrypted_draft_and_nowhere_else(
    scene: Scene, phone: Phone, client_of: Find
) -> None:
    """K3a, D7: forgotten a day after the last step; a booking keeps them, for the next search."""
    therapist = ready(scene, "Ann", makers.SOON)
    makers.open_slot(scene.practice, therapist, makers.SOON + DAY)
    other = ready(scene, "Ben", makers.SOON + 2 * DAY)

    async def act(s: Scene) -> None:
        await s.start(phone)
        before = makers.snapshot(s.practice)
        await s.press(phone, "1:want:0:3:1:0")
        after = makers.snapshot(s.practice)
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed <= {"inbox", "dialogue"}
        [dialogue] = makers.all_rows(s.practice, Dialogue)
        assert b"Grief" not in b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for value in dialogue.values()
        )
        await s.start(phone, "t_handle2")
        assert inbox.place(s.practice, phone.user.id).draft["wishes"] == {"concerns": ["Grief"]}
        await s.tap(phone, "Sun 8 Mar")
        await s.tap(phone, "Go on")
        await s.tap(phone, "Book")
        assert phone.last.text.startswith("Your session is booked")
        assert len(makers.all_rows(s.practice, Wish)) == 1
        assert kept_wishes.latest(s.practice, client_of(phone)) == Wishes(concerns=8)
        s.clock.advance(DAY + 1)
        inbox.sweep(s.practice)
        assert not makers.all_rows(s.practice, Dialogue)
        await s.start(phone)
        await s.tap(phone, "Find a")
        await s.tap(phone, "What I look for")
        assert "Nothing chosen yet" in phone.last.text
        await s.tap(phone, "The same as last time")
        assert "Concerns: Grief" in phone.last.text
        assert other.id

    scene.play(act)


# The list


def test_pages_and_ways_back_keep_the_order_and_a_new_search_draws_anew(
    scene: Scene, phone: Phone
) -> None:
    """P4: lots are drawn for a search, which lasts until one goes home or wishes otherwise."""
    for number in range(9):
        ready(scene, f"T{number}")

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Find a")
        first = people(phone)
        await s.tap(phone, "Next ›")
        second = people(phone)
        assert sorted(first + second) == [f"T{number}" for number in range(9)]
        await s.tap(phone, second[0])
        await s.tap(phone, "‹ Back")
        assert people(phone) == second
        await s.tap(phone, "‹ Previous")
        assert people(phone) == first
        orders = set()
        for _ in range(6):
            await s.tap(phone, "Home")
            await s.tap(phone, "Find a")
            orders.add(tuple(people(phone)))
        assert len(orders) > 3

    scene.play(act)


# One profile


@pytest.fixture
def files(scene: Scene, tmp_path: Path) -> Path:
    """A place for uploaded files."""
    settings = replace(scene.practice.settings, files=tmp_path / "files")
    scene.practice = replace(scene.practice, settings=settings)
    return tmp_path / "files"


def with_picture(scene: Scene, email: str = "zoe@example.org") -> str:
    """Let a counsellor apply with a picture until they are visible; return their handle."""
    one = applicants.fill_in(scene.practice, email)
    applicants.submit(scene.practice, one)
    applicants.approve(scene.practice, one)
    makers.set_row(
        scene.practice, Therapist, one, charges_enabled=1, payouts_enabled=1,
        course_done_at=makers.NOW, initial_fee=6000, initial_minutes=50,
    )  # fmt: skip
    who = Actor.therapist(one)
    for day in range(5):
        makers.open_slot(scene.practice, who, makers.SOON + day * DAY)
    return profiles.therapist(scene.practice, who, one).handle


def kinds(phone: Phone) -> list[str]:
    """What the bot's messages are, from top to bottom."""
    return ["photo" if b.photo else "text" for b in phone.messages if b.from_bot]


def test_the_picture_is_a_message_above_and_the_text_stays_last(
    scene: Scene, phone: Phone, files: Path
) -> None:
    handle = with_picture(scene)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Find a")
        [name] = [label for label in phone.last.labels() if label.startswith(applicants.NAME)]
        await s.tap(phone, name)
        assert kinds(phone) == ["photo", "text"]
        photo, text = [bubble for bubble in phone.messages if bubble.from_bot]
        assert photo.photo is not None
        assert photo.photo.data.startswith(b"\xff\xd8")
        assert (photo.text, photo.silent, photo.protected) == (applicants.NAME, True, True)
        assert not photo.buttons
        assert text.text.startswith(applicants.NAME)
        # Days, times and the booking go on below the same picture.
        for label in ("All free times", "Fri 6 Mar", "09:00", "‹ Back"):
            await s.tap(phone, label)
            assert kinds(phone) == ["photo", "text"]
            assert [b.message_id for b in phone.messages if b.buttons] == [phone.last.message_id]
        assert len(s.sandbox.calls_of("sendPhoto")) == 1
        # Whoever leaves the profile leaves the picture.
        await s.tap(phone, "‹ Back")
        assert kinds(phone) == ["text"]
        assert phone.last.text.startswith("Counsellors")
        # The second time it goes by its number at Telegram.
        await s.start(phone, f"t_{handle}")
        first, second = s.sandbox.calls_of("sendPhoto")
        assert isinstance(second.params["photo"], str)
        assert first.params["photo"] != second.params["photo"]
        assert kinds(phone)[-2:] == ["photo", "text"]
        assert [bool(b.buttons) for b in phone.messages if b.from_bot][-1]
        await s.tap(phone, "Home")
        assert "photo" not in kinds(phone)
        assert not phone.spinning

    scene.play(act)


def test_another_profile_has_another_picture(scene: Scene, phone: Phone, files: Path) -> None:
    one, other = with_picture(scene), with_picture(scene, "other@example.org")
    rows = makers.all_rows(scene.practice, Document)
    newest = [row["id"] for row in rows if row["kind"] == "picture"][-1]
    makers.set_row(scene.practice, Document, newest, digest="another")

    async def act(s: Scene) -> None:
        await s.start(phone, f"t_{one}")
        await s.start(phone, f"t_{other}")
        assert kinds(phone).count("photo") == 1
        assert kinds(phone)[-2:] == ["photo", "text"]
        assert len(s.sandbox.calls_of("sendPhoto")) == 2
        # The same one by its link again comes to the bottom with its picture.
        await s.start(phone, f"t_{other}")
        assert kinds(phone).count("photo") == 1
        assert kinds(phone)[-2:] == ["photo", "text"]

    scene.play(act)


def test_a_picture_that_cannot_be_had_is_left_out(scene: Scene, phone: Phone, files: Path) -> None:
    handle = with_picture(scene)
    for path in files.iterdir():
        path.unlink()

    async def act(s: Scene) -> None:
        await s.start(phone, f"t_{handle}")
        assert kinds(phone) == ["text"]
        assert "All free times" in phone.last.labels()

    scene.play(act)


def test_a_number_that_telegram_has_forgotten_is_uploaded_again(
    scene: Scene, phone: Phone, files: Path
) -> None:
    handle = with_picture(scene)
    scene.expected += ("wrong file identifier", "wrong remote file identifier")

    async def act(s: Scene) -> None:
        await s.start(phone, f"t_{handle}")
        await s.tap(phone, "Home")
        numbers = s.bot._desk._portraits._numbers
        for digest in numbers:
            numbers[digest] = "AgACAgIAAxkDAAMnothing"
        await s.start(phone, f"t_{handle}")
        assert kinds(phone)[-2:] == ["photo", "text"]

    scene.play(act)


def test_a_profile_can_be_shared_and_its_link_leads_straight_there(
    scene: Scene, phone: Phone
) -> None:
    ready(scene, "Ann")

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Find a")
        await s.tap(phone, "Ann")
        phone.tap("Share this profile")
        [opened] = phone.opened
        name = s.bot.bot.username
        assert opened == (
            f"https://t.me/share/url?url=https%3A%2F%2Ft.me%2F{name}%3Fstart%3Dt_handle1"
        )
        friend = s.phone(502, "Kim")
        friend.open(f"https://t.me/{name}?start=t_handle1")
        await s.settle()
        await s.tap(friend, "I agree")
        assert friend.last.text.startswith("Ann")

    scene.play(act)


# Soon


def test_who_could_see_me_tomorrow_evening(scene: Scene, phone: Phone) -> None:
    today = ready(scene, "Today", makers.NOW + 5 * HOUR, notice_s=0)
    ready(scene, "Tomorrow", makers.NOW + DAY + 9 * HOUR, notice_s=0)
    makers.open_slot(scene.practice, today, makers.NOW + DAY)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Who could see me soon?")
        assert phone.last.text.startswith("Free in the next 7 days")
        assert phone.last.labels()[:2] == ["Mon 2 Mar 14:00 · Today", "Tue 3 Mar 18:00 · Tomorrow"]
        await s.tap(phone, "Tomorrow")
        assert phone.last.labels()[:2] == ["Tue 3 Mar 09:00 · Today", "Tue 3 Mar 18:00 · Tomorrow"]
        await s.tap(phone, "Evening")
        await s.tap(phone, "✓ Evening")
        assert phone.last.text.startswith("Free tomorrow\n")
        await s.tap(phone, "Evening")
        assert phone.last.text.startswith("Free tomorrow, in the evening")
        assert phone.last.labels()[0] == "Tue 3 Mar 18:00 · Tomorrow"
        assert "Today" not in phone.last.labels()[0]
        await s.tap(phone, "Morning")
        assert phone.last.labels()[0] == "Tue 3 Mar 09:00 · Today"
        await s.tap(phone, "Today")
        assert "Nobody is free then. These are the next free times." in phone.last.text
        assert phone.last.labels()[0] == "Mon 2 Mar 14:00 · Today"
        await s.tap(phone, "Mon 2 Mar 14:00")
        assert phone.last.text.startswith("Your booking")
        await s.tap(phone, "‹ Back")
        await s.tap(phone, "‹ Back")
        assert phone.last.text.startswith("Free today, in the morning")

    scene.play(act)


def test_today_is_the_clients_day(scene: Scene, phone: Phone, client_of: Find) -> None:
    """Half past six in London is midnight in Kolkata."""
    ready(scene, "Late", makers.NOW + 10 * HOUR, notice_s=0)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, "1:soon:0:0:0")
        assert "Mon 2 Mar 19:00 · Late" in phone.last.labels()
        accounts.set_zone(s.practice, client_of(phone), "Asia/Kolkata")
        await s.press(phone, "1:soon:0:0:0")
        assert "Nobody is free then." in phone.last.text
        await s.press(phone, "1:soon:1:1:0")
        assert "Tue 3 Mar 00:30 · Late" in phone.last.labels()
        assert "Nobody" not in phone.last.text

    scene.play(act)


def test_free_times_turn_their_pages(scene: Scene, phone: Phone) -> None:
    for number in range(6):
        ready(scene, f"T{number}", makers.NOW + DAY + number * HOUR)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.tap(phone, "Who could see me soon?")
        first = [label for label in phone.last.labels() if "· T" in label]
        await s.tap(phone, "Next ›")
        second = [label for label in phone.last.labels() if "· T" in label]
        assert [label[-2:] for label in first + second] == [f"T{number}" for number in range(6)]
        assert len(phone.last.buttons) <= 8
        await s.press(phone, "1:soon:2:0:9")
        assert [label for label in phone.last.labels() if "· T" in label] == first

    scene.play(act)


def test_with_nobody_at_all_there_is_a_way_on(scene: Scene, phone: Phone) -> None:
    async def act(s: Scene) -> None:
        await s.start(phone)
        for data in ("1:find:0", "1:soon:0:3:0", "1:wishes"):
            await s.press(phone, data)
            assert "Home" in phone.last.labels()
        await s.press(phone, "1:soon:0:3:0")
        assert "Nobody has a free time at the moment." in phone.last.text

    scene.play(act)


NEW = ("find", "wishes", "wish", "want", "clear", "again", "soon")


def test_strangers_and_groups_get_none_of_it(scene: Scene) -> None:
    """K3a: nothing of a search is shown or stored before consent."""
    ready(scene, "Ann")

    async def act(s: Scene) -> None:
        stranger = s.phone(777, "Kim")
        await s.start(stranger)
        for verb in NEW:
            args = ["0"] * len(codec.VERBS[verb])
            await s.press(stranger, ":".join(("1", verb, *args)))
            assert "If you agree, we keep" in stranger.last.text
            assert "Ann" not in stranger.last.text
        for model in (Client, Dialogue):
            assert not makers.all_rows(s.practice, model)

    scene.play(act)
