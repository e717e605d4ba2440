"""What the terminal says when something was done: one sentence or two. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Opened, SlotView
from helpspace.core.moments import pounds
from helpspace.core.policy import Consequence
from helpspace.core.profiles import TherapistView
from helpspace.tui.words import inside_notice, shown_profile, shown_when

if TYPE_CHECKING:
    from helpspace.core.booking import Ending
    from helpspace.core.openings import TakenBack
    from helpspace.core.time_off import Taken

PUBLISHED = "Your profile is published: clients find you."
ROOM = 76
"""Characters of the status line at 80 columns."""

LAST_CLOSED = "That was your last open slot: your profile is hidden until you open another."


def opened_words(opened: Opened, therapist: TherapistView, now: int) -> str:
    """Say what was opened and what that does to the profile (P3)."""
    first = opened.slots[0]
    more = _more(opened, therapist.zone)
    said = f"Opened {shown_when(first.start, first.end, therapist.zone, now)}{more}."
    if opened.published:
        return f"{said} {PUBLISHED}"
    if len(opened.inside_notice) == len(opened.slots):
        return f"{said} {inside_notice(therapist.notice_s)}"
    if opened.why_hidden:
        return f"{said} Your profile stays hidden: {shown_profile(therapist)[0]}."
    return said


def _more(opened: Opened, zone: str) -> str:
    """Say how many more there are: weeks, where it is one time of the week."""
    starts = [moments.at_zone(slot.start, zone) for slot in opened.slots]
    if len(starts) == 1:
        return ""
    weekly = len({f"{start:%a %H:%M}" for start in starts}) == 1
    return f" and {len(starts) - 1} more{' weeks' if weekly else ''}"


def closed_words(slot: SlotView, therapist: TherapistView, now: int, *, hid: bool) -> str:
    """Say what was closed, and whether that hid the profile (P3)."""
    said = f"Closed {shown_when(slot.start, slot.end, therapist.zone, now)}."
    if hid:
        return f"{said} {LAST_CLOSED}"
    return said


def taken_back_words(done: TakenBack, zone: str, now: int, *, hid: bool) -> str:
    """Say what of an opening was taken back, and what stays because something happened with it."""
    first = done.closed[0]
    said = f"Taken back: {shown_when(first.start, first.end, zone, now)}"
    if len(done.closed) > 1:
        said = f"Taken back: {len(done.closed)} slots"
    stays = f"; {len(done.kept)} stay, since something happened with them" if done.kept else ""
    return f"{said}{stays}.{f' {LAST_CLOSED}' if hid else ''}"


def booked_words(session: AppointmentView, name: str, zone: str, now: int) -> str:
    """Say what was booked and for whom; the name as it may be shown."""
    when = shown_when(session.start, session.end, zone, now)
    return f"Booked {when} for {name}. Both of you get an e-mail."


def series_words(sessions: Sequence[AppointmentView], name: str, zone: str, now: int) -> str:
    """Say how many sessions of a series were booked and for whom; the name as it may be shown."""
    if len(sessions) == 1:
        return booked_words(sessions[0], name, zone, now)
    first, last = (shown_when(one.start, one.end, zone, now) for one in (sessions[0], sessions[-1]))
    return f"Booked {len(sessions)} sessions for {name}, from {first} to {last}."


def cancelled_words(session: AppointmentView, found: Consequence, zone: str, now: int) -> str:
    """Say what was cancelled and what that did to the money (M3)."""
    when = moments.show(session.start, zone, reference=now)
    if found.refund_pence:
        money = f"{pounds(found.refund_pence)} goes back to the client"
    else:
        money = "nothing is charged" if session.fee_pence else "no money moves"
    said = f"Cancelled {when}: {money}."
    # The mail was said before it was done; the money is not to be cut for it.
    whole = f"{said} Both get an e-mail."
    return whole if len(whole) <= ROOM else said


def series_cancelled_words(endings: Sequence[Ending], zone: str, now: int) -> str:
    """Say how many sessions of a series were cancelled, and what goes back (B8, M3)."""
    first, last = (
        moments.show(one.start, zone, reference=now) for one in (endings[0], endings[-1])
    )
    back = sum(one.consequence.refund_pence for one in endings)
    money = f"{pounds(back)} goes back to the client" if back else "nothing is charged"
    return f"Cancelled {len(endings)} sessions, from {first} to {last}: {money}."


def off_words(taken: Taken, zone: str, now: int) -> str:
    """Say what time off has closed and cancelled (C7)."""
    off = taken.time_off
    last = moments.show(off.end, zone, reference=now)
    done = [f"{n} {word}" for n, word in (
        (len(taken.closed), "slots closed"), (len(taken.cancelled), "sessions cancelled"),
        (len(taken.kept), "sessions kept"),
    ) if n]  # fmt: skip
    return f"Time off until {last}{': ' if done else ''}{', '.join(done)}."
