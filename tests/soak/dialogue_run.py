"""One person books and cancels while the bot is killed at one point of it, then starts again."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpspace.core import accounts, calendar
from helpspace.core import cards as card_pages
from helpspace.core.actors import Actor
from helpspace.core.moments import HOUR
from helpspace.jobs import cards
from helpspace.sandbox.telegram.screen import NotOnScreenError
from tests.soak.wire_checks import after_kill
from tests.soak.wire_people import BOOKED, CANCELLED, CARD, Person, Sight
from tests.soak.wire_world import World

PATIENCE = 60.0
"""Seconds for one dialogue; it takes less than one on a machine that is not busy."""


class Steady(random.Random):
    """A chance that always falls in the same way, so that a dialogue is the same each time."""

    def random(self) -> float:
        return 0.5

    def choice(self, seq: Any) -> Any:
        return seq[0]


class Patient(Person):
    """Somebody who taps once and waits: what is durable is answered without a second tap."""

    @property
    def client(self) -> str | None:
        """The client that this person is."""
        return accounts.client_of_chat(self.world.practice, self.phone.user.id)

    def step(self, *, changed: bool) -> None:
        """Look and do the next thing; what moved under the finger is looked at once more."""
        try:
            super().step(changed=changed)
        except NotOnScreenError:
            self._waiting = False

    def _note(self, sight: Sight) -> None:
        wants = self.goal[0] if self.goal else ""
        # The answer to a second tap on "Book" may still come when the next wish is under way.
        if wants == "book" or BOOKED not in sight.text:
            super()._note(sight)

    def _towards_cancelling(self, sight: Sight) -> None:
        if sight.of("cancel") or sight.of("cancelled"):
            super()._towards_cancelling(sight)
        else:
            self._wait(sight)

    def _again(self) -> None:
        raise AssertionError("nobody may have to begin again")

    def _type_card(self, sight: Sight) -> None:
        links = [button for button in sight.buttons if button.kind == "url"]
        self.world.bank.type_card(links[0].value.rsplit("/", 1)[-1], CARD)
        card_pages.look_now(self.world.practice, client_id=self.client)
        cards.sweep(self.world.practice, self.world.gateway, parallel=1)
        self._tap(sight, sight.of("hold")[0])


@dataclass
class Found:
    """What a dialogue came to: the points that were passed, and whether it was killed."""

    points: list[str] = field(default_factory=list)
    killed: bool = False


class Dialogues:
    """Plays dialogues one after the other in one world, each by a new person."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._count = 0

    def play(self, deadly: str = "") -> Found:
        """Book and cancel; the bot dies at the point of this name, if it comes to it."""
        self._count += 1
        [(therapist, handle)] = list(self.world.handles.items())[:1]
        start = (self.world.clock.now() // HOUR + 72 + self._count) * HOUR
        actor = Actor.therapist(therapist)
        calendar.open_slots(self.world.practice, actor, therapist, start)
        number = 7000 + self._count
        phone = self.world.telegram.phone(number, first_name=f"Sam{number}")
        person = Patient(self.world, phone, Steady(), f"client{number}@example.org")
        life = _Life(self.world, self.world.folder / f"points{self._count}", deadly)
        try:
            person.want("book", handle)
            self._until_done(person, life)
            [session] = person.sessions
            person.want("cancel", session)
            self._until_done(person, life)
            self._rest(life)
        finally:
            life.end()
        self._check(person)
        self.world.clock.move_to(self.world.clock.now() + 1)
        return Found(life.points(), life.killed)

    def _until_done(self, person: Patient, life: _Life) -> None:
        until = time.monotonic() + PATIENCE
        while person.goal is not None:
            assert time.monotonic() < until, f"stuck: {person.goal}, {person.phone.last.text}"
            if life.has_died():
                self._check_confirmed(person)
                life.again()
            # Time never makes this person try again.
            person._since = time.monotonic()
            person.step(changed=True)
            time.sleep(0.002)

    def _rest(self, life: _Life) -> None:
        """Let the last update be marked as handled, and the bot come up once more if it died."""
        until = time.monotonic() + PATIENCE
        new = "SELECT count(*) FROM inbox WHERE state = 'new'"
        while True:
            if life.has_died():
                life.again()
            with self.world.practice.reading() as view:
                left = view.sql(new)[0][0]
            if not left and not self.world.telegram.pending_updates() and life.is_up():
                return
            assert time.monotonic() < until, "updates stay unhandled"
            time.sleep(0.002)

    def _check_confirmed(self, person: Patient) -> None:
        """D1: what the screen says by now is in the store, whoever has just been killed."""
        texts = " ".join(bubble.text for bubble in person.phone.messages if bubble.from_bot)
        found = after_kill(self.world)
        mine = [one for one in found.sessions.values() if one["client"] == person.client]
        if BOOKED in texts:
            assert len(mine) == 1, "shown as booked, and lost"
        if any(words in texts for words in CANCELLED):
            assert [one["state"] for one in mine] == ["cancelled_by_client"]

    def _check(self, person: Patient) -> None:
        """None acted twice: one session, booked once and cancelled once (WHOLE counts the rows)."""
        found = after_kill(self.world)
        mine = [one for one in found.sessions.values() if one["client"] == person.client]
        assert [one["state"] for one in mine] == ["cancelled_by_client"], mine
        assert not person.phone.spinning


class _Life:
    """The bot's processes during one dialogue: the first may die, the next one lives."""

    def __init__(self, world: World, path: Path, deadly: str) -> None:
        self._world = world
        self._path = path
        self.killed = False
        self._pid = world.forge.talk(path, deadly)

    def has_died(self) -> bool:
        """Say whether the process has killed itself."""
        stat = Path(f"/proc/{self._pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "Z"

    def again(self) -> None:
        """Start the bot again, to live."""
        assert self._world.forge.reap(self._pid) == -9, self._world.log
        assert not self.killed, "died a second time"
        self.killed = True
        self._pid = self._world.forge.talk(self._path.with_suffix(".after"), "")

    def is_up(self) -> bool:
        """Say whether the process asks for updates."""
        return self._world.telegram.world.updates.bell.waiting > 0

    def points(self) -> list[str]:
        """Return the points that the first process has passed."""
        return self._path.read_text().splitlines()

    def end(self) -> None:
        """End the process, whatever it does."""
        self._world.forge.reap(self._pid)


def some(points: Sequence[str], count: int) -> list[str]:
    """Return so many of the points, evenly spread."""
    return [points[at * len(points) // count] for at in range(count)]


def kinds(points: Sequence[str]) -> Counter[str]:
    """Count points by their kind."""
    return Counter(point.rpartition(" ")[0] for point in points)
