"""Slots as a list for the team, read with as little of the core loaded as can be.

The list command starts, reads and ends in a tenth of a second; what a calendar can do is elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist

STATES = ("open", "held", "booked", "closed")

# A hold that has run out is an open slot, also while nobody has written that down yet (B3).
_STATE = "CASE WHEN c.state = 'held' AND c.hold_until <= ? THEN 'open' ELSE c.state END"
_SLOTS = f"""SELECT c.id, c.therapist_id, c.start_at, c.end_at, t.initial_fee, {_STATE}
    FROM claim c JOIN therapist t ON t.id = c.therapist_id
    WHERE c.purpose = 'slot'"""  # noqa: S608 - words from this file


class SlotRow(NamedTuple):
    """A slot: instants in UTC epoch seconds, the fee in pence, `state` one of STATES."""

    id: str
    therapist_id: str
    start: int
    end: int
    fee_pence: int
    state: str

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.end - self.start) // 60


def listed(
    practice: Practice,
    actor: Actor,
    *,
    therapist_id: str | None = None,
    state: str | None = None,
    past: bool = False,
    limit: int = 1000,
) -> list[SlotRow]:
    """Return slots of everybody or of one therapist, soonest first; with `past` also older ones."""
    actor.must_be("team")
    with practice.reading() as view:
        text = _SLOTS
        values: list[int | str] = [view.now]
        if therapist_id is not None:
            if view.get(Therapist, therapist_id) is None:
                raise NotFound
            text += " AND c.therapist_id = ?"
            values += [therapist_id]
        if not past:
            text += " AND c.end_at > ?"
            values += [view.now]
        if state is not None:
            text += f" AND {_STATE} = ?"
            values += [view.now, state]
        rows = view.sql(f"{text} ORDER BY c.start_at, c.id LIMIT ?", *values, limit)
        return [SlotRow(*row) for row in rows]
