"""The file of a backup: a ZIP of lines and sealed documents, with a manifest under the key.

`tables/NAME` holds a table's rows as lines, `files/ID` an uploaded document as it lies, encrypted.
`manifest` says what there must be, with a digest of every part; `seal` is its keyed hash.
The key is never in it (D7): a backup alone reveals nobody.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from helpspace.core.errors import HelpspaceError
from helpspace.core.store import migrate
from helpspace.core.store.init import mark_of
from helpspace.core.store.rows import Tally
from helpspace.core.vault import Vault

FORMAT = 1
_MOST = 64 * 1024 * 1024
"""Bytes of the longest manifest that is read."""
_CHUNK = 1024 * 1024
_ID = re.compile(r"[a-z0-9]{1,64}")
_TABLE = re.compile(r"[a-z_]{1,64}")


class Damaged(HelpspaceError):
    """A backup that is not what was written."""

    title = "The backup is damaged"
    hint = "Take another one; nothing was changed."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a backup: how long it is, and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table in a backup; `digest` is the sum over its rows."""

    part: Part
    columns: tuple[str, ...]
    rows: int
    digest: str


@dataclass(slots=True)
class Manifest:
    """What a backup says of itself. `made_at` is an instant in UTC epoch seconds.

    `store` is the store's own name, `key` the mark of the key it was sealed with, `missing` the
    documents that the store names and whose files were not there.
    """

    store: str
    key: str
    made_at: int
    migrations: list[str]
    serials: dict[str, int]
    tables: dict[str, TablePart] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(one.rows for one in self.tables.values())


def _seal_of(vault: Vault, manifest: bytes) -> str:
    return vault.digest(hashlib.sha256(manifest).hexdigest(), "backup.manifest")


class Writing:
    """Writes a backup part by part into an open file."""

    def __init__(self, handle: IO[bytes], manifest: Manifest) -> None:
        self._zip = zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED)
        self.manifest = manifest

    def table(self, name: str, columns: tuple[str, ...], lines: Iterable[bytes]) -> None:
        """Write a table's rows, each a line."""
        counted = Tally()

        def counting() -> Iterator[bytes]:
            for line in lines:
                counted.add(line)
                yield line

        part = self._write(f"tables/{name}", counting())
        self.manifest.tables[name] = TablePart(part, columns, counted.rows, counted.digest)

    def file(self, file_id: str, handle: IO[bytes]) -> None:
        """Write an uploaded document as it lies."""
        chunks = iter(lambda: handle.read(_CHUNK), b"")
        self.manifest.files[file_id] = self._write(f"files/{file_id}", chunks, packed=False)

    def finish(self, vault: Vault) -> None:
        """Write the manifest and its seal."""
        text = json.dumps({"format": FORMAT, **asdict(self.manifest)}, sort_keys=True).encode()
        self._write("manifest", [text])
        self._write("seal", [_seal_of(vault, text).encode()])
        self._zip.close()

    def give_up(self) -> None:
        """Let go of the file as it is, such as when the disk is full."""
        self._zip.fp = None

    def _write(self, name: str, chunks: Iterable[bytes], *, packed: bool = True) -> Part:
        # The same date in all of them: when it was made is for the manifest to say.
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o600 << 16
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        length, digest = 0, hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as part:
            for chunk in chunks:
                part.write(chunk)
                digest.update(chunk)
                length += len(chunk)
        return Part(length, digest.hexdigest())


class Archive:
    """A backup that was found whole, from this key, and not of a newer program.

    Raises Damaged, or a HelpspaceError for what else does not fit, each one line.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise HelpspaceError(
                f"The backup cannot be read ({error.strerror})", "Look at its name and its mode."
            ) from None
        except (zipfile.BadZipFile, ValueError, RuntimeError, struct.error):
            # A damaged byte may claim a later format of archives, or a name that is no text.
            raise Damaged("That is no backup of Helpspace, or a damaged one") from None
        try:
            self.manifest = self._manifest(vault)
            self._refuse_newer()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _manifest(self, vault: Vault) -> Manifest:
        text = b"".join(self._read("manifest", _MOST))
        seal = b"".join(self._read("seal", 1000)).decode("ascii", "replace")
        manifest, number = _understood(text)
        if manifest.key != mark_of(vault):
            raise HelpspaceError(
                "The key does not fit this backup",
                "Set HELPSPACE_KEY_FILE to the key of the store it was made from.",
            )
        if seal != _seal_of(vault, text):
            raise Damaged
        if number != FORMAT:
            raise _newer()
        return manifest

    def _refuse_newer(self) -> None:
        if set(self.manifest.migrations) - set(migrate.known()):
            raise _newer()

    def verify(self) -> None:
        """Read every part to its end and compare it with the manifest; raises Damaged."""
        for name in self.manifest.tables:
            for _ in self.lines(name):
                pass
        for file_id in self.manifest.files:
            for _ in self.chunks(file_id):
                pass

    def lines(self, table: str) -> Iterator[bytes]:
        """Give a table's lines; Damaged is raised at the end if they were not what was written."""
        rest = b""
        for chunk in self._checked(f"tables/{table}", self.manifest.tables[table].part):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in whole)
        if rest:
            raise Damaged

    def chunks(self, file_id: str) -> Iterator[bytes]:
        """Give a document as it lay."""
        yield from self._checked(f"files/{file_id}", self.manifest.files[file_id])

    def _checked(self, name: str, part: Part) -> Iterator[bytes]:
        digest, length = hashlib.sha256(), 0
        for chunk in self._read(name, part.bytes):
            digest.update(chunk)
            length += len(chunk)
            yield chunk
        if (length, digest.hexdigest()) != (part.bytes, part.sha256):
            raise Damaged

    def _read(self, name: str, most: int) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as part:
                left = most + 1
                while left > 0 and (chunk := part.read(min(_CHUNK, left))):
                    left -= len(chunk)
                    yield chunk
        except KeyError:
            raise Damaged from None
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error):
            raise Damaged from None


def _newer() -> HelpspaceError:
    return HelpspaceError("The backup is of a newer Helpspace", "Upgrade the program first.")


def _understood(text: bytes) -> tuple[Manifest, int]:
    """Return the manifest and the number of its format; raises Damaged for anything else."""
    try:
        said = json.loads(text)
        number = int(said.pop("format"))
        said["tables"] = {
            _named(_TABLE, name): TablePart(
                Part(**one["part"]), tuple(one["columns"]), int(one["rows"]), str(one["digest"])
            )
            for name, one in said["tables"].items()
        }
        said["files"] = {_named(_ID, name): Part(**one) for name, one in said["files"].items()}
        return Manifest(**said), number
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Damaged from None


def _named(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name):
        raise ValueError(name)
    return name
