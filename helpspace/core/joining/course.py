"""The course: which chapters there are, and which a therapist has completed (J6)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.joining.publishing import watched
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Chapter, Therapist

CHAPTERS = (
    "helpspace", "joining", "payments", "sessions", "publishing", "first-session", "follow-ups",
    "cancelling",
)  # fmt: skip
"""The chapters by name, in their order."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a therapist has come: chapters with the instant at which each was completed."""

    done: dict[str, int]

    @property
    def next(self) -> str | None:
        """The first chapter that is not completed."""
        return next((name for name in CHAPTERS if name not in self.done), None)


def progress(practice: Practice, actor: Actor, therapist_id: str) -> Progress:
    """Return a therapist's progress, for themselves or the team."""
    if actor.role not in ("therapist", "team"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    with practice.reading() as view:
        rows = view.find_all(Chapter, "therapist_id = ?", therapist_id)
    return Progress({row.name: row.done_at for row in rows if row.name in CHAPTERS})


def complete(practice: Practice, actor: Actor, therapist_id: str, name: str) -> Progress:
    """Record a completed chapter, once; with the last one the course is completed (P1)."""
    actor.must_be("therapist")
    actor.must_see(therapist_id=therapist_id)
    if name not in CHAPTERS:
        raise Invalid("There is no such chapter", "Choose one of the course.")
    with practice.change() as tx:
        row = tx.lock(Therapist, therapist_id)
        if row is None:
            raise NotFound
        if tx.insert_once(Chapter, therapist_id=therapist_id, name=name, done_at=tx.now):
            tx.audit(actor, "complete", "chapter", name, therapist=therapist_id)
        done = {one.name for one in tx.find_all(Chapter, "therapist_id = ?", therapist_id)}
        if row.course_done_at is None and done >= set(CHAPTERS):
            with watched(tx, therapist_id, "course"):
                tx.set(Therapist, "id = ?", therapist_id, course_done_at=tx.now)
            tx.audit(actor, "complete", "course", therapist_id)
    return progress(practice, actor, therapist_id)
