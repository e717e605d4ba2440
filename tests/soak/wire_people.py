"""Clients with their phones: they look at what the bot shows, tap, and remember what they saw."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from helpspace.sandbox.telegram import Phone
from helpspace.sandbox.telegram.bubbles import Button, bubble
from tests.soak.wire_world import World

PATIENCE = 3.0
"""Seconds after which somebody who sees no answer begins again, if the machine is not busy."""

CARD = "4242424242424242"

BOOKED = "Your session is booked"
CANCELLED = ("Your session is cancelled", "You have cancelled this session")
CARD_PAGE = "One step left: your card"
AWAY = "Stripe does not answer"


@dataclass
class Tapped:
    """One tap that is to change something, and what its person has seen of it since."""

    update_id: int
    act: str
    chat_id: int
    about: str
    """The slot of a booking, or the appointment of a cancellation."""
    owed: int = 0
    answer: str = "none"
    """"ok", "refused", or "none" while nothing certain was seen."""
    result: str = ""
    """The appointment that was booked."""
    message_id: int = 0
    """The message whose button was tapped: an answer stands in it, or further down."""
    seen: tuple[int, str] = (0, "")
    """The message, with its text, that was taken for an answer."""


@dataclass(frozen=True)
class Sight:
    """The living message, as far as somebody acts upon it."""

    message_id: int
    text: str
    buttons: tuple[Button, ...]

    def of(self, verb: str) -> list[Button]:
        """The buttons that do something, by the verb they carry."""
        return [b for b in self.buttons if b.value.split(":")[:2] == ["1", verb]]


@dataclass
class Person:
    """A client, who wants one thing at a time: to book with somebody, or to cancel a session."""

    world: World
    phone: Phone
    chance: random.Random
    email: str
    taps: list[Tapped] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    """Appointments that this person has seen as booked."""
    goal: tuple[str, str] | None = None
    """("book", a profile's handle) or ("cancel", an appointment)."""
    _seen: Sight | None = None
    _since: float = 0.0
    _waiting: bool = False
    _hurried: bool = False
    _tries: int = 0

    @property
    def open_tap(self) -> Tapped | None:
        """The last tap, while its answer has not been seen."""
        return self.taps[-1] if self.taps and self.taps[-1].answer == "none" else None

    def want(self, what: str, about: str) -> None:
        """Begin with a new wish."""
        self.goal, self._tries, self._hurried = (what, about), 0, False
        self._begin()

    def step(self, *, changed: bool) -> None:
        """Look at the phone and do the next thing towards the goal, if it is time to."""
        if self.goal is None:
            return
        late = time.monotonic() - self._since > PATIENCE * self.world.killer.slowness
        if not changed and not late:
            return
        sight = self._look()
        if sight is None or (self._waiting and sight == self._seen):
            if late:
                self._again()
            return
        self._waiting = False
        self._note(sight)
        if self.goal is not None:
            self._act(sight)

    # How

    def _look(self) -> Sight | None:
        with self.world.telegram.acting():
            for message in self.phone.chat.newest_first():
                if not message.from_bot:
                    continue
                found = bubble(message)
                buttons = tuple(b for row in found.buttons for b in row)
                if any(b.value.startswith("1:") for b in buttons):
                    return Sight(found.message_id, found.text, buttons)
        return None

    def _begin(self) -> None:
        assert self.goal is not None
        what, about = self.goal
        self._wait(self._look())
        if what == "book":
            self.phone.start(f"t_{about}")
        else:
            self.phone.start(f"a_{about}")

    def _again(self) -> None:
        """Begin again, or let it be after a few times."""
        self._tries += 1
        self._hurried = True
        if self._tries > 6:
            self.goal = None
            return
        self._begin()

    def _wait(self, seen: Sight | None) -> None:
        self._seen, self._since, self._waiting = seen, time.monotonic(), True

    def _tap(self, sight: Sight, found: Button) -> None:
        self._wait(sight)
        self.phone.tap(lambda b: b == found, message_id=sight.message_id)

    def _write(self, sight: Sight, text: str) -> None:
        self._wait(sight)
        self.phone.write(text)

    def _decide(self, sight: Sight, found: Button) -> None:
        """Tap what books or cancels, now and then twice."""
        _, act, about, *rest = found.value.split(":")
        owed = int(rest[0]) if act == "cancelled" else 0
        with self.world.telegram.acting() as telegram:
            for _ in range(2 if self.chance.random() < 0.1 else 1):
                self._tap(sight, found)
            number = telegram.updates.pending()[-1].id
        self.taps.append(
            Tapped(number, act, self.phone.user.id, about, owed, message_id=sight.message_id)
        )

    def _note(self, sight: Sight) -> None:
        """Remember what the bot says of the last decision."""
        tap = self.open_tap
        if BOOKED in sight.text:
            session = sight.of("session")[0].value.split(":")[2]
            if session not in self.sessions:
                self.sessions.append(session)
            if tap is not None and tap.act == "book":
                tap.answer, tap.result = "ok", session
            self.goal = None
        elif tap is not None and tap.act == "cancelled":
            # Further up stand answers about other sessions, which may have kept their buttons.
            mine = self.goal == ("cancel", tap.about) and sight.message_id >= tap.message_id
            if any(words in sight.text for words in CANCELLED) and mine:
                tap.answer, self.goal = "ok", None
                tap.seen = (sight.message_id, sight.text)
        elif tap is not None and tap.act == "book":
            under_way = CARD_PAGE in sight.text or AWAY in sight.text
            if not under_way and not self._hurried:
                tap.answer = "refused"

    def _act(self, sight: Sight) -> None:
        assert self.goal is not None
        if self.goal[0] == "cancel":
            self._towards_cancelling(sight)
        else:
            self._towards_booking(sight)

    def _towards_cancelling(self, sight: Sight) -> None:
        for verb in ("cancelled", "cancel"):
            if found := sight.of(verb):
                if verb == "cancelled":
                    self._decide(sight, found[0])
                else:
                    self._tap(sight, found[0])
                return
        self.goal = None

    def _towards_booking(self, sight: Sight) -> None:
        if CARD_PAGE in sight.text:
            self._type_card(sight)
            return
        if found := sight.of("book"):
            self._decide(sight, found[0])
            return
        if "Please write the name" in sight.text and not sight.of("named"):
            self._write(sight, f"Client {self.phone.user.id}")
            return
        if "Please write your e-mail" in sight.text and not sight.of("terms"):
            self._write(sight, self.email)
            return
        order = ("agree", "terms", "named", "email", "name")
        if "Please write" in sight.text:
            order = ("named", "terms", "email")
        for verb in order:
            if found := sight.of(verb):
                self._tap(sight, found[0])
                return
        ways = sight.of("slot") or sight.of("day") or sight.of("days") or sight.of("hold")
        days = sight.of("days")
        if days and sight.of("slot") and self.chance.random() < 0.5:
            ways = days
        if ways and self._tries < 6:
            self._tap(sight, self.chance.choice(ways))
        else:
            self.goal = None

    def _type_card(self, sight: Sight) -> None:
        links = [b for b in sight.buttons if b.kind == "url"]
        if links:
            session = links[0].value.rsplit("/", 1)[-1]
            self.world.bank.type_card(session, CARD)
        hold = sight.of("hold")
        if hold and self.chance.random() < 0.7:
            self._tap(sight, hold[0])
        else:
            self._wait(sight)
