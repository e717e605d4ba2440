"""Making a backup: through the database while it is in use, proved by restoring it (D5).

Everything is read in one transaction that sees one state and keeps no writer waiting, on either
database; so the same file can be restored into either. Nothing stands under the final name before
the file was built anew into a throw-away store that came out sound.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.joining.documents import named_files
from helpspace.core.keeping import erased, scratch
from helpspace.core.keeping.archive import Archive, Manifest, Writing
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice, View
from helpspace.core.store import Store, migrate, rows, statements
from helpspace.core.store.init import mark_of
from helpspace.core.store.tables import TABLES

_PREFIX, _LOCK = ".helpspace-", "lock"

TRIES = 3
"""How often a backup is begun anew because a document was let go while it was made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, or would be: counts, and its size in bytes (0 in a rehearsal)."""

    path: Path
    bytes: int
    made_at: int
    tables: int
    rows: int
    documents: int
    missing: tuple[str, ...]


class _LetGoError(Exception):
    """A document went away between the reading of its row and of its file."""


def preview(practice: Practice, actor: Actor, target: Path) -> Made:
    """Say what a backup would hold; nothing is written."""
    actor.must_be("team")
    _check_place(target)
    with practice.reading() as view:
        counts = [view.count(model.select()) for model in TABLES]
        names = named_files(view)
        missing = [one for one in names if not (practice.settings.files / one).is_file()]
        there = len(names) - len(missing)
        return Made(target, 0, view.now, len(TABLES), sum(counts), there, tuple(missing))


def backup(practice: Practice, actor: Actor, target: Path) -> Made:
    """Write a backup under a name that is free, mode 0600, and prove it.

    Raises HelpspaceError, and leaves nothing, when it cannot be written or does not come out whole.
    """
    actor.must_be("team")
    _check_place(target)
    with _told(), throw_away(target.parent) as folder:
        draft = folder / "draft"
        manifest = _written(practice, draft)
        prove(practice, draft)
        with practice.reading() as view:
            marks = erased.erased_in(view)
        erased.write(target.parent, marks)
        size = draft.stat().st_size
        _put_in_place(draft, target)
    with practice.change() as tx:
        erased.remember(tx, target.parent)
        tx.audit(actor, "backup", "store", manifest.store, rows=manifest.rows, bytes=size)
    return Made(
        target,
        size,
        manifest.made_at,
        len(manifest.tables),
        manifest.rows,
        len(manifest.files),
        tuple(manifest.missing),
    )


def prove(practice: Practice, path: Path) -> None:
    """Restore a backup into a throw-away store beside it; raises HelpspaceError if it is not sound.

    The rows and their digests must be the manifest's, the references, guards and pages sound.
    """
    archive = Archive(path, practice.vault)
    try:
        archive.verify()
        with throw_away(path.parent) as folder:
            scratch.build(archive, folder / "store.db").close()
    finally:
        archive.close()


@contextlib.contextmanager
def throw_away(folder: Path) -> Iterator[Path]:
    """Give a folder in another that is gone afterwards, closed to others.

    What was left by a process that was killed goes first: nobody is erased from it (D6).
    """
    for left in folder.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError), left.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent)
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX, dir=folder) as name,
        (Path(name) / _LOCK).open("wb") as handle,
    ):
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield Path(name)


def _check_place(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise HelpspaceError(f"{target} is there already", "Choose a name that is free.")
    if not target.parent.is_dir():
        raise HelpspaceError(f"There is no folder {target.parent}", "Make it, or choose another.")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise HelpspaceError(f"Nothing can be written in {target.parent}", "Choose another folder.")


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell of a full disk and the like in one line."""
    try:
        yield
    except OSError as error:
        raise HelpspaceError(
            f"The backup could not be written ({error.strerror or type(error).__name__})",
            "Nothing of it was left. Make room, or choose another folder.",
        ) from None


def _written(practice: Practice, draft: Path) -> Manifest:
    """Write everything into a new file and make it durable."""
    for last in range(TRIES, 0, -1):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as handle:
            try:
                manifest = _write(practice, handle, patient=last == 1)
            except _LetGoError:
                continue
            handle.flush()
            os.fsync(handle.fileno())
            return manifest
    raise AssertionError  # the last try is patient


def _write(practice: Practice, handle: IO[bytes], *, patient: bool) -> Manifest:
    with practice.reading() as view:
        rows.unhurried(view)
        writing = Writing(handle, _manifest(view, practice.store))
        try:
            _write_rows(view, writing)
            _write_files(practice, named_files(view), writing, patient=patient)
            writing.finish(practice.vault)
        except BaseException:
            writing.give_up()
            raise
    return writing.manifest


def _write_rows(view: View, writing: Writing) -> None:
    for model in TABLES:
        lines = (rows.line_of(row) for row in rows.rows_of(view, model))
        writing.table(rows.name_of(model), statements.columns(model), lines)


def _write_files(practice: Practice, names: list[str], writing: Writing, *, patient: bool) -> None:
    """Write the documents; one that was let go meanwhile begins the backup anew."""
    for file_id in names:
        try:
            with (practice.settings.files / file_id).open("rb") as document:
                writing.file(file_id, document)
        except FileNotFoundError:
            if not patient:
                raise _LetGoError from None
            writing.manifest.missing.append(file_id)


def _manifest(view: View, store: Store) -> Manifest:
    return Manifest(
        store=store_name(view),
        key=mark_of(view.practice.vault),
        made_at=view.now,
        migrations=migrate.applied(store),
        serials=rows.serials(view),
    )


def _put_in_place(draft: Path, target: Path) -> None:
    """Give a finished file its name, taking none away from another."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise HelpspaceError(f"{target} is there already", "Choose a name that is free.") from None
    except OSError:
        # A disk that knows no second names, such as a memory stick.
        draft.rename(target)
    make_durable(target.parent)


def make_durable(folder: Path) -> None:
    """See to it that what was named in a folder outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
