"""Whatever comes in besides words and taps: nothing of it is kept, and nobody is left without an
answer who needs one (A4a, K3)."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from helpspace.bot import codec, intake
from helpspace.core import cards, inbox
from helpspace.core.store.tables import Inbox
from tests import makers
from tests.bot.conftest import Scene

SECRET = "canary-words"
ME = {"id": 501, "is_bot": False, "first_name": "Sam"}
CHAT = {"id": 501, "type": "private", "first_name": "Sam"}
BASE: dict[str, Any] = {"message_id": 9, "date": makers.NOW, "chat": CHAT, "from": ME}
ORIGIN = {"type": "hidden_user", "sender_user_name": SECRET, "date": makers.NOW}
FILE = {"file_id": "f", "file_unique_id": "u"}
POLL = {
    "id": "1", "question": SECRET, "options": [], "total_voter_count": 0, "is_closed": False,
    "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}  # fmt: skip

MESSAGES: dict[str, dict[str, Any]] = {
    "forwarded": {"text": SECRET, "forward_origin": ORIGIN},
    "from a bot": {"text": SECRET, "via_bot": {"id": 7, "is_bot": True, "first_name": "x"}},
    "sticker": {"sticker": {**FILE, "type": "regular", "width": 1, "height": 1,
                            "is_animated": False, "is_video": False}},
    "voice": {"voice": {**FILE, "duration": 1}, "caption": SECRET},
    "photo": {"photo": [{**FILE, "width": 1, "height": 1}], "caption": SECRET},
    "file": {"document": {**FILE, "file_name": SECRET}, "caption": SECRET},
    "contact": {"contact": {"phone_number": "+44", "first_name": SECRET}},
    "place": {"location": {"latitude": 1.0, "longitude": 2.0}},
    "poll": {"poll": POLL},
    "unknown": {"something_new": {"text": SECRET}},
}  # fmt: skip

OTHERS: dict[str, dict[str, Any]] = {
    "edited_message": {**BASE, "text": SECRET, "edit_date": makers.NOW},
    "business_message": {**BASE, "text": SECRET, "business_connection_id": "b"},
    "edited_business_message": {**BASE, "text": SECRET, "business_connection_id": "b"},
    "deleted_business_messages": {"business_connection_id": "b", "chat": CHAT, "message_ids": [1]},
    "inline_query": {"id": "1", "from": ME, "query": SECRET, "offset": ""},
    "chosen_inline_result": {"result_id": "1", "from": ME, "query": SECRET},
    "poll": POLL,
    "poll_answer": {"poll_id": "1", "user": ME, "option_ids": [0]},
    "shipping_query": {"id": "1", "from": ME, "invoice_payload": SECRET,
                       "shipping_address": {"country_code": "GB", "state": "", "city": "x",
                                            "street_line1": "x", "street_line2": "",
                                            "post_code": "x"}},
    "never_heard_of": {"text": SECRET},
}  # fmt: skip


def kept(scene: Scene) -> list[str]:
    """What the inbox holds, opened."""
    rows = makers.all_rows(scene.practice, Inbox)
    vault = scene.practice.vault
    return [vault.open(row["sealed"], "inbox.payload") for row in rows if row["sealed"]]


def asked(scene: Scene) -> None:
    """Sam is asked for their name: the step in which words are kept."""
    makers.add_client(scene.practice, None, None, chat=501, card=False)
    step = codec.data("name", "aaaaaaaaaaaa", "aaaaaaaaaaaa")
    inbox.move_to(scene.practice, 501, inbox.Place(step, {}, None))


@pytest.mark.parametrize("kind", MESSAGES)
def test_no_word_of_a_message_is_kept_that_is_no_answer(
    scene: Scene, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A4a: not even where a name is asked for; and there is one kind line for it."""
    asked(scene)
    body = {"update_id": 900, "message": {**BASE, **MESSAGES[kind]}}

    async def act(s: Scene) -> None:
        with caplog.at_level(logging.DEBUG):
            assert await s.bot.take_webhook(json.dumps(body).encode())
            [payload] = kept(s)
            assert SECRET not in payload
            assert json.loads(payload) == {"p": 501}
            await s.settle()
        assert scene.phone().last.text.startswith("I cannot take pictures")
        assert SECRET not in str(makers.snapshot(s.practice))
        ours = [one for one in caplog.records if one.name.startswith("helpspace")]
        assert SECRET not in " ".join(one.getMessage() for one in ours)

    scene.phone().start()
    scene.sandbox.pop_update()
    scene.play(act)


@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_of_updates_are_taken_and_leave_nothing(scene: Scene, kind: str) -> None:
    """Telegram is told that they arrived, so that they do not come again; nothing is written."""
    asked(scene)
    body = json.dumps({"update_id": 901, kind: OTHERS[kind]}).encode()
    before = makers.snapshot(scene.practice)

    async def act(s: Scene) -> None:
        before["store_fact"] = makers.snapshot(s.practice)["store_fact"]
        assert await s.bot.take_webhook(body)
        await s.settle()
        assert makers.snapshot(s.practice) == before
        assert not s.sandbox.calls_of("sendMessage")

    scene.play(act)


@pytest.mark.parametrize("kind", ["forwarded", "voice", "poll"])
def test_k3_words_of_a_crisis_count_in_any_kind_of_message(scene: Scene, kind: str) -> None:
    asked(scene)
    text = json.dumps({**BASE, **MESSAGES[kind]}).replace(SECRET, "I want to die")
    body = f'{{"update_id": 902, "message": {text}}}'.encode()

    async def act(s: Scene) -> None:
        assert await s.bot.take_webhook(body)
        assert "die" not in " ".join(kept(s))
        await s.settle()
        assert "116 123" in scene.phone().last.text

    scene.phone().start()
    scene.sandbox.pop_update()
    scene.play(act)


def test_the_menu_is_for_private_chats_only(scene: Scene) -> None:
    """What another program had set for groups, or for everybody, is taken away."""

    async def act(s: Scene) -> None:
        [call] = s.sandbox.calls_of("setMyCommands")
        assert "all_private_chats" in str(call.params["scope"])
        gone = [str(one.params["scope"]) for one in s.sandbox.calls_of("deleteMyCommands")]
        assert [("group" in one, "default" in one) for one in gone] == [
            (True, False),
            (False, True),
        ]

    scene.play(act)


def test_k2_start_anywhere_brings_you_home_and_keeps_the_hold(scene: Scene) -> None:
    therapist = makers.add_therapist(scene.practice)
    slot = makers.open_slot(scene.practice, therapist)
    phone = scene.phone()
    makers.add_client(scene.practice, chat=501, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        assert phone.last.text.startswith("One step left")
        request = s.stripe.made[0]
        for command in ("/start", "/cancel", "/stop", "/find", "/start"):
            await s.write(phone, command)
        assert phone.last.text.startswith("Home")
        assert "A time is held for you until 09:31" in phone.last.text
        await s.tap(phone, "Finish my booking")
        assert s.stripe.made == [request]
        assert phone.last.text.startswith("One step left")
        assert cards.look_now(s.practice, client_id="nobody") == 0

    scene.play(act)


def test_the_kinds_that_are_asked_for_are_the_ones_that_are_answered() -> None:
    assert intake.ALLOWED == ["message", "callback_query", "my_chat_member"]
