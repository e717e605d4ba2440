"""Names that look like commands to a machine, and what must be true of every text that has one.

A name reaches the surfaces in two ways: as people type it, cleaned by the core, and `raw`, as if it
had got into the store past every cleaning, so that each surface has to defend itself (A3).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from helpspace.core.ids import Ids
from helpspace.core.plain import plain
from helpspace.core.practice import Practice
from helpspace.core.vault import Vault
from tests import makers

NAMES = (
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;aGVsbG8=\x07Eve",
    "=1+1",
    "<b>",
    "Zoë O'Brien",
    "محمد",
)

WORSE = (
    "Eve\r\nBcc: all@example.org\r\n\r\n<script>",
    "\x1b]8;;https://evil.example\x1b\\Eve\x1b]8;;\x1b\\",
    "\x9b31mEve\u202e\u2066\ufeff\x00",
    "{{ 7*7 }}{% raw %}&amp;$primary",
    "Eve;X-A=1:b,c\\nBEGIN:VALARM",
)
"""Further names that only raw rows can hold in this shape."""

JOINERS = {"\u200c", "\u200d"}

NAMED = ("client.name", "therapist.name")
TEXTS = (*NAMED, "therapist.contact", "therapist.headline", "therapist.about", "audit.why")
"""Columns of free text."""


class Poisoned(Vault):
    """A vault in which every free text of every row is `name`, as a raw row would have it."""

    def __init__(self, key: bytes, ids: Ids, columns: tuple[str, ...] = TEXTS) -> None:
        super().__init__(key, ids)
        self.columns = columns
        self.name = ""

    def open(self, sealed: bytes | memoryview, column: str) -> str:
        """Return what is sealed, or the name where people write freely."""
        text = super().open(sealed, column)
        return self.name if column in self.columns else text


def poisoned(practice: Practice, columns: tuple[str, ...] = TEXTS) -> tuple[Practice, Poisoned]:
    """Return a practice on the same store whose rows all bear the vault's name."""
    vault = Poisoned(makers.KEY, practice.ids, columns)
    return replace(practice, vault=vault), vault


def shown(name: str) -> str:
    """Return a name as every surface has to show it."""
    return plain(name)


def harmless(text: str, *, allowed: str = "\n") -> None:
    """Refuse every control, format, surrogate and private-use character."""
    bad = {
        character
        for character in text
        if unicodedata.category(character)[0] == "C" and character not in JOINERS | set(allowed)
    }
    assert not bad, (bad, text)


def texts(document: Any) -> Iterator[str]:
    """Give every text in a JSON document."""
    if isinstance(document, dict | list):
        for value in document.values() if isinstance(document, dict) else document:
            yield from texts(value)
    elif isinstance(document, str):
        yield document
