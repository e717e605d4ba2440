"""Which Stripe account a store belongs to: the first that it meets, and that one ever after (A5).

A key of another account would find none of the therapists' accounts and none of the payments, and
every one of them would seem to be gone.
"""

from __future__ import annotations

from helpspace.core.practice import Practice, View

TEST_MODE = "Test mode: no real money moves."
"""What everything about money says with a key that moves none (A5)."""

_ACCOUNT = "stripe_account"
"""The fact that names the platform's own account at Stripe."""


def account_of(view: View) -> str | None:
    """Return the platform's account that the store knows; None before the first look."""
    return view.fact(_ACCOUNT)


def is_ours(practice: Practice, account: str) -> bool:
    """Say whether an account is the store's; the first one that is asked about becomes it."""
    with practice.reading() as view:
        known = account_of(view)
    if known is None:
        with practice.change() as tx:
            known = account_of(tx)
            if known is None:
                tx.set_fact(_ACCOUNT, account)
                return True
    return known == account
