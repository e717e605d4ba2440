"""Who a call to Stripe is made for: a person who waits, or a sweep that has the night.

A sweep says so for its threads; everything else counts as somebody waiting and goes first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_here = threading.local()


Still = Callable[[], bool]
"""Says whether a sweep may still call: whether this process has the role of settling."""


def always() -> bool:
    """There is nothing to lose."""
    return True


@contextmanager
def sweeping(still: Still = always) -> Iterator[None]:
    """Let this thread's calls be a sweep's, made only while `still` says so."""
    before = getattr(_here, "still", None)
    _here.still = still
    try:
        yield
    finally:
        _here.still = before


def is_sweep() -> bool:
    """Say whether this thread's calls are a sweep's."""
    return getattr(_here, "still", None) is not None


def may_call() -> bool:
    """Say whether this thread may still call: a person's may, a sweep's while it has the role."""
    still = getattr(_here, "still", None)
    return still is None or bool(still())
