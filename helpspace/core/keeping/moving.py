"""Moving a SQLite store to PostgreSQL: the old one serves until its mark, then the new one alone.

Three commits: the whole copy, marked as not yet whole; the mark of the old store, after which it
takes no change; and the new one's word that it is whole. Killed before the mark, the old one goes
on, and another try begins anew; killed after it, another try finishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.keeping import copying
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice
from helpspace.core.store import Reader, Store, Writer, open_store, rows, standing
from helpspace.core.store.database import told
from helpspace.core.store.tables import TABLES, StoreFact


@dataclass(frozen=True, slots=True)
class Moved:
    """A move: where to, and how many rows of each table went."""

    to: str
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(self.counts.values())


def move(practice: Practice, actor: Actor, url: str, *, dry_run: bool = False) -> Moved:
    """Move a store into an empty PostgreSQL database, or finish a move that was cut off.

    Raises a HelpspaceError in one line when it cannot be; then the old store is in use as before.
    """
    actor.must_be("team")
    if practice.store.postgresql:
        raise HelpspaceError("The store is on PostgreSQL already", "There is nothing to move.")
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise HelpspaceError("That is no address of PostgreSQL", "Write postgresql://host/name.")
    target = open_store(url)
    try:
        with practice.reading() as view:
            name = store_name(view)
        begun = _begun(target, name, moved=standing.is_moved(practice.store))
        if dry_run:
            return _counted(practice, url)
        if not standing.is_moved(practice.store):
            _copy(practice, actor, target, name, url, begun=begun)
        standing.mark_whole(target)
        return _counted(practice, url)
    finally:
        target.close()


def _begun(target: Store, name: str, *, moved: bool) -> bool:
    """Say whether a move of this very store into the database was begun; refuse any other use."""
    with told():
        tables = set(target.db.get_tables())
    if not tables and not moved:
        return False
    with target.reading() as there:
        found = _name(there) if "store_fact" in tables else None
    if moved and found == name:
        return True
    if moved:
        raise HelpspaceError(
            "This store has moved already, and not to there", "Give the address it has moved to."
        )
    if found == name and standing.filling(target) == name:
        return True
    raise HelpspaceError("That database is not empty", "Make a new one and give its address.")


def _name(reader: Reader) -> str | None:
    row = reader.get(StoreFact, "name")
    return None if row is None else str(row.value)


def _copy(
    practice: Practice, actor: Actor, target: Store, name: str, url: str, *, begun: bool
) -> None:
    """Copy everything while nobody can change it, then mark the old store in the same hold."""
    with practice.change() as tx:
        tx.audit(actor, "move", "store", name)
        with target.writing() as writer:
            if begun:
                _begin_anew(writer)
            copying.copy(tx, target, writer)
            standing.mark_filling(writer, name)
        standing.mark_moved(tx, standing.where(url), tx.now)


def _begin_anew(writer: Writer) -> None:
    """Take away what a move that was cut off has left: a copy that nobody has ever used."""
    for model in TABLES:
        writer.db.execute_sql(f'DROP TABLE IF EXISTS "{rows.name_of(model)}" CASCADE')
    writer.db.execute_sql("DROP TABLE IF EXISTS schema_migration CASCADE")


def _counted(practice: Practice, url: str) -> Moved:
    with practice.reading() as view:
        counts = {rows.name_of(model): view.count(model.select()) for model in TABLES}
    return Moved(standing.where(url), counts)
