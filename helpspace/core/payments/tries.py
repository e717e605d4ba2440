"""What one confirmation of a payment says about the next: values in, values out (M6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpspace.core.moments import MINUTE

if TYPE_CHECKING:
    from helpspace.core.store.tables import Attempt

APPROVAL = 15 * MINUTE
"""How long the bank's page that a client was given counts as open; none is tried past it (M6)."""

LOOK_EVERY = 2 * MINUTE
"""When a payment is looked at first while the bank's page counts as open, without any hint; then
after twice as long each time."""

STOPPED = "charges_stopped"
"""The reason of a fee that is not taken by itself, since the client disputes an earlier one."""

NOT_APPROVED = "payment_intent_authentication_failure"
"""Stripe's code for a client who did not approve at the bank."""

SOFT = frozenset(
    {
        "insufficient_funds", "generic_decline", "try_again_later", "processing_error",
        "issuer_not_available", "reenter_transaction", "approve_with_id", "do_not_honor",
        "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "no_action_taken",
    }
)  # fmt: skip
"""Declines after which the same card may well work later (M6)."""

ENDED_AT_STRIPE = "canceled_at_stripe"
"""Why a fee rests whose payment was cancelled after the backup that was restored (D5)."""

CONCLUDED = ("paid", "declined")
"""How the bank's page can end."""


def approval_is_open(attempt: Attempt) -> bool:
    """Say whether the client was given the bank's page and nothing came of it yet."""
    asked = attempt.outcome == "approval" and attempt.return_url is not None
    return asked and attempt.ended_at is None


def came_to_nothing(attempt: Attempt) -> bool:
    """Say whether a tap of the client's left everything as it was before it."""
    return attempt.return_url is not None and attempt.outcome in ("unknown", "approval", "void")


def may_work(attempt: Attempt) -> bool:
    """Say whether the card of a confirmation may work when its client tries it again (M6)."""
    return attempt.outcome != "declined" or attempt.code in SOFT or attempt.code == NOT_APPROVED
