"""Receipts of paid sessions: the list, and one of them (K1)."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.bot.screens.base import HOME, Screen, back, button, lines, pages
from helpspace.core import moments
from helpspace.core.payments.receipts import Receipt, facts_of

ON_A_PAGE = 6

CAPTION = "Open this file to print or keep the receipt."


def receipts(found: Sequence[Receipt], page: int, zone: str, now: int, *, more: bool) -> Screen:
    """Return the receipts, the newest payment first."""
    if not found:
        return Screen("Receipts", "Nothing has been paid yet.", (back("mine", 0),))
    rows = [(button(_label(one, zone, now), "receipt", one.appointment_id),) for one in found]
    turning = pages("receipts", page, more=more)
    body = "Choose one to see it; it comes as a file to print, too."
    return Screen("Receipts", body, (*rows, turning, back("mine", 0)))


def _label(one: Receipt, zone: str, now: int) -> str:
    at = moments.show(one.start, zone, reference=now)
    return f"{moments.pounds(one.total_pence)} · {at}"


def receipt(found: Receipt) -> Screen:
    """Return one receipt as text; the file to print has gone before it."""
    body = lines(*(f"{name}: {value}" for name, value in facts_of(found)))
    rows = ((button("The session", "session", found.appointment_id),),)
    more = (HOME, button("‹ Receipts", "receipts", 0))
    return Screen(f"Receipt {found.number}", body, (*rows, more))
