"""The words that several screens share: moments in people's zones, money, and its state."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.core import moments, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.moments import pounds
from helpspace.core.payments.tries import STOPPED
from helpspace.core.payments.words import reason_words
from helpspace.core.policy import Consequence, Kind
from helpspace.core.profiles import BookableSlot

MONEY = {
    "due": "{fee} is about to be charged",
    "processing": "{fee} is being charged",
    "paid": "{fee} is paid",
    "needs_approval": "{fee} is not paid yet: your bank wants you to approve it",
    "refunding": "{fee} is on its way back to you",
    "refunded": "{fee} was paid back to you",
    "waived": "nothing to pay",
    "disputed": "{fee} is disputed at your bank",
}
"""Where the money stands, by the word of `interface.md`; the others need more than the fee."""


ROUGHLY = 10
"""Minutes above which a countdown goes in steps of five."""


def moment(start: int, end: int, zone: str, now: int) -> str:
    """Return when something is, with weekday and zone: "Tue 24 Nov 18:00–18:50 (UK time)"."""
    begins = moments.show(start, zone, reference=now)
    return f"{begins}–{moments.show_time(end, zone)} ({moments.zone_word(zone)})"


def when(start: int, end: int, zone: str, now: int, other_zone: str, other: str) -> str:
    """Return when a session is for the client, and for the other where their clock differs."""
    mine = moment(start, end, zone, now)
    same = (
        moments.at_zone(start, zone).utcoffset() == moments.at_zone(start, other_zone).utcoffset()
    )
    return mine if same else f"{mine}\n{moment(start, end, other_zone, now)} for {other}"


def terms(slot: BookableSlot, zone: str, now: int) -> str:
    """Return the sentence on cancelling of a slot, as it would be booked now (M4, B3a)."""
    agreed = policy.Terms(slot.start, slot.free_until, slot.fee_pence)
    return policy.free_until_words(agreed, zone, now)


def money(session: AppointmentView, zone: str, now: int) -> str:
    """Return where the money of a session stands."""
    fee = pounds(session.fee_pence)
    if session.fee_pence == 0:
        return "free of charge"
    if session.payment == "none":
        return "nothing to pay"
    if session.payment == "scheduled":
        at = moments.show(policy.charge_from(session.terms), zone, reference=now)
        if session.payment_reason == STOPPED:
            return f"{fee}, due on {at} and not taken from your card by itself"
        if session.card != "ok":
            lacks = "your card has expired" if session.card == "expired" else "there is no card yet"
            return f"{fee}, due on {at}; {lacks}"
        return f"{fee}, charged to your card on {at}"
    if session.payment == "failed":
        reason = session.payment_reason or ""
        if reason.startswith("account:"):
            return f"{fee} is not charged yet"
        return f"{fee} did not go through, because {reason_words(reason)}"
    return MONEY.get(session.payment, fee).format(fee=fee)


def free_to_cancel(session: AppointmentView, zone: str, now: int) -> str:
    """Return until when a session that is still ahead can be cancelled without cost (M4)."""
    if session.fee_pence == 0:
        return "You can cancel free of charge until it starts."
    if session.booked_at < session.free_until and now <= session.free_until:
        return f"Free to cancel until {moments.show(session.free_until, zone, reference=now)}."
    fee = pounds(session.fee_pence)
    if session.paid_pence:
        return f"It can no longer be cancelled free of charge: the {fee} stays paid."
    return f"It can no longer be cancelled free of charge: cancelling costs {fee}."


def consequence(found: Consequence) -> str:
    """Return what a cancellation by the client means for the money (M2)."""
    if found.owed_pence == 0 and found.refund_pence:
        return f"You get {pounds(found.refund_pence)} back in full."
    if found.owed_pence == 0:
        return "This is free of charge: you pay nothing."
    if found.charge_pence:
        return f"The time to cancel free of charge has passed. You pay {pounds(found.owed_pence)}."
    return (
        f"The time to cancel free of charge has passed. The {pounds(found.paid_pence)} that you"
        " have paid is not given back."
    )


def price_of_cancelling(found: Consequence) -> str:
    """Return the money as the button that cancels says it (K2)."""
    if found.owed_pence == 0:
        return f"{pounds(found.refund_pence)} back" if found.refund_pence else "free"
    if found.charge_pence:
        return f"pay {pounds(found.owed_pence)}"
    return f"{pounds(found.paid_pence)} is not given back"


def price_of_all(found: Sequence[Consequence]) -> str:
    """Return what cancelling several sessions costs together, as the button says it (K2, B8)."""
    pay = sum(one.owed_pence for one in found if one.charge_pence)
    kept = sum(one.paid_pence for one in found if one.owed_pence and not one.charge_pence)
    back = sum(one.refund_pence for one in found)
    parts = [
        f"pay {pounds(pay)}" if pay else "",
        f"{pounds(kept)} is not given back" if kept else "",
        f"{pounds(back)} back" if back else "",
    ]
    return ", ".join(part for part in parts if part) or "free"


def kind(session: AppointmentView) -> str:
    """Return what a session is called."""
    return "First session" if session.kind == Kind.INITIAL else "Session"


def after_cancelling(found: Consequence) -> str:
    """Return what a cancellation has meant for the money."""
    if found.owed_pence == 0 and found.refund_pence:
        return f"{pounds(found.refund_pence)} is paid back to your card."
    if found.owed_pence == 0:
        return "Nothing is charged."
    if found.charge_pence:
        return f"{pounds(found.charge_pence)} is charged to your card."
    return f"The {pounds(found.paid_pence)} that you have paid is not given back."


def left(seconds: int) -> str:
    """Return how long something still lasts: to the minute at the end, to five before."""
    minutes = -(-seconds // moments.MINUTE)
    if minutes > ROUGHLY:
        return f"about {5 * round(minutes / 5)} minutes"
    return f"{max(minutes, 1)} {'minute' if minutes <= 1 else 'minutes'}"
