"""Rivals: processes that wait at a line, and all do something to the same thing when it drops.

A rival is told its attempts, says that it is steady, and when told to go answers with what came of
each. Nothing sleeps: the line is a pipe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from helpspace.core.practice import Practice
from tests.core.workers import Worker

CODE = """
from helpspace.core import booking, calendar, time_off
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Shown
from helpspace.core.errors import HelpspaceError
from helpspace.core.policy import Party
from helpspace.sandbox.clock import MovableClock
from tests.makers import practice_at

practice = practice_at(sys.argv[1], MovableClock(int(sys.argv[2])), seed=int(sys.argv[3]))

def book(client, slot, fee=6000):
    made = booking.book(practice, Actor.client(client), slot, Shown(fee, False), accept_terms=True)
    return "booked" if isinstance(made, AppointmentView) else "held"

def follow_up(therapist, client, start):
    booking.book_follow_up(practice, Actor.therapist(therapist), therapist, client, start)
    return "booked"

def close(therapist, slot):
    return calendar.close_slot(practice, Actor.therapist(therapist), slot).state

def open(therapist, start):
    calendar.open_slots(practice, Actor.therapist(therapist), therapist, start)
    return "opened"

def cancel(role, person, appointment):
    booking.cancel(practice, Actor(role, person, "race"), appointment)
    return "cancelled"

def move(therapist, appointment, start):
    booking.move(
        practice, Actor.therapist(therapist), appointment, start, asked_by=Party.THERAPIST
    )
    return "moved"

def take_off(therapist, start, end):
    time_off.take(practice, Actor.therapist(therapist), therapist, start, end, cancel=True)
    return "taken"

acts = {act.__name__: act for act in (book, follow_up, close, open, cancel, move, take_off)}
practice.now()  # the connection is open before the race
while True:
    attempts = hear()
    ready()
    results = []
    for name, *given in attempts:
        try:
            results.append(acts[name](*given))
        except HelpspaceError as refused:
            results.append(type(refused).__name__)
    say(results)
"""

Attempt = list[Any]


class Rivals:
    """Some processes on one store."""

    def __init__(self, practice: Practice, count: int) -> None:
        url, now = practice.settings.database, str(practice.clock.now())
        self._workers = [Worker(CODE, url, now, str(100 + n)) for n in range(count)]

    def race(self, attempts: list[list[Attempt]]) -> list[str]:
        """Let each process make its attempts, all at once; return what came of all of them."""
        at_the_line = list(zip(self._workers, attempts, strict=False))
        for worker, own in at_the_line:
            worker.tell(own)
        for worker, _ in at_the_line:
            worker.wait_ready()
        for worker, _ in at_the_line:
            worker.go()
        return [result for worker, _ in at_the_line for result in worker.hear()]

    def stop(self) -> None:
        """End them all."""
        for worker in self._workers:
            worker.kill()


@contextmanager
def rivals(practice: Practice, count: int) -> Iterator[Rivals]:
    """Give some processes on a practice's store, and end them afterwards."""
    made = Rivals(practice, count)
    try:
        yield made
    finally:
        made.stop()


def dealt(attempts: list[Attempt], hands: int) -> list[list[Attempt]]:
    """Deal attempts out like cards."""
    return [attempts[hand::hands] for hand in range(hands)]
