"""Booking: review, name, e-mail address, terms, hold, card page, booked (B1–B6)."""

from __future__ import annotations

from dataclasses import replace

from helpspace.bot.codec import data
from helpspace.bot.handlers.home import home
from helpspace.bot.screens import book as screens
from helpspace.bot.screens.base import marked
from helpspace.bot.visit import Hold, Reply, Visit
from helpspace.core import accounts, appointments, booking, cards, holds, preferences
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Held, Shown
from helpspace.core.errors import (
    AlreadyWithTherapist,
    HelpspaceError,
    Invalid,
    NotFound,
    OutsideFault,
    SlotTaken,
    TermsChanged,
)


def slot(visit: Visit, slot_id: str, _therapist_id: str) -> Reply:
    """Show the review of a slot on the terms of this moment."""
    offer = booking.offer(visit.practice, visit.me, slot_id)
    here = data("slot", slot_id, offer.slot.therapist_id)
    return Reply(screens.review(offer, visit.now()), here)


def name(visit: Visit, slot_id: str, therapist_id: str) -> Reply:
    """Ask for the name."""
    known = accounts.me(visit.practice, visit.me).name
    offered = visit.first_name if any(map(str.isalnum, visit.first_name)) else ""
    screen = screens.ask_name(slot_id, therapist_id, offered, known)
    return Reply(screen, data("name", slot_id, therapist_id))


def named(visit: Visit, slot_id: str, therapist_id: str) -> Reply:
    """Take the name that Telegram knows, since the client said so."""
    return take_name(visit, visit.first_name, slot_id, therapist_id)


def take_name(visit: Visit, text: str, slot_id: str, therapist_id: str) -> Reply:
    """Store the name that was written and go on to the e-mail address."""
    try:
        accounts.set_name(visit.practice, visit.me, text)
    except Invalid as refusal:
        return name(visit, slot_id, therapist_id).noting(f"{refusal.title}. {refusal.hint}")
    return email(visit, slot_id, therapist_id)


def email(visit: Visit, slot_id: str, therapist_id: str) -> Reply:
    """Ask for the e-mail address."""
    me = accounts.me(visit.practice, visit.me)
    screen = screens.ask_email(slot_id, therapist_id, me.name, me.email)
    return Reply(screen, data("email", slot_id, therapist_id))


def take_email(visit: Visit, text: str, slot_id: str, therapist_id: str) -> Reply:
    """Store the address that was written and go on to the terms."""
    try:
        accounts.set_email(visit.practice, visit.me, text)
    except Invalid as refusal:
        return email(visit, slot_id, therapist_id).noting(f"{refusal.title}. {refusal.hint}")
    return terms(visit, slot_id, therapist_id)


def terms(visit: Visit, slot_id: str, therapist_id: str) -> Reply:
    """Show everything once more with the terms; the button there accepts and books (B4)."""
    offer = booking.offer(visit.practice, visit.me, slot_id)
    me = accounts.me(visit.practice, visit.me)
    if offer.accepted_terms or not (offer.has_name and offer.has_email):
        return slot(visit, slot_id, therapist_id)
    screen = screens.accept_terms(offer, me.name, me.email, visit.now())
    return Reply(screen, data("terms", slot_id, therapist_id))


def book(
    visit: Visit, slot_id: str, therapist_id: str, fee: str, inside: str, accept: str
) -> Reply:
    """Book on the terms that the button showed, or hold the slot until a card is on record (B3)."""
    shown = Shown(int(fee), inside == "1")
    try:
        done = booking.book(visit.practice, visit.me, slot_id, shown, accept_terms=accept == "1")
    except (TermsChanged, Invalid) as refusal:
        note = f"{refusal.title}. {refusal.hint}"
        return slot(visit, slot_id, therapist_id).noting(note)
    except (SlotTaken, AlreadyWithTherapist):
        # A second tap, or the same one after a restart: it is booked already.
        mine = _mine(visit, slot_id)
        if mine is None:
            raise
        return _booked(visit, mine)
    if isinstance(done, Held):
        return _card_page(visit, (done.request_id, slot_id, done.slot.therapist_id))
    return _booked(visit, done)


def hold(visit: Visit, request_id: str, slot_id: str, therapist_id: str) -> Reply:
    """Show where a held slot stands: its card page, booked, or over (B3)."""
    mine = _mine(visit, slot_id)
    if mine is not None:
        return _booked(visit, mine)
    held = (request_id, slot_id, therapist_id)
    if visit.held != held:
        return _over(slot_id, therapist_id)
    offer = _offer(visit, slot_id)
    if offer is not None and not offer.needs_card:
        # A card came another way meanwhile; booking is still the client's own tap (B3).
        return slot(visit, slot_id, therapist_id).noting(screens.CARD_THERE)
    cards.look_now(visit.practice, client_id=visit.me.id)
    return _card_page(visit, held)


def _card_page(visit: Visit, held: Hold) -> Reply:
    """Show the card page of a hold, made at Stripe while the person waits."""
    request_id, slot_id, therapist_id = held
    here, draft = data("hold", *held), visit.drafted(hold=list(held))
    try:
        page = cards.page(visit.practice, visit.gateway, visit.me, request_id)
    except NotFound:
        return replace(_over(slot_id, therapist_id), draft=visit.drafted(hold=None))
    except OutsideFault:
        return Reply(screens.page_unreachable(*held), here, draft)
    screen = screens.card_page(page, _offer(visit, slot_id), visit.zone(), visit.now(), held)
    return Reply(marked(screen, test=visit.is_test), here, draft, nudge="cards")


def _offer(visit: Visit, slot_id: str) -> booking.Offer | None:
    """Return what is held; None where it could not be booked any more, which its page will say."""
    try:
        return booking.offer(visit.practice, visit.me, slot_id)
    except HelpspaceError:
        return None


def still_held(visit: Visit) -> Hold | None:
    """Return the time that this client holds, unless it was booked or let go since."""
    held = visit.held
    if held is None or not booking.holds(visit.practice, visit.me, held[1]):
        return None
    return held


def _over(slot_id: str, therapist_id: str) -> Reply:
    return Reply(screens.hold_over(slot_id, therapist_id), data("slot", slot_id, therapist_id))


def free(visit: Visit, slot_id: str, _therapist_id: str) -> Reply:
    """Let go of the held slot; a button of an older hold lets go of nothing."""
    if visit.held is None or visit.held[1] != slot_id:
        return home(visit)
    holds.give_up(visit.practice, visit.me)
    after = replace(visit, place=replace(visit.place, draft=visit.drafted(hold=None)))
    return home(after).noting("The time is free again. Nothing was booked or charged.")


def _mine(visit: Visit, slot_id: str) -> AppointmentView | None:
    """Return this client's live session in a slot."""
    ahead = appointments.appointments(visit.practice, visit.me, ahead=True, live_only=True)
    return next((session for session in ahead if session.slot_id == slot_id), None)


def _booked(visit: Visit, session: AppointmentView) -> Reply:
    me = preferences.preferences(visit.practice, visit.me)
    screen = screens.booked(session, visit.zone(), visit.now(), told=screens.told_by(me))
    here, draft = data("session", session.id), visit.drafted(hold=None)
    return Reply(screen, here, draft, nudge="delivery")
