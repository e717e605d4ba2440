"""The client's sessions: list, details, cancelling, paying (K1, K2, M2)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from helpspace.bot import calendar_file
from helpspace.bot.codec import data
from helpspace.bot.screens import sessions as screens
from helpspace.bot.screens.asking import Said
from helpspace.bot.screens.base import marked
from helpspace.bot.visit import Reply, Visit
from helpspace.core import appointments, booking
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Ending
from helpspace.core.errors import AlreadyCancelled, Changed
from helpspace.core.payments import paying
from helpspace.core.payments.store_name import store_name

CHANGED = "What cancelling means has changed since you looked. Nothing was done."


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
    said = Said(
        booking.absence(visit.practice, visit.me, appointment_id),
        booking.can_report(visit.practice, visit.me, appointment_id),
        booking.move_request(visit.practice, visit.me, appointment_id),
    )
    screen = screens.details(found, visit.zone(), visit.now(), zone, due, said)
    return Reply(marked(screen, test=visit.is_test), data("session", appointment_id))


def past(visit: Visit, page: str) -> Reply:
    """Show a page of the sessions that are over or cancelled, the latest first."""
    at, size = int(page), screens.ON_A_PAGE
    found = appointments.behind(visit.practice, visit.me, skip=at * size, limit=size + 1)
    if at and not found:
        return past(visit, "0")
    more = len(found) > size
    screen = screens.past(found[:size], at, visit.zone(), visit.now(), more=more)
    return Reply(screen, data("past", at))


def file(visit: Visit, appointment_id: str) -> Reply:
    """Send the calendar file of one session, and show the session again below it."""
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    with visit.practice.reading() as view:
        store = store_name(view)
    document = calendar_file.document(found, store, visit.now())
    return replace(session(visit, appointment_id), document=document)


def cancel(visit: Visit, appointment_id: str) -> Reply:
    """Ask whether to cancel, with what it means for the money at this moment (M4).

    For one of a series: this one, or this and the later ones (B8).
    """
    try:
        found = booking.preview_cancel(visit.practice, visit.me, appointment_id, at=visit.at)
    except AlreadyCancelled:
        return session(visit, appointment_id)
    view = appointments.appointment(visit.practice, visit.me, appointment_id)
    zone = visit.zone_of(view.therapist_id)
    later = booking.plan_cancel_series(visit.practice, visit.me, appointment_id, at=visit.at)
    series = (later, _mark(later)) if len(later) > 1 else None
    screen = screens.ask_cancel(view, found, visit.zone(), visit.now(), zone, series)
    return Reply(marked(screen, test=visit.is_test), data("session", appointment_id))


def rest(visit: Visit, appointment_id: str, mark: str) -> Reply:
    """Cancel a session and the later ones of its series, exactly as the button said (B8, M2a)."""
    try:
        shown = booking.plan_cancel_series(visit.practice, visit.me, appointment_id, at=visit.at)
        if _mark(shown) != mark:
            return cancel(visit, appointment_id).noting(CHANGED)
        done = booking.cancel_series(
            visit.practice, visit.me, appointment_id, at=visit.at, shown=shown
        )
    except Changed:
        return cancel(visit, appointment_id).noting(CHANGED)
    except AlreadyCancelled:
        return session(visit, appointment_id)
    screen = screens.rest(done, visit.zone(), visit.now())
    return Reply(marked(screen, test=visit.is_test), data("mine", 0), nudge="delivery")


def _mark(endings: Sequence[Ending]) -> str:
    """Return what a button carries so that exactly what it said is done, else nothing (M4)."""
    shown = repr([one.shown for one in endings])
    return hashlib.sha256(shown.encode()).hexdigest()[:12]


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
    return Reply(
        marked(screen, test=visit.is_test), data("session", appointment_id), nudge="delivery"
    )
