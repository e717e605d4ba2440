"""An unpaid fee: how it stands, what can be done about it, and the way to the bank (M6, N4)."""

from __future__ import annotations

from helpspace.bot.screens import words
from helpspace.bot.screens.base import Row, Screen, back, button, link, paragraphs
from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import pounds
from helpspace.core.payments.paying import Due, Way
from helpspace.core.payments.words import reason_words

UNHEARD = (
    "Stripe did not answer, so it is not known yet what happened. It is being found out, and you"
    " hear of it here; a fee is never taken twice."
)
BUSY = "Your payment is being looked at just now. Please check again in a minute."
NO_PAGE = "Your bank asks for approval, but gave no page for it. Please try again in a minute."
CHECKING = "We are asking Stripe how it stands. This takes a few seconds."
PAID = "Thank you. It is paid, and a receipt is on its way."
NOT_NOW = "Cards cannot be taken just now. Nothing was changed; please try again in a minute."


def rows(due: Due) -> tuple[Row, ...]:
    """Return the buttons for what a client can do about a fee; none where there is nothing."""
    other: Row = (button("Use another card", "page", ""),)
    fee = pounds(due.owed_pence)
    if due.way is Way.APPROVE:
        return (button(f"Approve payment · {fee}", "pay", due.appointment_id),), other
    if due.way is Way.PAY:
        return (button(f"Pay {fee}", "pay", due.appointment_id),), other
    if due.way is Way.CARD:
        return (other,)
    if due.way is Way.WAIT:
        return ((button("Check again", "money", due.appointment_id),),)
    return ()


def advice(due: Due, zone: str, now: int) -> str:
    """Return what comes next, and by when it should be settled."""
    ways = {
        Way.APPROVE: "A tap opens your bank's page. Another card on record is tried at once.",
        Way.PAY: "You can try the same card again, or put another one on record: it is tried at"
        " once.",
        Way.CARD: "Please put another card on record: it is tried at once.",
    }
    said = [ways.get(due.way, "")]
    if due.retry_at is not None:
        at = moments.show(due.retry_at, zone, reference=now)
        said.append(f"If you do nothing, the same card is tried again on {at}.")
    if due.settle_by is not None and due.way in ways:
        by = moments.show(due.settle_by, zone, reference=now, named=True)
        said.append(
            f"Please settle it by {by}; after that your counsellor decides whether the session"
            " takes place."
        )
    return " ".join(part for part in said if part)


def money(session: AppointmentView, due: Due, zone: str, now: int, card_words: str) -> Screen:
    """Return how the money of a session stands and the ways to settle it."""
    body = paragraphs(
        f"{words.kind(session)} on {words.moment(session.start, session.end, zone, now)}",
        f"Money: {words.money(session, zone, now)}.",
        f"Card on record: {card_words}." if due.way is not Way.NOTHING else "",
        advice(due, zone, now),
    )
    return Screen("Pay for this session", body, (*rows(due), back("session", session.id)))


def bank(due: Due, page: str) -> Screen:
    """Return the way to the bank's page, for the person who has just asked for it."""
    body = (
        f"Your bank wants you to approve {pounds(due.owed_pence)}. Its page opens with the button"
        " below; please come back here afterwards. Nothing is taken before you approve."
    )
    way = link("Open your bank's page", page)
    again: Row = (button("Check again", "money", due.appointment_id),)
    return Screen(
        "Approve at your bank",
        paragraphs(body, "" if way else page),
        ((way,) if way else (), again, back("session", due.appointment_id)),
    )


def refused(due: Due) -> str:
    """Return what a tap came to that took no money."""
    return f"It did not go through, because {reason_words(due.reason)}."
