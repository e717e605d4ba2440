"""An appointment comes to be: its row, its payment, its reminder, what it tells (N2, M1)."""

from __future__ import annotations

import peewee

from helpspace.core import notices, policy, reminders
from helpspace.core.accounts import card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, view_of
from helpspace.core.errors import AlreadyWithTherapist, SlotTaken
from helpspace.core.notices import Event
from helpspace.core.payments.tries import STOPPED
from helpspace.core.policy import Kind, Party, State, Terms
from helpspace.core.practice import Tx
from helpspace.core.profiles import why_hidden
from helpspace.core.store import refusal_of
from helpspace.core.store.tables import Appointment, Client, Payment, Therapist

AT_THE_TIME = """client_id = ? AND cancelled_at IS NULL AND start_at < ? AND end_at > ?
    AND id <> ? LIMIT 1"""
"""A live appointment of a client in some stretch of time, other than one (C3)."""


def make(
    tx: Tx,
    actor: Actor,
    kind: Kind,
    therapist: Therapist,
    client: Client,
    claim_id: str,
    start: int,
    end: int,
    fee: int,
    *,
    series: str | None = None,
) -> AppointmentView:
    """Insert an appointment whose time is claimed, with all that it owes people (D2, M1, N1, N2).

    Raises AlreadyWithTherapist or SlotTaken where the schema refuses it (D3).
    """
    terms = Terms(start, policy.free_until(kind, start, tx.now), fee)
    initial = kind is Kind.INITIAL
    row = Appointment(
        id=tx.practice.ids.new(),
        kind=kind,
        therapist_id=therapist.id,
        client_id=client.id,
        slot_id=claim_id if initial else None,
        claim_id=claim_id,
        start_at=start,
        end_at=end,
        fee=fee,
        currency="gbp",
        free_until=terms.free_until,
        state=State.BOOKED,
        booked_at=tx.now,
        booked_by=Party.CLIENT if initial else Party.THERAPIST,
        series=series,
        sequence=0,
        room_sealed=tx.seal(tx.practice.ids.token(), "appointment.room"),
    )
    payment = Payment(
        appointment_id=row.id,
        status="scheduled" if fee else "none",
        reason=STOPPED if fee and client.charges_stopped_at is not None else None,
        next_at=policy.charge_from(terms) if fee else None,
        faults=0,
        changed_at=tx.now,
    )
    try:
        tx.insert(Appointment, **row.__data__)
    except peewee.IntegrityError as error:
        raise _refused(refusal_of(error)) from None
    tx.insert(Payment, **payment.__data__)
    reminders.plan(tx, row, reminders.zones_of(client, therapist), tx.now)
    _tell_booked(tx, row, therapist, client)
    tx.audit(actor, "book", "appointment", row.id, kind=kind, start=start, fee=fee)
    return view_of(tx, row, therapist, client, payment, actor.role)


def _refused(guard: str) -> Exception:
    if guard in ("appointment_one_initial", "appointment.client_id"):
        return AlreadyWithTherapist()
    return SlotTaken()


def _tell_booked(tx: Tx, row: Appointment, therapist: Therapist, client: Client) -> None:
    last = row.kind == Kind.INITIAL and "no_bookable_slot" in why_hidden(tx, therapist)
    once = f"booked:{row.id}"
    notices.write(
        tx,
        Event.BOOKED,
        once=once,
        party=Party.CLIENT,
        person_id=client.id,
        appointment_id=row.id,
        facts={"overlaps": overlaps_other(tx, row)},
    )
    notices.write(
        tx,
        Event.BOOKED,
        once=once,
        party=Party.THERAPIST,
        person_id=therapist.id,
        appointment_id=row.id,
        facts={"last_slot": last},
    )
    if row.fee and row.kind == Kind.FOLLOW_UP and card_state(client, tx.now) != "ok":
        notices.write(
            tx,
            Event.CARD_NEEDED,
            once=f"card_needed:{row.id}",
            party=Party.CLIENT,
            person_id=client.id,
            appointment_id=row.id,
        )


def overlaps_other(tx: Tx, row: Appointment) -> bool:
    """Say whether the client has another live appointment then; only they are told (C3)."""
    others = (row.client_id, row.end_at, row.start_at, row.id)
    return tx.find(Appointment, AT_THE_TIME, *others) is not None
