"""A world in which a fee could not be taken, and its client taps to pay it."""

from __future__ import annotations

from typing import Any

from helpspace.core.appointments import AppointmentView
from helpspace.core.payments import paying
from helpspace.core.payments.paying import Outcome, Tapped, Way
from helpspace.sandbox.stripe.faults import EFFECTS
from tests.jobs.world import ASKS, World

FAULTS = [one for one in EFFECTS if one != "account_error"]


class Owing(World):
    """A world in which the fee of Sam's session with Zoë could not be taken."""

    session_: AppointmentView

    def begin(self, card: str = ASKS) -> AppointmentView:
        self.session_ = self.booked(card)
        self.to_charge(self.session_)
        self.charge()
        return self.session_

    def tap(self) -> Tapped:
        return paying.pay(self.practice, self.stripe, self.sam, self.session_.id)

    def way(self) -> Way:
        return paying.due(self.practice, self.sam, self.session_.id).way

    def word(self) -> str:
        return self.payment(self.session_)

    def intent(self) -> str:
        (row,) = self.bank.ledger()
        return row.payment_intent

    def hear(self) -> None:
        """Let Stripe's events be polled and the payment be looked at."""
        self.sweep("stripe-events", "charges")

    def confirmed(self) -> list[dict[str, Any]]:
        """What every confirmation that reached the bank carried."""
        return [one.params for one in self.posted("POST", "confirm")]

    def tap_until_the_bank_asks(self, most: int = 12) -> None:
        """Tap like somebody who is told that Stripe did not answer, and approve at the bank."""
        for _ in range(most):
            done = self.tap()
            if done.outcome is Outcome.BANK:
                break
            assert done.outcome is Outcome.UNHEARD
            self.clock.advance(15)
        assert self.bank.approve(self.intent()).ok
