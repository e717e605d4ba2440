"""Telling that nobody came, and asking for another time; neither changes the session (B2, M9)."""

from __future__ import annotations

from helpspace.bot.codec import data
from helpspace.bot.handlers import sessions
from helpspace.bot.screens import asking as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import appointments, booking


def absent(visit: Visit, appointment_id: str) -> Reply:
    """Ask whether it is so; where it cannot be reported, the session is shown."""
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    if not booking.can_report(visit.practice, visit.me, appointment_id):
        return sessions.session(visit, appointment_id)
    zone = visit.zone_of(found.therapist_id)
    screen = screens.absent(found, visit.zone(), visit.now(), zone)
    return Reply(screen, data("absent", appointment_id))


def absented(visit: Visit, appointment_id: str) -> Reply:
    """Report it as of when the tap was received; a second report changes nothing (M2a, M9)."""
    booking.report_absence(visit.practice, visit.me, appointment_id, at=visit.at)
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    return Reply(screens.absented(found), data("session", appointment_id), nudge="delivery")


def ask_move(visit: Visit, appointment_id: str) -> Reply:
    """Ask whether to ask; while a request waits, the session says so."""
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    known = booking.move_request(visit.practice, visit.me, appointment_id)
    waits = known is not None and known.state == "asked"
    if waits or found.state != "booked" or visit.now() >= found.start:
        return sessions.session(visit, appointment_id)
    zone = visit.zone_of(found.therapist_id)
    screen = screens.ask_move(found, visit.zone(), visit.now(), zone)
    return Reply(screen, data("askmove", appointment_id))


def move_asked(visit: Visit, appointment_id: str) -> Reply:
    """Send the request; nothing moves by it (B2)."""
    booking.ask_to_move(visit.practice, visit.me, appointment_id, at=visit.at)
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    screen = screens.move_asked(found, visit.zone(), visit.now())
    return Reply(screen, data("session", appointment_id), nudge="delivery")
