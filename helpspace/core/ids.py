"""Where ids and tokens come from. An id grants nothing (A1); a token is a secret."""

from __future__ import annotations

import secrets
from typing import Protocol

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


class Randomness(Protocol):
    """A source of random bytes; tests pass a seeded one so that a run repeats exactly."""

    def bytes(self, count: int) -> bytes: ...


class SystemRandomness:
    """The operating system's own source."""

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)


class Ids:
    """Makes ids and tokens from one source of randomness."""

    def __init__(self, source: Randomness | None = None) -> None:
        self._source: Randomness = source or SystemRandomness()

    def new(self) -> str:
        """Return a new id: 12 characters of `a-z2-7`, 60 random bits."""
        return self._text(12)

    def token(self) -> str:
        """Return a secret for links: 26 characters of `a-z2-7`, 130 random bits."""
        return self._text(26)

    def nonce(self, count: int) -> bytes:
        """Return raw random bytes."""
        return self._source.bytes(count)

    def _text(self, length: int) -> str:
        return as_text(self._source.bytes(length))


def as_text(raw: bytes) -> str:
    """Return bytes as characters of `a-z2-7`, five bits of each byte."""
    return "".join(_ALPHABET[byte & 31] for byte in raw)
