"""Publishing: who is told when a profile becomes visible (P3).

Visibility is computed, never stored; so a commit that turns a hidden profile into a visible one
compares before and after. One PUBLISHED notice goes with every such commit of an act: a slot that
the therapist opens, and equally the approval, the last chapter, Stripe's word, a reinstatement, a
saved profile or the end of holidays, when that was the last gate. Nothing is told when a hold runs
out, a client's cancellation reopens a slot, or time passes. Booking the last slot is told in the
notice of the booking; all other hiding has a notice or a screen of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpspace.core.accounts import the_therapist
from helpspace.core.policy import Party
from helpspace.core.practice import Tx
from helpspace.core.profiles import why_hidden


@contextmanager
def watched(tx: Tx, therapist_id: str, mark: str = "") -> Iterator[None]:
    """Tell the therapist if what is done inside publishes their profile, in the same commit (P3).

    `mark` names the act among others of the same second, such as a slot's id.
    """
    before = why_hidden(tx, the_therapist(tx, therapist_id))
    yield
    if before and not why_hidden(tx, the_therapist(tx, therapist_id)):
        tell_published(tx, therapist_id, mark)


def tell_published(tx: Tx, therapist_id: str, mark: str = "") -> None:
    """Write the notice that a profile is published now."""
    from helpspace.core import notices  # noqa: PLC0415 - the calendar opens without it

    notices.write(
        tx,
        notices.Event.PUBLISHED,
        once=f"published:{therapist_id}:{mark or tx.now}",
        party=Party.THERAPIST,
        person_id=therapist_id,
    )
