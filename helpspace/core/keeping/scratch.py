"""A SQLite store built from a backup: how one is checked, and the first half of restoring it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from helpspace.core.errors import StoreFault
from helpspace.core.keeping.archive import Archive, Damaged
from helpspace.core.store import Reader, Store, guards, migrate, open_store, rows
from helpspace.core.store.tables import TABLES


def url_of(path: Path) -> str:
    """Return the address of a SQLite store at a path."""
    return f"sqlite:///{quote(str(path))}"


def build(archive: Archive, path: Path) -> Store:
    """Fill a new SQLite store from a backup, prove it, and return it open and of today's schema.

    Raises Damaged or StoreFault when it does not come out as the manifest says.
    """
    store = open_store(url_of(path))
    try:
        _fill(archive, store)
        migrate.upgrade(store)
        prove(store)
    except BaseException:
        store.close()
        raise
    return store


def _fill(archive: Archive, store: Store) -> None:
    manifest = archive.manifest
    migrate.upgrade(store, target=max(manifest.migrations, default=""))
    if migrate.applied(store) != sorted(manifest.migrations):
        raise StoreFault(
            "The backup is of another line of Helpspace", "Restore it with the program it is from."
        )
    with store.writing() as writer:
        writer.sql("PRAGMA defer_foreign_keys = ON")
        for model in TABLES:
            name = rows.name_of(model)
            there = manifest.tables.get(name)
            if there is None:
                continue
            _refuse_strange(writer, name, there.columns)
            rows.put(store.db, model, there.columns, _rows(archive, name))
            found = rows.tally(writer, model, there.columns)
            if (found.rows, found.digest) != (there.rows, there.digest):
                raise Damaged
        if set(manifest.tables) - {rows.name_of(model) for model in TABLES}:
            raise Damaged
        rows.set_serials(writer, manifest.serials)


def _rows(archive: Archive, table: str) -> Iterator[rows.Row]:
    for line in archive.lines(table):
        yield rows.row_of(line)


def _refuse_strange(reader: Reader, table: str, columns: tuple[str, ...]) -> None:
    there = {str(row[1]) for row in reader.sql(f'PRAGMA table_info("{table}")')}
    if not set(columns) <= there:
        raise Damaged


def prove(store: Store) -> None:
    """Refuse a SQLite store that is not sound: its pages, its references, its guards (D2, D3)."""
    with store.reading() as reader:
        if reader.sql("PRAGMA integrity_check(1)") != [("ok",)]:
            raise Damaged
        if reader.sql("PRAGMA foreign_key_check"):
            raise Damaged
    guards.check(store.db)
