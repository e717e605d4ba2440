"""The store's own random name, part of every idempotency key and of all metadata at Stripe.

Two stores may use one Stripe account, for instance a new store with an old test key; without the
name a key of the one would answer the other.
"""

from __future__ import annotations

from helpspace.core.errors import StoreFault
from helpspace.core.practice import View


def store_name(view: View) -> str:
    """Return the store's name, made by `init`."""
    name = view.fact("name")
    if name is None:
        raise StoreFault("The store has no name yet", "Run `helpspace init`.")
    return name
