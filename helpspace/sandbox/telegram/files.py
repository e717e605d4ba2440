"""The files that went through the chats: kept as bytes, found again by file_id."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from helpspace.sandbox.telegram import pictures
from helpspace.sandbox.telegram.decode import Upload
from helpspace.sandbox.telegram.errors import bad_request

Json = dict[str, Any]

PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
_SIDES_LIMIT = 10_000
_RATIO_LIMIT = 20
_SMALL_SIDE = 320


@dataclass(frozen=True)
class StoredFile:
    """One file at Telegram: its ids, its bytes, and what it may be sent as."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    data: bytes
    path: str

    def described(self) -> Json:
        """The fields that every file object of the Bot API has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }


class FileStore:
    """Every file that a bot or a person has sent; a file_id stays good for ever."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, upload: Upload) -> StoredFile:
        """Store bytes and give them an id that says nothing."""
        number = len(self._by_id) + 1
        unique = hashlib.sha256(upload.data).hexdigest()[:16]
        ending = re.sub(r"[^A-Za-z0-9]", "", upload.name.rpartition(".")[2])[:8] or "bin"
        stored = StoredFile(
            file_id=f"SANDBOX{kind[:2].upper()}{number:06d}{unique}",
            unique_id=f"AQ{unique}",
            kind=kind,
            name=upload.name,
            mime=upload.mime,
            data=upload.data,
            path=f"{kind}s/file_{number}.{ending}",
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file behind an id."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file behind a download path that getFile gave out."""
        return self._by_path.get(path)

    def accept(self, kind: str, source: object) -> StoredFile:
        """The file that a bot wants to send: new bytes, or one known by its id."""
        if isinstance(source, Upload):
            self._check_upload(kind, source)
            return self.keep(kind, source)
        text = str(source)
        if text.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        stored = self._by_id.get(text)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
        return stored

    def _check_upload(self, kind: str, upload: Upload) -> None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
            raise bad_request("file is too big")
        if kind != "photo":
            return
        found = pictures.size(upload.data)
        if found is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        short, long = sorted(found)
        if short < 1 or short + long > _SIDES_LIMIT or long > short * _RATIO_LIMIT:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")

    def photo_sizes(self, stored: StoredFile) -> list[Json]:
        """The sizes of a picture, smallest first; the last one is the picture itself."""
        width, height = pictures.size(stored.data) or (1, 1)
        full = {**stored.described(), "width": width, "height": height}
        longest = max(width, height)
        if longest <= _SMALL_SIDE:
            return [full]
        small = {
            "file_id": stored.file_id + "s",
            "file_unique_id": stored.unique_id + "s",
            "file_size": len(stored.data),
            "width": max(1, width * _SMALL_SIDE // longest),
            "height": max(1, height * _SMALL_SIDE // longest),
        }
        self._by_id.setdefault(stored.file_id + "s", stored)
        return [small, full]
