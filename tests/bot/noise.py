"""Random updates from a dozen phones, and what must be true whatever they were.

Every person's private words are a canary of their own; none may ever reach another chat (P1).
"""

from __future__ import annotations

import json
import logging
import random
import re
import string
from collections import Counter
from typing import Any

from helpspace.bot import codec
from helpspace.core import accounts
from helpspace.core.moments import DAY, HOUR
from helpspace.core.store.tables import Appointment, Claim, Client, Inbox, Therapist
from helpspace.sandbox.telegram import Phone
from helpspace.sandbox.telegram.screen import NotOnScreenError
from tests import makers
from tests.bot.conftest import Scene

PHONES = 12
AT_ONCE = 25
"""How many updates come in before the bot has answered them."""

PLANES = [(0x20, 0xD7FF), (0xE000, 0xFFFF), *((n << 16, (n << 16) + 0xFFFF) for n in range(1, 17))]
"""Every plane of Unicode but its surrogates, which no message can hold."""

EXPECTED = (
    "message can't be edited", "message to edit not found", "no text in the message to edit",
    "is not a member of",
)  # fmt: skip
"""What Telegram says to forged message numbers, and in a group that has been left already."""

COMMANDS = ("start", "find", "soon", "sessions", "card", "help", "urgent", "privacy", "stop",
            "cancel", "nothing", "START", "start@HelpspaceBot")  # fmt: skip


class Noise:
    """Plays random updates on a scene; `met` counts what has happened."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene = scene
        scene.expected = (*scene.expected, *EXPECTED)
        self.random = random.Random(seed)
        self.met: Counter[str] = Counter()
        self.errors: list[str] = []
        self.phones = [scene.phone(501 + n, f"canaryfirst{n}x") for n in range(PHONES)]
        self._seen = 0
        self._ids: list[str] = []
        self._pairs: set[tuple[int, str]] = set()
        self._people()
        self._meet()

    def _people(self) -> None:
        practice = self.scene.practice
        self.therapists = [
            makers.add_therapist(practice, f"Public {n}", zone=zone)
            for n, zone in enumerate(("Europe/London", "Europe/Berlin", "America/New_York"))
        ]
        for n, therapist in enumerate(self.therapists):
            for day in range(6):
                makers.open_slot(practice, therapist, makers.SOON + day * DAY + n * HOUR)
        for n, phone in enumerate(self.phones[:8]):
            client = makers.add_client(
                practice, f"Canaryname{n}x", f"canarymail{n}x@example.org",
                chat=phone.user.id, card=n % 2 == 0,
            )  # fmt: skip
            if n % 2 == 0:
                therapist = self.therapists[n % 3]
                makers.acquaint(practice, therapist, client)
                for week in range(3):
                    start = makers.SOON + (20 + 7 * week + n) * DAY
                    makers.follow_up(practice, therapist, client, start)

    # What comes in

    async def play(self, count: int) -> None:
        """Send so many updates, a handful at a time, and look at every answer."""
        sent = 0
        while sent < count:
            for _ in range(min(AT_ONCE, count - sent)):
                await self._one()
                sent += 1
            await self.scene.settle()
            self._meet()
            self._look()
            if self.random.random() < 0.3:
                self.scene.clock.advance(self.random.choice((1, 60, HOUR, 6 * HOUR)))
        await self._come_to_rest()

    async def _one(self) -> None:
        phone = self.random.choice(self.phones)
        if phone.chat.blocked:
            phone.unblock()
        act = self.random.choices(
            (self._tap, self._press, self._write, self._say, self._send, self._edit, self._block,
             self._group, self._clear, self._again, self._raw, self._card),
            (40, 25, 8, 10, 6, 3, 1, 1, 1, 2, 4, 2),
        )[0]  # fmt: skip
        try:
            await act(phone)
        except NotOnScreenError:
            phone.start()
            act = self._say
        self.met[act.__name__.strip("_")] += 1

    async def _tap(self, phone: Phone) -> None:
        shown = [b for b in phone.messages[-6:] if b.buttons]
        if not shown:
            raise NotOnScreenError("nothing to tap")
        bubble = self.random.choice(shown)
        label = self.random.choice(bubble.labels())
        phone.tap(lambda button: button.label == label, message_id=bubble.message_id)

    async def _press(self, phone: Phone) -> None:
        if not phone.chat.open:
            raise NotOnScreenError("nothing was ever said here")
        message_id = self.random.choice((None, 1, 10**6))
        if not any(bubble.from_bot for bubble in phone.messages):
            message_id = 1
        phone.press(self._data(), message_id=message_id)

    def _data(self) -> str:
        if self.random.random() < 0.3:
            text = self._text(self.random.randint(1, 64))
            return text.encode()[:64].decode("utf-8", "ignore") or "x"
        if not self._ids or self.random.random() < 0.05:
            self._ids = self._known()
        verb = self.random.choice(sorted(codec.VERBS))
        args = [self._argument(shape) for shape in codec.VERBS[verb]]
        return ":".join((codec.VERSION, verb, *args)).encode()[:64].decode("utf-8", "ignore")

    def _argument(self, shape: str) -> str:
        guesses = [*self.random.choices(self._ids, k=3), *"0123", "9999", "20260306", "6000",
                   "000000000000", "2026-11", "t_handle1", ""]  # fmt: skip
        fitting = [guess for guess in guesses if re.fullmatch(shape, guess)]
        return self.random.choice(fitting or guesses)

    def _known(self) -> list[str]:
        """Every id in the store: a forged client has seen them all."""
        models = (Appointment, Claim, Therapist, Client)
        return [
            row["id"] for model in models for row in makers.all_rows(self.scene.practice, model)
        ]

    async def _write(self, phone: Phone) -> None:
        text = self._text(self.random.randint(1, 200))
        phone.write(text if text.strip() else "x")

    def _text(self, length: int) -> str:
        if self.random.random() < 0.3:
            return "".join(self.random.choices(string.printable, k=length))
        low, high = self.random.choice(PLANES)
        return "".join(chr(self.random.randint(low, high)) for _ in range(length))

    async def _say(self, phone: Phone) -> None:
        word = self.random.choice(COMMANDS)
        payload = self.random.choice(
            ("", "", "card", "t_handle1", "a_aaaaaaaaaaaa", "pay_x", "e_x", "x" * 64)
        )
        phone.write(f"/{word} {payload}".strip())

    async def _send(self, phone: Phone) -> None:
        kind = self.random.choice(("photo", "voice", "sticker", "contact", "file"))
        if kind == "file":
            phone.send_file(b"%PDF-", name="x.pdf", caption="x")
        else:
            getattr(phone, f"send_{kind}")()

    async def _edit(self, phone: Phone) -> None:
        mine = [b for b in phone.messages if not b.from_bot and b.text]
        if mine:
            phone.edit_message(self.random.choice(mine).message_id, "something else")

    async def _block(self, phone: Phone) -> None:
        phone.block()

    async def _group(self, phone: Phone) -> None:
        kind: Any = self.random.choice(("group", "supergroup", "channel"))
        group = self.scene.sandbox.group(-1000 - self.met["group"], kind=kind)
        group.add_bot(phone)
        if self.random.random() < 0.5:
            group.write(phone, "/start")

    async def _clear(self, phone: Phone) -> None:
        phone.delete_chat()

    async def _again(self, _phone: Phone) -> None:
        self.scene.sandbox.repeat_updates(self.random.randint(1, 3))

    async def _raw(self, phone: Phone) -> None:
        """A webhook's body that nobody has sent before, as far as JSON goes."""
        chat = {"id": phone.user.id, "type": "private", "first_name": "x"}
        message = {"message_id": 1, "date": makers.NOW, "chat": chat, "text": self._text(20)}
        kind = self.random.choice(
            ("edited_message", "business_message", "poll", "channel_post", "chat_member", "x")
        )
        body: Any = {"update_id": 10**9 + self.met["raw"], kind: message}
        text = json.dumps(body)
        if self.random.random() < 0.3:
            text = text[: self.random.randint(0, len(text))]
        await self.scene.bot.take_webhook(text.encode("utf-8", "surrogatepass"))

    async def _card(self, _phone: Phone) -> None:
        """A card is typed on the newest page."""
        if self.scene.stripe.made:
            self.scene.complete_card()

    # What must be true

    def _look(self) -> None:
        calls = list(self.scene.sandbox.calls)
        self.scene.sandbox.calls.clear()
        for call in calls:
            if call.status >= 400 and not any(
                words in str(call.result) for words in self.scene.expected
            ):
                self.errors.append(f"{call.method}: {call.result}")
            self._no_foreign_words(call.params)
        self._seen += len(calls)

    def _no_foreign_words(self, params: dict[str, Any]) -> None:
        said = json.dumps(params, default=str, ensure_ascii=False).lower()
        mine = params.get("chat_id")
        for who in re.findall(r"canary(?:first|name|mail)(\d+)x", said):
            assert mine == 501 + int(who), f"words of {who} reached {mine}"
        for number in re.findall(r"contact(\d)", said):
            therapist = self.therapists[int(number) - 1]
            assert (mine, therapist.id) in self._pairs, f"contact{number} reached {mine}"

    def _meet(self) -> None:
        """Note who has a session with whom, also of those who are erased later."""
        rows = makers.all_rows(self.scene.practice, Appointment)
        for phone in self.phones:
            client = accounts.client_of_chat(self.scene.practice, phone.user.id)
            theirs = {row["therapist_id"] for row in rows if row["client_id"] == client}
            self._pairs |= {(phone.user.id, therapist) for therapist in theirs}

    async def _come_to_rest(self) -> None:
        """Nobody is stuck: /start brings everybody home, and no update is left or was given up."""
        for phone in self.phones:
            phone.unblock()
        await self.scene.settle()
        for phone in self.phones:
            phone.start()
        await self.scene.settle()
        self._look()
        for phone in self.phones:
            assert phone.last.text.startswith(("Home", "Welcome")), phone.last.text
            assert phone.last.buttons
            assert not phone.spinning
        states = Counter(row["state"] for row in makers.all_rows(self.scene.practice, Inbox))
        assert set(states) <= {"done"}, states
        assert not self.errors, self.errors[:5]
        assert self._seen > 0


class Faults(logging.Handler):
    """Keeps what the program has called an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "is unreadable" not in record.msg:
            self.lines.append(record.getMessage())


def play(scene: Scene, seed: int, count: int) -> Noise:
    """Play so many random updates, and hold everything to what must be true of it."""
    noise, faults = Noise(scene, seed), Faults()
    log = logging.getLogger("helpspace")
    log.addHandler(faults)
    try:

        async def act(_scene: Scene) -> None:
            await noise.play(count)

        scene.play(act)
    finally:
        log.removeHandler(faults)
    assert faults.lines == []
    return noise
