"""What the terminal says about the thing under the cursor, in the field's own words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from helpspace.core import moments, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.moments import DAY, HOUR, MINUTE, pounds
from helpspace.core.payments.words import reason_words
from helpspace.core.plain import plain
from helpspace.core.policy import Consequence, Party, State, Terms
from helpspace.core.profiles import TherapistView
from helpspace.tui.blocks import status_of
from helpspace.tui.layout import Status

KINDS = {"initial": "initial session", "follow_up": "follow-up"}
NO_CARD = {
    "missing": "No card on record: the client has been asked for one.",
    "expired": "The card has expired: the client will be asked for another.",
}
ASKED_BY_CLIENT = (
    "If the client asked for this, let them cancel themselves: it makes a difference to the money."
)
"""What is said before a therapist cancels (M3)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is shown about one thing, in short texts; an empty one is left out."""

    title: str
    """Whose or what it is; the client's name is cleaned and may be dots."""
    kind: str = ""
    status: Status | None = None
    state: str = ""
    """The state in words, where the status's own word does not say all."""
    when: str = ""
    length: str = ""
    there: str = ""
    """The client's local time, where their zone differs."""
    money: tuple[str, ...] = ()
    warning: str = ""
    contact: str = ""
    video: str = ""


def dots(text: str) -> str:
    """Return as many dots as there are characters, words kept apart, for sharing a screen."""
    return "".join(" " if character.isspace() else "•" for character in plain(text))


def name_of(name: str, *, blur: bool) -> str:
    """Return a client's name as it may be shown."""
    return dots(name) if blur else plain(name)


def shown_when(start: int, end: int, zone: str, now: int) -> str:
    """Return "Fri 6 Mar 09:00–09:50", with the year when it is not this one."""
    return f"{moments.show(start, zone, reference=now)}–{moments.show_time(end, zone)}"


def shown_there(start: int, zone: str, client_zone: str) -> str:
    """Return the client's own time where it differs: "04:00 New York time", with a day if needed."""
    if not client_zone or client_zone == zone:
        return ""
    here, there = moments.at_zone(start, zone), moments.at_zone(start, client_zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    day = "" if here.date() == there.date() else f"{moments.show_day(there.date())} "
    return f"{day}{there:%H:%M} {moments.zone_word(client_zone)}"


def ahead(start: int, end: int, now: int) -> str:
    """Return how far away something is: "in 4 days", "in 20 min", "now", "2 h ago"."""
    if start <= now < end:
        return "now"
    distance = start - now if now < start else now - end
    if distance >= 2 * DAY:
        words = f"{distance // DAY} days"
    elif distance >= 2 * HOUR:
        words = f"{distance // HOUR} h"
    else:
        words = f"{distance // MINUTE} min"
    return f"in {words}" if now < start else f"{words} ago"


def length_of(start: int, end: int, now: int) -> str:
    """Return "50 min, in 4 days"."""
    return f"{(end - start) // 60} min, {ahead(start, end, now)}"


def shown_week(first: date, days: int = 7) -> str:
    """Return the days of a week: "2–8 March 2026", "30 March – 5 April 2026"."""
    last = first + timedelta(days=days - 1)
    if first.year != last.year:
        return f"{first.day} {first:%B} {first.year} – {last.day} {last:%B} {last.year}"
    if first.month != last.month:
        return f"{first.day} {first:%B} – {last.day} {last:%B} {last.year}"
    return f"{first.day}–{last.day} {last:%B} {last.year}"


def shown_profile(therapist: TherapistView) -> tuple[str, ...]:
    """Return why a profile is hidden, in words; nothing means that clients see it (P1)."""
    return tuple(policy.WHY_HIDDEN.get(code, code) for code in therapist.why_hidden)


# -- money ---------------------------------------------------------------------------------------


def terms_words(terms: Terms, zone: str, now: int, booked_at: int) -> tuple[str, ...]:
    """Return what is agreed about the money of a session that is not charged yet (M1, M4)."""
    if terms.fee_pence == 0:
        return ("Free of charge",)
    until = moments.show(terms.free_until, zone, reference=now)
    at = moments.show(policy.charge_from(terms), zone, reference=now)
    if terms.free_until <= booked_at:
        return ("No free cancellation: booked inside 48 hours", f"Charged {at}")
    return (f"Free to cancel until {until}", f"Charged {at}")


def terms_line(terms: Terms, zone: str, now: int, booked_at: int) -> str:
    """Return the same as one line."""
    first, *rest = terms_words(terms, zone, now, booked_at)
    return ", ".join([first, *(text[:1].lower() + text[1:] for text in rest)])


def money_words(view: AppointmentView, zone: str, now: int) -> tuple[str, ...]:
    """Return where the money of a session stands, the amount first."""
    if view.fee_pence == 0:
        return ("Free of charge",)
    fee = pounds(view.fee_pence)
    match view.payment:
        case "scheduled" if not view.live:
            return (fee, "Nothing was charged")
        case "scheduled":
            return (fee, *terms_words(view.terms, zone, now, view.booked_at))
        case "due":
            return (fee, "To be charged with the next round")
        case "processing":
            return (fee, "Being charged just now")
        case "paid":
            return (f"{fee} paid",)
        case "needs_approval":
            return (f"{fee} not paid", "The bank wants the client's approval; they have been told")
        case "failed":
            return (f"{fee} not paid", f"Because {reason_words(view.payment_reason)}")
        case "refunding":
            return (f"{fee} is being given back",)
        case "refunded":
            return (f"{fee} was given back",)
        case "waived":
            return (f"{fee} waived",)
        case "disputed":
            return (f"{fee} disputed", "The client's bank asks for it back")
        case _:
            return (fee, "Nothing was charged")


def cancel_words(found: Consequence) -> str:
    """Return what the therapist's own cancelling means for the client's money (M3)."""
    if found.fee_pence == 0:
        return "It is free of charge, so no money moves."
    if found.refund_pence:
        return f"The client gets {pounds(found.refund_pence)} back, in full."
    return "The client pays nothing."


def client_cancel_words(view: AppointmentView, now: int) -> str:
    """Return what it would mean if the client cancelled now (M2)."""
    found = policy.cancelling(Party.CLIENT, now, view.terms, view.paid_pence)
    if found.fee_pence == 0:
        return "It is free of charge either way."
    if found.owed_pence:
        stays = "stays paid" if view.paid_pence else "is charged"
        return f"If they cancel now, it is late: the fee of {pounds(found.owed_pence)} {stays}."
    if found.refund_pence:
        return f"If they cancel now, they get {pounds(found.refund_pence)} back as well."
    return "If they cancel now, they pay nothing either."


def cancelled_words(view: AppointmentView, found: Consequence) -> str:
    """Return what happened to the money when the therapist cancelled."""
    if found.refund_pence:
        return f"{pounds(found.refund_pence)} goes back to the client"
    return "nothing is charged" if view.fee_pence else "no money moves"


# -- what is under the cursor --------------------------------------------------------------------


def free_facts(start: int, therapist: TherapistView, now: int) -> Facts:
    """Say something about time in which nothing is."""
    when = moments.show(start, therapist.zone, reference=now)
    if start <= now:
        return Facts("Past", when=when, state="Nothing was here")
    return Facts("Free time", when=when, length=ahead(start, start + 1, now))


def slot_facts(entry: Entry, therapist: TherapistView, now: int) -> Facts:
    """Say what a slot is, and whether clients can book it (P2, P3)."""
    zone, notice = therapist.zone, therapist.notice_s
    state, warning = "", ""
    status = status_of(entry)
    if status is Status.HELD:
        state = "Somebody is putting a card on record for it"
    elif entry.start <= now:
        state = "Nobody booked it"
    elif notice is None or not policy.slot_is_bookable(entry.start, notice, now):
        warning = inside_notice(notice)
    else:
        until = moments.show(entry.start - notice, zone, reference=now)
        state = f"Clients can book it until {until}"
    return Facts(
        "Slot for an initial session",
        status=status,
        state=state,
        when=shown_when(entry.start, entry.end, zone, now),
        length=length_of(entry.start, entry.end, now),
        money=(f"{pounds(therapist.initial_fee_pence)}",),
        warning=warning,
    )


def inside_notice(notice: int | None) -> str:
    """Say why clients cannot book a slot that is open (P3)."""
    if notice is None:
        return "Clients cannot book it: no minimum notice is chosen."
    return f"Inside your notice of {moments.show_minutes(notice)}: clients cannot book it."


def session_facts(
    view: AppointmentView, entry: Entry | None, zone: str, now: int, *, blur: bool
) -> Facts:
    """Say who comes when, and how it stands with the money."""
    status = Status.CANCELLED if entry is None else status_of(entry)
    warning = NO_CARD.get(view.card, "") if _card_matters(view) else ""
    return Facts(
        name_of(view.other_name, blur=blur) or "—",
        kind=KINDS.get(view.kind, ""),
        status=status,
        when=shown_when(view.start, view.end, zone, now),
        length=length_of(view.start, view.end, now),
        there=shown_there(view.start, zone, entry.client_zone if entry else ""),
        money=money_words(view, zone, now),
        warning=warning,
        contact="" if blur else plain(view.other_contact, 254),
        video="" if blur else plain(view.video_url or "", 300),
    )


def _card_matters(view: AppointmentView) -> bool:
    waiting = view.payment in ("scheduled", "due", "failed")
    return view.fee_pence > 0 and view.state == State.BOOKED and waiting


def range_facts(start: int, end: int, zone: str, now: int) -> Facts:
    """Say what a marked range is."""
    when = shown_when(start, end, zone, now)
    return Facts("Marked time", when=when, length=length_of(start, end, now))
