"""The folder of uploaded files: encrypted, under names that say nothing, 0600 in 0700 (D7, J3)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from helpspace.core.errors import HelpspaceError, NotFound
from helpspace.core.vault import Vault

YOUNG = 24 * 3600
"""Seconds for which a file that no row names may belong to an upload under way."""


class Box:
    """Keeps files by id; the content is bound to its id, so that none can stand for another."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def put(self, file_id: str, content: bytes) -> None:
        """Keep a file durably; it is there as a whole or not at all."""
        sealed = self._vault.seal_bytes(content, _name(file_id))
        draft = self._folder / f"{file_id}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(draft, flags, 0o600), "wb") as handle:
                handle.write(sealed)
                handle.flush()
                os.fsync(handle.fileno())
            draft.rename(self._folder / file_id)
            self._make_durable()
        except OSError as error:
            self.remove(draft.name)
            raise HelpspaceError(
                f"The file could not be kept ({error.strerror})", "Nothing was changed; try again."
            ) from None

    def get(self, file_id: str) -> bytes:
        """Return a file's content; NotFound when it is gone, StoreFault for another key."""
        try:
            sealed = (self._folder / file_id).read_bytes()
        except OSError:
            raise NotFound("The file is not there any more", "Ask for it again.") from None
        return self._vault.open_bytes(sealed, _name(file_id))

    def remove(self, file_id: str) -> None:
        """Let a file go; one that is not there is gone already."""
        with contextlib.suppress(OSError):
            (self._folder / file_id).unlink(missing_ok=True)

    def sweep(self, known: Iterable[str], now: float) -> int:
        """Remove what no row names, once it is a day old by the file's own time; count it."""
        keep, gone = set(known), 0
        if not self._folder.is_dir():
            return 0
        for path in self._folder.iterdir():
            if path.name not in keep and path.stat().st_mtime < now - YOUNG:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _make_durable(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _name(file_id: str) -> str:
    return f"document.{file_id}"
