"""A notice as a chat message: one neutral line and its buttons (N1, N6, N7).

Buttons carry `a:<appointment>`, `s:<slot>`, `pay:<appointment>`, `t` or `card`; the bot reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.gateways import Button
from helpspace.core.letters import Told
from helpspace.core.moments import pounds
from helpspace.core.notices import Event
from helpspace.core.payments.tries import NOT_APPROVED, SOFT, STOPPED
from helpspace.core.platform import TEST_MODE
from helpspace.core.policy import Party

APPROVE = "Approve the payment"

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """What is sent to a chat: plain text without any formatting, and rows of buttons."""

    text: str
    buttons: Rows
    silent: bool = False


def message(told: Told) -> ChatMessage:
    """Return the chat message of a notice; who it is with only where the reader chose so (N6)."""
    found = _message(told)
    return replace(found, text=f"{found.text}\n{TEST_MODE}") if told.test else found


def _message(told: Told) -> ChatMessage:
    session = told.session
    if told.event is Event.TICKET_ANSWERED:
        read = ((Button("Read it", "t"),),)
        return ChatMessage("There is an answer to your message.", read, _silent(told))
    if session is None:
        return ChatMessage(_of_card(told), _offer(told), _silent(told))
    line = _line(told, session)
    if not told.discreet and session.other_name:
        line = f"{line}\nWith {session.other_name}."
    return ChatMessage(line, _buttons(told, session), _silent(told))


def _silent(told: Told) -> bool:
    """Say whether a message comes without a sound: at night, but for the reminder of the day."""
    return told.event is not Event.REMINDER and moments.is_night(told.now, told.zone)


def _offer(told: Told) -> Rows:
    if told.slot_id is None:
        return ()
    return ((Button("Look at that time", f"s:{told.slot_id}"),),)


def _of_card(told: Told) -> str:
    saved = "Your card is on record. Nothing has been charged."
    if told.slot_id is not None:
        return f"{saved} The time you had chosen is still free; it is not booked yet."
    return saved


def _line(told: Told, session: AppointmentView) -> str:
    when = moments.show(session.start, told.zone, reference=told.now, named=True)
    if told.event is Event.BOOKED:
        return _booked(told, session, when)
    if told.event is Event.REMINDER:
        time = moments.show_time(session.start, told.zone)
        return f"Today at {time} ({moments.zone_word(told.zone)}): your appointment."
    if told.event is Event.CANCELLED:
        return _cancelled(told, when)
    if told.event is Event.MOVED:
        return _moved(told, session, when)
    if told.event is Event.NO_SHOW:
        return f"You were marked as not there for your appointment on {when}."
    if told.event is Event.ABSENCE_ANSWERED:
        return f"There is an answer to your report about the appointment on {when}."
    if told.event is Event.MOVE_REFUSED:
        return f"Your appointment on {when} stays as it is; the other time you asked for cannot be."
    return _of_money(told, session, when)


def _booked(told: Told, session: AppointmentView, when: str) -> str:
    if not session.live:
        return f"Your appointment on {when} was booked, and has been cancelled since."
    line = f"Your appointment is booked for {'today, ' if told.today else ''}{when}."
    if told.overlaps:
        line += " You have another appointment at that time."
    return line


def _moved(told: Told, session: AppointmentView, when: str) -> str:
    if not session.live:
        return f"Your appointment was moved to {when}, and has been cancelled since."
    line = f"Your appointment has moved to {'today, ' if told.today else ''}{when}."
    if told.overlaps:
        line += " You have another appointment at that time."
    return line


def _cancelled(told: Told, when: str) -> str:
    back = f" {pounds(told.refund)} goes back to your card." if told.refund else ""
    if told.cancelled_by is not Party.CLIENT:
        return (
            f"Your appointment on {when} will not take place; it had to be cancelled."
            f" You owe nothing.{back}"
        )
    if told.owed:
        return f"Your appointment on {when} is cancelled. The fee of {pounds(told.owed)} is due."
    return f"Your appointment on {when} is cancelled. You pay nothing for it.{back}"


def _of_money(told: Told, session: AppointmentView, when: str) -> str:
    fee = pounds(session.fee_pence)
    if told.event is Event.CHARGED:
        return f"{pounds(told.amount)} has been paid for your appointment on {when}."
    if told.event is Event.REFUNDED:
        return f"{pounds(told.amount)} for the appointment on {when} is on its way back to you."
    if told.event is Event.WAIVED:
        back = f" {pounds(told.refund)} goes back to your card." if told.refund else ""
        return f"There is nothing to pay for your appointment on {when}.{back}"
    if told.event is Event.APPROVAL_NEEDED:
        return f"Your bank asks you to approve {fee} for the appointment on {when}."
    if told.event is Event.CARD_EXPIRING:
        return f"Your card will have expired when {fee} is due for the appointment on {when}."
    if told.event is Event.CARD_NEEDED:
        return (
            f"There is no card on record yet for your appointment on {when}. It stands meanwhile."
        )
    failed = f"The payment of {fee} for the appointment on {when} did not go through."
    if told.last_word:
        return f"{failed} There is still time to put it right."
    return f"{failed} Your appointment still stands." if session.live else failed


def _buttons(told: Told, session: AppointmentView) -> Rows:
    details = (Button("Details", f"a:{session.id}"),)
    other = (Button("Use another card", "card"),)
    if told.event is Event.APPROVAL_NEEDED:
        return (Button(APPROVE, f"pay:{session.id}"),), other, details
    if told.event is Event.CARD_NEEDED:
        return (Button("Add a card", "card"),), details
    if told.event in (Event.CHARGE_FAILED, Event.CARD_EXPIRING):
        pay_now = f"Pay {pounds(session.fee_pence)} now"
        ways = {**dict.fromkeys((*SOFT, STOPPED), pay_now), NOT_APPROVED: APPROVE}
        label = ways.get(told.code or "")
        pay = () if label is None else ((Button(label, f"pay:{session.id}"),),)
        return *pay, other, details
    return (details,)
