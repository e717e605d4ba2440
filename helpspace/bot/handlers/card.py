"""The card on record: seeing it, changing it, and coming back from Stripe's page."""

from __future__ import annotations

from dataclasses import replace

from helpspace.bot.codec import data
from helpspace.bot.handlers import book
from helpspace.bot.screens import card as screens
from helpspace.bot.screens.base import marked
from helpspace.bot.visit import Reply, Visit
from helpspace.core import accounts, card_removal, cards
from helpspace.core.errors import Changed, NotFound, OutsideFault


def card(visit: Visit) -> Reply:
    """Show the card on record, with the way back to a time that is held meanwhile (B3)."""
    me = accounts.me(visit.practice, visit.me)
    return Reply(screens.card(me, book.still_held(visit)), data("card"))


def remove(visit: Visit) -> Reply:
    """Ask whether to take the card off the record, with the sessions that then have none."""
    plan = card_removal.plan_removal(visit.practice, visit.me)
    if plan is None:
        return card(visit)
    return Reply(screens.remove(plan, visit.zone(), visit.now()), data("uncard"))


def removed(visit: Visit, mark: str) -> Reply:
    """Take the card off the record that was shown, and no other one."""
    try:
        done = card_removal.remove(visit.practice, visit.me, mark)
    except Changed as refusal:
        return remove(visit).noting(f"{refusal.title}. Nothing was done.")
    if not done:
        return card(visit)
    return replace(card(visit).noting(screens.REMOVED), nudge="cards")


def page(visit: Visit, request_id: str) -> Reply:
    """Show the page where a card is put on record; one that has closed shows how things stand."""
    request = request_id or cards.ask_for_card(visit.practice, visit.me)
    try:
        found = cards.page(visit.practice, visit.gateway, visit.me, request)
    except NotFound:
        return card(visit)
    except OutsideFault:
        return Reply(screens.unreachable(), data("card"))
    if request_id:
        cards.look_now(visit.practice, client_id=visit.me.id)
    nudge = "cards" if request_id else ""
    screen = marked(screens.page(found, visit.zone()), test=visit.is_test)
    return Reply(screen, data("page", request), nudge=nudge)


def returned(visit: Visit) -> Reply:
    """Look at the open card page at once, for somebody who comes back from it (`/start card`)."""
    if not cards.look_now(visit.practice, client_id=visit.me.id):
        return book.hold(visit, *visit.held) if visit.held else card(visit)
    here = data("hold", *visit.held) if visit.held else data("card")
    return replace(Reply(screens.checking(), here), nudge="cards")
