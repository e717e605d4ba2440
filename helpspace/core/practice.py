"""The one object that is handed around, and its transactions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from helpspace.core.actors import Actor
from helpspace.core.clock import Clock, SystemClock
from helpspace.core.ids import Ids
from helpspace.core.store import Reader, Store, Writer
from helpspace.core.store.tables import Audit, StoreFact
from helpspace.core.vault import Vault
from helpspace.settings import Settings


@dataclass(frozen=True, eq=False, repr=False)
class Practice:
    """A practice: its store, clock, vault, source of ids and settings."""

    store: Store
    settings: Settings
    vault: Vault
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=Ids)

    def now(self) -> int:
        """Return the application's present, which never runs backwards (D4)."""
        with self.store.reading() as reader:
            return present(reader, self.clock)

    @contextmanager
    def reading(self) -> Iterator[View]:
        """Give a consistent view of the store at the present."""
        with self.store.reading() as reader:
            yield View(reader, self, present(reader, self.clock))

    @contextmanager
    def change(self) -> Iterator[Tx]:
        """Give a transaction: a change, its notices, ledger and audit rows are one commit (D2)."""
        with self.store.writing() as writer:
            yield Tx(writer, self, present(writer, self.clock))


TRAIL_FROM = "trail_from"
"""The fact behind which row of the trail instants count, once a wrong clock was mended."""

_LAST = """SELECT at FROM audit WHERE seq > (SELECT COALESCE(max(CAST(value AS BIGINT)), 0)
    FROM store_fact WHERE key = 'trail_from') ORDER BY at DESC LIMIT 1"""


def present(reader: Reader, clock: Clock) -> int:
    """Return the later of the system clock and the last instant stored (D4)."""
    stored = reader.sql(_LAST)
    return max(clock.now(), stored[0][0] if stored else 0)


class View:
    """What a question works with: a reader, the practice, and one present for all its parts."""

    def __init__(self, reader: Reader, practice: Practice, now: int) -> None:
        self.practice = practice
        self.now = now
        self.rows = reader.rows
        self.first = reader.first
        self.get = reader.get
        self.find = reader.find
        self.find_all = reader.find_all
        self.scalar = reader.scalar
        self.count = reader.count
        self.sql = reader.sql
        self.postgresql = reader.postgresql

    def open(self, sealed: bytes | None, column: str) -> str:
        """Return a sealed personal field, or an empty text where there is none."""
        return "" if sealed is None else self.practice.vault.open(sealed, column)

    def fact(self, key: str) -> str | None:
        """Return a fact about the store itself."""
        row = self.get(StoreFact, key)
        return None if row is None else row.value


class Tx(View):
    """What an act works with: everything of a view, and the means to change."""

    def __init__(self, writer: Writer, practice: Practice, now: int) -> None:
        super().__init__(writer, practice, now)
        self.insert = writer.insert
        self.insert_once = writer.insert_once
        self.insert_many = writer.insert_many
        self.set = writer.set
        self.run = writer.run
        self.returning = writer.returning
        self.take = writer.take
        self.lock = writer.lock
        self.lock_by = writer.lock_by

    def seal(self, text: str, column: str) -> bytes:
        """Encrypt a personal field for its column."""
        return self.practice.vault.seal(text, column)

    def digest(self, text: str, column: str) -> str:
        """Return the look-up hash of a personal field."""
        return self.practice.vault.digest(text, column)

    def set_fact(self, key: str, value: str) -> None:
        """Store a fact about the store itself."""
        if not self.run(StoreFact.update(value=value).where(StoreFact.key == key)):
            self.insert(StoreFact, key=key, value=value)

    def audit(self, actor: Actor, act: str, thing: str, thing_id: str, **detail: Any) -> None:
        """Write the trail's row: who did what, when and from where, with ids and numbers only."""
        self.insert(
            Audit,
            at=self.now,
            role=actor.role,
            actor_id=actor.id,
            by_whom=actor.by_whom,
            why_sealed=self.seal(actor.why, "audit.why") if actor.why else None,
            via=actor.via,
            act=act,
            thing=thing,
            thing_id=thing_id,
            detail=json.dumps(detail, sort_keys=True, separators=(",", ":")),
        )
