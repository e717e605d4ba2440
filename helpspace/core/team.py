"""Telling the team: one mail of one event, with ids and amounts and nobody's name (N5, N6)."""

from __future__ import annotations

from typing import Any

from helpspace.core import notices
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.practice import Tx

EVENTS = frozenset(
    {
        Event.REFUND_FAILED,
        Event.DISPUTED,
        Event.ACCOUNT_REFUSED,
        Event.ACCOUNT_LOST,
        Event.ABSENCE_REPORTED,
        Event.TICKET_WRITTEN,
    }
)
"""What the team is told of: what the product cannot settle by itself, and what people write."""

PERSON = "team"
"""Who stands in a notice to the team; its mail goes to HELPSPACE_SUPPORT_EMAIL."""


def tell(
    tx: Tx, event: Event, *, once: str, appointment_id: str | None = None, **facts: Any
) -> None:
    """Write the team's notice of an event, once for the fact that `once` names."""
    notices.write(
        tx,
        event,
        once=f"{event}:{once}",
        party=Party.TEAM,
        person_id=PERSON,
        appointment_id=appointment_id,
        channels=["email"],
        facts=facts,
    )
