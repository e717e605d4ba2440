"""Arriving: consent, and the links that lead into the chat."""

from __future__ import annotations

from helpspace.bot.handlers import browse, card, me, pay, sessions
from helpspace.bot.handlers.home import home
from helpspace.bot.screens import start as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import accounts, confirm, invitations
from helpspace.core.actors import Actor

PROFILE = "t_"
"""How the `/start` parameter of a link to a profile begins."""

SESSION = "a_"
"""How the parameter of a link to a session begins, as mails have it."""

PAY = "pay_"
"""How the parameter of a link to an unpaid session begins."""

PAID = "paid_"
"""How the parameter begins with which the bank's page sends people back."""

CARD = "card"
"""The `/start` parameter with which Stripe's page sends people back."""


def arrive(visit: Visit, payload: str) -> Reply:
    """Answer /start: consent first, then where the link leads; a hold is never lost by it."""
    if visit.actor is None:
        return welcome(visit, payload)
    accounts.chat_blocked(visit.practice, visit.me.id, blocked=False)
    return _follow(visit, payload)


def _follow(visit: Visit, payload: str) -> Reply:
    if payload == CARD:
        return card.returned(visit)
    if payload.startswith(PROFILE):
        return browse.by_handle(visit, payload.removeprefix(PROFILE))
    if payload.startswith(SESSION):
        return sessions.session(visit, payload.removeprefix(SESSION))
    if payload.startswith(PAY):
        return pay.money(visit, payload.removeprefix(PAY))
    if payload.startswith(PAID):
        return pay.returned(visit, payload.removeprefix(PAID))
    if payload.startswith(invitations.PREFIX):
        return me.invited(visit, payload.removeprefix(invitations.PREFIX)[:26])
    if payload.startswith(confirm.PREFIX):
        return _confirm(visit, payload.removeprefix(confirm.PREFIX))
    return home(visit)


def _confirm(visit: Visit, token: str) -> Reply:
    """Confirm the client's own e-mail address (N1)."""
    new = confirm.confirm_email(visit.practice, visit.me, token)
    also = " What was booked so far is on its way there in full." if new else ""
    return home(visit).noting(f"Your e-mail address is confirmed.{also}")


def welcome(visit: Visit, payload: str = "") -> Reply:
    """Say what is kept and ask for consent; whoever has agreed already goes on."""
    if visit.actor is not None:
        return _follow(visit, payload)
    return Reply(screens.consent(payload))


def agree(visit: Visit, version: str, payload: str) -> Reply:
    """Record consent to what was shown and go on where the person wanted to (K3a)."""
    if visit.actor is None:
        if version != accounts.CONSENT_VERSION:
            return welcome(visit, payload)
        client_id = accounts.register(visit.practice, visit.chat_id)
        visit = visit.of(Actor.client(client_id))
    return _follow(visit, payload)
