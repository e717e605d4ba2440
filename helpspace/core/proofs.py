"""Proofs that expire: insurance and registration (J7)."""

from __future__ import annotations

from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist

FIRST_WORD = 30 * DAY
"""How long ahead a therapist is first told."""


def expiring(practice: Practice) -> tuple[int, int]:
    """Return how many approved therapists' proofs expire within 30 days, and have expired."""
    with practice.reading() as view:
        approved = Therapist.select().where(Therapist.status == "approved")
        expired = Therapist.proofs_until <= view.now
        soon = (Therapist.proofs_until <= view.now + FIRST_WORD) & ~expired
        return view.count(approved.where(soon)), view.count(approved.where(expired))
