"""A client reports that the therapist did not come; therapist or team decide (M9)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import policy, team
from helpspace.core.actors import LONGEST_REASON, Actor
from helpspace.core.booking.waiving import lock_people, saying, tell, waivable, waive_one
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Absence, Appointment, Payment


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """A report for one who may see it. `state` is reported, agreed or refused."""

    appointment_id: str
    therapist_id: str
    client_id: str
    start: int
    end: int
    fee_pence: int
    state: str
    reported_at: int
    decided_at: int | None
    reason: str
    """Why it was refused."""


def can_report(practice: Practice, actor: Actor, appointment_id: str) -> bool:
    """Say whether a client can report now that the therapist did not come."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None or actor.role != "client" or row.client_id != actor.id:
            return False
        state, known = State(row.state), view.get(Absence, row.id)
        in_time = policy.may_report_absence(state, row.start_at, row.end_at, view.now)
        return known is None and in_time


def report_absence(
    practice: Practice, actor: Actor, appointment_id: str, *, at: int | None = None
) -> AbsenceView:
    """Report as the client that the therapist did not come, from the start to 24 h after the end.

    `at` is when the client's update was received (M2a). The therapist and the team are told. A
    second report changes nothing (M9).
    """
    actor.must_be("client")
    with practice.change() as tx:
        row = tx.get(Appointment, appointment_id)
        if row is None or row.client_id != actor.id:
            raise NotFound
        lock_people(tx, row)
        row = tx.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        known = tx.get(Absence, row.id)
        if known is not None:
            return _view(tx, row, known)
        moment = tx.now if at is None else min(tx.now, at)
        if not policy.may_report_absence(State(row.state), row.start_at, row.end_at, moment):
            raise Invalid(
                "That can be reported from the start of a session until 24 hours after its end",
                "Write to support if you need help with it.",
            )
        report = Absence(appointment_id=row.id, state="reported", reported_at=moment)
        tx.insert(Absence, **report.__data__)
        tell(tx, Event.ABSENCE_REPORTED, row, Party.THERAPIST, row.therapist_id)
        team.tell(tx, Event.ABSENCE_REPORTED, once=row.id, appointment_id=row.id)
        tx.audit(actor, "report_absence", "appointment", row.id, at=moment)
        return _view(tx, row, report)


def plan_answer(
    practice: Practice, actor: Actor, appointment_id: str, *, agreed: bool, reason: str = ""
) -> AbsenceView:
    """Return the report as it stands, refusing what answering it so refuses (M9)."""
    _check(actor, agreed=agreed, reason=reason)
    with practice.reading() as view:
        row, report = _open_report(view, actor, appointment_id)
        return _view(view, row, report)


def answer_absence(
    practice: Practice, actor: Actor, appointment_id: str, *, agreed: bool, reason: str = ""
) -> AbsenceView:
    """Agree as therapist or team that the therapist did not come, which waives the fee; the state
    stays. Only the team refuses, with a reason that the client is told (M9).
    """
    why = _check(actor, agreed=agreed, reason=reason)
    with practice.change() as tx:
        lock_people(tx, _open_report(tx, actor, appointment_id)[0])
        row, report = _open_report(tx, actor, appointment_id)
        values = {
            "state": "agreed" if agreed else "refused",
            "reason_sealed": None if agreed else tx.seal(why, "absence.reason"),
            "decided_at": tx.now,
            "decided_by": actor.role,
        }
        tx.set(Absence, "appointment_id = ?", row.id, **values)
        payment = tx.get(Payment, row.id)
        says = saying(actor, why)
        if agreed and payment is not None and waivable(tx, row, payment):
            waive_one(tx, says, row, payment, absent=True)
        else:
            tell(tx, Event.ABSENCE_ANSWERED, row, Party.CLIENT, row.client_id, agreed=agreed)
        tx.audit(says, "answer_absence", "appointment", row.id, agreed=agreed)
        fresh = tx.get(Absence, row.id)
        return _view(tx, row, report if fresh is None else fresh)


def _check(actor: Actor, *, agreed: bool, reason: str) -> str:
    """Return the reason for the answer, refusing whoever may not give this one (A1)."""
    actor.must_be(*(("therapist", "team") if agreed else ("team",)))
    why = plain(reason, LONGEST_REASON + 1)
    if len(why) > LONGEST_REASON:
        raise Invalid(f"A reason has at most {LONGEST_REASON} characters", "Make it shorter.")
    if not agreed and not why:
        raise Invalid("A refusal needs a reason", "Say why; the client reads it.")
    return why


def absences(
    practice: Practice, actor: Actor, *, undecided: bool = False, limit: int = 1000
) -> list[AbsenceView]:
    """Return reports, the oldest first: a therapist's own, or everybody's for the team."""
    actor.must_be("therapist", "team")
    with practice.reading() as view:
        query = (
            Absence.select(Absence, Appointment)
            .join(Appointment, on=(Appointment.id == Absence.appointment_id), attr="row")
            .order_by(Absence.reported_at, Absence.appointment_id)
            .limit(limit)
        )
        if actor.role == "therapist":
            query = query.where(Appointment.therapist_id == actor.id)
        if undecided:
            query = query.where(Absence.state == "reported")
        return [_view(view, one.row, one) for one in view.rows(query)]


def absence(practice: Practice, actor: Actor, appointment_id: str) -> AbsenceView | None:
    """Return the report about an appointment for its two people and the team, if there is one."""
    with practice.reading() as view:
        row = view.get(Appointment, appointment_id)
        if row is None:
            raise NotFound
        actor.must_see(therapist_id=row.therapist_id, client_id=row.client_id)
        report = view.get(Absence, row.id)
        return None if report is None else _view(view, row, report)


def _open_report(view: View, actor: Actor, appointment_id: str) -> tuple[Appointment, Absence]:
    row, report = view.get(Appointment, appointment_id), view.get(Absence, appointment_id)
    if row is None or report is None:
        raise NotFound
    if actor.role == "therapist" and row.therapist_id != actor.id:
        raise NotFound
    if report.state != "reported":
        raise Invalid("That report is decided already", "Nothing was changed.")
    return row, report


def _view(view: View, row: Appointment, report: Absence) -> AbsenceView:
    return AbsenceView(
        appointment_id=row.id,
        therapist_id=row.therapist_id,
        client_id=row.client_id,
        start=row.start_at,
        end=row.end_at,
        fee_pence=row.fee,
        state=report.state,
        reported_at=report.reported_at,
        decided_at=report.decided_at,
        reason=plain(view.open(report.reason_sealed, "absence.reason"), LONGEST_REASON),
    )
