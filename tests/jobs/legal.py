"""Whether what was sent to Stripe is legal by its published description, where that is at hand."""

from __future__ import annotations

from functools import lru_cache

from helpspace.jobs.stripe_calls import API_VERSION
from tests.jobs.world import World
from tests.sandbox.stripe_description import FILE, Description, load


@lru_cache(maxsize=1)
def _description() -> Description:
    return load()


def faults(world: World) -> list[str]:
    """What is wrong with the requests of a world: each by the description and by its version."""
    different = {(one.method, one.path, repr(one.params)): one for one in world.bank.requests}
    versions = {one.headers.get("stripe-version", "none") for one in world.bank.requests}
    wrong = [f"sent with version {one}" for one in versions - {API_VERSION}]
    return wrong + (_description().illegal(different.values()) if FILE.exists() else [])
