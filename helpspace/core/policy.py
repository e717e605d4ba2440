"""The rules as pure functions: values in, values out, no store and no clock.

Every preview, act, notice text and exercise of the course asks here, so that they cannot disagree
(M4). Instants are UTC epoch seconds, money is pence.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from helpspace.core import moments
from helpspace.core.moments import HOUR, MINUTE

DECISION_WINDOW = 48 * HOUR
"""D: the client's free cancellation ends, and the charge follows, this long before the start."""

AFTERTHOUGHT = 2 * HOUR
"""How long a follow-up booked inside D can still be cancelled free (B3a)."""

CHARGE_GRACE = 60
"""A charge starts no earlier than this after `free_until`, so that the tie goes to the client."""

HOLD = 33 * MINUTE
"""How long a slot waits for its client's card (B3)."""

CARD_PAGE = 31 * MINUTE
"""When Stripe closes the card page; its shortest life is 30 minutes (B3)."""

MOST_AHEAD = 3
"""Future initial sessions and holds per client, over all therapists (B5)."""

LEAST_FEE = 30
"""The smallest amount in pence that Stripe takes; a fee is this or more, or 0."""

NO_SHOW_FOR = 7 * 24 * HOUR
"""How long after the end a session can be marked as not attended (M9)."""


REPORT_FOR = 24 * HOUR
"""How long after the end a client can report that the therapist did not come (M9)."""


class Kind(StrEnum):
    """The two kinds of appointment."""

    INITIAL = "initial"
    FOLLOW_UP = "follow_up"


class State(StrEnum):
    """The states of an appointment."""

    BOOKED = "booked"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED_BY_CLIENT = "cancelled_by_client"
    CANCELLED_BY_THERAPIST = "cancelled_by_therapist"

    @property
    def live(self) -> bool:
        """Whether the appointment is not cancelled."""
        return not self.value.startswith("cancelled")


class Party(StrEnum):
    """The two people of an appointment, and the team, which hears of what it must mend."""

    CLIENT = "client"
    THERAPIST = "therapist"
    TEAM = "team"

    @property
    def other(self) -> "Party":
        return Party.THERAPIST if self is Party.CLIENT else Party.CLIENT


class Terms(NamedTuple):
    """What was agreed when a session was booked (M7a), or set by its last move (M10).

    `taken` says that the fee had been taken when the session was moved: it then stays where it is
    until a cancellation gives it back, though `free_until` lies ahead again.
    """

    start: int
    free_until: int
    fee_pence: int
    taken: bool = False


def free_until(kind: Kind, start: int, booked_at: int) -> int:
    """Return the last instant at which the client cancels without cost (M1, B3a)."""
    if start - DECISION_WINDOW >= booked_at:
        return start - DECISION_WINDOW
    if kind is Kind.FOLLOW_UP:
        return min(booked_at + AFTERTHOUGHT, start)
    return booked_at


class Moved(NamedTuple):
    """What a move makes of a session's terms; `locked` where it opens no new way out (M10)."""

    terms: Terms
    locked: bool


def moving(asked_by: Party, at: int, terms: Terms, start: int, paid_pence: int) -> Moved:
    """Return the terms after a move, which one party asked for, at an instant to a start (M10).

    A fee that is paid, or a session inside D, stays locked when the client asks for the move:
    `free_until` comes no later than it was. Else it is set anew like that of a follow-up booked
    now (M1, B3a); what is paid by then stays paid, and is given back when the client cancels in
    time.
    """
    inside = at > terms.start - DECISION_WINDOW
    locked = terms.fee_pence > 0 and asked_by is Party.CLIENT and (inside or paid_pence > 0)
    anew = free_until(Kind.FOLLOW_UP, start, at)
    until = min(terms.free_until, start) if locked else anew
    return Moved(Terms(start, until, terms.fee_pence, paid_pence > 0), locked)


def charge_from(terms: Terms) -> int:
    """Return the first instant at which the fee may be taken (M2a)."""
    return terms.free_until + CHARGE_GRACE


def fee_is_possible(fee_pence: int) -> bool:
    """Say whether a fee is one that can be charged: 0, or at least 30 pence."""
    return fee_pence == 0 or LEAST_FEE <= fee_pence <= 100_000_00


class Consequence(NamedTuple):
    """What a cancellation means for the money, before and after it happens."""

    by: Party
    allowed: bool
    late: bool
    fee_pence: int
    paid_pence: int
    owed_pence: int

    @property
    def charge_pence(self) -> int:
        """What will still be taken from the client."""
        return max(0, self.owed_pence - self.paid_pence)

    @property
    def refund_pence(self) -> int:
        """What the client gets back."""
        return max(0, self.paid_pence - self.owed_pence)


def is_late(at: int, free_until: int) -> bool:
    """Say whether a client who cancels at an instant comes too late for free: the tie is theirs."""
    return at > free_until


def cancelling(by: Party, at: int, terms: Terms, paid_pence: int) -> Consequence:
    """Return what a cancellation by one party at an instant means (M2, M3).

    The client's is free up to and at `free_until`, and costs the whole fee after it; the
    therapist's always leaves the client with nothing paid. From the start on neither can cancel.
    """
    late = is_late(at, terms.free_until)
    owed = terms.fee_pence if by is Party.CLIENT and late else 0
    return Consequence(by, at < terms.start, late, terms.fee_pence, paid_pence, owed)


def owed(state: State, terms: Terms, cancelled_at: int | None, now: int, *, waived: bool) -> int:
    """Return what the client owes for an appointment now, whatever has been paid."""
    if waived or state is State.CANCELLED_BY_THERAPIST:
        return 0
    if state is State.CANCELLED_BY_CLIENT:
        at = now if cancelled_at is None else cancelled_at
        return cancelling(Party.CLIENT, at, terms, 0).owed_pence
    return terms.fee_pence if terms.taken or now > terms.free_until else 0


Standing = Literal["yours", "invited", "cancelled", "ended"]
"""`yours` and `invited` can be booked for (B2); `cancelled` have only cancelled sessions, so they
come back by booking an initial one; `ended` have ended the work together."""


def standing(*, booked: bool, invited: bool, ended: bool) -> Standing:
    """Return how a client stands with a therapist; `booked` is any session not cancelled (B2)."""
    if ended:
        return "ended"
    if booked:
        return "yours"
    return "invited" if invited else "cancelled"


def may_book_for(found: Standing) -> bool:
    """Say whether a therapist can book a follow-up for a client who stands so (B2)."""
    return found in ("yours", "invited")


def may_be_no_show(state: State, start: int, end: int, at: int) -> bool:
    """Say whether a session can be marked as not attended: from its start to 7 days after its end,
    also while it is still to be turned into a completed one (M9)."""
    held = state in (State.BOOKED, State.COMPLETED)
    return held and start <= at <= end + NO_SHOW_FOR


def may_report_absence(state: State, start: int, end: int, at: int) -> bool:
    """Say whether a client can still report that the therapist did not come (M9)."""
    return state.live and start <= at <= end + REPORT_FOR


def commission(fee_pence: int, hundredths_of_percent: int, fixed_pence: int) -> int:
    """Return the platform's part of a fee, rounded down and never more than the fee (M7)."""
    return min(fee_pence, fee_pence * hundredths_of_percent // 10_000 + fixed_pence)


def reminder_moment(start: int, zone: str) -> int:
    """Return when the reminder of the day is due for a recipient in a zone (N2)."""
    day = moments.local_date(start, zone)
    usual = moments.at_hour(day, 8, zone)
    return max(moments.start_of_day(day, zone), min(usual, start - 2 * HOUR))


def reminder_due(start: int, zone: str, booked_at: int) -> int | None:
    """Return when a session booked at an instant is reminded of, or None.

    None means that the confirmation itself says "today" and is the reminder (N2).
    """
    usual = reminder_moment(start, zone)
    if booked_at <= usual:
        return usual
    short = start - HOUR
    return short if short - booked_at >= 30 * MINUTE else None


def retry_after(now: int, start: int) -> int | None:
    """Return the next try after a soft decline: 24 h or 12 h before the start, or None (M6)."""
    for ahead in (24 * HOUR, 12 * HOUR):
        if start - ahead > now:
            return start - ahead
    return None


def slot_is_bookable(start: int, notice: int | None, now: int) -> bool:
    """Say whether a free slot's start is far enough ahead (P2); equal to the notice is."""
    return notice is not None and start > now and start - now >= notice


class Gates(NamedTuple):
    """What decides whether clients find a profile (P1)."""

    approved: bool
    suspended: bool
    payments_enabled: bool
    course_completed: bool
    proofs_until: int | None
    notice: int | None
    switched_off: bool
    bookable_slot: bool


WHY_HIDDEN = {
    "not_approved": "the application is not approved yet",
    "suspended": "the team has suspended the profile",
    "payments_not_enabled": "payments are not enabled at Stripe",
    "course_not_completed": "the course is not completed",
    "proofs_expired": "a proof (insurance or registration) has expired or is missing",
    "no_minimum_notice": "no minimum notice is chosen",
    "switched_off": "the profile is switched off",
    "no_bookable_slot": "no open slot can be booked now",
}
"""Every reason for a hidden profile, in words, by the code that `why_hidden` carries."""


def why_hidden(gates: Gates, now: int) -> list[str]:
    """Return the codes of every reason why a profile is hidden; none means visible (P1)."""
    blocked = {
        "not_approved": not gates.approved,
        "suspended": gates.suspended,
        "payments_not_enabled": not gates.payments_enabled,
        "course_not_completed": not gates.course_completed,
        "proofs_expired": gates.proofs_until is None or gates.proofs_until <= now,
        "no_minimum_notice": gates.notice is None,
        "switched_off": gates.switched_off,
        "no_bookable_slot": not gates.bookable_slot,
    }
    return [code for code, closed in blocked.items() if closed]


def free_until_words(terms: Terms, zone: str, booked_at: int) -> str:
    """Return the sentence on cancelling that every button, screen and mail shows."""
    if terms.fee_pence == 0:
        return "free of charge"
    if terms.free_until <= booked_at:
        return "charged today, no free cancellation"
    return f"free to cancel until {moments.show(terms.free_until, zone, reference=booked_at)}"


def moved_words(moved: Moved, zone: str, at: int) -> str:
    """Return the sentence on cancelling after a move, for the one who decides about it (M10)."""
    terms = moved.terms
    until = moments.show(terms.free_until, zone, reference=at)
    if terms.fee_pence == 0:
        return "free of charge"
    if moved.locked and terms.taken:
        return "the fee stays paid; moving opens no new free cancellation"
    if moved.locked and terms.free_until <= at:
        return "the fee stays due; moving opens no new free cancellation"
    if terms.taken:
        return f"the fee stays paid; free to cancel until {until}, refunded in full"
    return f"free to cancel until {until}"


def same_wall_time_next_week(start: int, zone: str) -> int:
    """Return the same wall time a week on, unless the clock change skips or repeats it (C5)."""
    wall = moments.at_zone(start, zone).replace(tzinfo=None, fold=0)
    return moments.instant_of(wall + timedelta(weeks=1), zone)


class Strain(NamedTuple):
    """A day that passes a therapist's own cap, or a break that is shorter than they want."""

    start: int
    """Of the new session or slot; UTC epoch seconds."""
    sessions: int | None = None
    """Sessions and slots on its local day, where they pass the cap."""
    cap: int | None = None
    gap: int | None = None
    """Seconds to the nearest neighbour, where that is less than the wanted break."""
    rest: int = 0


def strains(
    spans: Sequence[tuple[int, int]],
    there: Sequence[tuple[int, int]],
    *,
    cap: int | None,
    rest: int,
    zone: str,
) -> tuple[Strain, ...]:
    """Say where new spans pass a cap a day or leave too short a break, in their order.

    A session belongs to the local date of its start. What a new span overlaps makes way for it,
    and is counted no more. `rest` is in seconds; touching sessions leave a break of 0.
    """
    kept = [
        one for one in there if not any(one[0] < end and start < one[1] for start, end in spans)
    ]
    everything = [*kept, *spans]
    days = Counter(moments.local_date(start, zone) for start, _ in everything)
    found = []
    for start, end in sorted(spans):
        count = days[moments.local_date(start, zone)]
        over = cap is not None and count > cap
        gap = min(
            (
                max(one[0] - end, start - one[1])
                for one in everything
                if one[0] >= end or one[1] <= start
            ),
            default=rest,
        )
        if over or gap < rest:
            found.append(
                Strain(
                    start,
                    count if over else None,
                    cap if over else None,
                    gap if gap < rest else None,
                    rest,
                )
            )
    return tuple(found)
