"""Our lines in a file of authorised keys: written whole or not at all, others' left as they are.

The file belongs to the operating account, and other people's lines in it are none of our business:
they are kept byte by byte. A kill at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpspace.core.errors import HelpspaceError, Invalid

LARGEST = 4 * 1024 * 1024
"""Bytes of a file of authorised keys; a larger one is something else."""


def line(command: Sequence[str], public: str, key_id: str) -> str:
    """Return the line that lets a key do one thing: a terminal with this command, nothing else.

    `command` are words for a shell, already quoted where they need it.
    """
    words = " ".join(command)
    if not words.isprintable():
        raise Invalid("A folder of Helpspace has a strange name", "Install it elsewhere.")
    quoted = words.replace('"', '\\"')
    return f'restrict,pty,command="{quoted}" {public} {_mark(key_id).decode()}'


def quoted(word: str) -> str:
    """Return a word as the account's shell reads it back."""
    return shlex.quote(word)


def put(path: Path, key_id: str, new: str) -> bool:
    """Have a key's line in a file, in its old place or at the end; say whether it changed."""
    return _rewrite(path, key_id, new.encode())


def take_out(path: Path, key_id: str) -> bool:
    """Take a key's line out of a file; say whether there was one."""
    return path.exists() and _rewrite(path, key_id, None)


def has(path: Path, key_id: str) -> bool:
    """Say whether a key's line is in a file."""
    try:
        return any(_is_of(one, key_id) for one in path.read_bytes().split(b"\n"))
    except OSError:
        return False


def _mark(key_id: str) -> bytes:
    return f"helpspace:{key_id}".encode()


def _is_of(one: bytes, key_id: str) -> bool:
    """Say whether a line is a key's, also when somebody has added an option to it."""
    return not one.startswith(b"#") and one.split()[-1:] == [_mark(key_id)]


def _changed(old: bytes, key_id: str, new: bytes | None) -> bytes:
    """Return the file's content with a key's line put in, replaced or taken out."""
    lines = old.split(b"\n")
    tail = lines.pop()  # nothing, where the last line has ended
    found = [number for number, one in enumerate([*lines, tail]) if _is_of(one, key_id)]
    if tail:
        lines.append(tail)
    kept = [one for number, one in enumerate(lines) if number not in found]
    if new is not None:
        kept.insert(found[0] if found else len(kept), new)
    elif not found:
        return old
    return b"".join(one + b"\n" for one in kept)


def _rewrite(path: Path, key_id: str, new: bytes | None) -> bool:
    try:
        made = _folder(path.parent)
        with _alone(path.parent):
            old, owner = _old(path)
            content = _changed(old, key_id, new)
            if content == old and not made and path.exists():
                return False
            _write(path, content, owner)
    except OSError as error:
        raise HelpspaceError(
            f"{path} could not be written ({error.strerror})", "Choose another one with --file."
        ) from None
    return True


def _folder(folder: Path) -> bool:
    """Make the folder if it is not there; refuse one in which others may write."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        return True
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder", "Choose another file with --file.")
    if folder.stat().st_mode & 0o022:
        raise Invalid(f"Others may write in {folder}", f"Run: chmod 700 {folder}")
    return False


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep two of us from rewriting at once; the lock goes with the process that holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _old(path: Path) -> tuple[bytes, tuple[int, int]]:
    """Return the file as it is, and whose it is and has to stay."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        folder = path.parent.stat()
        return b"", (folder.st_uid, folder.st_gid)
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            raise Invalid(f"{path} is no file of keys", "Choose another one with --file.")
        return file.read(), (about.st_uid, about.st_gid)


def _write(path: Path, content: bytes, owner: tuple[int, int]) -> None:
    """Put a file in the place of another, as a whole; whoever owns it keeps it."""
    draft = path.with_name(f".{path.name}.helpspace")
    draft.unlink(missing_ok=True)  # of one that was killed: we are alone here
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            if owner[0] != os.geteuid():
                os.fchown(file.fileno(), *owner)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
