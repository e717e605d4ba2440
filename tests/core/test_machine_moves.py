"""The state machine where sessions are moved, missed, waived and taken off (M9, M10, B8, C7)."""

from __future__ import annotations

from collections.abc import Callable

from tests.core.machine import MOVING, SEEN, Machine
from tests.core.test_machine import on_postgresql, on_sqlite

__all__ = ["on_postgresql", "on_sqlite"]

MOVED = (
    "moved by the client", "moved by the therapist", "moved by the client, paid",
    "moved by the therapist, paid", "moved onto its own time", "moved into the window",
    "moved and locked", "move while a charge is in flight", "waived, paid", "waived, unpaid",
    "missed from booked", "missed from completed", "reported", "report agreed", "report refused",
    "time off closed slots", "time off cancelled", "time off kept", "time off lifted", "series",
    "series with a clash", "series cancelled", "payment waived", "payment refunded",
)  # fmt: skip
"""Walks that lack one of these prove too little, however green (invariants, section 6)."""


def lives(machine: Machine, seed: int, steps: int) -> None:
    """Let chance act, in some lives after a charge that went well or was never answered."""
    try:
        if seed % 4 == 1:
            machine.falls_behind("ok")
        elif seed % 4 == 2:
            machine.hangs()
        machine.walk(seed, steps, MOVING)
    finally:
        machine.teardown()


def test_everything_about_moving_has_happened(on_sqlite: Callable[[], Machine]) -> None:
    SEEN.clear()
    for seed in range(14):
        lives(on_sqlite(), seed, 55)
    assert [thing for thing in MOVED if not SEEN[thing]] == []


def test_the_same_on_postgresql(on_postgresql: Callable[[], Machine]) -> None:
    for seed in (1, 2, 4):
        lives(on_postgresql(), seed, 30)
