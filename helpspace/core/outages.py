"""Whether Stripe is heard, and since when it is not, for the terminal and `doctor` (M6a, D4).

Whoever asked and got no answer writes down since when; the next answer takes it away.
"""

from typing import NamedTuple

from helpspace.core import moments
from helpspace.core.moments import LONDON, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.standing import is_resting
from helpspace.core.store.tables import StoreFact

SINCE = "stripe_unheard_since"
"""The fact of since when Stripe has not answered."""

RESTORED = "This practice was restored: bookings go on, cards and payments wait for the team"
"""What people are told of a store that rests until it was adopted (D5)."""

PATIENCE = 2 * MINUTE
"""How long Stripe may be silent before people are told: most silences are shorter."""


class StripeState(NamedTuple):
    """How Stripe is reached: `since` when it has not been heard, None while it is.

    `words` is one line for people, empty while there is nothing to tell.
    """

    since: int | None
    words: str = ""

    @property
    def down(self) -> bool:
        """Whether people are to be told."""
        return bool(self.words)


def stripe_state(practice: Practice, zone: str = LONDON) -> StripeState:
    """Return how Stripe is reached, with the moment in a zone."""
    with practice.reading() as view:
        if is_resting(view):
            return StripeState(None, RESTORED)
        fact = view.fact(SINCE)
        if fact is None:
            return StripeState(None)
        since = min(int(fact), view.now)
        if view.now - since < PATIENCE:
            return StripeState(since)
        when = moments.show(since, zone, reference=view.now)
        return StripeState(
            since,
            f"Stripe has not answered since {when}: bookings go on, cards and payments wait",
        )


def unheard(practice: Practice) -> None:
    """Write down that Stripe did not answer, since now unless it was known before."""
    with practice.reading() as view:
        if view.fact(SINCE) is not None:
            return
    with practice.change() as tx:
        tx.insert_once(StoreFact, key=SINCE, value=str(tx.now))


def heard(practice: Practice) -> None:
    """Take down that Stripe did not answer: it has."""
    with practice.reading() as view:
        if view.fact(SINCE) is None:
            return
    with practice.change() as tx:
        tx.run(StoreFact.delete().where(StoreFact.key == SINCE))
