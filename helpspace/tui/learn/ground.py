"""What the exercises act on: a throw-away practice that somebody above these rooms provides.

The terminal knows no sandbox; whoever opens it hands in a function that makes a ground.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from helpspace.core import booking, calendar
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointment
from helpspace.core.errors import Invalid
from helpspace.core.practice import Practice
from helpspace.tui.desk import Desk

R = TypeVar("R")


class Ground(Protocol):
    """A practice of one therapist with a clock that can be moved; nothing in it is real."""

    practice: Practice
    therapist: Actor

    def add_client(self, name: str) -> Actor:
        """Add a client with a card on record."""

    def move_to(self, instant: int) -> None:
        """Move the clock on to an instant; what falls due on the way is done."""

    def close(self) -> None:
        """Forget everything."""


MakeGround = Callable[[], Ground]


class GroundDesk(Desk):
    """The desk of the calendar's own forms, over a ground: acts happen in place, in memory."""

    async def act(self, call: Callable[[], R]) -> R:
        return call()


class Bench:
    """Where one exercise works: a ground, made afresh whenever a question begins anew."""

    def __init__(self, make: MakeGround) -> None:
        self._make = make
        self._ground: Ground | None = None
        self._desk: GroundDesk | None = None
        self.kept: dict[str, str] = {}
        """Ids that a question's setting has to remember."""

    @property
    def ground(self) -> Ground:
        """The ground, made when it is first needed."""
        if self._ground is None:
            self._ground = self._make()
        return self._ground

    @property
    def practice(self) -> Practice:
        return self.ground.practice

    @property
    def you(self) -> Actor:
        """The therapist of the ground, who is the one that learns."""
        return self.ground.therapist

    @property
    def now(self) -> int:
        return self.practice.now()

    @property
    def zone(self) -> str:
        return self.desk.zone

    @property
    def desk(self) -> GroundDesk:
        """The desk for the calendar's own forms."""
        if self._desk is None:
            self._desk = GroundDesk(self.practice, self.you, self.practice.now)
        self._desk.read_again()
        return self._desk

    def clear(self) -> None:
        """Put the ground away; the next question begins on a new one."""
        if self._ground is not None:
            self._ground.close()
        self._ground, self._desk = None, None
        self.kept.clear()

    # -- what settings are made of ---------------------------------------------------------------

    def open_slot(self, start: int) -> str:
        """Open a slot as the therapist and return its id."""
        opened = calendar.open_slots(self.practice, self.you, self.you.id, start)
        return opened.slots[0].id

    def book(self, client: Actor, slot_id: str) -> AppointmentView:
        """Book a slot as a client does: on the terms that the button shows."""
        shown = booking.offer(self.practice, client, slot_id).shown
        booked = booking.book(self.practice, client, slot_id, shown, accept_terms=True)
        if not isinstance(booked, AppointmentView):
            raise Invalid("There is no card on record", "Begin the exercise again.")
        return booked

    def session(self, appointment_id: str) -> AppointmentView:
        """Return a session as its therapist sees it."""
        return appointment(self.practice, self.you, appointment_id)
