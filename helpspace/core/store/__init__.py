"""The store: tables, guards, migrations and transactions on SQLite and PostgreSQL."""

import sys
from contextlib import suppress

# The newer SQLite is the only one (D2): Peewee would load the machine's own besides, to compare.
with suppress(ImportError):
    import pysqlite3

    sys.modules.setdefault("sqlite3", pysqlite3)

from helpspace.core.store.database import Reader, Store, Writer, refusal_of
from helpspace.core.store.opening import open_store

__all__ = ["Reader", "Store", "Writer", "open_store", "refusal_of"]
