"""The calendar file of a mail: neutral title, same UID for life, higher sequence each time (N3)."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress

from helpspace.core.letters import Told
from helpspace.core.notices import Event as Happened

TITLE = "Appointment"
NAME = "appointment.ics"


def make(told: Told) -> tuple[bytes, str]:
    """Return the file and its method, REQUEST or CANCEL.

    Times are UTC. The video link is in it only for readers who may see it; a name never is.
    """
    session = told.session
    if session is None:
        raise ValueError("a calendar file needs an appointment")
    cancelled = told.event is Happened.CANCELLED
    method = "CANCEL" if cancelled else "REQUEST"
    event = Event()
    event.add("uid", f"{session.id}@{told.store}")
    event.add("sequence", session.sequence)
    event.add("dtstamp", _utc(told.now))
    event.add("dtstart", _utc(session.start))
    event.add("dtend", _utc(session.end))
    event.add("summary", TITLE)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    if session.video_url is not None and not cancelled:
        event.add("url", session.video_url)
        event.add("description", session.video_url)
    attendee = vCalAddress(f"mailto:{told.to}")
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    event.add("attendee", attendee, encode=False)
    if told.sender is not None:
        event.add("organizer", vCalAddress(f"mailto:{told.sender}"), encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//Helpspace//Helpspace//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar.to_ical(), method


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
