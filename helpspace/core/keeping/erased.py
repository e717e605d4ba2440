"""Who was erased, kept as keyed hashes beside the backups; a restore erases them again (D6).

Beside every backup lies one small file, `helpspace-erased`: a keyed hash a line, which says nothing
without the key. `store backup` writes it and the store remembers the folder; the erasure of a
client, and housekeeping after it, bring the list of every such folder up to date by `keep`.
`store restore` reads it and applies it before anything of the backup is served.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from helpspace.core.errors import HelpspaceError
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import (
    CardRequest,
    Client,
    Dialogue,
    Inbox,
    Link,
    Notice,
)
from helpspace.core.vault import Vault

NAME = "helpspace-erased"
"""The name of the list, the same in every folder of backups."""

FOLDERS = "backup_folders"
"""The fact that holds the folders in which backups of this store lie, as JSON."""

Erasure = Callable[[Tx, str], None]
"""Takes a client's personal data away, in the commit of its caller's."""

_HEAD = "# Helpspace: who was erased, as keyed hashes. Keep this file beside the backups."
_MARK = re.compile(r"[0-9a-f]{32}")
_ERASED = "SELECT id FROM client WHERE erased_at IS NOT NULL"


def mark_of(vault: Vault, client_id: str) -> str:
    """Return the keyed hash under which an erased client is known."""
    return vault.digest(client_id, "client.erased")


def erased_in(view: View) -> set[str]:
    """Return the keyed hashes of everybody who was erased from a store."""
    vault = view.practice.vault
    return {mark_of(vault, str(row[0])) for row in view.sql(_ERASED)}


def remember(tx: Tx, folder: Path) -> None:
    """Remember a folder of backups, whose list is kept up to date from now on."""
    folders = _folders(tx)
    if str(folder) not in folders:
        tx.set_fact(FOLDERS, json.dumps([*folders, str(folder)]))


def keep(practice: Practice) -> int:
    """Bring the list in every folder of backups up to date; return how many lacked somebody.

    A folder that is not there, such as of a drive that is away, waits for the next time.
    """
    with practice.reading() as view:
        marks, folders = erased_in(view), _folders(view)
    done = 0
    for folder in map(Path, folders if marks else ()):
        with contextlib.suppress(HelpspaceError):
            if folder.is_dir() and marks - (read(folder) or set()):
                write(folder, marks)
                done += 1
    return done


def _folders(view: View) -> list[str]:
    return [str(one) for one in json.loads(view.fact(FOLDERS) or "[]")]


def read(folder: Path) -> set[str] | None:
    """Return a folder's list, None where there is none; raises HelpspaceError for a bad one."""
    try:
        lines = (folder / NAME).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise _unreadable(folder) from None
    marks = {line for line in lines if line and not line.startswith("#")}
    if not all(_MARK.fullmatch(mark) for mark in marks):
        raise _unreadable(folder)
    return marks


def _unreadable(folder: Path) -> HelpspaceError:
    return HelpspaceError(
        f"The list of erased people {folder / NAME} cannot be read",
        "Put back the one that belongs to the backups there.",
    )


def write(folder: Path, marks: Collection[str]) -> None:
    """Add to the list of a folder, whole or not at all, mode 0600; nobody is ever taken off."""
    try:
        with _alone(folder):
            _write(folder, sorted(set(marks) | (read(folder) or set())))
    except OSError as error:
        raise HelpspaceError(
            f"The list of erased people cannot be written ({error.strerror})",
            f"Look at the folder {folder}.",
        ) from None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time add to the list of a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(folder: Path, marks: list[str]) -> None:
    number, draft = tempfile.mkstemp(prefix=f".{NAME}.", dir=folder)
    try:
        with os.fdopen(number, "w", encoding="ascii") as handle:
            handle.write("\n".join((_HEAD, *marks)) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        Path(draft).replace(folder / NAME)
    finally:
        Path(draft).unlink(missing_ok=True)


def apply(tx: Tx, marks: Collection[str], erase: Erasure) -> list[str]:
    """Erase whoever a list names and a store still has; return their ids (D6)."""
    if not marks:
        return []
    vault = tx.practice.vault
    there = [str(row[0]) for row in tx.sql("SELECT id FROM client WHERE erased_at IS NULL")]
    found = [client_id for client_id in there if mark_of(vault, client_id) in marks]
    for client_id in found:
        erase(tx, client_id)
    return found


def wipe(tx: Tx, client_id: str) -> None:
    """Take away what a store holds of a client's person; money records stay without it (K4)."""
    row = tx.get(Client, client_id)
    if row is None:
        return
    if row.chat_hash is not None:
        tx.run(Dialogue.delete().where(Dialogue.chat_hash == row.chat_hash))
        tx.set(Inbox, "person_hash = ?", row.chat_hash, sealed=None, state="done")
    tx.run(Link.delete().where(Link.person_id == client_id))
    tx.set(Notice, "person_id = ? AND state = 'pending'", client_id, state="dropped", next_at=None)
    tx.set(CardRequest, "client_id = ?", client_id, url_sealed=None, next_at=None)
    tx.sql(_WIPE_REASONS, client_id, client_id)
    tx.set(
        Client,
        "id = ?",
        client_id,
        name_sealed=None,
        email_sealed=None,
        email_hash=None,
        email_confirmed_at=None,
        chat_sealed=None,
        chat_hash=None,
        erased_at=tx.now,
    )


_WIPE_REASONS = """UPDATE audit SET why_sealed = NULL WHERE actor_id = ? OR thing_id = ?
    RETURNING seq"""
