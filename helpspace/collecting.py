"""When Python looks for garbage."""

from __future__ import annotations

import gc

RARELY = 1_000_000
"""New objects between two looks while a process loads: commands end before a look would pay."""

STEADILY = 50_000
"""New objects between two looks of a process that goes on."""


def rarely() -> None:
    """Put off looking: imports alone would cause dozens of looks that find nothing."""
    gc.set_threshold(RARELY)


def steadily() -> None:
    """Look steadily from here on, and never again at what is loaded by now.

    Without this a look walks through every module now and then: a change of the week took up to
    85 ms of processor time, with it 35.
    """
    gc.freeze()
    gc.set_threshold(STEADILY)
