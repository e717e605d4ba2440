"""A process that lives a practice's life at random until it is killed, and says what it does.

Before each act it says ("try", number, act, what), and after it ("ok", number, result) or
("no", number, refusal): a history in which what has no answer may or may not have happened.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpspace.core import booking, calendar, holds, notices, reminders
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Held
from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import settle
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, CardRequest, Claim, Client, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.core.fake_stripe import AFTER, BEFORE, StripeFile, take_steps
from tests.makers import all_rows, card_of, open_page, practice_at

Say = Callable[[object], None]

WEIGHTS = {
    "opens": 3, "books": 6, "completes": 3, "follows_up": 4, "moves": 3, "cancels": 4,
    "settles": 6, "delivers": 6, "sweeps": 1, "waits": 3,
}  # fmt: skip


class Life:
    """One practice's life, as seen from one process."""

    def __init__(self, url: str, folder: str, now: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.clock = MovableClock(now)
        self.practice: Practice = practice_at(url, self.clock, seed=seed)
        self.stripe = StripeFile(Path(folder) / "stripe", self.practice.now)
        self.mailbox = os.open(Path(folder) / "mailbox", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.name = f"life{seed}"

    def live(self, say: Say) -> None:
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        number = 0
        while True:
            (act,) = self.chance.choices(names, weights)
            what = getattr(self, f"what_it_{act}")()
            if what is None:
                continue
            number += 1
            say(("try", number, act, what))
            try:
                result = getattr(self, act)(*what)
            except HelpspaceError as refused:
                say(("no", number, type(refused).__name__))
            else:
                say(("ok", number, result))

    def one_of(self, model: Any, **having: Any) -> dict[str, Any] | None:
        rows = [
            one
            for one in all_rows(self.practice, model)
            if all(one[name] == value for name, value in having.items())
        ]
        return self.chance.choice(rows) if rows else None

    # Each act, and before it what it will be done to

    def what_it_opens(self) -> tuple[str, int]:
        therapist = self.one_of(Therapist)
        assert therapist is not None
        ahead = self.chance.randrange(1, 80)
        return therapist["id"], (self.practice.now() // HOUR + ahead) * HOUR

    def opens(self, therapist: str, start: int) -> str:
        opened = calendar.open_slots(self.practice, Actor.therapist(therapist), therapist, start)
        return opened.slots[0].id

    def what_it_books(self) -> tuple[str, str] | None:
        client, slot = self.one_of(Client), self.one_of(Claim, purpose="slot", state="open")
        return None if client is None or slot is None else (client["id"], slot["id"])

    def books(self, client: str, slot: str) -> tuple[str, str]:
        actor = Actor.client(client)
        offer = booking.offer(self.practice, actor, slot)
        made = booking.book(self.practice, actor, slot, offer.shown, accept_terms=True)
        if isinstance(made, Held):
            open_page(self.practice, actor, made.request_id)
            return "held", made.request_id
        return "booked", made.id

    def what_it_completes(self) -> tuple[str] | None:
        request = self.one_of(CardRequest, state="open")
        return None if request is None else (request["id"],)

    def completes(self, request: str) -> str | None:
        row = self.one_of(CardRequest, id=request)
        assert row is not None
        card = card_of(Actor.client(row["client_id"]))
        made = holds.card_completed(self.practice, request, card)
        return None if made is None else made.id

    def what_it_follows_up(self) -> tuple[str, str, int] | None:
        known = self.one_of(Appointment)
        if known is None:
            return None
        start = self.practice.now() + self.chance.choice((HOUR, DAY, 3 * DAY, 4 * DAY))
        return known["therapist_id"], known["client_id"], start + self.chance.randrange(60) * MINUTE

    def follows_up(self, therapist: str, client: str, start: int) -> str:
        made: AppointmentView = booking.book_follow_up(
            self.practice, Actor.therapist(therapist), therapist, client, start
        )
        return made.id

    def what_it_moves(self) -> tuple[str, str, int, str] | None:
        about = self.one_of(Appointment, state="booked")
        if about is None:
            return None
        start = about["start_at"] + self.chance.choice((-HOUR, 10 * MINUTE, HOUR, DAY, 3 * DAY))
        asked_by = self.chance.choice(("client", "therapist"))
        return about["therapist_id"], about["id"], start, asked_by

    def moves(self, therapist: str, appointment: str, start: int, asked_by: str) -> int:
        actor, wish = Actor.therapist(therapist), Party(asked_by)
        return booking.move(self.practice, actor, appointment, start, asked_by=wish).sequence

    def what_it_cancels(self) -> tuple[str, str, str] | None:
        about = self.one_of(Appointment, state="booked")
        if about is None:
            return None
        role = self.chance.choice(("client", "therapist"))
        return role, about[f"{role}_id"], about["id"]

    def cancels(self, role: Any, person: str, appointment: str) -> str:
        view, _ = booking.cancel(self.practice, Actor(role, person, "soak"), appointment)
        return view.state

    def what_it_settles(self) -> tuple[str | None]:
        return (self.chance.choice((None, None, None, BEFORE, AFTER)),)

    def settles(self, fault: str | None) -> int:
        tasks = settle.claim(self.practice, self.name, limit=4)
        if fault is not None and tasks:
            self.stripe.use(lambda fake: fake.faults.append(fault))
        for task in tasks:
            take_steps(self.practice, self.stripe, task)
        return len(tasks)

    def what_it_delivers(self) -> tuple[()]:
        return ()

    def delivers(self) -> list[int]:
        errands = notices.claim(self.practice, self.name, limit=6)
        for errand in errands:
            os.write(self.mailbox, f"{errand.seq}\n".encode())
            notices.sent(self.practice, errand)
        return [errand.seq for errand in errands]

    def what_it_sweeps(self) -> tuple[()]:
        return ()

    def sweeps(self) -> int:
        done = reminders.sweep(self.practice) + holds.sweep(self.practice)
        return done + booking.complete_past(self.practice)

    def what_it_waits(self) -> tuple[int]:
        return (self.chance.choice((10, MINUTE, 10 * MINUTE, HOUR, 5 * HOUR)),)

    def waits(self, seconds: int) -> int:
        return self.clock.move_to(self.practice.now() + seconds)


def live(arguments: list[str], say: Say) -> None:
    """Live until killed; the arguments are the store's URL, a folder, the present and a seed."""
    url, folder, now, seed = arguments
    Life(url, folder, int(now), int(seed)).live(say)
