"""The client's receipts (K1)."""

from __future__ import annotations

from helpspace.bot.codec import data
from helpspace.bot.screens import receipts as screens
from helpspace.bot.screens.base import marked
from helpspace.bot.visit import Document, Reply, Visit
from helpspace.core.payments import receipts as core

NAME = "receipt.html"


def receipts(visit: Visit, page: str) -> Reply:
    """Show a page of the receipts, the newest payment first."""
    at, size = int(page), screens.ON_A_PAGE
    found = core.receipts(visit.practice, visit.me, visit.me.id)
    if at and len(found) <= at * size:
        return receipts(visit, "0")
    shown = found[at * size : (at + 1) * size]
    more = len(found) > (at + 1) * size
    screen = screens.receipts(shown, at, visit.zone(), visit.now(), more=more)
    return Reply(screen, data("receipts", at))


def receipt(visit: Visit, appointment_id: str) -> Reply:
    """Show one receipt, and send it as a file to print."""
    found = core.receipt(visit.practice, visit.me, appointment_id)
    page = Document(NAME, core.as_html(found).encode(), screens.CAPTION)
    screen = marked(screens.receipt(found), test=visit.is_test)
    # Whoever comes back here from elsewhere sees the session, and gets no second file.
    return Reply(screen, data("session", appointment_id), document=page)
