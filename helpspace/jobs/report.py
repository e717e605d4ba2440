"""What one run of a job did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Report:
    """How many things a run did, in words for the operator, and what went wrong as a code."""

    did: int
    words: str
    error: str | None = None


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 page", "3 pages"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
