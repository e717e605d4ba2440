"""The client's sessions: the list, one of them, and cancelling it with the money on the button."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.bot.screens import pay, words
from helpspace.bot.screens.base import (
    HOME,
    Row,
    Screen,
    back,
    button,
    lines,
    link,
    pages,
    paragraphs,
)
from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.payments.paying import Due
from helpspace.core.policy import Consequence, State

ON_A_PAGE = 6

STATES = {
    State.COMPLETED: "This session is over.",
    State.NO_SHOW: "You were not there for this session.",
    State.CANCELLED_BY_CLIENT: "You have cancelled this session.",
    State.CANCELLED_BY_THERAPIST: "Your counsellor has cancelled this session.",
}


def mine(
    sessions: Sequence[AppointmentView],
    page: int,
    zone: str,
    now: int,
    *,
    more: bool,
    owing: Sequence[AppointmentView] = (),
) -> Screen:
    """Return the sessions ahead, the next one first; above them fees of others still to be paid."""
    unpaid = [(button(_to_pay(session, zone, now), "money", session.id),) for session in owing]
    owed = "A fee is still to be paid." if unpaid else ""
    if not sessions:
        body = lines("You have no sessions ahead.", owed)
        rows: tuple[Row, ...] = ((button("Find a counsellor", "find", 0),), back("home"))
        return Screen("My sessions", body, (*unpaid, *rows))
    buttons = [(button(_label(session, zone, now), "session", session.id),) for session in sessions]
    body = lines(owed, "The next one comes first. Choose one for its details.")
    turning = pages("mine", page, more=more)
    return Screen("My sessions", body, (*unpaid, *buttons, turning, back("home")))


def _to_pay(session: AppointmentView, zone: str, now: int) -> str:
    at = moments.show(session.start, zone, reference=now)
    return f"To pay: {moments.pounds(session.owed_pence)} · {at}"


def _label(session: AppointmentView, zone: str, now: int) -> str:
    return f"{moments.show(session.start, zone, reference=now)} · {session.other_name}"


def details(
    session: AppointmentView, zone: str, now: int, other_zone: str, due: Due | None = None
) -> Screen:
    """Return everything a client may know of a session, and do about its fee (K1, M6)."""
    ahead = session.state == State.BOOKED and now < session.start
    who = session.other_name
    facts = lines(
        f"With {who}",
        words.when(session.start, session.end, zone, now, other_zone, who),
        f"{session.minutes} minutes",
        f"Contact: {session.other_contact}" if session.other_contact else "",
    )
    state = STATES.get(State(session.state), "")
    if session.state == State.BOOKED and not ahead:
        state = "This session has started and can no longer be cancelled."
    money = f"Money: {words.money(session, zone, now)}."
    free = words.free_to_cancel(session, zone, now) if ahead else ""
    rows: list[Row] = []
    address = ""
    if session.video_url and session.state == State.BOOKED:
        way = link("Open the video room", session.video_url)
        rows.append((way,) if way else ())
        address = "" if way else f"Video room: {session.video_url}"
    advice = ""
    if due is not None:
        rows += pay.rows(due)
        advice = pay.advice(due, zone, now)
    if session.state == State.BOOKED:
        rows.append((button("Calendar file", "file", session.id),))
    if ahead:
        rows.append((button("Cancel this session", "cancel", session.id),))
    body = paragraphs(state, facts, lines(money, free), advice, address)
    return Screen(words.kind(session), body, (*rows, back("mine", 0)))


def ask_cancel(
    session: AppointmentView, found: Consequence, zone: str, now: int, other_zone: str
) -> Screen:
    """Ask before a session is cancelled: which one, and what it costs, also on the button (K2)."""
    who = session.other_name
    at = words.when(session.start, session.end, zone, now, other_zone, who)
    body = paragraphs(lines(f"With {who}", at), words.consequence(found))
    yes = button(
        f"Yes, cancel · {words.price_of_cancelling(found)}",
        "cancelled",
        session.id,
        found.owed_pence,
        danger=True,
    )
    rows = ((yes,), (button("Keep the session", "session", session.id),))
    return Screen("Cancel this session?", body, (*rows, back("session", session.id)))


def cancelled(
    session: AppointmentView, found: Consequence, zone: str, now: int, other_zone: str
) -> Screen:
    """Return what has been cancelled and what it cost."""
    who = session.other_name
    at = words.when(session.start, session.end, zone, now, other_zone, who)
    body = paragraphs(lines(f"With {who}", at), words.after_cancelling(found))
    rows = ((button("My sessions", "mine", 0),), (HOME,))
    return Screen("Your session is cancelled", body, rows)
