"""A session is cancelled by one of its two people, or comes to its end (B8, C8, M2–M4)."""

from __future__ import annotations

from helpspace.core import notices, policy, reminders
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, paid, terms_of, view_of
from helpspace.core.calendar import close_claim, time_off_at
from helpspace.core.errors import AlreadyCancelled, Changed, NotFound, TooLate
from helpspace.core.notices import Event
from helpspace.core.policy import Consequence, Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, Client, Inbox, Intent, Payment, Therapist


def preview_cancel(
    practice: Practice, actor: Actor, appointment_id: str, *, at: int | None = None
) -> Consequence:
    """Return what cancelling would mean for the money, refusing like cancelling does (M4)."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        party = party_of(actor, row)
        return consequence(view, row, party, moment_of(view.now, at))


def cancel(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    *,
    at: int | None = None,
    shown_owed_pence: int | None = None,
    shown_start: int | None = None,
) -> tuple[AppointmentView, Consequence]:
    """Cancel an appointment as one of its two people (M2, M3).

    `at` is when the client's update was received; `shown_owed_pence` is what the button said the
    session will have cost, `shown_start` the instant at which it said the session begins (M10). If
    that is no longer so, nothing is done and Changed is raised.
    """
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        party = party_of(actor, row)
        tx.lock(Therapist, row.therapist_id)
        tx.lock(Client, row.client_id)
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        moment = moment_of(tx.now, at)
        found = consequence(tx, row, party, moment)
        if shown_owed_pence is not None and shown_owed_pence != found.owed_pence:
            raise Changed("What cancelling costs has changed since you looked")
        if shown_start is not None and shown_start != row.start_at:
            raise Changed("This session was moved since you looked")
        return cancel_one(tx, actor, row, found, moment), found


def cancel_one(
    tx: Tx, actor: Actor, row: Appointment, found: Consequence, moment: int
) -> AppointmentView:
    """Cancel an appointment whose people are locked, with the consequence that was looked up for
    this very commit."""
    therapist, client = tx.get(Therapist, row.therapist_id), tx.get(Client, row.client_id)
    payment = tx.get(Payment, row.id)
    if therapist is None or client is None or payment is None:
        raise NotFound
    by_client = found.by is Party.CLIENT
    state = State.CANCELLED_BY_CLIENT if by_client else State.CANCELLED_BY_THERAPIST
    if not tx.run(
        Appointment.update(
            state=state, cancelled_at=moment, sequence=Appointment.sequence + 1
        ).where(Appointment.id == row.id, Appointment.state == State.BOOKED)
    ):
        raise TooLate
    close_claim(
        tx, row.claim_id, "open" if by_client and _reopens(tx, row, therapist) else "closed"
    )
    reminders.drop(tx, row.id)
    _settle_later(tx, payment, found)
    facts = {"by": found.by, "owed": found.owed_pence, "refund": found.refund_pence}
    for told, person in ((Party.CLIENT, client.id), (Party.THERAPIST, therapist.id)):
        notices.write(
            tx,
            Event.CANCELLED,
            once=f"cancelled:{row.id}",
            party=told,
            person_id=person,
            appointment_id=row.id,
            facts=facts,
        )
    tx.audit(actor, "cancel", "appointment", row.id, owed=found.owed_pence, at=moment)
    fresh, settled = tx.get(Appointment, row.id), tx.get(Payment, row.id)
    if fresh is None or settled is None:
        raise NotFound
    return view_of(tx, fresh, therapist, client, settled, actor.role)


def _reopens(tx: Tx, row: Appointment, therapist: Therapist) -> bool:
    """Say whether the slot of a session opens again when its client cancels (C8).

    A moved session stands on no slot any more; and nothing opens in time off (C7).
    """
    if row.slot_id != row.claim_id or not therapist.reopens:
        return False
    return time_off_at(tx, therapist.id, row.start_at, row.end_at) is None


def complete_past(practice: Practice) -> int:
    """Turn booked sessions that have ended into completed ones and return how many.

    One whose client has an update waiting stays: it may cancel as of before the start (M2a).
    """
    with practice.change() as tx:
        waiting = Inbox.select(Inbox.person_hash).where(Inbox.state == "new")
        heard_first = Client.select(Client.id).where(Client.chat_hash.in_(waiting))
        ended = tx.returning(
            Appointment.update(state=State.COMPLETED)
            .where(
                Appointment.state == State.BOOKED,
                Appointment.end_at <= tx.now,
                Appointment.client_id.not_in(heard_first),
            )
            .returning(Appointment.id)
        )
        for row in ended:
            tx.audit(Actor.job("sessions"), "complete", "appointment", row.id)
        return len(ended)


def party_of(actor: Actor, row: Appointment) -> Party:
    """Return which of its two people acts on an appointment; nobody else finds it (A1)."""
    if actor.role == "client" and row.client_id == actor.id:
        return Party.CLIENT
    if actor.role == "therapist" and row.therapist_id == actor.id:
        return Party.THERAPIST
    raise NotFound


def consequence(view: View, row: Appointment, party: Party, at: int) -> Consequence:
    """Return what cancelling means at an instant, refusing what cannot be cancelled then (M2)."""
    if row.state != State.BOOKED:
        if not State(row.state).live:
            raise AlreadyCancelled
        raise TooLate
    found = policy.cancelling(party, at, terms_of(row), paid(view, row.id))
    if not found.allowed:
        raise TooLate
    return found


def moment_of(now: int, received: int | None) -> int:
    """Return when an act happened: a client's when its update was durably received (M2a)."""
    return now if received is None else min(now, received)


def _settle_later(tx: Tx, payment: Payment, found: Consequence) -> None:
    """Let the next sweep close the gap between what is owed now and what Stripe holds (M5a)."""
    if payment.status == "none":
        return
    touched = tx.first(
        Intent.select(Intent.id).where(Intent.appointment_id == payment.appointment_id)
    )
    if found.owed_pence == 0 and touched is None:
        # Nothing was ever begun at Stripe, so there is nothing to close.
        values: dict[str, object] = {"next_at": None}
    elif found.owed_pence == 0:
        values = {"next_at": tx.now}
    else:
        return
    tx.run(
        Payment.update(changed_at=tx.now, **values).where(
            Payment.appointment_id == payment.appointment_id
        )
    )
