"""A whole SQLite store copied into an empty database on PostgreSQL, in the caller's transaction."""

from __future__ import annotations

from helpspace.core.errors import StoreFault
from helpspace.core.store import Store, Writer, migrate, rows, statements
from helpspace.core.store.rows import Asked


def copy(source: Asked, target: Store, writer: Writer) -> dict[str, int]:
    """Make the schema, copy every row, and compare; return the number of rows of each table.

    Everything is part of the transaction of `writer`: killed before its commit, nothing is there.
    Raises StoreFault when something does not come out the same.
    """
    rows.unhurried(writer)
    migrate.upgrade(target)
    # Setting up the schema has put the timeouts back.
    rows.unhurried(writer)
    counts: dict[str, int] = {}
    for model in rows.in_order(source):
        columns, before = statements.columns(model), rows.Tally()
        rows.put(target.db, model, columns, before.counting(rows.rows_of(source, model)))
        after = rows.tally(writer, model)
        if before != after:
            raise StoreFault(
                f"{rows.name_of(model)} did not come out the same", "Nothing was changed."
            )
        counts[rows.name_of(model)] = after.rows
    rows.set_serials(writer, rows.serials(source))
    return counts
