"""Booking: the review, name, e-mail address, terms, the card page, and what came of it."""

from __future__ import annotations

from helpspace.bot.screens.base import (
    HOME,
    Button,
    Row,
    Screen,
    back,
    button,
    lines,
    link,
    paragraphs,
    prose,
)
from helpspace.bot.screens.words import left, terms, when
from helpspace.core import moments, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import Offer
from helpspace.core.cards import Page
from helpspace.core.moments import pounds
from helpspace.core.policy import CARD_PAGE, HOLD
from helpspace.core.preferences import Preferences

_HOURS = policy.DECISION_WINDOW // moments.HOUR

TERMS = prose(f"""
Sessions are charged to your card {_HOURS} hours before they start. Until then you cancel free of
charge; later, and until the start, the full fee is due. Booked less than {_HOURS} hours ahead, a
session is charged today and cannot be cancelled free of charge. If your counsellor cancels, you pay
nothing.

Your sessions are with your counsellor, who is responsible for them; Helpspace arranges them. It is
not an emergency service.

By booking you accept these terms and ask that the service may begin within 14 days, although you
could otherwise withdraw in that time.
""")


def _facts(offer: Offer, now: int) -> str:
    slot, zone = offer.slot, offer.client_zone
    at = when(slot.start, slot.end, zone, now, offer.other_zone, offer.therapist_name)
    fee = pounds(slot.fee_pence) if slot.fee_pence else ""
    return lines(
        f"With {offer.therapist_name}",
        at,
        f"{slot.minutes} minutes, first session",
        " · ".join(part for part in (fee, terms(slot, zone, now)) if part),
    )


def _act(offer: Offer, now: int, *, accept: bool) -> Button:
    """Return the button that books, with the fee and the free-to-cancel moment on it (M7a, B3a)."""
    slot = offer.slot
    fee = pounds(slot.fee_pence) if slot.fee_pence else ""
    label = " · ".join(part for part in ("Book", fee, terms(slot, offer.client_zone, now)) if part)
    shown = (slot.fee_pence, int(slot.inside_window), int(accept))
    return button(label, "book", slot.id, slot.therapist_id, *shown)


def review(offer: Offer, now: int) -> Screen:
    """Return what would be booked; the button books, or leads to what is still missing."""
    slot = offer.slot
    ready = offer.has_name and offer.has_email
    row: Row
    if ready and offer.accepted_terms:
        row = (_act(offer, now, accept=False),)
    elif ready:
        row = (button("Go on to the terms", "terms", slot.id, slot.therapist_id),)
    elif offer.has_name:
        row = (button("Go on: your e-mail address", "email", slot.id, slot.therapist_id),)
    else:
        row = (button("Go on: your name", "name", slot.id, slot.therapist_id),)
    card = f"Card: {offer.card_words}" if slot.fee_pence and not offer.needs_card else ""
    body = paragraphs(
        _facts(offer, now), card, "Not for emergencies: /urgent says who helps at once."
    )
    return Screen("Your booking", body, (row, back("who", slot.therapist_id)))


def ask_name(slot_id: str, therapist_id: str, offered: str, known: str = "") -> Screen:
    """Ask how the client wants to be called; the name Telegram knows is only offered."""
    rows: list[Row] = []
    if known:
        rows.append((button(f"Keep “{known}”", "email", slot_id, therapist_id),))
    elif offered:
        rows.append((button(f"Use “{offered}”", "named", slot_id, therapist_id),))
    body = "Please write the name your counsellor should use. Only they and the team see it."
    return Screen("Your name", body, (*rows, back("slot", slot_id, therapist_id)))


def ask_email(slot_id: str, therapist_id: str, name: str, known: str = "") -> Screen:
    """Ask for the e-mail address, showing what was understood so far."""
    rows: list[Row] = []
    if known:
        rows.append((button(f"Keep {known}", "terms", slot_id, therapist_id),))
    body = paragraphs(
        f"Your name: {name}",
        "Please write your e-mail address. Confirmations and reminders go there.",
    )
    return Screen("Your e-mail address", body, (*rows, back("name", slot_id, therapist_id)))


def accept_terms(offer: Offer, name: str, email: str, now: int) -> Screen:
    """Return the last look before a first booking: everything, the terms, and the act (B4)."""
    slot = offer.slot
    card = ""
    if offer.needs_card:
        charged = "it is booked" if slot.inside_window else "the moment named above"
        card = (
            "Next you put a card on record at Stripe. The time is held for you meanwhile; the page"
            f" stays open for {CARD_PAGE // 60} minutes. Nothing is charged before {charged}."
        )
    body = paragraphs(
        _facts(offer, now), lines(f"Your name: {name}", f"Your e-mail: {email}"), TERMS, card
    )
    rows = ((_act(offer, now, accept=True),), back("email", slot.id, slot.therapist_id))
    return Screen("Terms", body, rows)


def card_page(
    page: Page, offer: Offer | None, zone: str, now: int, held: tuple[str, str, str]
) -> Screen:
    """Return the way to the card page of a held slot, and what happens then (B3).

    `held` are the card request, the slot and the therapist, `offer` is what is held.
    """
    until = moments.show_time(page.expires_at, zone)
    body = paragraphs(
        "" if offer is None else _held(offer, now),
        f"The time is held for you: {left(page.expires_at - now)} left. Put your card on record by"
        f" {until} ({moments.zone_word(zone)}); then it is booked at once, and this message shows"
        " it.",
        "The card is typed at Stripe. Neither Helpspace nor your counsellor ever sees it.",
    )
    way = link("Open the card page", page.url)
    if way is None:
        body = paragraphs(body, page.url)
    rows = ((way,) if way else (), *_waiting(*held))
    return Screen("One step left: your card", body, rows)


def _held(offer: Offer, now: int) -> str:
    """Return which time is held, with whom, in one line."""
    at = moments.show(offer.slot.start, offer.client_zone, reference=now)
    return f"{at}, with {offer.therapist_name}"


def page_unreachable(request_id: str, slot_id: str, therapist_id: str) -> Screen:
    """Return what to do while Stripe gives no card page: the hold stays."""
    body = (
        "The card page cannot be opened just now. The time stays held for you for"
        f" {HOLD // 60} minutes in all, and nothing was charged. Please try again in a minute."
    )
    return Screen("Stripe does not answer", body, _waiting(request_id, slot_id, therapist_id))


def _waiting(request_id: str, slot_id: str, therapist_id: str) -> tuple[Row, ...]:
    return (
        (button("Check again", "hold", request_id, slot_id, therapist_id),),
        (button("Let the time go", "free", slot_id, therapist_id),),
        (HOME,),
    )


CARD_THERE = "Your card is on record. This time is held for you, but not booked yet."


def hold_over(slot_id: str, therapist_id: str) -> Screen:
    """Return what a hold that has ended without a booking leaves to do."""
    body = "Nothing was booked or charged. You can look whether the time is still free."
    row = (button("Look at the time again", "slot", slot_id, therapist_id),)
    return Screen("The time is no longer held", body, (row, back("who", therapist_id)))


def told_by(me: Preferences) -> str:
    """Return which mail a booking brings, and what to do with it while its address is unproven."""
    if not me.by_email:
        return ""
    if me.email_confirmed:
        return "An e-mail is on its way."
    return (
        f"An e-mail is on its way to {me.email}. Please open the link in it on this phone; once the"
        " address is confirmed, the details come there too."
    )


def booked(session: AppointmentView, zone: str, now: int, told: str = "") -> Screen:
    """Return the good news in place of the card page; `told` is what comes by e-mail."""
    at = when(session.start, session.end, zone, now, session.other_zone, session.other_name)
    body = paragraphs(
        lines(f"With {session.other_name}", at),
        _agreed(session, zone),
        told,
    )
    rows = ((button("See the details", "session", session.id),), (HOME,))
    return Screen("Your session is booked", body, rows)


def _agreed(session: AppointmentView, zone: str) -> str:
    """Return the money and the free-to-cancel moment of a session just booked (M4)."""
    sentence = policy.free_until_words(session.terms, zone, session.booked_at)
    fee = f"{pounds(session.fee_pence)}, " if session.fee_pence else ""
    return f"{fee}{sentence}."
