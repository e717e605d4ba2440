"""Help, privacy, and taking up again what somebody was doing."""

from __future__ import annotations

from helpspace.bot.screens import help as screens
from helpspace.bot.visit import Reply, Visit


def urgent(visit: Visit, payload: str = "") -> Reply:
    """Show help; the person stays where they were (K3)."""
    support = visit.practice.settings.support_email
    return Reply(screens.urgent(support=support, payload=payload))


def privacy(visit: Visit, payload: str = "") -> Reply:
    """Show what is kept and why, before consent too (D8)."""
    support = visit.practice.settings.support_email
    return Reply(screens.privacy(support=support, payload=payload))
