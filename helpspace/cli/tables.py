"""Plain tables and lists of facts for a terminal; foreign text is cleaned on its way out (A3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from helpspace.core.plain import plain

GAP = "  "
LEAST = 6
"""The narrowest a column is cut down to."""
LONGEST_CELL = 200

_UNUSUAL = re.compile(r"[^\x00-\u02ff]")


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return len(text) + sum(map(_beyond_one, _UNUSUAL.findall(text)))


@lru_cache(maxsize=4096)
def _beyond_one(character: str) -> int:
    """Return how many columns more than one a character takes: 1 for wide ones, -1 for marks."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return -1
    return int(unicodedata.east_asian_width(character) in "WF")


def fitted(text: str, width: int) -> str:
    """Return a text cut to a width, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept = ""
    for character in text:
        if width_of(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None
) -> list[str]:
    """Return the lines of a table; the widest columns but the first give way to a width."""
    cells = [[_clean(cell) for cell in row] for row in rows]
    cells.insert(0, list(headings))
    widths = [max(width_of(row[at]) for row in cells) for at in range(len(headings))]
    if width is not None:
        _narrow(widths, width - len(GAP) * (len(widths) - 1))
    return [_line(row, widths) for row in cells]


def _clean(cell: str) -> str:
    # Nothing that is printable moves the cursor, reverses the line or hides.
    if cell.isprintable() and len(cell) <= LONGEST_CELL:
        return cell or "–"
    return plain(cell, LONGEST_CELL) or "–"


def _narrow(widths: list[int], room: int) -> None:
    while sum(widths) > room:
        # The first column holds the id, which is of no use when it is cut.
        widest = max(range(1, len(widths)), key=widths.__getitem__, default=0)
        if widest == 0 or widths[widest] <= LEAST:
            return
        widths[widest] -= 1


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    parts = []
    for cell, width in zip(row, widths, strict=True):
        text = fitted(cell, width)
        parts.append(text + " " * (width - width_of(text)))
    return GAP.join(parts).rstrip()


def facts(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the lines of a list of names and values, aligned."""
    widest = max((width_of(name) for name, _ in pairs), default=0)
    return [f"{name}{' ' * (widest - width_of(name))}{GAP}{_clean(value)}" for name, value in pairs]
