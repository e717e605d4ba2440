"""What the migrations declare by name: unique indexes, and the constraints of their tables.

Start-up compares it with what the database has (D3). The scripts are written so that each column
and each constraint begins on a line of its own, four spaces in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal, NamedTuple

from helpspace.core.store import migrate

_FOLDER = Path(__file__).parent / "migrations"

_TABLE = re.compile(r"CREATE TABLE (\w+) \(\n(.*)\n\)", re.DOTALL)
_ITEM = re.compile(r",?\n {4}(?=\S)")
_COLUMN = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (.*)", re.DOTALL)
_UNIQUE = re.compile(r"CREATE UNIQUE INDEX (\w+) ON (\w+)")
_NAMED = re.compile(r"CONSTRAINT (\w+)\s+(?:CHECK|UNIQUE)\b.*", re.DOTALL)


class Declared(NamedTuple):
    """One declaration. `text` makes the index, or is the constraint as its table has it; `column`
    is that of a constraint which stands behind one."""

    kind: Literal["index", "constraint"]
    table: str
    name: str
    text: str
    column: str = ""

    @property
    def clause(self) -> str:
        """The constraint as it stands by itself, with its column named."""
        bare = self.text.endswith(" UNIQUE")
        return f"{self.text} ({self.column})" if bare else self.text


def declared(only: Collection[str] | None = None) -> Iterator[Declared]:
    """Give what the migrations declare, or those of them with the given names.

    Where a table is made anew, its last declaration counts.
    """
    found: dict[tuple[str, str], Declared] = {}
    for name in migrate.names(_FOLDER):
        if only is None or name in only:
            found |= {(one.kind, one.name): one for one in _of_migration(name)}
    yield from found.values()


@cache
def _of_migration(name: str) -> tuple[Declared, ...]:
    module = import_module(f"{__package__}.migrations.{name}")
    statements = getattr(module, "SCRIPT", "").split(";\n")
    return tuple(one for text in statements for one in _of_statement(text.strip()))


def _of_statement(statement: str) -> Iterator[Declared]:
    if found := _UNIQUE.match(statement):
        yield Declared("index", found[2], found[1], statement)
    elif found := _COLUMN.match(statement):
        yield from _of_item(found[1], found[2])
    elif found := _TABLE.match(statement):
        for item in _ITEM.split(f"\n{found[2]}"):
            yield from _of_item(found[1], item)


def _of_item(table: str, item: str) -> Iterator[Declared]:
    if found := _NAMED.search(item):
        column = item.split(maxsplit=1)[0] if found.start() else ""
        yield Declared("constraint", table, found[1], found[0], column)
