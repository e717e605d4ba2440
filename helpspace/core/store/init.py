"""Making a store ready: schema, guards, and its own random name."""

from __future__ import annotations

from helpspace.core.practice import Practice
from helpspace.core.store import migrate


def make_ready(practice: Practice) -> list[str]:
    """Make or upgrade the store of a practice and return the migrations that were applied."""
    done = migrate.upgrade(practice.store)
    with practice.change() as tx:
        if tx.fact("name") is None:
            tx.set_fact("name", practice.ids.new())
    return done
