"""The order of the tests: what takes longest comes first, so that no worker ends long after others.

`waits` marks tests that mostly wait for processes of their own; the first worker has them all, one
after the other, while the others keep the processors busy. `long` marks those that work for long;
each other worker begins with some of them. The rest stays in the order it came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def ordered(waiting: Sequence[T], long: Sequence[T], rest: Sequence[T], workers: int) -> list[T]:
    """Return all tests, as pytest-xdist's `worksteal` hands them out: to each worker an even part
    of the list, of which the others take from the end."""
    firsts = [list(waiting), *([] for _ in range(workers - 1))]
    others = firsts[1:] or firsts
    for at, one in enumerate(long):
        others[at % len(others)].append(one)
    left, others_left = len(waiting) + len(long) + len(rest), iter(rest)
    found: list[T] = []
    for at, first in enumerate(firsts):
        size = left // (workers - at)
        left -= size
        found += first
        found += [one for _, one in zip(range(size - len(first)), others_left, strict=False)]
    return [*found, *others_left]
