"""What the terminal says about the thing under the cursor, in the field's own words. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from helpspace.core import moments, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.moments import HOUR, MINUTE, pounds
from helpspace.core.payments.tries import STOPPED
from helpspace.core.payments.words import reason_words
from helpspace.core.plain import plain
from helpspace.core.policy import Consequence, Party, State, Strain, Terms
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


class Facts(NamedTuple):
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
    hint: str = ""
    """What can be done here."""
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
    """Return the client's own time where it differs: "04:00 New York time"."""
    if not client_zone or client_zone == zone:
        return ""
    here, there = moments.at_zone(start, zone), moments.at_zone(start, client_zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    day = "" if here.date() == there.date() else f"{moments.show_day(there.date())} "
    return f"{day}{there:%H:%M} {moments.zone_word(client_zone)}"


def ahead(start: int, end: int, zone: str, now: int) -> str:
    """Return how far away something is: "in 20 min", "tomorrow", "in 4 days", "2 h ago"."""
    if start <= now < end:
        return "now"
    days = (moments.local_date(start, zone) - moments.local_date(now, zone)).days
    if abs(days) > 1:
        return f"in {days} days" if days > 0 else f"{-days} days ago"
    if days:
        return "tomorrow" if days > 0 else "yesterday"
    distance = start - now if now < start else now - end
    words = f"{distance // HOUR} h" if distance >= 2 * HOUR else f"{distance // MINUTE} min"
    return f"in {words}" if now < start else f"{words} ago"


def length_of(start: int, end: int, zone: str, now: int) -> str:
    """Return "50 min, in 4 days"."""
    return f"{(end - start) // 60} min, {ahead(start, end, zone, now)}"


def shown_week(first: date, days: int = 7) -> str:
    """Return the days of a week: "2–8 March 2026", "30 March – 5 April 2026"."""
    last = first + timedelta(days=days - 1)
    if days == 1:
        return f"{first:%A} {first.day} {first:%B} {first.year}"
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


STOPPED_WORDS = "Not charged by itself: the bank looks into an earlier payment"

_MONEY = {
    "due": ("{fee}", "Due now, about to be charged"),
    "processing": ("{fee}", "Being charged just now"),
    "paid": ("{fee} paid",),
    "needs_approval": ("{fee} not paid", "The bank wants the client's approval"),
    "failed": ("{fee} not paid", "Because {reason}"),
    "refunding": ("{fee} is being given back",),
    "refunded": ("{fee} was given back",),
    "waived": ("{fee} waived",),
    "disputed": ("{fee} disputed", "The client's bank asks for it back"),
}
"""Where the money stands, by the payment words of `interface.md`."""


def money_words(view: AppointmentView, zone: str, now: int) -> tuple[str, ...]:
    """Return where the money of a session stands, the amount first."""
    if view.fee_pence == 0:
        return ("Free of charge",)
    fee = pounds(view.fee_pence)
    if view.payment == "scheduled" and view.live:
        stopped = (STOPPED_WORDS,) if view.payment_reason == STOPPED else ()
        return (fee, *terms_words(view.terms, zone, now, view.booked_at), *stopped)
    words = _MONEY.get(view.payment, ("{fee}", "Nothing was charged"))
    reason = reason_words(view.payment_reason)
    return tuple(text.format(fee=fee, reason=reason) for text in words)


def cancel_words(found: Consequence) -> str:
    """Return what the therapist's own cancelling means for the client's money (M3)."""
    if found.fee_pence == 0:
        return "no money moves: the session is free of charge"
    if found.refund_pence:
        return f"the client gets {pounds(found.refund_pence)} back, in full"
    return "the client pays nothing"


def client_cancel_words(view: AppointmentView, now: int) -> str:
    """Return what it would mean if the client cancelled now (M2)."""
    found = policy.cancelling(Party.CLIENT, now, view.terms, view.paid_pence)
    if found.fee_pence == 0:
        return "no money moves either"
    if found.owed_pence:
        stays = "stays paid" if view.paid_pence else "is charged"
        return f"it is late: the fee of {pounds(found.owed_pence)} {stays}"
    if found.refund_pence:
        return f"they get {pounds(found.refund_pence)} back as well"
    return "they pay nothing either"


# -- what is under the cursor --------------------------------------------------------------------


def free_facts(start: int, therapist: TherapistView, now: int) -> Facts:
    """Say something about time in which nothing is."""
    zone = therapist.zone
    when = moments.show(start, zone, reference=now)
    if start <= now:
        return Facts("Time that has passed", when=when)
    hint = "{slot.toggle} opens a slot here, {session.follow_up} books a follow-up."
    if therapist.why_hidden:
        hint = f"{hint[:-1]}, {{profile.checklist}} says what is missing."
    why = "; ".join(shown_profile(therapist))
    return Facts(
        "Free time",
        when=when,
        length=ahead(start, start + 1, zone, now),
        hint=hint,
        warning=f"Clients do not see you: {why}." if why else "",
    )


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
        length=length_of(entry.start, entry.end, zone, now),
        money=(f"Clients pay {pounds(therapist.initial_fee_pence)}",),
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
        length=length_of(view.start, view.end, zone, now),
        there=shown_there(view.start, zone, entry.client_zone if entry else ""),
        money=money_words(view, zone, now),
        warning=warning,
        contact="" if blur else plain(view.other_contact, 254),
        video="" if blur else plain(view.video_url or "", 300),
    )


def server_of(link: str) -> str:
    """Return where a video room is, without its name, which lets in whoever reads it."""
    return link.partition("://")[2].partition("/")[0]


def _card_matters(view: AppointmentView) -> bool:
    waiting = view.payment in ("scheduled", "due", "failed")
    return view.fee_pence > 0 and view.state == State.BOOKED and waiting


def off_facts(start: int, end: int, zone: str, now: int) -> Facts:
    """Say how long time off is, and how it ends (C7)."""
    first, last = (moments.show(at, zone, reference=now) for at in (start, end))
    hint = "Nothing can be opened or booked here; {calendar.time_off} lifts it."
    return Facts("Time off", status=Status.TIME_OFF, when=f"{first} – {last}", hint=hint)


def range_facts(start: int, end: int, zone: str, now: int, days: int = 1) -> Facts:
    """Say what a marked range is; `days` have the same hours marked."""
    when = shown_when(start, end, zone, now)
    if days > 1:
        hint = (
            "{slot.toggle} opens slots in these hours on each of the days, Esc takes the mark off."
        )
        return Facts(f"Marked time on {days} days", when=when, hint=hint)
    hint = "{slot.toggle} opens a slot of this length, Esc takes the mark off."
    return Facts("Marked time", when=when, hint=hint, length=length_of(start, end, zone, now))


def strain_words(found: Sequence[Strain], zone: str) -> str:
    """Return the gentle word about a therapist's own limits, or an empty one; nothing is refused.

    It names the first day; the others are only counted.
    """
    if not found:
        return ""
    first = found[0]
    said = []
    if first.sessions is not None:
        said.append(f"{first.sessions} that day, your cap is {first.cap}")
    if first.gap is not None:
        said.append(f"break {first.gap // 60} min, you want {first.rest // 60}")
    days = {moments.local_date(one.start, zone) for one in found}
    more = f" (and on {len(days) - 1} more day{'s' if len(days) > 2 else ''})"
    day = moments.show_day(min(days))
    return f"{day}: {'; '.join(said)}{more if len(days) > 1 else ''}."
