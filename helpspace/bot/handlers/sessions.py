"""The client's sessions: list, details, cancelling, paying (K1, K2, M2)."""

from __future__ import annotations

from dataclasses import replace

from helpspace.bot import calendar_file
from helpspace.bot.codec import data
from helpspace.bot.screens import sessions as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import appointments, booking
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import AlreadyCancelled, Changed
from helpspace.core.payments import paying
from helpspace.core.payments.store_name import store_name


def mine(visit: Visit, page: str) -> Reply:
    """Show a page of the sessions ahead, the next one first."""
    at, size = int(page), screens.ON_A_PAGE
    found = appointments.appointments(
        visit.practice, visit.me, ahead=True, live_only=True, limit=(at + 1) * size + 1
    )
    if at and len(found) <= at * size:
        return mine(visit, "0")
    shown = found[at * size : (at + 1) * size]
    more = len(found) > (at + 1) * size
    owing = [] if at else _owing(visit, ahead={one.id for one in found})
    screen = screens.mine(shown, at, visit.zone(), visit.now(), more=more, owing=owing)
    return Reply(screen, data("mine", at))


def _owing(visit: Visit, ahead: set[str]) -> list[AppointmentView]:
    """Return the sessions behind whose fee is unpaid: past ones, and late cancellations (M6)."""
    ids = [one for one in paying.owing(visit.practice, visit.me) if one not in ahead]
    shown = ids[: screens.ON_A_PAGE]
    return [appointments.appointment(visit.practice, visit.me, one) for one in shown]


def session(visit: Visit, appointment_id: str) -> Reply:
    """Show one session; what is not this client's answers like what does not exist (A1)."""
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    zone = visit.zone_of(found.therapist_id)
    due = paying.due(visit.practice, visit.me, appointment_id)
    screen = screens.details(found, visit.zone(), visit.now(), zone, due)
    return Reply(screen, data("session", appointment_id))


def file(visit: Visit, appointment_id: str) -> Reply:
    """Send the calendar file of one session, and show the session again below it."""
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    with visit.practice.reading() as view:
        store = store_name(view)
    document = calendar_file.document(found, store, visit.now())
    return replace(session(visit, appointment_id), document=document)


def cancel(visit: Visit, appointment_id: str) -> Reply:
    """Ask whether to cancel, with what it means for the money at this moment (M4)."""
    try:
        found = booking.preview_cancel(visit.practice, visit.me, appointment_id, at=visit.at)
    except AlreadyCancelled:
        return session(visit, appointment_id)
    view = appointments.appointment(visit.practice, visit.me, appointment_id)
    zone = visit.zone_of(view.therapist_id)
    screen = screens.ask_cancel(view, found, visit.zone(), visit.now(), zone)
    return Reply(screen, data("session", appointment_id))


def cancelled(visit: Visit, appointment_id: str, owed: str) -> Reply:
    """Cancel on the terms that the button showed, as of when the tap was received (M2a)."""
    try:
        view, found = booking.cancel(
            visit.practice, visit.me, appointment_id, at=visit.at, shown_owed_pence=int(owed)
        )
    except Changed as refusal:
        return cancel(visit, appointment_id).noting(f"{refusal.title}. Nothing was done.")
    except AlreadyCancelled:
        return session(visit, appointment_id)
    zone = visit.zone_of(view.therapist_id)
    screen = screens.cancelled(view, found, visit.zone(), visit.now(), zone)
    return Reply(screen, data("session", appointment_id), nudge="delivery")
