"""Whole tables read row by row and written into another store, with what shows that all came."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Protocol

import peewee
from peewee import Model

from helpspace.core.errors import StoreFault
from helpspace.core.store import statements
from helpspace.core.store.tables import TABLES

PAGE = 2000
"""How many rows are read at a time."""

Row = tuple[Any, ...]


class Asked(Protocol):
    """What rows are read from: a reader of a store, or a view of a practice."""

    @property
    def sql(self) -> Callable[..., list[Row]]:
        """Runs SQL with "?" for values and returns the rows."""

    @property
    def postgresql(self) -> bool:
        """Whether PostgreSQL is underneath."""


_WRAP = 2**256


@dataclass(slots=True)
class Tally:
    """How many rows a table has, and a sum over them that does not depend on their order."""

    rows: int = 0
    total: int = 0

    def add(self, line: bytes) -> None:
        """Count one row by its line."""
        self.rows += 1
        digest = hashlib.sha256(line).digest()
        self.total = (self.total + int.from_bytes(digest, "big")) % _WRAP

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Give rows on, counting each."""
        for row in rows:
            self.add(line_of(row))
            yield row

    @property
    def digest(self) -> str:
        """The sum as text."""
        return f"{self.total:064x}"


def name_of(model: type[Model]) -> str:
    """Return the name of a table."""
    return str(model._meta.table_name)  # noqa: SLF001 - Peewee has no other name for it


def line_of(row: Row) -> bytes:
    """Return a row as one line of text, the same from every database."""
    cells = [[_text(cell)] if isinstance(cell, bytes | memoryview) else cell for cell in row]
    return json.dumps(cells, separators=(",", ":")).encode() + b"\n"


def row_of(line: bytes) -> Row:
    """Return the row that `line_of` has written."""
    cells = json.loads(line)
    return tuple(base64.b64decode(cell[0]) if isinstance(cell, list) else cell for cell in cells)


def _text(cell: bytes | memoryview) -> str:
    return base64.b64encode(bytes(cell)).decode()


def rows_of(
    reader: Asked, model: type[Model], columns: tuple[str, ...] | None = None
) -> Iterator[Row]:
    """Give every row of a table, a page at a time, in the order of its key."""
    key: Any = model._meta.primary_key  # noqa: SLF001 - Peewee has no other name for it
    keys = tuple(getattr(key, "field_names", None) or [key.name])
    names = columns or statements.columns(model)
    places = [names.index(one) for one in keys]
    start = f"SELECT {_quoted(names)} FROM {_quoted([name_of(model)])}"
    end = f"ORDER BY {_quoted(keys)} LIMIT {PAGE}"
    after = f"({_quoted(keys)}) > ({', '.join('?' for _ in keys)})"
    page = reader.sql(f"{start} {end}")
    while page:
        yield from page
        if len(page) < PAGE:
            return
        page = reader.sql(f"{start} WHERE {after} {end}", *(page[-1][at] for at in places))


def tally(reader: Asked, model: type[Model], columns: tuple[str, ...] | None = None) -> Tally:
    """Count a table as it is in a store."""
    found = Tally()
    for row in rows_of(reader, model, columns):
        found.add(line_of(row))
    return found


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def put(db: Any, model: type[Model], columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Insert rows into a table; its guards look at each of them."""
    into = f"{_quoted([name_of(model)])} ({_quoted(columns)})"
    cursor = db.cursor()
    try:
        if isinstance(db, peewee.PostgresqlDatabase):
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" for _ in columns)
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", rows)
    except StoreFault:
        raise
    except Exception as error:
        if "full" in str(error):
            raise StoreFault("The disk is full or failing", "Free some space.") from error
        raise StoreFault(
            f"A row of {name_of(model)} was refused ({type(error).__name__})",
            "Nothing was changed. Please report this.",
        ) from error
    finally:
        cursor.close()


def in_order(reader: Asked) -> list[type[Model]]:
    """Return the tables of a SQLite store so that each comes after those it refers to."""
    known = {name_of(model): model for model in TABLES}
    graph: TopologicalSorter[str] = TopologicalSorter()
    for name in known:
        refers = {str(row[2]) for row in reader.sql(f'PRAGMA foreign_key_list("{name}")')}
        graph.add(name, *(refers - {name}))
    return [known[name] for name in graph.static_order() if name in known]


def serials(reader: Asked) -> dict[str, int]:
    """Return the last number that each numbered table has given out."""
    if not reader.postgresql:
        return {str(name): int(last) for name, last in reader.sql(_SQLITE_SERIALS)}
    last = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM"
    return {
        str(table): int(reader.sql(f"{last} {sequence}")[0][0])
        for table, sequence in reader.sql(_POSTGRESQL_SERIALS)
    }


_SQLITE_SERIALS = "SELECT name, seq FROM sqlite_sequence"
_POSTGRESQL_SERIALS = """
    SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND is_identity = 'YES'"""


def set_serials(reader: Asked, last: dict[str, int]) -> None:
    """Let each numbered table go on behind the last number it has given out."""
    there = serials(reader)
    for table, number in last.items():
        if number <= there.get(table, 0):
            continue
        if reader.postgresql:
            reader.sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'seq'), ?)", number)
        elif table in there:
            reader.sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", number, table)
        else:
            reader.sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, number)


def unhurried(reader: Asked) -> None:
    """Let a long transaction on PostgreSQL take its time; part of that transaction."""
    if reader.postgresql:
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
            reader.sql(f"SELECT set_config('{name}', '0', true)")
