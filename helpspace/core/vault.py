"""Encryption of personal fields (D7), with a key kept apart from the store."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from helpspace.core.errors import SettingsFault, StoreFault
from helpspace.core.ids import Ids, as_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Vault:
    """Seals and opens personal fields; each is bound to the name of its column.

    Sealing is AES-256-GCM with a random nonce; `digest` is a keyed BLAKE2b for look-up. Each use
    has a key of its own, derived from the one in the key file, so that none can weaken another.
    """

    def __init__(self, key: bytes, ids: Ids | None = None) -> None:
        if len(key) != 32:
            raise SettingsFault(
                "The key file is damaged", "Put the right one back from safe keeping."
            )
        self._key = key
        self._ids = ids or Ids()

    def __repr__(self) -> str:
        return "Vault()"

    @cached_property
    def _cipher(self) -> AESGCM:
        # Imported late: many commands touch no personal field and start quicker without it.
        AESGCM = _aesgcm()  # noqa: N806 - a class

        return AESGCM(self._derive(b"seal"))

    @cached_property
    def _digest_key(self) -> bytes:
        return self._derive(b"digest")

    @cached_property
    def _token_key(self) -> bytes:
        return self._derive(b"token")

    def _derive(self, purpose: bytes) -> bytes:
        return hmac.digest(self._key, b"helpspace/1/" + purpose, "sha256")

    def seal(self, text: str, column: str) -> bytes:
        """Encrypt text for a column such as "client.name"."""
        return self.seal_bytes(text.encode(), column)

    def seal_bytes(self, content: bytes, name: str) -> bytes:
        """Encrypt a file's content for its name, such as "document.<id>"."""
        nonce = self._ids.nonce(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def open(self, sealed: bytes | memoryview, column: str) -> str:
        """Decrypt what `seal` made for the same column; a wrong key is told in one line."""
        try:
            return self.open_bytes(sealed, column).decode()
        except UnicodeDecodeError:
            raise StoreFault from None

    def open_bytes(self, sealed: bytes | memoryview, name: str) -> bytes:
        """Decrypt what `seal_bytes` made for the same name."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - slow to load

        raw = bytes(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise StoreFault(
                "The key does not fit this store",
                "Set HELPSPACE_KEY_FILE to the key it was made with.",
            ) from None

    def digest(self, text: str, column: str) -> str:
        """Return the keyed hash under which a value of a column is looked up: 32 hex digits."""
        raw = column.encode() + b"\0" + text.encode()
        return hashlib.blake2b(raw, key=self._digest_key, digest_size=16).hexdigest()

    def token(self, text: str, purpose: str) -> str:
        """Return the secret that stands for a text, the same each time: 130 bits as `Ids.token`.

        Nothing of it is stored, and who has only a copy of the store cannot make it (D7).
        """
        raw = purpose.encode() + b"\0" + text.encode()
        return as_text(hmac.digest(self._token_key, raw, "sha256")[:26])


def _aesgcm() -> type[AESGCM]:
    """Return the cipher, if possible without the modules of all the others beside it."""
    try:
        from cryptography.hazmat.bindings._rust import openssl  # noqa: PLC0415 - slow to load

        cipher: type[AESGCM] = openssl.aead.AESGCM
    except (ImportError, AttributeError):  # it has moved: take the official way, which is longer
        from cryptography.hazmat.primitives.ciphers import aead  # noqa: PLC0415 - slow to load

        return aead.AESGCM
    return cipher


def read_or_make_key(path: Path, *, make: bool = True) -> bytes:
    """Return the key in a file, making file and folder when there is none.

    Raises SettingsFault when the file is readable by others (A5) or is no key.
    """
    try:
        with path.open("rb") as handle:
            if stat.S_IMODE(os.fstat(handle.fileno()).st_mode) & 0o077:
                raise SettingsFault(
                    f"The key file {path} can be read by others", f"Run: chmod 600 {path}"
                )
            text = handle.read(200)
    except FileNotFoundError:
        if not make:
            raise SettingsFault(
                f"There is no key file at {path}",
                "Set HELPSPACE_KEY_FILE to the store's key; for a new store, run `helpspace init`.",
            ) from None
        return _make_key(path)
    except OSError as error:
        raise SettingsFault(
            f"The key file {path} cannot be read ({error.strerror})", "Set HELPSPACE_KEY_FILE."
        ) from None
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise SettingsFault(
            f"The key file {path} is damaged", "Put the right one back from safe keeping."
        ) from None


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = os.urandom(32)
    # Written whole under another name first, so that a crash or a second process never sees half.
    draft = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(base64.b64encode(key) + b"\n")
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return read_or_make_key(path)
    finally:
        draft.unlink()
    return key
