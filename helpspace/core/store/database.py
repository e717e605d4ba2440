"""An open store and its transactions, on SQLite and on PostgreSQL.

Beside `opening` this is the one place that knows which database is underneath (D2). A connection
belongs to a thread and stays open; a transaction begins and ends in one thread.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import peewee
from peewee import Model

from helpspace.core.errors import Busy, NotFound, StoreFault
from helpspace.core.store import statements
from helpspace.core.store.turns import Turns

M = TypeVar("M", bound=Model)

MOVED = "moved_to"
"""The fact that says where a store has moved to."""

CLOSED = 1
"""SQLite's `user_version` of a store that has moved away."""


class Reader:
    """Runs queries built from unbound models on one database."""

    def __init__(self, db: Any) -> None:
        self.db = db

    def rows(self, query: Any) -> list[Any]:
        """Return every row of a query."""
        return list(query.execute(self.db))

    def first(self, query: Any) -> Any | None:
        """Return the first row of a query, or None."""
        for row in query.limit(1).execute(self.db):
            return row
        return None

    def get(self, model: type[M], key: str | int) -> M | None:
        """Return the row of a table with a primary key, or None."""
        if not _can_be_key(key):
            return None
        return self.find(model, statements.key_of(model), key)

    def find(self, model: type[M], where: str, *values: object) -> M | None:
        """Return the first row of a table that meets a condition with "?" for values, or None."""
        row = self._execute(statements.select(model, where), values).fetchone()
        return None if row is None else statements.made(model, row)

    def find_all(self, model: type[M], where: str, *values: object) -> list[M]:
        """Return the rows of a table that meet a condition with "?" for values."""
        found = self._execute(statements.select(model, where), values).fetchall()
        return [statements.made(model, row) for row in found]

    def scalar(self, query: Any) -> Any:
        """Return the single value of a query's first row, or None."""
        return query.scalar(self.db)

    def count(self, query: Any) -> int:
        """Return how many rows a query has."""
        return int(query.count(self.db))

    def sql(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Run SQL with "?" for values and return the rows."""
        return list(self._execute(text, values).fetchall())

    def _execute(self, text: str, values: Sequence[object]) -> Any:
        if self.postgresql:
            text = text.replace("?", "%s")
        return self.db.execute_sql(text, values)

    @property
    def postgresql(self) -> bool:
        """Whether PostgreSQL is underneath."""
        return isinstance(self.db, peewee.PostgresqlDatabase)


class Writer(Reader):
    """Runs changes inside one write transaction."""

    def insert(self, model: type[Model], **values: object) -> None:
        """Insert one row."""
        text = statements.insert(model, tuple(values))
        self._execute(text, statements.values_for(model, values))

    def insert_once(self, model: type[Model], **values: object) -> bool:
        """Insert one row unless a unique key forbids it; say whether it went in."""
        text = statements.insert(model, tuple(values), once=True)
        return bool(self._execute(text, statements.values_for(model, values)).rowcount)

    def insert_many(
        self, model: type[Model], rows: list[dict[str, object]], size: int = 500
    ) -> None:
        """Insert many rows in a few statements."""
        for at in range(0, len(rows), size):
            model.insert_many(rows[at : at + size]).execute(self.db)

    def set(self, model: type[Model], where: str, *found_by: object, **values: object) -> int:
        """Set columns of the rows that meet a condition with "?" for values; count the rows."""
        text = statements.update(model, tuple(values), where)
        given = (*statements.values_for(model, values), *found_by)
        return int(self._execute(text, given).rowcount)

    def run(self, query: Any) -> int:
        """Run an UPDATE or DELETE and return how many rows it met."""
        done = query.execute(self.db)
        return int(done) if done is not None else 0

    def returning(self, query: Any) -> list[Any]:
        """Run a changing statement that has RETURNING and return its rows."""
        return list(query.execute(self.db))

    def take(self, model: type[M], change: str, *values: object) -> list[M]:
        """Run a changing statement with "?" for values and return the rows it met, as they are."""
        found = self._execute(statements.returning(model, change), values).fetchall()
        return [statements.made(model, row) for row in found]

    def lock(self, model: type[M], key: str) -> M | None:
        """Return a row and keep others from changing it until the commit; None if there is none.

        SQLite has one writer at a time anyway. On PostgreSQL the therapist's row is locked first,
        then the client's, so that rivals queue instead of deadlocking (D3).
        """
        return self.lock_by(model, statements.key_of(model), key) if _can_be_key(key) else None

    def lock_by(self, model: type[M], where: str, *values: object) -> M | None:
        """Return the row that meets a condition with "?" for values, kept like by `lock`."""
        return self.find(model, f"{where} FOR NO KEY UPDATE" if self.postgresql else where, *values)


def _can_be_key(key: str | int) -> bool:
    """Say whether a key from outside is one at all; the databases choke on some that are not."""
    return isinstance(key, int) or (key.isascii() and "\0" not in key)


class Store:
    """One open store: hands out readers, and writers that commit or undo as a whole."""

    def __init__(self, db: Any, *, url: str, path: Path | None) -> None:
        self.db = db
        self.url = url
        self.path = path
        self._turns = None if path is None else Turns(path)

    def __repr__(self) -> str:
        return f"Store({'sqlite' if self.path else 'postgresql'})"

    @property
    def postgresql(self) -> bool:
        """Whether PostgreSQL is underneath."""
        return isinstance(self.db, peewee.PostgresqlDatabase)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a reader that sees one state of the store throughout."""
        with self._told():
            if self.db.in_transaction():
                yield Reader(self.db)
            else:
                with self.db.atomic("REPEATABLE READ" if self.postgresql else "DEFERRED"):
                    yield Reader(self.db)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; everything is committed at the end, or undone when an error leaves it."""
        with self._told(), self._queued(), self.db.atomic():
            self._refuse_closed()
            yield Writer(self.db)

    def _refuse_closed(self) -> None:
        """Refuse changes to a store that has moved away, also where it was opened before (D5)."""
        if self.path is None:
            return
        if self.db.execute_sql("PRAGMA user_version").fetchone()[0] == CLOSED:
            raise moved_away(self.db)

    @contextmanager
    def _queued(self) -> Iterator[None]:
        if self._turns is None or self.db.in_transaction():
            yield
            return
        with self._turns.turn():
            yield

    def version(self) -> int:
        """Return a number that changes when another process or thread has committed."""
        with self._told():
            if self.postgresql:
                # Which transactions are over, in the order in which they ended; the numbers that
                # they drew tell only in which they began.
                found = self.db.execute_sql("SELECT pg_current_snapshot()::text").fetchone()[0]
                return hash(found)
            return int(self.db.execute_sql("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell trouble in plain words, and let go of a connection that PostgreSQL has lost."""
        try:
            with told():
                yield
        except StoreFault:
            db = self.db
            idle = self.postgresql and not db.in_transaction() and not db.is_closed()
            if idle and db.connection().closed:
                db.close()
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        if self._turns is not None:
            self._turns.close()
        if not self.db.is_closed():
            self.db.close()


def moved_away(db: Any) -> StoreFault:
    """Return the refusal of a store that has moved, with where to go."""
    row = db.execute_sql(f"SELECT value FROM store_fact WHERE key = '{MOVED}'").fetchone()
    said = json.loads(row[0]) if row else {}
    return StoreFault(f"This store has moved to {said.get('to', 'another')}", said.get("hint"))


@contextmanager
def told() -> Iterator[None]:
    """Turn the database's own complaints into lines that say what to do."""
    try:
        yield
    except peewee.IntegrityError:
        raise
    except (peewee.DataError, UnicodeEncodeError, OverflowError) as error:
        # What a column cannot even hold, such as an id with a zero byte, is not in it (A1).
        raise NotFound from error
    except (peewee.OperationalError, peewee.InterfaceError) as error:
        text = " ".join(_chain(error)).lower()
        if "locked" in text or "deadlock" in text or "lock timeout" in text or "busy" in text:
            raise Busy from error
        if "disk" in text or "full" in text:
            raise StoreFault("The store's disk is full or failing", "Free some space.") from error
        raise StoreFault(
            "The store does not answer", "Check HELPSPACE_DATABASE and the server."
        ) from error
    except peewee.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise StoreFault("The store's file is damaged", "Restore a backup.") from error
        raise


def _chain(error: BaseException | None) -> Iterator[str]:
    """Give what an error says and what went before it: undoing may fail after the real trouble."""
    while error is not None:
        yield str(error)
        error = error.__context__


def refusal_of(error: peewee.IntegrityError) -> str:
    """Return the name of the guard or constraint that refused a change.

    SQLite names a broken UNIQUE by its columns: then "table.column" of the first one is returned.
    """
    cause: Any = getattr(error, "orig", None) or error
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    text = str(cause)
    if ": " in text:
        return text.split(": ", 1)[1].split(",", maxsplit=1)[0].strip()
    return text.strip()
