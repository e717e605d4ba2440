"""What a client tells or asks about one session: nobody came, or another time, please (B2, M9)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.bot.screens import words
from helpspace.bot.screens.base import HOME, Row, Screen, back, button, lines, paragraphs
from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import AbsenceView, MoveRequestView
from helpspace.core.moments import pounds

REPORTS = {
    "reported": "You told us on {at} that your counsellor did not come. They and the team have been"
    " told; you will hear here what comes of it.",
    "agreed": "You told us on {at} that your counsellor did not come. That was confirmed: there is"
    " nothing to pay.",
    "refused": "You told us on {at} that your counsellor did not come. The team came to another"
    " view{why}",
}

REQUESTS = {
    "asked": "You asked on {at} for another time. Your counsellor has been told; the session stays"
    " as it is until they move it.",
    "moved": "You asked on {at} for another time, and the session was moved.",
    "refused": "You asked on {at} for another time. That is not possible: the session stays as it"
    " is.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the client has said about a session so far, and what they can still say."""

    report: AbsenceView | None
    can_report: bool
    request: MoveRequestView | None


def story(said: Said, zone: str, now: int) -> str:
    """Return what became of what the client has told or asked."""
    parts = []
    if said.report is not None:
        at = moments.show(said.report.reported_at, zone, reference=now)
        why = f": {said.report.reason}" if said.report.reason else "."
        parts.append(REPORTS[said.report.state].format(at=at, why=why))
    if said.request is not None and said.request.state in REQUESTS:
        at = moments.show(said.request.asked_at, zone, reference=now)
        parts.append(REQUESTS[said.request.state].format(at=at))
    return paragraphs(*parts)


def rows(said: Said, session: AppointmentView, *, ahead: bool) -> tuple[Row, ...]:
    """Return the buttons for what the client can still tell or ask."""
    found: list[Row] = []
    if said.can_report:
        found.append((button("My counsellor did not come", "absent", session.id),))
    if ahead and (said.request is None or said.request.state != "asked"):
        found.append((button("Ask for another time", "askmove", session.id),))
    return tuple(found)


def absent(session: AppointmentView, zone: str, now: int, other_zone: str) -> Screen:
    """Ask before a report goes out."""
    fee = (
        f"If they agree, or the team decides so, you do not pay the {pounds(session.fee_pence)}."
        if session.fee_pence
        else ""
    )
    body = paragraphs(
        _which(session, zone, now, other_zone),
        "Your counsellor and the team are told that nobody was there for you."
        " Please wait a few minutes after the start; sometimes it is only the line.",
        fee,
    )
    yes = button("Yes, they did not come", "absented", session.id)
    return Screen("Did nobody come?", body, ((yes,), back("session", session.id)))


def absented(session: AppointmentView) -> Screen:
    """Return what happens now."""
    body = (
        "Thank you for telling us; we are sorry. Your counsellor and the team have been told, and"
        " you hear here what comes of it."
    )
    return Screen("Told", body, ((button("The session", "session", session.id),), (HOME,)))


def ask_move(session: AppointmentView, zone: str, now: int, other_zone: str) -> Screen:
    """Ask before a request goes out: it moves nothing by itself (B2)."""
    contact = (
        f"You can also write to them: {session.other_contact}" if session.other_contact else ""
    )
    body = paragraphs(
        _which(session, zone, now, other_zone),
        "Your counsellor is told that you would like another time. Only they can move the session;"
        " until then it stays as it is, and so does the money.",
        contact,
    )
    yes = button("Yes, ask for another time", "moveasked", session.id)
    return Screen("Ask for another time?", body, ((yes,), back("session", session.id)))


def move_asked(session: AppointmentView, zone: str, now: int) -> Screen:
    """Return what happens now; the session stands until its therapist moves it."""
    at = words.moment(session.start, session.end, zone, now)
    free = words.free_to_cancel(session, zone, now)
    body = paragraphs(
        "Your counsellor has been told. You hear here when the session is moved.",
        lines(f"Until then it stays as it is: {at}.", free),
    )
    return Screen("Asked", body, ((button("The session", "session", session.id),), (HOME,)))


def _which(session: AppointmentView, zone: str, now: int, other_zone: str) -> str:
    who = session.other_name
    at = words.when(session.start, session.end, zone, now, other_zone, who)
    return lines(f"With {who}", at)
