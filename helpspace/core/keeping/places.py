"""Where a restored store takes its place, and what becomes of what stood there before."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import peewee

from helpspace.core.errors import HelpspaceError, StoreFault
from helpspace.core.keeping import copying, erased, scratch
from helpspace.core.keeping.backup import make_durable
from helpspace.core.moments import iso
from helpspace.core.practice import Practice
from helpspace.core.store import Store, open_store
from helpspace.core.store.database import told
from helpspace.core.store.standing import mark_moved
from helpspace.core.store.turns import Turns

ASIDE = (
    "one restored from a backup",
    "It was set aside for it: if that was cut off, run helpspace store restore --replace again.",
)
"""Where an old store has gone, and what whoever opens it is told."""


@dataclass(frozen=True)
class Place(ABC):
    """A place for a store and its documents. With `old` something stands there already."""

    practice: Practice
    documents: frozenset[str]
    old: bool

    @abstractmethod
    def erased(self) -> set[str]:
        """Return who was erased from the store that stands there, as keyed hashes."""

    @abstractmethod
    def take(self, folder: Path) -> tuple[str, ...]:
        """Put `store.db` and `files` of a folder in place; return what was set aside, and where."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the place."""

    @property
    def stamp(self) -> str:
        """The present, to name what is set aside."""
        return iso(self.practice.clock.now()).replace("-", "").replace(":", "")

    def put_files(self, folder: Path) -> list[str]:
        """Put the documents in place, those of an old store aside first."""
        files, aside = self.practice.settings.files, []
        if self.old and _strangers(files, self.documents):
            kept = files.with_name(f"{files.name}.before-{self.stamp}")
            files.rename(kept)
            aside.append(str(kept))
        files.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file_id in self.documents:
            _carry(folder / "files" / file_id, files / file_id)
        make_durable(files)
        make_durable(files.parent)
        return aside


def of(practice: Practice, documents: Collection[str], *, replace_old: bool) -> Place:
    """Return the place that the settings name; refuse one that is not empty (D5)."""
    url, files = practice.settings.database, practice.settings.files
    names = frozenset(documents)
    if not replace_old and _strangers(files, names):
        raise HelpspaceError(
            f"The folder {files} is not empty",
            "Set HELPSPACE_FILES to an empty one, or add --replace: it is set aside, not deleted.",
        )
    if urlsplit(url).scheme == "sqlite":
        path = _path(url)
        old = path.exists() and path.stat().st_size > 0
        place: Place = OnSqlite(practice, names, old, path)
    else:
        target = open_store(url)
        with told():
            old = bool(target.db.get_tables())
        place = OnPostgresql(practice, names, old, target)
    if place.old and not replace_old:
        place.close()
        raise HelpspaceError(
            "There is a store in that place already",
            "Set HELPSPACE_DATABASE to an empty one, or add --replace: the old one is set aside.",
        )
    return place


def folder_of(practice: Practice) -> Path:
    """Return the folder on whose disk a store is built before it takes its place."""
    url = practice.settings.database
    if urlsplit(url).scheme == "sqlite":
        return _path(url).parent
    return practice.settings.files.parent


def _path(url: str) -> Path:
    name = unquote(url.removeprefix("sqlite:///"))
    if name == ":memory:":
        raise HelpspaceError("There is no store in memory to restore", "Set HELPSPACE_DATABASE.")
    return Path(name).expanduser().absolute()


def _erased_in(practice: Practice, store: Store) -> set[str]:
    with replace(practice, store=store).reading() as view:
        return erased.erased_in(view)


def _strangers(files: Path, known: Collection[str]) -> bool:
    """Say whether a folder holds anything that is not of the backup."""
    return files.is_dir() and any(one.name not in known for one in files.iterdir())


def _carry(source: Path, target: Path) -> None:
    """Move a file, also to another disk; whole or not at all."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = target.with_name(f"{target.name}.part")
        shutil.copyfile(source, draft)
        draft.chmod(0o600)
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.replace(target)


@dataclass(frozen=True)
class OnSqlite(Place):
    """A file."""

    path: Path

    def erased(self) -> set[str]:
        """Return who was erased from the store that stands there; nobody where it is damaged."""
        if not self.old:
            return set()
        with contextlib.suppress(StoreFault, peewee.DatabaseError), self._opened() as store:
            return _erased_in(self.practice, store)
        return set()

    def take(self, folder: Path) -> tuple[str, ...]:
        """Put the file in place by its name alone, the old one aside and closed for good."""
        with Turns(self.path).turn(), self._alone():
            if not self.old and self.path.exists() and self.path.stat().st_size:
                raise HelpspaceError("A store was made there meanwhile", "Look at it first.")
            aside = self.put_files(folder)
            aside += self._set_aside()
            (folder / "store.db").replace(self.path)
            make_durable(self.path.parent)
        return tuple(aside)

    def close(self) -> None:
        """Nothing is held open."""

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Store]:
        store = open_store(scratch.url_of(self.path), make=False)
        try:
            yield store
        finally:
            store.close()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the old store alone and mark it as moved; one that is damaged is only kept."""
        if not self.old:
            yield
            return
        with self._opened() as store:
            try:
                _hold(store.db)
                _close_for_good(store.db, self.practice.clock.now())
            except peewee.OperationalError as error:
                if "locked" in str(error):
                    raise HelpspaceError(
                        "The old store is in use", "Stop serve and close every terminal first."
                    ) from None
                raise
            except peewee.DatabaseError as error:
                if not any(word in str(error) for word in ("malformed", "not a database")):
                    raise
            yield

    def _set_aside(self) -> list[str]:
        """Keep the old file under another name, so that its own is never without a store.

        A WAL that a damaged or deleted store has left would be taken for the new one's.
        """
        kept = self.path.with_name(f"{self.path.name}.before-{self.stamp}")
        if self.old:
            _second_name(self.path, kept)
        found = [str(kept)] if self.old else []
        for end in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{end}").rename(f"{kept}{end}")
                found.append(f"{kept}{end}")
        return found


def _hold(db: Any) -> None:
    """Take a SQLite file out of WAL and keep everybody else from it until it is closed."""
    db.execute_sql("PRAGMA busy_timeout = 2000")
    db.execute_sql("PRAGMA locking_mode = EXCLUSIVE")
    db.execute_sql("PRAGMA journal_mode = DELETE")


def _close_for_good(db: Any, now: int) -> None:
    if "store_fact" not in db.get_tables():
        return
    with db.atomic():
        mark_moved(_Bare(db), ASIDE[0], now, ASIDE[1])


@dataclass(frozen=True)
class _Bare:
    """A database without the turns of its store, which its caller has."""

    db: Any
    postgresql: bool = False

    def sql(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        return list(self.db.execute_sql(text, values).fetchall())


def _second_name(path: Path, kept: Path) -> None:
    """Keep a file under another name as well, so that its own is never without a store."""
    try:
        os.link(path, kept)
    except FileExistsError:
        raise HelpspaceError(f"{kept} is there already", "Run it again in a second.") from None
    except OSError:
        path.rename(kept)


@dataclass(frozen=True)
class OnPostgresql(Place):
    """A database of a server."""

    target: Store

    def erased(self) -> set[str]:
        """Return who was erased from the store that stands there."""
        if not self.old or "client" not in self.target.db.get_tables():
            return set()
        return _erased_in(self.practice, self.target)

    def take(self, folder: Path) -> tuple[str, ...]:
        """Copy the store in one transaction, in which an old one gets a schema of its own."""
        aside = self.put_files(folder)
        built = open_store(scratch.url_of(folder / "store.db"), make=False)
        try:
            with built.reading() as source, self.target.writing() as writer:
                if self.target.db.get_tables():
                    if not self.old:
                        raise HelpspaceError(
                            "A store was made there meanwhile", "Look at it first."
                        )
                    aside.append(self._set_aside(writer))
                copying.copy(source, self.target, writer)
        finally:
            built.close()
        return tuple(aside)

    def close(self) -> None:
        """Close the connection."""
        self.target.close()

    def _set_aside(self, writer: Any) -> str:
        """Give the old store's tables a schema of another name; part of the transaction."""
        name = str(writer.sql("SELECT current_schema()")[0][0])
        kept = f"before_{self.stamp}".lower()
        if "store_fact" in self.target.db.get_tables():
            mark_moved(writer, ASIDE[0], self.practice.clock.now(), ASIDE[1])
        try:
            for change in (
                f'ALTER SCHEMA "{name}" RENAME TO "{kept}"',
                f'CREATE SCHEMA "{name}"',
                f'ALTER EXTENSION btree_gist SET SCHEMA "{name}"',
            ):
                self.target.db.execute_sql(change)
        except peewee.DatabaseError as error:
            raise HelpspaceError(
                f"The old store cannot be set aside ({type(error).__name__})",
                "Set HELPSPACE_DATABASE to an empty database instead.",
            ) from None
        return f"schema {kept}"
