"""The store: tables, guards, migrations and transactions on SQLite and PostgreSQL."""

from helpspace.core.store.database import Reader, Store, Writer, refusal_of
from helpspace.core.store.opening import open_store

__all__ = ["Reader", "Store", "Writer", "open_store", "refusal_of"]
