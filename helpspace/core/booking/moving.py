"""A therapist moves an appointment: same id, link and payment, another time (M10, N3a)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import notices, policy, reminders
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, taken, terms_of, view_of
from helpspace.core.booking.follow_up import withdraw
from helpspace.core.booking.making import overlaps_other
from helpspace.core.calendar import check_minutes, claim_time, close_claim, room_for
from helpspace.core.errors import (
    AlreadyCancelled,
    BeingCharged,
    Changed,
    Invalid,
    NotFound,
    TooLate,
)
from helpspace.core.moments import MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments.tries import APPROVAL
from helpspace.core.plain import plain
from helpspace.core.policy import Moved, Party, State
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, Claim, Client, Intent, Payment, Therapist

PARKED = 253_402_300_800
"""The year 10000, where a session stands for a moment that moves onto a part of its own time."""

_IN_FLIGHT = """SELECT a.id FROM attempt a JOIN intent i ON i.id = a.intent_id
    WHERE i.appointment_id = ? AND i.state = 'open' AND (a.outcome = 'unknown'
    OR (a.outcome = 'approval' AND a.ended_at IS NULL AND a.started_at > ?)) LIMIT 1"""


@dataclass(frozen=True, slots=True)
class MoveShown:
    """What was shown of a move; one that would do anything else is refused (Changed)."""

    sequence: int
    start: int
    end: int
    asked_by: Party
    paid_pence: int
    waived: bool
    locked: bool
    gives_time: bool
    withdraws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What a move would mean: time, money, clashes and whom it tells. Instants are UTC seconds."""

    appointment_id: str
    kind: str
    client_name: str
    client_zone: str
    old_start: int
    old_end: int
    start: int
    end: int
    asked_by: Party
    fee_pence: int
    paid_pence: int
    """What has been taken and not given back."""
    waived: bool
    free_until: int
    """The new one; of a move into D it runs from the act, so it may come a little later."""
    charge_at: int | None
    """When the fee is taken, perhaps already due; None where nothing is to be taken any more."""
    locked: bool
    """Whether the move opens no new free cancellation (M10)."""
    inside_window: bool
    words: str
    """What it means for cancelling, in the therapist's own zone."""
    withdraws: tuple[str, ...]
    """Ids of own open slots that go in the same step (C6)."""
    closes_slot: bool
    """Whether the slot of a first session stays closed behind it."""
    tells: tuple[Party, ...]
    """Who gets a message, with the calendar file."""
    sequence: int

    @property
    def shown(self) -> MoveShown:
        """What the act is held to."""
        return MoveShown(
            self.sequence, self.start, self.end, self.asked_by, self.paid_pence, self.waived,
            self.locked, self.inside_window, self.withdraws,
        )  # fmt: skip


def plan_move(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    start: int,
    *,
    asked_by: Party,
    minutes: int | None = None,
) -> MovePlan:
    """Return what moving an appointment to a start would mean, refusing like moving it does (M10).

    `asked_by` says who wishes it, since that decides about the money; without `minutes` the session
    keeps its length.
    """
    actor.must_be("therapist")
    with practice.reading() as view:
        row, therapist, client, payment = _rows(view, actor, appointment_id)
        return _plan(view, row, therapist, client, payment, start, minutes, asked_by)


def move(
    practice: Practice,
    actor: Actor,
    appointment_id: str,
    start: int,
    *,
    asked_by: Party,
    minutes: int | None = None,
    shown: MoveShown | None = None,
) -> AppointmentView:
    """Move an appointment as its therapist; no client path leads here (B2, M10).

    With `shown` exactly that is done, else Changed. Raises BeingCharged while nobody knows whether
    its fee is being taken, and Overlap for what is in the way (C2, C7).
    """
    actor.must_be("therapist")
    with practice.change() as tx:
        row = _rows(tx, actor, appointment_id)[0]
        tx.lock(Therapist, row.therapist_id)
        tx.lock(Client, row.client_id)
        row, therapist, client, payment = _rows(tx, actor, appointment_id)
        plan = _plan(tx, row, therapist, client, payment, start, minutes, asked_by)
        if shown is not None and shown != plan.shown:
            raise Changed
        withdraw(tx, actor, therapist, plan.withdraws)
        _take_place(tx, therapist, row, plan)
        _charge_anew(tx, payment, plan)
        moved = tx.get(Appointment, row.id)
        settled = tx.get(Payment, row.id)
        if moved is None or settled is None:
            raise NotFound
        reminders.plan_anew(tx, moved, reminders.zones_of(client, therapist), tx.now)
        _tell(tx, moved, plan)
        tx.audit(
            actor, "move", "appointment", row.id, start=plan.start, was=plan.old_start,
            asked_by=asked_by, free_until=plan.free_until, locked=plan.locked,
        )  # fmt: skip
        return view_of(tx, moved, therapist, client, settled, actor.role)


def in_flight(view: View, appointment_id: str) -> bool:
    """Say whether a charge is under way of which nobody knows yet how it ends (M5)."""
    return bool(view.sql(_IN_FLIGHT, appointment_id, view.now - APPROVAL))


def _rows(
    view: View, actor: Actor, appointment_id: str
) -> tuple[Appointment, Therapist, Client, Payment]:
    row = view.get(Appointment, appointment_id)
    if row is None or row.therapist_id != actor.id:
        raise NotFound
    therapist = view.get(Therapist, row.therapist_id)
    client = view.get(Client, row.client_id)
    payment = view.get(Payment, row.id)
    if therapist is None or client is None or payment is None:
        raise NotFound
    return row, therapist, client, payment


def _plan(
    view: View,
    row: Appointment,
    therapist: Therapist,
    client: Client,
    payment: Payment,
    start: int,
    minutes: int | None,
    asked_by: Party,
) -> MovePlan:
    if asked_by is Party.TEAM:
        raise Invalid("The client or the therapist asks for a move", "Say which of them it was.")
    _must_be_ahead(view, row)
    length = (row.end_at - row.start_at) // MINUTE if minutes is None else minutes
    if minutes is not None:
        check_minutes(minutes)
    end = start + length * MINUTE
    if start <= view.now:
        raise Invalid("That time has passed", "Choose one that is still ahead.")
    if (start, end) == (row.start_at, row.end_at):
        raise Invalid("It is at that time already", "Choose another time.")
    if in_flight(view, row.id):
        raise BeingCharged
    withdraws = room_for(view, therapist, start, end, besides=row.claim_id)
    waived = payment.waived_at is not None
    paid = taken(view, row.id)
    found = policy.moving(asked_by, view.now, terms_of(row), start, 0 if waived else paid)
    words = policy.moved_words(found, therapist.zone, view.now)
    return MovePlan(
        appointment_id=row.id,
        kind=row.kind,
        client_name=plain(view.open(client.name_sealed, "client.name")),
        client_zone=client.zone,
        old_start=row.start_at,
        old_end=row.end_at,
        start=start,
        end=end,
        asked_by=asked_by,
        fee_pence=row.fee,
        paid_pence=paid,
        waived=waived,
        free_until=found.terms.free_until,
        charge_at=_charge_at(found, waived=waived),
        locked=found.locked,
        inside_window=start - policy.DECISION_WINDOW < view.now,
        words="the fee is waived" if waived else words,
        withdraws=withdraws,
        closes_slot=row.slot_id is not None and row.slot_id == row.claim_id,
        tells=(Party.CLIENT, Party.THERAPIST),
        sequence=row.sequence,
    )


def _charge_at(found: Moved, *, waived: bool) -> int | None:
    nothing = waived or found.terms.taken or not found.terms.fee_pence
    return None if nothing else policy.charge_from(found.terms)


def _must_be_ahead(view: View, row: Appointment) -> None:
    if not State(row.state).live:
        raise AlreadyCancelled
    if row.state != State.BOOKED or row.start_at <= view.now:
        raise TooLate(None, "Nothing was changed: it can no longer be moved.")


def _take_place(tx: Tx, therapist: Therapist, row: Appointment, plan: MovePlan) -> None:
    """Claim the new time, stand on it, and give up the old (D3).

    The schema holds between any two statements: a live appointment is always on claimed time of its
    own, and claimed times never overlap. So one that moves onto a part of its own time steps aside
    in between.
    """
    old, parked = row.claim_id, None
    if plan.start < row.end_at and plan.end > row.start_at:
        parked = tx.practice.ids.new()
        length = plan.end - plan.start
        claim_time(tx, therapist, parked, "follow_up", PARKED, PARKED + length, "booked")
        _stand_on(tx, row.id, parked, start_at=PARKED, end_at=PARKED + length)
        close_claim(tx, old)
    claim_id = tx.practice.ids.new()
    claim_time(tx, therapist, claim_id, "follow_up", plan.start, plan.end, "booked")
    _stand_on(
        tx,
        row.id,
        claim_id,
        start_at=plan.start,
        end_at=plan.end,
        free_until=plan.free_until,
        moved_at=tx.now,
        moved_for=plan.asked_by,
        taken=int(plan.paid_pence > 0 and not plan.waived),
    )
    if parked is None:
        close_claim(tx, old)
    else:
        tx.run(Claim.delete().where(Claim.id == parked))


def _stand_on(tx: Tx, appointment_id: str, claim_id: str, **values: object) -> None:
    tx.run(
        Appointment.update(claim_id=claim_id, sequence=Appointment.sequence + 1, **values).where(
            Appointment.id == appointment_id
        )
    )


def _charge_anew(tx: Tx, payment: Payment, plan: MovePlan) -> None:
    """Let what is not taken yet be taken by the new terms; the next pass closes the gap (M5a)."""
    if plan.charge_at is None or payment.status in ("none", "disputed"):
        return
    begun = tx.first(
        Intent.select(Intent.id).where(
            Intent.appointment_id == plan.appointment_id, Intent.state != "canceled"
        )
    )
    values: dict[str, object] = {"next_at": plan.charge_at if begun is None else tx.now}
    if not plan.locked:
        values |= {"status": "scheduled", "reason": None}
    tx.run(
        Payment.update(changed_at=tx.now, **values).where(
            Payment.appointment_id == plan.appointment_id
        )
    )


def _tell(tx: Tx, row: Appointment, plan: MovePlan) -> None:
    """Tell both of the old and the new time, once a move; only the client hears of a clash (C3)."""
    facts = {
        "old_start": plan.old_start,
        "old_end": plan.old_end,
        "start": plan.start,
        "asked_by": plan.asked_by,
        "locked": plan.locked,
    }
    people = {Party.CLIENT: row.client_id, Party.THERAPIST: row.therapist_id}
    for party in plan.tells:
        own = {"overlaps": overlaps_other(tx, row)} if party is Party.CLIENT else {}
        notices.write(
            tx,
            Event.MOVED,
            once=f"moved:{row.id}:{row.sequence}",
            party=party,
            person_id=people[party],
            appointment_id=row.id,
            facts={**facts, **own},
        )
