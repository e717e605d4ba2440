"""What the day says: each thing that waits in one line, with the key that mends it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from helpspace.core import moments, policy
from helpspace.core.moments import HOUR, MINUTE, pounds
from helpspace.core.payments.words import reason_words
from helpspace.core.plain import plain
from helpspace.core.today import Need
from helpspace.tui.desk import Desk


class Door(NamedTuple):
    """What mends something: its key, a word, and the calendar's act that it opens.

    The key may be named by its action, as "{today.agree}".
    """

    key: str = ""
    word: str = ""
    act: str = ""


SESSION = Door("Enter", "session")
DOORS = {
    "absence": Door("{today.agree}", "agree"),
    "failed": Door("{today.waive}", "waive"),
    "approval": SESSION,
    "no_card": SESSION,
    "move_asked": SESSION,
    "hidden": Door("Enter", "checklist", "profile_checklist"),
    "proof": Door("Enter", "new proof", "profile_proofs"),
}
"""What mends each thing; the rest is mended elsewhere, and its words say where."""


def door_of(need: Need) -> Door | None:
    """Return what mends a thing, if a key does; proofs are handed in with an application."""
    return None if need.codes == ("proof",) else DOORS.get(need.kind)


_PROOFS = {"insurance": "Your insurance", "registration": "Your registration"}


def countdown(start: int, end: int, now: int) -> str:
    """Return how long it is until a session, to the second in the last minute."""
    if start <= now < end:
        left = (end - now + MINUTE - 1) // MINUTE
        return f"now, {left} min left"
    left = start - now
    if left < MINUTE:
        return f"in {left} s"
    if left < HOUR:
        return f"in {left // MINUTE} min"
    if left < 24 * HOUR:
        return f"in {left // HOUR} h {left % HOUR // MINUTE:02d} min"
    days, rest = divmod(left, 24 * HOUR)
    return f"in {days} day{'s' if days > 1 else ''} {rest // HOUR} h"


def said(need: Need, desk: Desk, now: int) -> str:
    """Return what waits, in one line; names as they may be shown."""
    zone, one = desk.zone, need.session
    at = "" if need.at is None else moments.show(need.at, zone, reference=now)
    if one is None:
        return _of_practice(need, at, zone)
    name = desk.name(one.other_name) or "—"
    start = moments.show(one.start, zone, reference=now)
    if need.kind == "absence":
        return f"{name} says that you did not come {start}"
    if need.kind == "failed":
        why = reason_words(one.payment_reason)
        return f"{name}, {start}: {pounds(need.pence)} not paid, {why}"
    if need.kind == "approval":
        return f"{name}, {start}: the bank wants the client's approval of {pounds(need.pence)}"
    if need.kind == "move_asked":
        return f"{name} asks for another time than {start}"
    card = "the card has expired" if need.card == "expired" else "no card"
    return f"{name}, {start}: {card}, to be charged {at}"


def _of_practice(need: Need, at: str, zone: str) -> str:
    if need.kind == "stripe":
        return plain(need.words, 200)
    if need.kind == "clock":
        return "This machine's clock is wrong: nothing is charged until it is set"
    if need.kind == "jobs":
        since = f"since {at}" if at else "yet"
        return f"The jobs have not run {since}: no charge, no message. See helpspace doctor"
    if need.kind == "hidden":
        return f"Clients do not see you: {'; '.join(policy.WHY_HIDDEN[one] for one in need.codes)}"
    return _proof(need, zone)


def _proof(need: Need, zone: str) -> str:
    what = _PROOFS.get(next(iter(need.codes), ""), "Your proofs")
    day = "" if need.at is None else moments.show_day(moments.local_date(need.at - 1, zone))
    tail = "" if door_of(need) else "; send the new ones to the team"
    return f"{what}: valid until {day}{tail}"


NOTHING = "Nothing waits for you."
"""What is said when all is well."""
