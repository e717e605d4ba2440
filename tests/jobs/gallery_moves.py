"""The mails of moves and of what comes after a session, for the gallery (M9, N3a)."""

from __future__ import annotations

from typing import Any

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.store.tables import Absence, Appointment, Ledger
from tests import makers
from tests.jobs.world import World

TEAM = Actor.team("team")


def add_all(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    """Add every mail of a move, of a waived fee and of a session that one of them missed."""
    _moves(world, add, zoe, sam)
    _asked(world, add, zoe, sam)
    _after(world, add, zoe, sam)


def _moves(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    def moved(days: int, start: int) -> AppointmentView:
        one = makers.follow_up(world.practice, zoe, sam, makers.SOON + days * DAY)
        return booking.move(world.practice, zoe, one.id, start, asked_by=Party.THERAPIST)

    def tell(name: str, one: AppointmentView, **facts: Any) -> None:
        was = {"old_start": makers.SOON + 30 * DAY, "asked_by": "therapist", **facts}
        add(f"moved_client_{name}", Event.MOVED, sam, one, **was)
        add(f"moved_therapist_{name}", Event.MOVED, zoe, one, **was)

    soon = makers.follow_up(world.practice, zoe, sam, makers.NOW + DAY)
    booking.move(world.practice, zoe, soon.id, makers.SOON + 31 * DAY, asked_by=Party.CLIENT)
    asked = {"locked": True, "asked_by": "client", "old_start": makers.NOW + DAY}
    tell("locked", soon, overlaps=True, **asked)
    pays(world, soon)
    makers.set_row(world.practice, Appointment, soon.id, taken=1)
    tell("locked_paid", soon, **asked)
    later = moved(30, makers.SOON + 32 * DAY)
    pays(world, later)
    makers.set_row(world.practice, Appointment, later.id, taken=1)
    tell("paid", later)
    add("charged_client_moved", Event.CHARGED, sam, later, amount=6000)
    tell("today", moved(33, makers.NOW + 3 * HOUR))
    gone = moved(34, makers.SOON + 35 * DAY)
    world.cancel(sam, gone.id)
    tell("cancelled_since", gone)


def _asked(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    one = makers.follow_up(world.practice, zoe, sam, makers.SOON + 40 * DAY)
    booking.ask_to_move(world.practice, sam, one.id)
    add("move_asked_therapist", Event.MOVE_ASKED, zoe, one)
    add("move_refused_client", Event.MOVE_REFUSED, sam, one)


def pays(world: World, one: AppointmentView) -> None:
    """Write down that a fee was taken."""
    with world.practice.change() as tx:
        tx.insert(
            Ledger, at=tx.now, appointment_id=one.id, therapist_id=one.therapist_id,
            client_id=one.client_id, kind="charge", amount=6000, commission=0,
            stripe_id=f"pi_{one.id}",
        )  # fmt: skip


def _after(world: World, add: Any, zoe: Actor, sam: Actor) -> None:
    one = makers.follow_up(world.practice, zoe, sam, makers.SOON + 36 * DAY)
    add("waived_client", Event.WAIVED, sam, one, refund=0, absent=False)
    add("waived_therapist", Event.WAIVED, zoe, one, refund=0, absent=False)
    add("no_show_client", Event.NO_SHOW, sam, one)
    with world.practice.change() as tx:
        tx.insert(Absence, appointment_id=one.id, state="reported", reported_at=tx.now)
    add("absence_reported_therapist", Event.ABSENCE_REPORTED, zoe, one)
    add("absence_reported_team", Event.ABSENCE_REPORTED, TEAM, one)
    pays(world, one)
    add("absence_reported_therapist_paid", Event.ABSENCE_REPORTED, zoe, one)
    add("no_show_client_paid", Event.NO_SHOW, sam, one)
    add("waived_client_paid", Event.WAIVED, sam, one, refund=6000, absent=False)
    add("waived_client_absent", Event.WAIVED, sam, one, refund=6000, absent=True)
    add("waived_therapist_absent", Event.WAIVED, zoe, one, refund=6000, absent=True)
    with world.practice.change() as tx:
        tx.set(
            Absence, "appointment_id = ?", one.id, state="refused", decided_at=tx.now,
            decided_by="team", reason_sealed=tx.seal("The two logs agree", "absence.reason"),
        )  # fmt: skip
    add("absence_answered_client_refused", Event.ABSENCE_ANSWERED, sam, one, agreed=False)
    with world.practice.change() as tx:
        values = {"state": "agreed", "reason_sealed": None}
        tx.set(Absence, "appointment_id = ?", one.id, **values)
    add("absence_answered_client_agreed", Event.ABSENCE_ANSWERED, sam, one, agreed=True)
