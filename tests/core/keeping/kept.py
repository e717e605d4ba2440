"""A practice that has lived, with money in it, for what keeps stores: backup, restore, move."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import booking
from helpspace.core.errors import HelpspaceError
from helpspace.core.ids import Ids
from helpspace.core.keeping import restore
from helpspace.core.practice import Practice
from helpspace.core.store import migrate, open_store, standing, upkeep
from helpspace.core.store.tables import TABLES
from tests import makers, postgres
from tests.core.fake_stripe import FakeStripe, settle_all
from tests.core.workers import Worker
from tests.makers import SOON, TEAM, add_client, add_therapist, all_rows, session

BESIDE = {"audit", "store_fact"}
"""Tables in which a store that was restored or moved differs from what it was."""

# Crash points: before and after each commit, and each name given to a file, from `armed` on.
# A worker that gets to its end says how many it has passed.
CRASHES = """
import os
import peewee
from helpspace.core.keeping import places, moving

left = int(sys.argv[1])
armed = False
hits = 0

def hit():
    global hits
    if armed:
        hits += 1
        if hits == left:
            os._exit(9)

def crashing(honest):
    def run(*args, **kwargs):
        hit()
        done = honest(*args, **kwargs)
        hit()
        return done
    return run

for name in ("link", "replace", "rename"):
    setattr(os, name, crashing(getattr(os, name)))
peewee.Database.commit = crashing(peewee.Database.commit)
"""


def earn(practice: Practice, clock: Any) -> None:
    """Add a charge, a refund and an open payment to a practice."""
    therapist = add_therapist(practice)
    people = [add_client(practice, chat=9100 + number) for number in range(3)]
    booked = [
        session(practice, therapist, one, SOON + number * 7200)
        for number, one in enumerate(people, 20)
    ]
    clock.move_to(booked[-1].free_until + 120)
    stripe = FakeStripe(clock.now)
    settle_all(practice, stripe)
    booking.cancel(practice, therapist, booked[0].id)
    settle_all(practice, stripe)


def place(practice: Practice, url: str, files: Path) -> Practice:
    """Return a practice of the same key whose settings name another place."""
    settings = replace(practice.settings, database=url, files=files)
    return replace(practice, settings=settings, ids=Ids(makers.Seeded(99)))


def opened(practice: Practice) -> Practice:
    """Return a practice on the store that its settings name."""
    return replace(practice, store=open_store(practice.settings.database, make=False))


def restored(practice: Practice, source: Path, **options: Any) -> Practice:
    """Restore a backup to where a practice's settings say and return it open."""
    restore.restore(practice, TEAM, source, **options)
    return opened(practice)


def rows(practice: Practice) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table but those that tell of the keeping itself."""
    names = {model: model._meta.table_name for model in TABLES}
    return {name: all_rows(practice, model) for model, name in names.items() if name not in BESIDE}


def same(one: Practice, other: dict[str, list[dict[str, Any]]]) -> None:
    """Check that a store has the rows it should have, all guards, and is sound."""
    migrate.check(one.store)
    found = rows(one)
    for name, wanted in other.items():
        assert found[name] == wanted, name
    unsound = {check.name for check in upkeep.check(one, TEAM) if not check.ok}
    assert unsound <= {"adopted"}


def documents(practice: Practice) -> dict[str, bytes]:
    """Return every uploaded file as it lies."""
    folder = practice.settings.files
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder in memory, where durable writes cost nothing."""
    name = tempfile.mkdtemp(prefix="helpspace-kept-", dir=postgres.quick_folder())
    try:
        yield Path(name)
    finally:
        shutil.rmtree(name, ignore_errors=True)


def beside(practice: Practice) -> Practice:
    """Return a second practice on the same store, as another process would have."""
    store = open_store(practice.settings.database)
    return replace(practice, store=store, ids=Ids(makers.Seeded(5)))


def refused(practice: Practice, source: Path, folder: Path, match: str) -> None:
    """Check that a backup is refused, and that nothing came of it."""
    there = place(practice, f"sqlite:///{folder / 'new' / 'x.db'}", folder / "new" / "files")
    with pytest.raises(HelpspaceError, match=match):
        restore.restore(there, TEAM, source)
    assert not (folder / "new" / "x.db").exists()
    assert not (folder / "new" / "files").exists()


def copied(url: str, number: int) -> str:
    """Return the address of a copy of a SQLite store that nobody has open."""
    path = Path(url.removeprefix("sqlite:///"))
    there = path.with_name(f"copy{number}.db")
    shutil.copy(path, there)
    there.chmod(0o600)
    return f"sqlite:///{there}"


def at(practice: Practice, url: str) -> Practice:
    """Return the practice of the same key on PostgreSQL, where it may be served from."""
    found = opened(place(practice, url, practice.settings.files))
    migrate.check(found.store)
    standing.refuse_unfit(found.store)
    return found


def points(code: str, *argv: str) -> list[int]:
    """Return the crash points of a piece of code, by letting it run to its end once."""
    (passed,) = Worker(CRASHES + code, "0", *argv).finish()
    return list(range(1, int(passed) + 1))
