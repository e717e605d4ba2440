"""Restoring a backup into an empty place, or beside an old store that is set aside (D5, D6).

First everything is built and proved in a SQLite store of its own; who was erased since is erased
there; then it takes its place in one step: by its name on SQLite, in one transaction on PostgreSQL.
What stood there before is marked as moved away, so that nothing serves or charges from it any more,
and kept under another name. Killed anywhere, the same command can be given again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.keeping import erased, places, scratch
from helpspace.core.keeping.archive import Archive
from helpspace.core.keeping.backup import throw_away
from helpspace.core.keeping.erased import Erasure
from helpspace.core.practice import Practice, Tx
from helpspace.core.privacy.erasing import again
from helpspace.core.store import Store
from helpspace.core.store.standing import RESTORED
from helpspace.core.store.tables import Payment


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, or would be: counts, and where the old store and its files are now.

    `made_at` is when the backup was made; `erased` how many people were erased again; `listed`
    says whether a list of erased people lay beside it.
    """

    made_at: int
    rows: int
    documents: int
    missing: tuple[str, ...]
    erased: int
    listed: bool
    aside: tuple[str, ...]


def restore(
    practice: Practice,
    actor: Actor,
    source: Path,
    *,
    replace_old: bool = False,
    dry_run: bool = False,
    erase: Erasure = again,
) -> Restored:
    """Restore a backup into the place that a practice's settings name; its store need not be there.

    The restored store does not charge before it was adopted (D5). Raises a HelpspaceError in one
    line for another key, a newer program, a damaged file, or a place that is not empty.
    """
    actor.must_be("team")
    archive = Archive(source, practice.vault)
    place = None
    try:
        place = places.of(practice, archive.manifest.files, replace_old=replace_old)
        archive.verify()
        listed = erased.read(source.parent)
        marks = (listed or set()) | place.erased()
        with _told(), _workshop(practice, source, dry_run=dry_run) as folder:
            gone = _build(practice, actor, archive, folder / "store.db", marks, erase)
            aside: tuple[str, ...] = ()
            if not dry_run:
                _lay_out(archive, folder / "files")
                aside = place.take(folder)
    finally:
        archive.close()
        if place is not None:
            place.close()
    manifest = archive.manifest
    return Restored(
        manifest.made_at,
        manifest.rows,
        len(manifest.files),
        tuple(manifest.missing),
        len(gone),
        listed is not None,
        aside,
    )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HelpspaceError(
            f"The backup could not be restored ({error.strerror or type(error).__name__})",
            "What was there is untouched, or set aside. Make room and run it again.",
        ) from None


@contextmanager
def _workshop(practice: Practice, source: Path, *, dry_run: bool) -> Iterator[Path]:
    """Give a folder on the disk of the place, so that taking it is a change of names."""
    folder = places.folder_of(practice)
    if dry_run:
        folder = source.parent if os.access(source.parent, os.W_OK) else Path(gettempdir())
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with throw_away(folder) as name:
        yield name


def _build(
    practice: Practice,
    actor: Actor,
    archive: Archive,
    path: Path,
    marks: set[str],
    erase: Erasure,
) -> list[str]:
    """Build the store, apply what is known of erased people, and mark it as restored."""
    store = scratch.build(archive, path)
    try:
        built = replace(practice, store=store)
        with built.change() as tx:
            gone = erased.apply(tx, marks, erase)
            _mark(tx, actor, archive, len(gone))
        _empty_free_pages(store)
        scratch.prove(store)
    finally:
        store.close()
    return gone


def _mark(tx: Tx, actor: Actor, archive: Archive, gone: int) -> None:
    """Write down that this store is a restored one, held by no worker (D5)."""
    made_at = archive.manifest.made_at
    tx.set_fact(RESTORED, str(tx.now))
    tx.set(Payment, "holder IS NOT NULL", holder=None, held_until=None, next_at=tx.now)
    tx.audit(actor, "restore", "store", archive.manifest.store, made_at=made_at, erased=gone)


def _empty_free_pages(store: Store) -> None:
    """Leave nothing of erased people in the file's free pages and its WAL (D6)."""
    store.db.execute_sql("VACUUM")
    store.db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _lay_out(archive: Archive, folder: Path) -> None:
    """Write the documents as they lay, each durable."""
    folder.mkdir(mode=0o700)
    for file_id in archive.manifest.files:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(folder / file_id, flags, 0o600), "wb") as handle:
            for chunk in archive.chunks(file_id):
                handle.write(chunk)
            handle.flush()
            os.fsync(handle.fileno())
