"""What the terminal says when something was done: one sentence or two. Pure."""

from __future__ import annotations

from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Opened, SlotView
from helpspace.core.moments import pounds
from helpspace.core.policy import Consequence
from helpspace.core.profiles import TherapistView
from helpspace.tui.words import inside_notice, shown_profile, shown_when

PUBLISHED = "Your profile is published: clients can find you."
LAST_CLOSED = "That was your last open slot: your profile is hidden until you open another."


def opened_words(opened: Opened, therapist: TherapistView, now: int) -> str:
    """Say what was opened and what that does to the profile (P3)."""
    first = opened.slots[0]
    more = f" and {len(opened.slots) - 1} more weeks" if len(opened.slots) > 1 else ""
    said = f"Opened {shown_when(first.start, first.end, therapist.zone, now)}{more}."
    if opened.published:
        return f"{said} {PUBLISHED}"
    if len(opened.inside_notice) == len(opened.slots):
        return f"{said} {inside_notice(therapist.notice_s)}"
    if opened.why_hidden:
        return f"{said} Your profile stays hidden: {shown_profile(therapist)[0]}."
    return said


def closed_words(slot: SlotView, therapist: TherapistView, now: int, *, hid: bool) -> str:
    """Say what was closed, and whether that hid the profile (P3)."""
    said = f"Closed {shown_when(slot.start, slot.end, therapist.zone, now)}."
    if hid:
        return f"{said} {LAST_CLOSED}"
    return said


def booked_words(session: AppointmentView, name: str, zone: str, now: int) -> str:
    """Say what was booked and for whom; the name as it may be shown."""
    when = shown_when(session.start, session.end, zone, now)
    return f"Booked {when} for {name}. Both of you get an e-mail."


def cancelled_words(session: AppointmentView, found: Consequence, zone: str, now: int) -> str:
    """Say what was cancelled and what that did to the money (M3)."""
    when = shown_when(session.start, session.end, zone, now)
    if found.refund_pence:
        money = f"{pounds(found.refund_pence)} goes back to the client"
    else:
        money = "nothing is charged" if session.fee_pence else "no money moves"
    return f"Cancelled {when}: {money}. Both of you get an e-mail."
