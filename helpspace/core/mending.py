"""Mending what a wrong clock has left: a store that lives ahead of its time (D4)."""

from __future__ import annotations

from helpspace.core import policy
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid
from helpspace.core.practice import TRAIL_FROM, Practice, Tx, present
from helpspace.core.store.tables import CardRequest, Claim, Notice, Payment


def ahead(practice: Practice) -> int:
    """Return how many seconds the store lives ahead of this machine's clock; 0 is right."""
    return practice.now() - practice.clock.now()


def mend_clock(practice: Practice, actor: Actor) -> int:
    """Let the store live by this machine's clock again and return how far ahead it was.

    The trail stays as it is; what it says of the future no longer counts as the present. What was
    put off till then is due now: settlement, notices and card pages only look again. Raises Invalid
    when the store is not ahead.
    """
    actor.must_be("team")
    with practice.store.writing() as writer:
        now = practice.clock.now()
        off = present(writer, practice.clock) - now
        if off <= 0:
            raise Invalid(
                "The store is not ahead of this machine's clock", "There is nothing to mend."
            )
        tx = Tx(writer, practice, now)
        last = tx.sql("SELECT max(seq) FROM audit")[0][0]
        tx.set_fact(TRAIL_FROM, str(last))
        tx.set(Notice, "state = 'pending' AND next_at > ?", now, next_at=now)
        tx.set(Payment, "next_at > ?", now, next_at=now)
        tx.set(CardRequest, "next_at > ?", now, next_at=now)
        longest = now + policy.HOLD
        tx.set(Claim, "state = 'held' AND hold_until > ?", longest, hold_until=longest)
        tx.audit(actor, "mend_clock", "store", "", ahead=off)
        return off
