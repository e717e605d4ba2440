"""Making a store ready: schema, guards, its own random name, and the mark of its key."""

from __future__ import annotations

from helpspace.core.errors import StoreFault
from helpspace.core.practice import Practice
from helpspace.core.store import Store, migrate
from helpspace.core.store.tables import StoreFact
from helpspace.core.vault import Vault

_KEY = "sealed_with"


def make_ready(practice: Practice) -> list[str]:
    """Make or upgrade the store of a practice and return the migrations that were applied."""
    done = migrate.upgrade(practice.store)
    with practice.change() as tx:
        # Several processes may come here at once; the first name stays.
        tx.insert_once(StoreFact, key="name", value=practice.ids.new())
        tx.insert_once(StoreFact, key=_KEY, value=mark_of(practice.vault))
    return done


def has_key(store: Store) -> bool:
    """Say whether a store was made with a key already; then no other may be made for it."""
    with store.reading() as reader:
        return reader.get(StoreFact, _KEY) is not None


def check_key(practice: Practice) -> None:
    """Refuse a key that is not the store's: it would find nobody, and take all for new (A5).

    Raises StoreFault.
    """
    with practice.reading() as view:
        if view.fact(_KEY) != mark_of(practice.vault):
            raise StoreFault(
                "The key does not fit this store",
                "Set HELPSPACE_KEY_FILE to the key it was made with.",
            )


def mark_of(vault: Vault) -> str:
    """Return by what a key is known, as a store and its backups keep it."""
    return vault.digest("helpspace", "store.key")
