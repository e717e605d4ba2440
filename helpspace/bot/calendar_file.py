"""The calendar file of a session for the chat: neutral, and the same entry as the mail's (N6).

It is a dozen lines of ASCII, since names never get in; uid and sequence are those of the mails, so
that a calendar keeps one entry.
"""

from __future__ import annotations

from datetime import UTC, datetime

from helpspace.bot.visit import Document
from helpspace.core.appointments import AppointmentView

NAME = "appointment.ics"

CAPTION = "Open this file to put the time into your calendar. It says no names."


def document(session: AppointmentView, store: str, now: int) -> Document:
    """Return the file of a session of a store, by the name the store gives itself."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Helpspace//Helpspace//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{session.id}@{store}",
        f"SEQUENCE:{session.sequence}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(session.start)}",
        f"DTEND:{_utc(session.end)}",
        "SUMMARY:Appointment",
        "CLASS:PRIVATE",
        f"STATUS:{'CONFIRMED' if session.live else 'CANCELLED'}",
        *([f"URL:{session.video_url}"] if session.video_url else []),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    folded = "\r\n".join(_folded(line) for line in lines)
    return Document(NAME, folded.encode(), CAPTION)


def _folded(line: str) -> str:
    """Return a line as the format wants long ones: cut, each further piece after a blank."""
    return "\r\n ".join(line[at : at + 70] for at in range(0, len(line), 70))


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")
