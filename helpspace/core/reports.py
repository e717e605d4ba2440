"""Mails that are rows of facts: what the team must mend, and what the morning brings (N4, N6).

They hold ids, amounts and moments; nobody's name, and nothing of what a session is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from helpspace.core import moments, summaries
from helpspace.core.moments import pounds
from helpspace.core.notices import Errand, Event
from helpspace.core.payments import disputing
from helpspace.core.payments.coming import ComingCharge
from helpspace.core.plain import plain
from helpspace.core.practice import View
from helpspace.core.store.tables import (
    Absence,
    Appointment,
    Dispute,
    Intent,
    Refund,
    Therapist,
    Ticket,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What such a mail says: `lines` with their labels, and what its words need.

    `stage` is where the thing stands, as a word of ours; `day` and `due_by` are a date and an
    instant, `charges` the fees of a day.
    """

    lines: tuple[tuple[str, str], ...] = ()
    stage: str = ""
    due_by: int | None = None
    day: date | None = None
    charges: tuple[ComingCharge, ...] = ()


def of_day(view: View, therapist: Therapist, errand: Errand) -> Report | str:
    """Return what falls due on the day of a summary, or why it is not told, as a code."""
    day = date.fromisoformat(str(errand.facts["day"]))
    found = tuple(summaries.planned(view, therapist, day))
    return Report(day=day, charges=found) if found else "nothing_due"


def of_team(view: View, errand: Errand) -> Report | str:
    """Return what the team is told of an event, or why not, as a code."""
    match errand.event:
        case Event.REFUND_FAILED:
            return _refund(view, errand)
        case Event.DISPUTED:
            return _dispute(view, errand)
        case Event.ACCOUNT_REFUSED | Event.ACCOUNT_LOST:
            return _account(view, errand)
        case Event.ABSENCE_REPORTED:
            return _absence(view, errand)
        case Event.TICKET_WRITTEN:
            return _ticket(view, errand)
        case _:
            return "not_for_the_team"


def _refund(view: View, errand: Errand) -> Report | str:
    where = """intent_id IN (SELECT id FROM intent WHERE appointment_id = ?)
        ORDER BY created_at DESC, number DESC LIMIT 1"""
    row = view.find(Refund, where, str(errand.appointment_id))
    if row is None or row.state != "failed":
        return "settled"
    intent = view.get(Intent, row.intent_id)
    lines = [
        ("Reference", str(errand.appointment_id)),
        ("Amount", pounds(row.amount)),
        ("Payment", str(None if intent is None else intent.stripe_id)),
        ("Refund", str(row.stripe_id)),
    ]
    if row.reason:
        lines.append(("Reason", plain(row.reason, 60)))
    return Report(tuple(lines))


def _dispute(view: View, errand: Errand) -> Report | str:
    row = view.get(Dispute, str(errand.facts.get("dispute")))
    if row is None or row.amount is None:
        return "no_dispute"
    lines = [
        ("Reference", str(row.appointment_id)),
        ("Amount", pounds(row.amount)),
        ("Dispute", plain(row.id, 60)),
    ]
    if row.reason:
        lines.append(("Reason", plain(row.reason, 60)))
    is_open = row.status in disputing.OPEN
    stage = "open" if is_open else plain(row.status, 40)
    return Report(tuple(lines), stage, row.due_by if is_open else None)


def _account(view: View, errand: Errand) -> Report | str:
    therapist_id = errand.facts.get("therapist")
    if therapist_id is None:
        about = view.get(Appointment, str(errand.appointment_id))
        therapist_id = None if about is None else about.therapist_id
    row = view.get(Therapist, str(therapist_id))
    if row is None:
        return "no_therapist"
    if row.charges_enabled and row.payouts_enabled:
        return "changed_since"
    return Report((("Therapist", row.id), ("Account", str(row.account))))


def _absence(view: View, errand: Errand) -> Report | str:
    report = view.get(Absence, str(errand.appointment_id))
    row = view.get(Appointment, str(errand.appointment_id))
    if report is None or row is None or report.state != "reported":
        return "decided"
    when = moments.show(row.start_at, moments.LONDON, reference=view.now, named=True)
    return Report((("Reference", row.id), ("Therapist", row.therapist_id), ("When", when)))


def _ticket(view: View, errand: Errand) -> Report | str:
    """Return that somebody has written, and by when to answer; none of their words (N6)."""
    row = view.get(Ticket, str(errand.facts.get("ticket")))
    if row is None or row.state != "open":
        return "answered"
    return Report((("Reference", row.id),), row.kind, row.answer_by)
