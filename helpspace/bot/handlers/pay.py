"""Paying an unpaid fee by a tap: approved at the bank, tried again, or with another card (M6)."""

from __future__ import annotations

from dataclasses import replace

from helpspace.bot.codec import data
from helpspace.bot.handlers import sessions
from helpspace.bot.screens import pay as screens
from helpspace.bot.screens.base import marked
from helpspace.bot.visit import Reply, Visit
from helpspace.core import accounts, appointments
from helpspace.core.errors import OutsideFault
from helpspace.core.payments import paying
from helpspace.core.payments.paying import Outcome, Way
from helpspace.core.store.standing import NotAdopted

NOTES = {
    Outcome.PAID: screens.PAID,
    Outcome.UNHEARD: screens.UNHEARD,
    Outcome.BUSY: screens.BUSY,
}

NUDGES = {Outcome.PAID: "delivery", Outcome.UNHEARD: "charges", Outcome.BUSY: "charges"}


def money(visit: Visit, appointment_id: str) -> Reply:
    """Show how an unpaid fee stands and what can be done; a settled one just shows its session.

    Nothing is tried by looking, however often it is shown again.
    """
    due = paying.due(visit.practice, visit.me, appointment_id)
    if due.way is Way.NOTHING:
        return sessions.session(visit, appointment_id)
    found = appointments.appointment(visit.practice, visit.me, appointment_id)
    me = accounts.me(visit.practice, visit.me)
    screen = screens.money(found, due, me.zone, visit.now(), me.card_words)
    return Reply(marked(screen, test=visit.is_test), data("money", appointment_id))


def pay(visit: Visit, appointment_id: str) -> Reply:
    """Try to take the fee while the client is here; the bank's page comes as a button."""
    try:
        done = paying.pay(visit.practice, visit.gateway, visit.me, appointment_id)
    except (OutsideFault, NotAdopted):
        return money(visit, appointment_id).noting(screens.NOT_NOW)
    if done.bank_page is not None:
        screen = marked(screens.bank(done.due, done.bank_page), test=visit.is_test)
        return Reply(screen, data("money", appointment_id))
    reply = replace(money(visit, appointment_id), nudge=NUDGES.get(done.outcome, ""))
    note = NOTES.get(done.outcome, "")
    if done.outcome is Outcome.REFUSED:
        asked = done.due.way is Way.APPROVE and done.due.reason == "authentication_required"
        note = screens.NO_PAGE if asked else screens.refused(done.due)
    return reply.noting(note) if note else reply


def returned(visit: Visit, appointment_id: str) -> Reply:
    """Look at the payment at once, for somebody who comes back from the bank's page."""
    if not paying.look_now(visit.practice, visit.me, appointment_id):
        return money(visit, appointment_id)
    return replace(money(visit, appointment_id).noting(screens.CHECKING), nudge="charges")
