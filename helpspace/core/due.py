"""When something falls due next: for the demo's clock, and for a scheduler that wants to sleep."""

from __future__ import annotations

from helpspace.core.practice import Practice

_QUEUES = (
    "SELECT min(next_at) FROM payment",
    "SELECT min(next_at) FROM notice WHERE state = 'pending'",
    "SELECT min(due_at) FROM reminder WHERE state = 'waiting'",
    "SELECT min(hold_until) FROM claim WHERE state = 'held'",
    "SELECT min(end_at) FROM appointment WHERE state = 'booked'",
)


def next_due(practice: Practice) -> int | None:
    """Return the UTC instant of the next thing that a sweep will find due, or None.

    It may lie in the past: then something is due now.
    """
    with practice.reading() as view:
        found = [view.sql(query)[0][0] for query in _QUEUES]
    return min((instant for instant in found if instant is not None), default=None)
