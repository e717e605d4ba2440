"""Making a store ready: schema, guards, and its own random name."""

from __future__ import annotations

from helpspace.core.practice import Practice
from helpspace.core.store import migrate
from helpspace.core.store.tables import StoreFact


def make_ready(practice: Practice) -> list[str]:
    """Make or upgrade the store of a practice and return the migrations that were applied."""
    done = migrate.upgrade(practice.store)
    with practice.change() as tx:
        # Several processes may come here at once; the first name stays.
        tx.insert_once(StoreFact, key="name", value=practice.ids.new())
    return done
