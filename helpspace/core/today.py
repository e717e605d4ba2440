"""What a therapist's day holds, and what waits for them, in one reading (J7, M6, M9, P1, D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from helpspace.core import moments, outages
from helpspace.core.accounts import Card, the_therapist
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView, appointment
from helpspace.core.booking import absences
from helpspace.core.calendar import between
from helpspace.core.heartbeat import beats
from helpspace.core.moments import DAY, MINUTE
from helpspace.core.payments.coming import coming
from helpspace.core.payments.figures import owed_fees
from helpspace.core.practice import Practice, View
from helpspace.core.profiles import why_hidden
from helpspace.core.proofs import FIRST_WORD, ends_of
from helpspace.core.store.tables import Appointment, MoveRequest

SILENT = 10 * MINUTE
"""How long the jobs may be silent before it is said."""

AHEAD = 14 * DAY
"""How far ahead a session without a good card is worth a word."""

NeedKind = Literal[
    "stripe", "clock", "jobs", "absence", "failed", "approval", "move_asked",
    "no_card", "hidden", "proof",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for the therapist; instants in UTC epoch seconds.

    `session` is what it is about, if it is about one. `at` is since when, or for a proof until
    when; `codes` say why, such as the gates that hide the profile or the proof that ends.
    """

    kind: NeedKind
    session: AppointmentView | None = None
    at: int | None = None
    codes: tuple[str, ...] = ()
    words: str = ""
    pence: int = 0
    card: Card = "ok"


@dataclass(frozen=True, slots=True)
class Today:
    """The sessions of the therapist's date that are not over, the next one, and what waits."""

    now: int
    next: AppointmentView | None
    later: tuple[AppointmentView, ...]
    needs: tuple[Need, ...]


def today(practice: Practice, actor: Actor) -> Today:
    """Return a therapist's own day (A1); what is late or wrong with the practice comes first."""
    actor.must_be("therapist")
    with practice.reading() as view:
        row = the_therapist(view, actor.id)
        now, zone = view.now, row.zone
        hidden = why_hidden(view, row)
        ends = [(until, proof) for proof, until in ends_of(view, row).items()]
        asked = _asked(view, actor.id)
    proofs = [
        Need("proof", at=until, codes=(proof,))
        for until, proof in sorted(ends)
        if until <= now + FIRST_WORD
    ]
    needs = (
        *_of_practice(practice, zone, now),
        *_of_absences(practice, actor),
        *_of_money(practice, actor, now),
        *(
            Need("move_asked", appointment(practice, actor, ident), at)
            for ident, at in asked
        ),
        *_of_cards(practice, actor, now),
        *([Need("hidden", codes=hidden)] if hidden else []),
        *proofs,
    )  # fmt: skip
    night = moments.start_of_day(moments.local_date(now, zone) + timedelta(days=1), zone)
    ahead = [
        appointment(practice, actor, one.id)
        for one in between(practice, actor, actor.id, now, now + AHEAD)
        if one.kind != "slot" and one.end > now
    ]
    first = ahead[0] if ahead else None
    return Today(now, first, tuple(one for one in ahead[1:] if one.start < night), needs)


def _of_practice(practice: Practice, zone: str, now: int) -> list[Need]:
    """Return what keeps money and messages from moving at all (D4)."""
    found = []
    state = outages.stripe_state(practice, zone)
    if state.down:
        found.append(Need("stripe", at=state.since, words=state.words))
    last = beats(practice)
    if any(one.error == "clock_skew" for one in last):
        found.append(Need("clock"))
    ran = max((max(one.began_at, one.ended_at or 0) for one in last), default=None)
    if ran is None or now - ran > SILENT:
        found.append(Need("jobs", at=ran))
    return found


def _of_absences(practice: Practice, actor: Actor) -> list[Need]:
    return [
        Need("absence", appointment(practice, actor, one.appointment_id), one.reported_at)
        for one in absences(practice, actor, undecided=True)
    ]


def _of_money(practice: Practice, actor: Actor, now: int) -> list[Need]:
    """Return the fees that were tried and not paid, the next session first (M6)."""
    kinds: dict[str, NeedKind] = {"failed": "failed", "needs_approval": "approval"}
    fees = [one for one in owed_fees(practice, actor, tried=True) if one.payment in kinds]
    fees.sort(key=lambda one: (one.start < now, abs(one.start - now)))
    return [
        Need(kinds[one.payment], appointment(practice, actor, one.appointment_id),
             one.start, pence=one.owed_pence)
        for one in fees
    ]  # fmt: skip


def _of_cards(practice: Practice, actor: Actor, now: int) -> list[Need]:
    """Return the sessions soon whose first charge will find no good card (B7)."""
    return [
        Need("no_card", appointment(practice, actor, one.appointment_id), one.at, card=one.card)
        for one in coming(practice, actor, starting=(now, now + AHEAD))
        if one.card != "ok" and one.which == "first"
    ]


def _asked(view: View, therapist_id: str) -> list[tuple[str, int]]:
    """Return the sessions for which a client waits for another time, the oldest wish first."""
    query = (
        MoveRequest.select(MoveRequest)
        .join(Appointment, on=(Appointment.id == MoveRequest.appointment_id), attr="row")
        .where(
            Appointment.therapist_id == therapist_id,
            Appointment.state == "booked",
            Appointment.start_at > view.now,
            MoveRequest.refused_at.is_null(),
            Appointment.moved_at.is_null() | (Appointment.moved_at < MoveRequest.asked_at),
        )
        .order_by(MoveRequest.asked_at)
    )
    return [(one.appointment_id, one.asked_at) for one in view.rows(query)]
