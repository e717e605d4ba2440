"""Proofs that expire: the therapist is told 30, 14 and 3 days ahead, and at the end (J7).

Hidden they are by computation alone; this only tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from helpspace.core import notices
from helpspace.core.moments import DAY
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Application, Notice, Therapist

AHEAD = (30, 14, 3)
"""How many days ahead a therapist is told."""

FIRST_WORD = AHEAD[0] * DAY

LAST_WORD = 30 * DAY
"""How long after the end it is still told, should nothing have run meanwhile."""

Proof = Literal["insurance", "registration", "proof"]
"""Which proof; "proof" where a therapist was entered without an application."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to be told: a proof that ends at `until`, `days` ahead, or 0 once it has ended."""

    therapist_id: str
    proof: Proof
    until: int
    days: int

    @property
    def event(self) -> Event:
        """What is told."""
        return Event.PROOF_EXPIRING if self.days else Event.PROOF_EXPIRED

    @property
    def once(self) -> str:
        """The fact: this proof with this end, and this step of it."""
        return f"{self.event}:{self.therapist_id}:{self.proof}:{self.until}:{self.days}"


def expiring(practice: Practice) -> tuple[int, int]:
    """Return how many approved therapists' proofs expire within 30 days, and have expired."""
    with practice.reading() as view:
        approved = Therapist.select().where(Therapist.status == "approved")
        expired = Therapist.proofs_until <= view.now
        soon = (Therapist.proofs_until <= view.now + FIRST_WORD) & ~expired
        return view.count(approved.where(soon)), view.count(approved.where(expired))


def sweep(practice: Practice) -> int:
    """Write what approved therapists are to be told of their proofs; return how many words.

    Each proof and step is told once. When several steps have gone by, only the nearest is told.
    """
    with practice.reading() as view:
        if not list(_untold(view)):
            return 0
    with practice.change() as tx:
        words = list(_untold(tx))
        for word in words:
            notices.write(
                tx,
                word.event,
                once=word.once,
                party=Party.THERAPIST,
                person_id=word.therapist_id,
                facts={"proof": word.proof, "until": word.until, "days": word.days},
            )
        return len(words)


def ends_of(view: View, therapist: Therapist) -> dict[Proof, int]:
    """Return when each proof of a therapist ends, as UTC epoch seconds."""
    row = view.get(Application, therapist.id)
    if row is None or row.insured_until is None or row.registered_until is None:
        return {} if therapist.proofs_until is None else {"proof": therapist.proofs_until}
    return {"insurance": row.insured_until, "registration": row.registered_until}


def _untold(view: View) -> Iterator[Word]:
    where = "status = 'approved' AND proofs_until <= ? ORDER BY proofs_until, id"
    for therapist in view.find_all(Therapist, where, view.now + FIRST_WORD):
        for proof, until in ends_of(view, therapist).items():
            days = _step(until - view.now)
            if days is None:
                continue
            word = Word(therapist.id, proof, until, days)
            told = f"{word.once}:{Party.THERAPIST}:{therapist.id}:email"
            if view.find(Notice, "once = ?", told) is None:
                yield word


def _step(left: int) -> int | None:
    """Return the step that is due with so many seconds left: 30, 14, 3, 0 for over, or None."""
    if left <= 0:
        return 0 if left > -LAST_WORD else None
    return min((days for days in AHEAD if left <= days * DAY), default=None)
