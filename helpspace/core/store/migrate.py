"""Making and upgrading the store, and refusing one that does not fit the program."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpspace.core.errors import StoreFault
from helpspace.core.store.database import Store, told

_FOLDER = Path(__file__).parent / "migrations"
_HISTORY = "schema_migration"
_ADVISORY = 0x68656C70
"""The number of PostgreSQL's lock under which one process at a time upgrades."""

AS_MADE = "03a148f4a483b159d34f75e08aaf9c86"
"""The digest of the schema of a SQLite store that has had every migration and lost nothing."""


def known() -> list[str]:
    """Return the names of every migration of this program, in order."""
    return names(_FOLDER)


def names(folder: Path) -> list[str]:
    """Return the names of the migrations in a folder, in order."""
    files = (file.partition(".py") for file in os.listdir(folder))  # noqa: PTH208 - every start
    return sorted(name for name, py, rest in files if name[0].isdigit() and py and not rest)


def schema_of(store: Store) -> str:
    """Return the digest of a SQLite store's schema: every table, index and trigger of ours."""
    rows = store.db.execute_sql(_SCHEMA).fetchall()
    return hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()


_SCHEMA = "SELECT name, sql FROM sqlite_master WHERE name NOT GLOB 'sqlite_*' ORDER BY name"


def applied(store: Store) -> list[str]:
    """Return the names of the migrations that a store has had."""
    if _HISTORY not in store.db.get_tables():
        return []
    rows = store.db.execute_sql(f"SELECT name FROM {_HISTORY} ORDER BY name").fetchall()
    return [row[0] for row in rows]


def upgrade(store: Store, *, target: str | None = None) -> list[str]:
    """Make or upgrade a store and return what was applied.

    One process at a time; each step and its guards are one transaction, so a kill in between leaves
    a store that the next start upgrades.
    """
    from playhouse.migrations import Runner  # noqa: PLC0415 - only makers of stores need it

    from helpspace.core.store import guards  # noqa: PLC0415 - same

    logging.getLogger("peewee.migrations").setLevel(logging.WARNING)
    done: list[str] = []
    with told(), _alone(store):
        _refuse_newer(applied(store), known())
        for name in [name for name in known() if name not in applied(store)]:
            if target is not None and name > target:
                break
            # The outer transaction makes the step, its guards and its history row one commit.
            with _free_to_rebuild(store), store.db.atomic():
                guards.take_down(store.db)
                runner: Any = Runner(store.db, str(_FOLDER), table_name=_HISTORY)
                runner.up(name)
                guards.put_up(store.db)
                _refuse_hanging(store)
            done.append(name)
        with store.db.atomic():
            guards.put_up(store.db)
    return done


def check(store: Store) -> None:
    """Refuse a store that is new, older or newer than the program, or has lost a guard.

    A SQLite schema that is what the migrations make, to the byte, has them all (D3); only of
    another one is each guard looked at, and what is missing told by name.
    """
    with told():
        there = applied(store)
        if not there:
            raise StoreFault("There is no store here yet", "Run `helpspace init`.")
        wanted = known()
        _refuse_newer(there, wanted)
        if there != wanted:
            raise StoreFault(
                "The store is of an older Helpspace", "Run `helpspace init` to upgrade it."
            )
        if store.postgresql or schema_of(store) != AS_MADE:
            from helpspace.core.store import guards  # noqa: PLC0415 - reads every migration

            guards.check(store.db)


def _refuse_newer(there: list[str], wanted: list[str]) -> None:
    if set(there) - set(wanted):
        raise StoreFault("The store is of a newer Helpspace", "Upgrade the program first.")


def _refuse_hanging(store: Store) -> None:
    if not store.postgresql and store.db.execute_sql("PRAGMA foreign_key_check").fetchone():
        raise StoreFault("The upgrade would leave references hanging", "Please report this.")


@contextmanager
def _free_to_rebuild(store: Store) -> Iterator[None]:
    """Let SQLite drop and make anew a table that others refer to, as its rebuilds do."""
    if store.postgresql:
        yield
        return
    store.db.execute_sql("PRAGMA foreign_keys = 0")
    try:
        yield
    finally:
        store.db.execute_sql("PRAGMA foreign_keys = 1")


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    if not store.postgresql:
        with store._queued():  # noqa: SLF001 - the same room
            yield
        return
    store.db.execute_sql("SET lock_timeout = 0; SET statement_timeout = 0")
    store.db.execute_sql("SELECT pg_advisory_lock(%s)", (_ADVISORY,))
    try:
        yield
    finally:
        store.db.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY,))
        store.db.execute_sql("RESET lock_timeout; RESET statement_timeout")
