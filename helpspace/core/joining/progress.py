"""How far a therapist has come with joining: which step is next, and what it still lacks (J1)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from helpspace.core import policy
from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.joining.stripe_words import asks_words
from helpspace.core.plain import plain
from helpspace.core.practice import Practice
from helpspace.core.profiles import why_hidden

STEPS = {
    "application": ("not_approved",),
    "payments": ("payments_not_enabled",),
    "publishing": (
        "course_not_completed",
        "proofs_expired",
        "no_minimum_notice",
        "suspended",
        "switched_off",
        "no_bookable_slot",
    ),
}
"""The three steps in their order, each with the reasons for a hidden profile that belong to it."""


@dataclass(frozen=True, slots=True)
class Joining:
    """The step that is next, or None when the profile is published.

    `lacks` holds codes of `policy.WHY_HIDDEN`; `stripe_asks` those of what Stripe still wants to
    know, which `words` puts in plain words.
    """

    step: str | None
    lacks: tuple[str, ...]
    stripe_asks: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is still to do, in words."""
        if self.step is None:
            return "published"
        lacks = ", ".join(policy.WHY_HIDDEN[code] for code in self.lacks)
        said = asks_words(self.stripe_asks)
        asks = f" (Stripe asks for {', '.join(said)})" if said else ""
        return f"{self.step}: {lacks}{asks}"


def joining(practice: Practice, actor: Actor, therapist_id: str) -> Joining:
    """Return how far a therapist has come, for the team or themselves."""
    if actor.role not in ("team", "therapist"):
        raise NotFound
    actor.must_see(therapist_id=therapist_id)
    with practice.reading() as view:
        row = the_therapist(view, therapist_id)
        why = why_hidden(view, row)
    for step, codes in STEPS.items():
        lacks = tuple(code for code in why if code in codes)
        if lacks:
            asks = json.loads(row.requirements) if step == "payments" else []
            return Joining(step, lacks, tuple(plain(str(one)) for one in asks))
    return Joining(None, (), ())
