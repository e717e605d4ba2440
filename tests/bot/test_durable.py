"""Nothing confirmed is lost and nothing acts twice, whatever stops or comes again (A4a, N7, D8)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from helpspace.bot import intake, lanes
from helpspace.bot.taps import AT_ONCE
from helpspace.core import accounts, appointments, booking, inbox
from helpspace.core.actors import Actor
from helpspace.core.cards import PageOrder
from helpspace.core.errors import Busy, SettingsFault, StoreFault
from helpspace.core.gateways import Button, Outcome, Taken
from helpspace.core.inbox import MOST_TRIES
from helpspace.core.store.tables import Appointment, Client, Dialogue, Inbox
from helpspace.core.store.turns import Turns
from helpspace.sandbox.telegram import Phone
from tests import makers
from tests.bot.conftest import Pages, Scene

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@pytest.fixture
def therapist(scene: Scene) -> Actor:
    return makers.add_therapist(scene.practice)


@pytest.fixture
def slot(scene: Scene, therapist: Actor) -> str:
    return makers.open_slot(scene.practice, therapist)


def client(scene: Scene, phone: Phone, *, card: bool = True) -> Actor:
    return makers.add_client(scene.practice, chat=phone.user.id, card=card)


def sent_to(scene: Scene, phone: Phone) -> list[str]:
    """The texts of new messages to a phone, in the order of sending."""
    calls = scene.sandbox.calls_of("sendMessage")
    return [str(c.params["text"]) for c in calls if c.params["chat_id"] == phone.user.id]


@BOTH
def test_a_restart_goes_on_where_the_person_was(scene: Scene, therapist: Actor, slot: str) -> None:
    phone = scene.phone()

    async def before(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        for label in ("I agree", "Fri 6 Mar", "Go on"):
            await s.tap(phone, label)

    async def after(s: Scene) -> None:
        await s.write(phone, "Sam Smith")
        assert "Your name: Sam Smith" in phone.last.text
        await s.write(phone, "sam@example.org")
        await s.tap(phone, "Book")
        assert phone.last.text.startswith("One step left")

    scene.play(before)
    scene.play(after)


@BOTH
def test_killed_between_taking_in_and_handling(scene: Scene, therapist: Actor, slot: str) -> None:
    """D1: what Telegram was told is durable is handled by the next process, once."""
    phone = scene.phone()
    client(scene, phone)

    async def before(s: Scene) -> None:
        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        await s.tap(phone, "Go on")
        phone.tap(lambda button: button.label.startswith("Book"))
        await s.take_in()

    async def after(s: Scene) -> None:
        assert s.sandbox.pending_updates() == 0
        await s.bot.handle_pending()
        assert phone.last.text.startswith("Your session is booked")
        assert len(makers.all_rows(s.practice, Appointment)) == 1

    scene.play(before)
    assert not makers.all_rows(scene.practice, Appointment)
    scene.play(after)


def test_killed_between_the_act_and_its_answer(scene: Scene, therapist: Actor, slot: str) -> None:
    """The second try finds the act done and only answers."""
    phone = scene.phone()
    actor = client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.press(f"1:book:{slot}:{therapist.id}:6000:0:1")
        await s.take_in()
        makers.book_initial(s.practice, actor, slot)
        await s.bot.handle_pending()
        assert phone.last.text.startswith("Your session is booked")
        [session] = appointments.appointments(s.practice, actor)
        phone.press(f"1:cancelled:{session.id}:0")
        await s.take_in()
        booking.cancel(s.practice, actor, session.id)
        await s.bot.handle_pending()
        assert "You have cancelled this session." in phone.last.text

    scene.play(act)


def test_a_tap_is_handled_only_once_its_waiting_circle_has_ended(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A4a: killed before that, the next process ends it; else it would turn and turn."""
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        gate, shown = asyncio.Event(), asyncio.Event()
        answer, loop = s.bot._sender.answer, asyncio.get_running_loop()

        async def late(query_id: str, toast: str) -> None:
            await gate.wait()
            await answer(query_id, toast)

        monkeypatch.setattr(s.bot._sender, "answer", late)
        phone.tap("Help")
        await s.take_in()
        s.sandbox.on_change(lambda _: loop.call_soon_threadsafe(shown.set))
        working = asyncio.create_task(s.bot._lanes.drain())
        await asyncio.wait_for(shown.wait(), 20)
        assert phone.last.text.startswith("Urgent help")
        for _ in range(20):
            await s.bot._store(s.practice.now)
        assert phone.spinning
        assert [row["state"] for row in makers.all_rows(s.practice, Inbox)] == ["done", "new"]
        gate.set()
        await working
        assert not phone.spinning
        assert [row["state"] for row in makers.all_rows(s.practice, Inbox)] == ["done"] * 2

    scene.play(act)


@BOTH
def test_an_update_that_comes_again_is_handled_once(scene: Scene) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.write(phone, "/card")
        count = len(phone.messages)
        assert s.sandbox.repeat_updates(2)
        await s.settle()
        assert len(phone.messages) == count

    scene.play(act)


def test_what_was_taken_in_last_is_acknowledged_at_the_end(scene: Scene) -> None:
    phone = scene.phone()

    async def act(s: Scene) -> None:
        phone.start()
        await s.take_in()
        assert s.sandbox.pending_updates() == 1

    scene.play(act)
    assert scene.sandbox.pending_updates() == 0


def test_webhooks_are_durable_and_say_what_they_are(scene: Scene) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.settle()
        phone.write("/card")
        phone.write("I want to die")
        bodies = []
        while (update := s.sandbox.pop_update()) is not None:
            bodies.append(json.dumps(update).encode())
        for body in (*bodies, bodies[0]):
            assert intake.take_in_webhook(s.practice, body)
        rows = makers.all_rows(s.practice, Inbox)
        said = [s.practice.vault.open(row["sealed"], "inbox.payload") for row in rows]
        assert ["card" in said[0], "help" in said[1], "die" in said[1]] == [True, True, False]
        s.bot.ring()
        await s.bot.handle_pending()
        assert len(sent_to(s, phone)) == 2
        assert "116 123" in phone.last.text
        for junk in (b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b"\xff"):
            assert not intake.take_in_webhook(s.practice, junk)

    scene.play(act)
    assert intake.webhook_secret(scene.practice) == intake.webhook_secret(scene.practice)


def test_an_update_that_cannot_be_read_keeps_nobody_out(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """A4a, A2: by polling they come by the hundred; the others are answered, no log has a word."""
    phone = scene.phone()
    client(scene, phone)
    chat = {"id": phone.user.id, "type": "private", "first_name": "Canary"}
    unread = (
        {"message_id": 7, "date": 10**20, "chat": chat, "text": "canary"},
        {"message_id": 8, "date": makers.NOW, "chat": {"id": "x"}, "text": "canary"},
        {"message_id": 9, "chat": chat, "text": "canary"},
    )
    odd = {"message_id": 10, "date": makers.NOW, "chat": chat, "text": "x", "gift": {"canary": 1}}

    async def act(s: Scene) -> None:
        await s.start(phone)
        for message in (*unread, odd):
            with s.sandbox.acting() as world:
                world.updates.add("message", phone.user.id, message)
        phone.write("/card")
        await s.settle()
        assert [text.split("\n")[0] for text in sent_to(s, phone)][-1] == "My card"
        # What the library does not know is not even read: the message counts.
        assert len(makers.all_rows(s.practice, Inbox)) == 3

    scene.play(act)
    assert len([one for one in caplog.records if "is unreadable" in one.msg]) == len(unread)
    assert "canary" not in caplog.text.lower()


def test_poison_is_set_aside_after_three_tries_and_told_once(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.take_in()
        inbox.take_in(s.practice, [(1, phone.user.id, "tap", {"p": phone.user.id, "q": "1"})])
        phone.write("/card")
        await s.settle()
        said = sent_to(s, phone)
        assert [text.startswith("That did not work") for text in said] == [False, True, False]
        assert makers.row(s.practice, Inbox, 1)["state"] == "parked"  # type: ignore[arg-type]
        assert makers.row(s.practice, Inbox, 1)["sealed"] is None  # type: ignore[arg-type]

    scene.play(act)
    assert len([r for r in caplog.records if "failed on try" in r.message]) == 3
    assert "update 1 failed on try 3: KeyError" in caplog.text


@pytest.mark.parametrize("fault", [Busy, StoreFault, SettingsFault])
def test_what_was_acknowledged_outlives_any_number_of_our_failures(
    scene: Scene, therapist: Actor, slot: str, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    """A4a, D1, M2a: a cancellation waits for the store, and the charge waits for it."""
    phone = scene.phone()
    actor = client(scene, phone)
    session = makers.book_initial(scene.practice, actor, slot)

    def failing(*_: object, **__: object) -> None:
        raise fault

    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.press(f"1:cancelled:{session.id}:0")
        phone.write("/card")
        await s.take_in()
        monkeypatch.setattr(booking, "cancel", failing)
        for _ in range(MOST_TRIES + 2):
            await s.bot.handle_pending()
        found = [row for row in makers.all_rows(s.practice, Inbox) if row["state"] != "done"]
        assert [(row["state"], row["tries"]) for row in found] == [("new", 1), ("new", 0)]
        assert all(row["sealed"] is not None for row in found)
        # Told once, and not answered out of turn.
        said = [text.split("\n")[0] for text in sent_to(s, phone)]
        assert said == ["Home", "One moment, please"]
        monkeypatch.undo()
        await s.bot.handle_pending()
        assert makers.appointment_of(s.practice, session.id)["state"] == "cancelled_by_client"
        assert phone.last.text.startswith("My card")

    scene.play(act)


def test_a_store_that_keeps_failing_is_asked_less_and_less(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bounded growing gap a person; nobody else waits for it."""
    now, tries = 0.0, []

    async def failing(_update: inbox.Update) -> int:
        tries.append(now)
        raise Busy

    def offload_now(function: Any, *args: Any, **options: Any) -> Any:
        async def done() -> Any:
            return function(*args, **options)

        return done()

    inbox.take_in(scene.practice, [(1, 501, "tap", {"p": 501})])
    worked = lanes.Lanes(scene.practice, offload_now, failing, now=lambda: now)  # type: ignore[arg-type]

    async def minutes(count: int) -> None:
        nonlocal now
        for _ in range(60 * count):
            await worked._fill()
            worked._launch()
            while worked._busy:
                await asyncio.wait(worked._busy.values())
            now += 1

    asyncio.run(minutes(10))
    gaps = [after - before for before, after in pairwise(tries)]
    assert gaps[:4] == [1, 2, 4, 8]
    assert max(gaps) == gaps[-1] == lanes.LONGEST_REST
    assert len(tries) < 30


def test_without_a_store_privacy_and_help_still_answer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D8: from memory, once an update; the rest is handled when the store is back."""
    phone = scene.phone()
    client(scene, phone)

    def broken(*_: object) -> int:
        raise StoreFault

    async def act(s: Scene) -> None:
        await s.start(phone)
        phone.write("/privacy")
        phone.write("/help")
        phone.write("/card")
        phone.write("I want to die")
        monkeypatch.setattr(intake, "take_in", broken)
        for _ in range(3):
            with pytest.raises(StoreFault):
                await s.take_in()
        await s.bot._asides.end()
        monkeypatch.undo()
        said = [text.split("\n")[0] for text in sent_to(s, phone)][1:]
        assert sorted(said) == ["One moment, please", "Privacy", "Urgent help", "Urgent help"]
        await s.settle()
        assert [text.split("\n")[0] for text in sent_to(s, phone)][5:] == ["My card"]

    scene.play(act)


def test_without_a_store_privacy_and_help_answer_a_webhook_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D8: once an update, though Telegram sends what was not acknowledged again and again."""
    phone = scene.phone()
    client(scene, phone)

    def broken(*_: object) -> int:
        raise StoreFault

    async def act(s: Scene) -> None:
        await s.start(phone)
        for text in ("/privacy", "/help", "/card", "I want to die"):
            phone.write(text)
        bodies: list[bytes] = []
        while (update := s.sandbox.pop_update()) is not None:
            bodies.append(json.dumps(update).encode())
        monkeypatch.setattr(intake, "take_in", broken)
        taken = []
        for _ in range(3):
            for body in bodies:
                try:
                    taken.append(await s.bot.take_webhook(body))
                except StoreFault:
                    taken.append(False)
            await s.bot._asides.end()
        monkeypatch.undo()
        # Neither durable nor answered at first; then privacy, help and the crisis are answered.
        assert taken == [False] * 4 + [True, True, False, True] * 2
        said = [text.split("\n")[0] for text in sent_to(s, phone)][1:]
        assert sorted(said) == ["One moment, please", "Privacy", "Urgent help", "Urgent help"]
        assert await s.bot.take_webhook(bodies[2])
        await s.settle()
        assert [text.split("\n")[0] for text in sent_to(s, phone)][5:] == ["My card"]
        assert not await s.bot.take_webhook(b"junk")

    scene.play(act)


def test_k3_a_crisis_is_durable_before_it_is_acknowledged(scene: Scene) -> None:
    """A4a: killed before the help lines went out, the next process answers, once."""
    phone = scene.phone()
    client(scene, phone)

    async def killed(s: Scene) -> None:
        await s.start(phone)
        s.sandbox.faults.add("network", "sendMessage", times=50)
        phone.write("I want to die")
        await s.take_in()
        # Nothing was said yet; whoever looks at the store now finds the call for help.
        assert [row["state"] for row in makers.all_rows(s.practice, Inbox)] == ["done", "new"]
        # Acknowledged: Telegram does not send it again.
        assert await s.bot._door.once() == 0
        await s.bot._asides.end()
        assert sent_to(s, phone)[1:] == []

    async def after(s: Scene) -> None:
        s.sandbox.faults.clear()
        await s.settle()
        await s.settle()
        assert [text.split("\n")[0] for text in sent_to(s, phone)][1:] == ["Urgent help"]
        assert "116 123" in phone.last.text

    scene.play(killed)
    scene.play(after)
    assert [row["state"] for row in makers.all_rows(scene.practice, Inbox)] == ["done"] * 2


def test_k3_a_crisis_is_answered_once_though_it_is_durable(scene: Scene) -> None:
    """The lines go out past every queue; the durable call for help then says nothing more."""
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.write(phone, "I want to die")
        assert s.sandbox.repeat_updates(2)
        await s.settle()
        assert [text.split("\n")[0] for text in sent_to(s, phone)][1:] == ["Urgent help"]
        rows = makers.all_rows(s.practice, Inbox)
        assert [(row["state"], row["sealed"]) for row in rows] == [("done", None)] * 2

    scene.play(act)


def test_k3_a_flood_of_cries_is_answered_and_fills_no_memory(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K3, A4a: the first at once, each in the end; only a few are under way at a time."""
    phone = scene.phone()
    client(scene, phone)

    under_way = []

    async def act(s: Scene) -> None:
        await s.start(phone)
        asides = s.bot._asides
        begin = asides.begin

        def counted(what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            task = begin(what)
            under_way.append(len(asides._tasks))
            return task

        monkeypatch.setattr(asides, "begin", counted)
        for _ in range(30):
            phone.write("I want to die")
        await s.take_in()
        assert under_way
        await s.settle()
        assert max(under_way) <= AT_ONCE
        said = [text.split("\n")[0] for text in sent_to(s, phone)][1:]
        assert said == ["Urgent help"] * 30

    scene.play(act)


def test_k3_help_that_did_not_go_out_is_sent_when_the_update_comes_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store and without a line it is not acknowledged, and said when it comes again."""
    phone = scene.phone()
    client(scene, phone)

    def broken(*_: object) -> int:
        raise StoreFault

    async def act(s: Scene) -> None:
        await s.start(phone)
        monkeypatch.setattr(intake, "take_in", broken)
        s.sandbox.faults.add("network", "sendMessage", times=50)
        for text in ("I want to die", "/privacy"):
            phone.write(text)
            with pytest.raises(StoreFault):
                await s.take_in()
            await s.bot._asides.end()
        s.sandbox.faults.clear()
        with pytest.raises(StoreFault):
            await s.take_in()
        await s.bot._asides.end()
        said = [text.split("\n")[0] for text in sent_to(s, phone)][1:]
        assert sorted(said) == ["Privacy", "Urgent help"]
        assert await s.bot._door.once() == 2
        monkeypatch.undo()
        await s.settle()
        assert len(sent_to(s, phone)) == 3

    scene.play(act)


def test_d8_a_folder_that_is_gone_is_no_store_either(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = scene.phone()
    client(scene, phone)

    async def act(s: Scene) -> None:
        await s.start(phone)
        gone = Turns(tmp_path / "gone" / "helpspace.db")
        monkeypatch.setattr(s.practice.store, "_turns", gone)
        phone.write("/privacy")
        with pytest.raises(StoreFault):
            await s.take_in()
        await s.bot._asides.end()
        assert phone.last.text.startswith("Privacy")
        monkeypatch.undo()

    scene.play(act)


def test_an_answer_given_at_once_finds_its_question_asked(
    scene: Scene, therapist: Actor, slot: str
) -> None:
    """A4a: the step is stored before its screen is shown, so quick fingers lose nothing."""
    phone = scene.phone()
    accounts.register(scene.practice, phone.user.id)

    async def act(s: Scene) -> None:
        def quick(_chat: int) -> None:
            if phone.messages[-1].from_bot and phone.last.text.startswith("Your name"):
                phone.write("Sam Smith")
                while (update := s.sandbox.pop_update()) is not None:
                    assert intake.take_in_webhook(s.practice, json.dumps(update).encode())

        await s.start(phone, "t_handle1")
        await s.tap(phone, "Fri 6 Mar")
        s.sandbox.on_change(quick)
        await s.tap(phone, "Go on: your name")
        assert "Your name: Sam Smith" in phone.last.text

    scene.play(act)


def test_each_persons_updates_are_answered_in_order(scene: Scene) -> None:
    phones = [scene.phone(600 + number) for number in range(4)]
    for phone in phones:
        client(scene, phone)
    commands = ["/card", "/help", "/sessions", "/privacy", "/start"] * 3
    titles = ["My card", "Urgent help", "My sessions", "Privacy", "Home"] * 3

    async def act(s: Scene) -> None:
        for command in commands:
            for phone in phones:
                phone.write(command)
        await s.settle()
        for phone in phones:
            assert [text.split("\n")[0] for text in sent_to(s, phone)] == titles

    scene.play(act)


def test_a_flood_of_one_delays_nobody_else(scene: Scene) -> None:
    flooder, other = scene.phone(601), scene.phone(602)
    for phone in (flooder, other):
        client(scene, phone)

    async def act(s: Scene) -> None:
        for _ in range(60):
            flooder.write("/card")
        other.write("/card")
        await s.settle()
        order = [call.params["chat_id"] for call in s.sandbox.calls_of("sendMessage")]
        assert order.index(other.user.id) <= 3
        assert order.count(flooder.user.id) == 60

    scene.play(act)


class SlowPages(Pages):
    """A Stripe that keeps one person waiting until the gate opens."""

    gate = threading.Event()

    def make_customer(self, order: PageOrder) -> str:
        assert self.gate.wait(20)
        return super().make_customer(order)


def test_others_are_answered_while_one_waits_for_stripe(
    scene: Scene, therapist: Actor, slot: str
) -> None:
    scene.stripe = SlowPages()
    waiting, other = scene.phone(601), scene.phone(602)
    client(scene, waiting, card=False)
    client(scene, other)

    async def act(s: Scene) -> None:
        await s.start(waiting)
        waiting.press(f"1:book:{slot}:{therapist.id}:6000:0:1")
        waiting.write("/card")
        other.write("/card")
        await s.take_in()
        answered = asyncio.Event()
        loop = asyncio.get_running_loop()
        s.sandbox.on_change(
            lambda chat: loop.call_soon_threadsafe(answered.set) if chat == 602 else None
        )
        working = asyncio.create_task(s.bot.handle_pending())
        await asyncio.wait_for(answered.wait(), 20)
        assert other.last.text.startswith("My card")
        # The tap itself is answered at once; its work is not done yet.
        assert not waiting.spinning
        assert waiting.last.text.startswith("Home")
        SlowPages.gate.set()
        await working
        assert waiting.last.text.startswith("My card")
        assert "One step left" in waiting.messages[-3].text

    scene.play(act)


def test_stripe_away_keeps_the_hold(scene: Scene, therapist: Actor, slot: str) -> None:
    phone = scene.phone()
    client(scene, phone, card=False)

    async def act(s: Scene) -> None:
        s.stripe.away = True
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        assert phone.last.text.startswith("Stripe does not answer")
        assert "stays held for you" in phone.last.text
        s.stripe.away = False
        await s.tap(phone, "Check again")
        assert phone.last.text.startswith("One step left")

    scene.play(act)


class Line:
    """A chat sender of sweeps that always gets through."""

    def send(
        self, _chat_id: int, _text: str, _buttons: list[list[Button]], **_how: bool
    ) -> Outcome:
        return Taken()


def test_the_card_page_gives_way_when_the_news_has_gone_out(
    scene: Scene, therapist: Actor, slot: str
) -> None:
    """B3: after the sweep has booked, who waits sees it without a tap."""
    phone = scene.phone()
    client(scene, phone, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        s.complete_card()
        sender = s.bot.chat_sender(Line())  # type: ignore[arg-type]
        outcome = await asyncio.to_thread(sender.send, phone.user.id, "Booked.", [])
        assert outcome == Taken()
        while phone.last.text.startswith("One step left"):
            await asyncio.sleep(0)
            await s.bot.handle_pending()
        assert phone.last.text.startswith("Your session is booked")
        await asyncio.to_thread(sender.send, phone.user.id, "Again.", [])
        await asyncio.to_thread(sender.send, 999_999, "Nobody.", [])

    scene.play(act)


def test_polling_by_itself(scene: Scene) -> None:
    """The loop of `serve`: polls, answers, and stops when told."""
    phone = scene.phone()

    async def whole() -> None:
        service = scene.make()
        await service.start()
        running = asyncio.create_task(service.run_polling())
        answered = asyncio.Event()
        loop = asyncio.get_running_loop()
        scene.sandbox.on_change(
            lambda _: loop.call_soon_threadsafe(answered.set) if len(phone.messages) > 1 else None
        )
        phone.start()
        await asyncio.wait_for(answered.wait(), 20)
        await service.stop()
        await asyncio.wait_for(running, 20)

    asyncio.run(whole())
    assert phone.last.text.startswith("Welcome")
    assert phone.commands[0] == ("start", "Home")
    assert scene.sandbox.pending_updates() == 0


def test_a_webhook_by_itself(scene: Scene, clock: object) -> None:
    """The same with the web endpoint taking updates in."""
    public = replace(scene.practice.settings, public_url="https://helpspace.example.org")
    scene.practice = replace(scene.practice, settings=public)
    phone = scene.phone()

    async def post(url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == "https://helpspace.example.org/telegram/webhook"
        secret = headers["X-Telegram-Bot-Api-Secret-Token"]
        assert secret == intake.webhook_secret(scene.practice)
        return 200 if intake.take_in_webhook(scene.practice, body) else 400

    async def whole() -> None:
        service = scene.make()
        await service.start()
        running = asyncio.create_task(service.run_webhook())
        async with asyncio.timeout(20):
            while not scene.sandbox.calls_of("setWebhook"):  # noqa: ASYNC110 - nothing rings then
                await asyncio.sleep(0)
        phone.start()
        assert await scene.sandbox.deliver_webhooks(post) == 1
        service.ring()
        answered = asyncio.Event()
        loop = asyncio.get_running_loop()
        scene.sandbox.on_change(lambda _: loop.call_soon_threadsafe(answered.set))
        if len(phone.messages) < 2:
            await asyncio.wait_for(answered.wait(), 20)
        await service.stop()
        await asyncio.wait_for(running, 20)

    asyncio.run(whole())
    assert phone.last.text.startswith("Welcome")


def test_a_wrong_token_is_told_without_showing_it(scene: Scene) -> None:
    """A5."""
    token = "7000000001:" + "x" * 30
    wrong = replace(scene.practice.settings, telegram_token=token)
    scene.practice = replace(scene.practice, settings=wrong)

    async def whole() -> None:
        service = scene.make()
        with pytest.raises(SettingsFault) as refused:
            await service.start()
        assert token not in str(refused.value)
        with pytest.raises(SettingsFault):
            await service.run_polling()
        await service.stop()

    asyncio.run(whole())


def test_a_charge_waits_for_an_unhandled_update(scene: Scene, therapist: Actor, slot: str) -> None:
    """M2a: the inbox is kept under the hash by which the settlement looks for the client."""
    phone = scene.phone()
    actor = client(scene, phone)

    async def act(s: Scene) -> None:
        await s.settle()
        phone.write("/card")
        await s.take_in()
        [row] = makers.all_rows(s.practice, Inbox)
        assert row["person_hash"] == makers.row(s.practice, Client, actor.id)["chat_hash"]
        await s.bot.handle_pending()
        assert not [r for r in makers.all_rows(s.practice, Inbox) if r["state"] == "new"]

    scene.play(act)


def test_the_chat_remembers_only_ids(scene: Scene, therapist: Actor, slot: str) -> None:
    """K3a: no words of people in the dialogue's row."""
    phone = scene.phone(501, "Samantha")
    client(scene, phone, card=False)

    async def act(s: Scene) -> None:
        await s.start(phone)
        await s.press(phone, f"1:book:{slot}:{therapist.id}:6000:0:1")
        [row] = makers.all_rows(s.practice, Dialogue)
        draft = json.loads(s.practice.vault.open(row["draft_sealed"], "dialogue.draft"))
        assert list(draft) == ["hold"]
        assert accounts.client_of_chat(s.practice, phone.user.id)

    scene.play(act)
