"""Cleaning of foreign text (A3): applied when it is stored and again when it is shown."""

from __future__ import annotations

import unicodedata

_JOINERS = {"\u200c", "\u200d"}
"""Zero-width joiners: Persian, Hindi and emoji need them, so they stay (A3a)."""


def plain(text: str, limit: int = 80) -> str:
    """Return text as one harmless line of at most `limit` characters.

    NFC; no control, format, surrogate, private-use or unassigned characters except joiners; white
    space folded to single blanks.
    """
    text = text[: limit * 8]
    if text.isascii() and text.isprintable():
        # Most texts: nothing to take away, nothing to compose.
        return " ".join(text.split())[:limit].strip()
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category[0] == "Z" or character in "\t\n\r\v\f":
            kept.append(" ")
        elif category[0] != "C" or character in _JOINERS:
            kept.append(character)
    # Composed last: what stood between a letter and its accent may have gone.
    composed = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(composed.split())[:limit].strip()


def plain_lines(text: str, limit: int = 2000) -> str:
    """Return text of several lines, each cleaned by `plain`, at most `limit` characters in all."""
    lines = [plain(line, limit) for line in text[: limit * 8].splitlines()]
    return "\n".join(lines).strip()[:limit].strip()


def initials(name: str) -> str:
    """Return the initials of a name, as shown where others can see: "Zoë O'Brien" gives "Z. O."."""
    return " ".join(f"{part[0]}." for part in plain(name).split()[:3] if part)
