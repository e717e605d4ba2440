"""Telegram's failures: waited out, tried again within bounds, never blindly repeated (N7)."""

from __future__ import annotations

import pytest

from helpspace.core.store.tables import Inbox
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Scene


@pytest.fixture
def phone(scene: Scene) -> Phone:
    made = scene.phone()
    makers.add_client(scene.practice, chat=made.user.id)
    return made


def unhandled(scene: Scene) -> list[str]:
    return [
        row["state"] for row in makers.all_rows(scene.practice, Inbox) if row["state"] != "done"
    ]


def test_a_wait_that_telegram_asks_for_is_kept(scene: Scene, phone: Phone) -> None:
    async def act(s: Scene) -> None:
        s.sandbox.faults.add("too_many", "sendMessage", seconds=3, times=2)
        await s.start(phone)
        assert phone.last.text.startswith("Home")
        assert len([b for b in phone.messages if b.from_bot]) == 1
        assert s.waited >= 3

    scene.play(act)


@pytest.mark.parametrize("kind", ["server_error", "bad_gateway", "network"])
def test_a_failing_telegram_is_tried_again(scene: Scene, phone: Phone, kind: str) -> None:
    async def act(s: Scene) -> None:
        s.sandbox.faults.add(kind, "sendMessage", times=2)  # type: ignore[arg-type]
        await s.start(phone)
        assert phone.last.text.startswith("Home")
        s.sandbox.faults.add(kind, "editMessageText", times=2)  # type: ignore[arg-type]
        await s.tap(phone, "My card")
        assert phone.last.text.startswith("My card")

    scene.play(act)


@pytest.mark.parametrize("kind", ["timeout", "network"])
def test_a_lost_answer_to_a_send_is_not_a_lost_message(
    scene: Scene, phone: Phone, kind: str
) -> None:
    async def act(s: Scene) -> None:
        s.sandbox.faults.add(kind, "sendMessage", after=True)  # type: ignore[arg-type]
        await s.start(phone)
        assert [b.text.split("\n")[0] for b in phone.messages if b.from_bot] == ["Home"]
        # Its number is unknown, so the next tap brings it to life where it is made.
        await s.tap(phone, "My card")
        assert [b.text.split("\n")[0] for b in phone.messages if b.from_bot] == ["My card"]

    scene.play(act)


def test_a_lost_answer_to_an_edit_is_simply_repeated(scene: Scene, phone: Phone) -> None:
    async def act(s: Scene) -> None:
        await s.start(phone)
        s.sandbox.faults.add("timeout", "editMessageText", after=True)
        await s.tap(phone, "My card")
        assert phone.last.text.startswith("My card")
        assert not unhandled(s)

    scene.play(act)


def test_a_telegram_that_stays_away_parks_the_answer_not_the_bot(
    scene: Scene, phone: Phone
) -> None:
    async def act(s: Scene) -> None:
        other = s.phone(777)
        s.sandbox.faults.add("network", "sendMessage", times=50, chat_id=phone.user.id)
        phone.write("/card")
        other.write("/start")
        await s.settle()
        assert unhandled(s) == ["parked"]
        assert other.last.text.startswith("Welcome")
        s.sandbox.faults.clear()
        await s.start(phone)
        assert phone.last.text.startswith("Home")

    scene.play(act)


def test_a_tap_that_is_too_old_to_answer_still_acts(scene: Scene, phone: Phone) -> None:
    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.tap("My card")
        s.clock.advance(200)
        await s.settle()
        assert phone.last.text.startswith("My card")

    scene.play(act)


def test_a_bot_whose_words_cannot_be_set_starts_all_the_same(scene: Scene, phone: Phone) -> None:
    scene.sandbox.faults.add("server_error", "setMyCommands")
    scene.sandbox.faults.add("network", "getMe")

    async def act(s: Scene) -> None:
        await s.start(phone)
        assert phone.last.text.startswith("Home")

    scene.play(act)


def test_a_crisis_is_answered_even_if_the_first_tries_fail(scene: Scene, phone: Phone) -> None:
    """K3: then as a durable call for help."""

    async def act(s: Scene) -> None:
        s.sandbox.faults.add("network", "sendMessage", times=4)
        await s.write(phone, "I want to die")
        await s.settle()
        assert "116 123" in phone.last.text

    scene.play(act)


def test_answers_keep_the_pace_of_a_chat(scene: Scene, phone: Phone) -> None:
    """One person's burst is spread: Telegram bears about one message a second in a chat."""

    async def act(s: Scene) -> None:
        for _ in range(10):
            phone.write("/card")
        await s.settle()
        assert len([b for b in phone.messages if b.from_bot]) == 10
        assert s.waited > 5

    scene.play(act)
