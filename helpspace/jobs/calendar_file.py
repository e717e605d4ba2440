"""The calendar file of a mail: neutral title, same UID for life, higher sequence each time (N3)."""

from __future__ import annotations

from icalendar import vCalAddress

from helpspace import ics
from helpspace.core.letters import Told
from helpspace.core.notices import Event as Happened

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
    event = ics.event(
        told.store,
        session.id,
        sequence=session.sequence,
        said_at=told.now,
        start=session.start,
        end=session.end,
        video_url=session.video_url,
        cancelled=cancelled,
    )
    attendee = vCalAddress(f"mailto:{told.to}")
    attendee.params["PARTSTAT"] = "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    event.add("attendee", attendee, encode=False)
    if told.sender is not None:
        event.add("organizer", vCalAddress(f"mailto:{told.sender}"), encode=False)
    return ics.calendar(method, [event]), method
