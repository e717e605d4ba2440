"""How a store stands: in use, moved away, not whole yet, or restored and not adopted (D5).

A store that has moved away takes no change any more from whatever process has it open: every write
transaction looks at SQLite's `user_version`, which is set in the commit that moves it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from helpspace.core.errors import HelpspaceError, StoreFault
from helpspace.core.store.database import CLOSED, MOVED, Reader, Store, moved_away
from helpspace.core.store.tables import StoreFact

if TYPE_CHECKING:
    from helpspace.core.store.rows import Asked

FILLING = "filling"
"""The fact of a store that is being filled from another one, by that one's name."""

RESTORED = "restored_at"
"""The fact of a store that was restored and does not charge until it was adopted (D5)."""

NOT_ADOPTED = "not_adopted"
"""The code under which sweeps rest in such a store."""

THERE = "Set HELPSPACE_DATABASE to its address."

RESTS = "resting: this store was restored; nothing is charged until helpspace reconcile --adopt"


class NotAdopted(HelpspaceError):
    """A restored store makes nothing at Stripe before it has taken over what is there (D5)."""

    title = "Cards cannot be taken just now"
    hint = "Nothing was charged; please try again later."


def refuse_unfit(store: Store) -> None:
    """Refuse a store that has moved away or is not whole yet; raises StoreFault."""
    with store.reading() as reader:
        if _fact(reader, MOVED) is not None:
            raise moved_away(store.db)
        if _fact(reader, FILLING) is not None:
            raise StoreFault(
                "This store is not whole yet: the move into it was cut off",
                "Run helpspace store move-to-postgres again with the old store's settings.",
            )


def is_moved(store: Store) -> bool:
    """Say whether a store has moved away."""
    with store.reading() as reader:
        return _fact(reader, MOVED) is not None


def filling(store: Store) -> str | None:
    """Return the name of the store from which this one is being filled, or None."""
    with store.reading() as reader:
        return _fact(reader, FILLING)


def is_resting(reader: Asked) -> bool:
    """Say whether a store was restored and has not taken over yet what Stripe holds (D5)."""
    return bool(reader.sql("SELECT 1 FROM store_fact WHERE key = ?", RESTORED))


def rests(store: Store) -> bool:
    """Say the same of a store, in a reading of its own."""
    with store.reading() as reader:
        return is_resting(reader)


def mark_moved(writer: Asked, to: str, at: int, hint: str = THERE) -> None:
    """Mark a store as moved to somewhere, in the commit of its caller's: no change comes after.

    `hint` is what whoever opens it is told to do.
    """
    writer.sql(_PUT, MOVED, json.dumps({"to": to, "at": at, "hint": hint}))
    if not writer.postgresql:
        writer.sql(f"PRAGMA user_version = {CLOSED}")


def mark_filling(writer: Asked, name: str) -> None:
    """Mark a store as being filled from the one of a name, in the commit of its caller's."""
    writer.sql(_PUT, FILLING, name)


def mark_whole(store: Store) -> None:
    """Mark a store that was being filled as whole."""
    with store.writing() as writer:
        writer.run(StoreFact.delete().where(StoreFact.key == FILLING))


_PUT = """INSERT INTO store_fact (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING key"""


def where(url: str) -> str:
    """Return where a store is, without the password that its address may hold (A5)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return url.removeprefix("sqlite:///")
    return f"PostgreSQL {parts.hostname or 'here'}{parts.path}"


def _fact(reader: Reader, key: str) -> str | None:
    row = reader.get(StoreFact, key)
    return None if row is None else str(row.value)
