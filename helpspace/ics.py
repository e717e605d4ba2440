"""Calendar entries: neutral, in UTC, with one UID for an appointment's life (N3, N6).

Mails and the calendar feed say the same of an appointment, since both are made here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from icalendar import Calendar, Event

from helpspace.core.feeds import Feed

TITLE = "Appointment"


def event(
    store: str,
    appointment_id: str,
    *,
    sequence: int,
    said_at: int,
    start: int,
    end: int,
    video_url: str | None = None,
    cancelled: bool = False,
    initials: str = "",
) -> Event:
    """Return an appointment as a calendar entry; instants in UTC epoch seconds.

    `said_at` is the instant at which this was so. A name never is in it, at most initials.
    """
    entry = Event()
    entry.add("uid", f"{appointment_id}@{store}")
    entry.add("sequence", sequence)
    entry.add("dtstamp", _utc(said_at))
    entry.add("dtstart", _utc(start))
    entry.add("dtend", _utc(end))
    entry.add("summary", f"{TITLE} {initials}".strip())
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("class", "PRIVATE")
    entry.add("transp", "OPAQUE")
    if video_url is not None and not cancelled:
        entry.add("url", video_url)
        entry.add("description", video_url)
    return entry


def calendar(method: str, entries: Iterable[Event], **also: str) -> bytes:
    """Return a calendar file; `also` are further properties of the calendar itself."""
    made = Calendar()
    made.add("prodid", "-//Helpspace//Helpspace//EN")
    made.add("version", "2.0")
    made.add("method", method)
    for name, value in also.items():
        made.add(name.replace("_", "-"), value)
    for entry in entries:
        made.add_component(entry)
    return bytes(made.to_ical())


def of_feed(found: Feed, **also: str) -> bytes:
    """Return a therapist's appointments as a calendar file; the same ones give the same bytes."""
    entries = [
        event(
            found.store,
            entry.id,
            sequence=entry.sequence,
            said_at=entry.booked_at,
            start=entry.start,
            end=entry.end,
            video_url=entry.video_url,
            initials=entry.initials,
        )
        for entry in found.entries
    ]
    return calendar("PUBLISH", entries, x_wr_calname="Appointments", **also)


def _utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
