"""Home, where everything starts."""

from __future__ import annotations

from helpspace.bot.codec import data
from helpspace.bot.screens import start as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import appointments, cards, moments
from helpspace.core.errors import NotFound


def home(visit: Visit) -> Reply:
    """Show home: the next session, a time that is being held, and the ways from here."""
    zone, now = visit.zone(), visit.now()
    ahead = appointments.appointments(visit.practice, visit.me, ahead=True, live_only=True, limit=1)
    until = ""
    if visit.held is not None:
        try:
            page = cards.order(visit.practice, visit.me, visit.held[0])
            until = moments.show_time(page.expires_at, zone)
        except NotFound:
            pass
    screen = screens.home(
        ahead[0] if ahead else None,
        zone,
        now,
        hold=visit.held if until else None,
        hold_until=until,
    )
    # Who goes home ends their search: the next one draws lots anew (P4).
    return Reply(screen, data("home"), visit.drafted(salt=None, list=None))
