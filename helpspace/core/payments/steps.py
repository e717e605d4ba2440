"""The steps a sweep takes at Stripe, and the answers that come back, as plain values.

A step says everything its call needs, the same at every repetition: nothing in it is made from the
present, since a repeated key with other parameters is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class MakeIntent:
    """Create an unconfirmed PaymentIntent: it cannot take money yet (M5)."""

    appointment_id: str
    intent_id: str
    key: str
    amount: int
    commission: int
    customer: str
    account: str
    metadata: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FindIntent:
    """Look for an intent whose making was never answered, among its customer's."""

    appointment_id: str
    intent_id: str
    customer: str
    store: str


@dataclass(frozen=True, slots=True)
class ConfirmIntent:
    """Confirm an intent with the client's card: this takes the money.

    With `return_url` the client is there: the bank may ask, and its page leads back to it.
    """

    appointment_id: str
    stripe_id: str
    attempt_id: str
    key: str
    card: str
    return_url: str | None = None


@dataclass(frozen=True, slots=True)
class LookAtIntent:
    """Read an intent back."""

    appointment_id: str
    stripe_id: str


@dataclass(frozen=True, slots=True)
class CancelIntent:
    """Cancel an intent that must not take money any more."""

    appointment_id: str
    stripe_id: str


@dataclass(frozen=True, slots=True)
class MakeRefund:
    """Give everything back, the transfer taken back and any commission returned (M3)."""

    appointment_id: str
    refund_id: str
    stripe_id: str
    key: str
    amount: int
    with_commission: bool
    metadata: tuple[tuple[str, str], ...]
    reverse: bool = True
    """Whether the transfer is taken back along; where it cannot be, that is a debt for later."""


@dataclass(frozen=True, slots=True)
class LookAtRefunds:
    """Read the refunds of an intent back."""

    appointment_id: str
    stripe_id: str


Step = (
    MakeIntent
    | FindIntent
    | ConfirmIntent
    | LookAtIntent
    | CancelIntent
    | MakeRefund
    | LookAtRefunds
)

IntentStatus = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
    "processing",
    "succeeded",
    "canceled",
]


@dataclass(frozen=True, slots=True)
class IntentSeen:
    """An intent as Stripe has it."""

    stripe_id: str
    status: str
    received: int = 0
    code: str | None = None
    """Why the last try was declined, as Stripe's decline code or error code."""
    advice: str | None = None
    tried_at: int | None = field(default=None, compare=False)
    """When the card was tried last by Stripe's clock, where the look has asked for it."""
    bank_page: str | None = field(default=None, repr=False)
    """Where the client approves, while the bank asks: for a person who waits, never stored."""


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as Stripe has it: pending, succeeded, failed or canceled."""

    stripe_id: str
    status: str
    amount: int
    refund_id: str = field(default="", compare=False)
    """What it was called here when it was asked for."""
    created_at: int = field(default=0, compare=False)
    reversed: bool = field(default=True, compare=False)
    """Whether the transfer to the therapist was taken back with it."""
    reason: str | None = None
    """Why it waits, or why it has failed."""


@dataclass(frozen=True, slots=True)
class RefundsSeen:
    """All refunds of an intent."""

    refunds: tuple[RefundSeen, ...]


@dataclass(frozen=True, slots=True)
class Declined:
    """The card was declined; `advice` is Stripe's word on trying again."""

    code: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """The bank wants the client's own approval (SCA)."""


@dataclass(frozen=True, slots=True)
class AccountRefused:
    """The therapist's account cannot take money now: no fault of the client (M6a)."""

    code: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """Stripe does not know what was asked for."""


@dataclass(frozen=True, slots=True)
class AlreadySo:
    """The object is in another state than the step supposes; look at it."""

    code: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back, or nothing that can be believed: the effect is unknown (M5)."""

    code: str
    wait: int | None = None
    """Seconds that the other side asked for, if it did."""


Answer = (
    IntentSeen
    | RefundSeen
    | RefundsSeen
    | Declined
    | ApprovalNeeded
    | AccountRefused
    | NotThere
    | AlreadySo
    | NoAnswer
)
