"""Tables for spreadsheets in which no cell becomes a formula, whatever is in it (A3)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from helpspace.core.plain import plain

LONGEST = 500
"""Characters of a cell."""

_BEGINS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{2})?")


def safe_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula; plain numbers stay so."""
    cleaned = plain(text, LONGEST)
    if _NUMBER.fullmatch(cleaned) or not cleaned.startswith(_BEGINS):
        return cleaned
    return f"'{cleaned}"


def pounds_cell(pence: int) -> str:
    """Return pence as a number with two decimals, without a sign of currency: "-60.00"."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02d}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a CSV table with a line of headings; every cell is made safe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (headings, *rows):
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
