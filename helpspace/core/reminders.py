"""Reminders on the day: planned with the booking, written when due, never after the start (N2)."""

from __future__ import annotations

from helpspace.core import notices, policy
from helpspace.core.notices import Event
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Appointment, Client, Reminder, Therapist


def plan(tx: Tx, appointment: Appointment, zones: dict[Party, str], at: int) -> None:
    """Plan the reminders of both people for one start, as agreed at an instant (N2, N3a)."""
    for party, zone in zones.items():
        due = policy.reminder_due(appointment.start_at, zone, at)
        tx.insert_once(
            Reminder,
            appointment_id=appointment.id,
            party=party,
            start_at=appointment.start_at,
            due_at=due,
            state="confirmation" if due is None else "waiting",
        )


def plan_anew(tx: Tx, appointment: Appointment, zones: dict[Party, str], at: int) -> None:
    """Plan the reminders of a session for the start that it was moved to at an instant (N3a).

    Where it has been at that start before, what was dropped of that time is taken up again.
    """
    drop(tx, appointment.id)
    tx.run(
        Reminder.delete().where(
            Reminder.appointment_id == appointment.id,
            Reminder.start_at == appointment.start_at,
            Reminder.state != "written",
        )
    )
    plan(tx, appointment, zones, at)


def drop(tx: Tx, appointment_id: str) -> None:
    """Drop the reminders of a cancelled or moved appointment, with what is still unsent of them."""
    tx.run(
        Reminder.update(state="dropped").where(
            Reminder.appointment_id == appointment_id, Reminder.state == "waiting"
        )
    )
    notices.drop_unsent(tx, Event.REMINDER, appointment_id)


def follow_zone(tx: Tx, party: str, person_id: str, zone: str) -> None:
    """Move the reminders still waiting for a person who has changed their zone."""
    column = Appointment.client_id if party == Party.CLIENT else Appointment.therapist_id
    waiting = tx.rows(
        Reminder.select()
        .join(Appointment, on=(Appointment.id == Reminder.appointment_id))
        .where(column == person_id, Reminder.party == party, Reminder.state == "waiting")
    )
    for row in waiting:
        due = policy.reminder_moment(row.start_at, zone)
        tx.run(
            Reminder.update(due_at=due).where(
                Reminder.appointment_id == row.appointment_id,
                Reminder.party == row.party,
                Reminder.start_at == row.start_at,
            )
        )


def sweep(practice: Practice, limit: int = 200) -> int:
    """Write the reminders that are due and return how many; late ones expire at the start."""
    done = 0
    while True:
        with practice.change() as tx:
            due = tx.rows(
                Reminder.select()
                .where(Reminder.state == "waiting", Reminder.due_at <= tx.now)
                .order_by(Reminder.due_at)
                .limit(limit)
            )
            for row in due:
                done += _write(tx, row)
        if len(due) < limit:
            return done


def _write(tx: Tx, row: Reminder) -> int:
    appointment = tx.get(Appointment, row.appointment_id)
    state = "written"
    if (
        appointment is None
        or appointment.state != State.BOOKED
        or appointment.start_at != row.start_at
    ):
        state = "dropped"
    elif appointment.start_at <= tx.now:
        state = "expired"
    else:
        party = Party(row.party)
        person = appointment.client_id if party is Party.CLIENT else appointment.therapist_id
        notices.write(
            tx,
            Event.REMINDER,
            once=f"reminder:{appointment.id}:{row.start_at}",
            party=party,
            person_id=person,
            appointment_id=appointment.id,
            expires_at=appointment.start_at,
            facts={"start": appointment.start_at},
        )
    tx.run(
        Reminder.update(state=state).where(
            Reminder.appointment_id == row.appointment_id,
            Reminder.party == row.party,
            Reminder.start_at == row.start_at,
        )
    )
    return int(state == "written")


def zones_of(client: Client, therapist: Therapist) -> dict[Party, str]:
    """Return both people's zones."""
    return {Party.CLIENT: client.zone, Party.THERAPIST: therapist.zone}
