"""The client's sessions: the list, one of them, and cancelling it with the money on the button."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.bot.screens import asking, pay, words
from helpspace.bot.screens.asking import Said
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
from helpspace.core.booking import Ending
from helpspace.core.payments.paying import Due
from helpspace.core.policy import Consequence, State

ON_A_PAGE = 6

BEFORE = (button("Earlier", "past", 0), button("Receipts", "receipts", 0))

PAID_ONCE = ("paid", "refunding", "refunded", "disputed")
"""Where the money stands once something was paid: then there is a receipt."""

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
        rows: tuple[Row, ...] = ((button("Find a counsellor", "find", 0),), BEFORE, back("home"))
        return Screen("My sessions", body, (*unpaid, *rows))
    buttons = [(button(_label(session, zone, now), "session", session.id),) for session in sessions]
    body = lines(owed, "The next one comes first. Choose one for its details.")
    turning = pages("mine", page, more=more)
    return Screen("My sessions", body, (*unpaid, *buttons, turning, BEFORE, back("home")))


def past(
    sessions: Sequence[AppointmentView], page: int, zone: str, now: int, *, more: bool
) -> Screen:
    """Return the sessions that are over or cancelled, the latest first."""
    if not sessions:
        return Screen("Earlier sessions", "There are none yet.", (back("mine", 0),))
    buttons = [
        (
            button(
                f"{_label(one, zone, now)}{'' if one.live else ' · cancelled'}", "session", one.id
            ),
        )
        for one in sessions
    ]
    body = "The latest one comes first. Choose one for its details."
    return Screen(
        "Earlier sessions", body, (*buttons, pages("past", page, more=more), back("mine", 0))
    )


def _to_pay(session: AppointmentView, zone: str, now: int) -> str:
    at = moments.show(session.start, zone, reference=now)
    return f"To pay: {moments.pounds(session.owed_pence)} · {at}"


def _label(session: AppointmentView, zone: str, now: int) -> str:
    return f"{moments.show(session.start, zone, reference=now)} · {session.other_name}"


def details(
    session: AppointmentView,
    zone: str,
    now: int,
    other_zone: str,
    due: Due | None = None,
    said: Said | None = None,
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
    if ahead and session.payment == "scheduled" and session.card != "ok":
        rows.append((button("Put a card on record", "page", ""),))
    if session.state == State.BOOKED:
        rows.append((button("Calendar file", "file", session.id),))
    if session.paid_pence or session.payment in PAID_ONCE:
        rows.append((button("Receipt", "receipt", session.id),))
    told = ""
    if said is not None:
        rows += asking.rows(said, session, ahead=ahead)
        told = asking.story(said, zone, now)
    if ahead:
        rows.append((button("Cancel this session", "cancel", session.id),))
    body = paragraphs(state, told, facts, lines(money, free), advice, address)
    return Screen(words.kind(session), body, (*rows, back("mine", 0)))


def ask_cancel(
    session: AppointmentView,
    found: Consequence,
    zone: str,
    now: int,
    other_zone: str,
    series: tuple[Sequence[Ending], str] | None = None,
) -> Screen:
    """Ask before a session is cancelled: which one, and what it costs, also on the button (K2).

    `series` are this session and the later ones with it, and the mark that stands for them (B8).
    """
    who = session.other_name
    at = words.when(session.start, session.end, zone, now, other_zone, who)
    body = paragraphs(lines(f"With {who}", at), words.consequence(found))
    label = "Yes, cancel"
    more: tuple[Row, ...] = ()
    if series is not None:
        endings, mark = series
        count = len(endings) - 1
        label = "Yes, only this one"
        price = words.price_of_all([one.consequence for one in endings])
        more = (
            (button(f"This and {count} later · {price}", "rest", session.id, mark, danger=True),),
        )
        each = lines(*(_ending(one, zone, now) for one in endings))
        body = paragraphs(body, lines("It is one of a series. This and the later ones:", each))
    yes = button(
        f"{label} · {words.price_of_cancelling(found)}",
        "cancelled",
        session.id,
        found.owed_pence,
        danger=True,
    )
    rows = ((yes,), *more, (button("Keep the session", "session", session.id),))
    return Screen("Cancel this session?", body, (*rows, back("session", session.id)))


def _ending(one: Ending, zone: str, now: int) -> str:
    at = moments.show(one.start, zone, reference=now)
    return f"{at}: {words.price_of_cancelling(one.consequence)}"


def rest(done: Sequence[Ending], zone: str, now: int) -> Screen:
    """Return which sessions of a series have been cancelled and what that cost."""
    each = [
        f"{moments.show(one.start, zone, reference=now)}: {words.after_cancelling(one.consequence)}"
        for one in done
    ]
    title = "Your session is cancelled" if len(done) == 1 else "Your sessions are cancelled"
    return Screen(title, lines(*each), ((button("My sessions", "mine", 0),), (HOME,)))


def cancelled(
    session: AppointmentView, found: Consequence, zone: str, now: int, other_zone: str
) -> Screen:
    """Return what has been cancelled and what it cost."""
    who = session.other_name
    at = words.when(session.start, session.end, zone, now, other_zone, who)
    body = paragraphs(lines(f"With {who}", at), words.after_cancelling(found))
    rows = ((button("My sessions", "mine", 0),), (HOME,))
    return Screen("Your session is cancelled", body, rows)
