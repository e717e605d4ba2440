"""The state machine over the core, on both databases, with its duty to cover (B, M, N)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests import postgres
from tests.core.machine import OWING, SEEN, Machine

MUST_HAVE_HAPPENED = (
    "initial", "follow_up", "held", "booked from a hold", "card without a booking", "fee 0",
    "inside 48 h", "last slot taken", "slot booked again", "refused", "cancelled by therapist",
    "cancelled late", "cancelled free", "cancelled at the edge", "cancelled after it was paid",
    "cancelled while a charge is in flight", "died in between", "died between effect and record",
    "reminded", "completed", "hold expired", "lost before", "lost after", "saved failure", "busy",
    "payment paid", "payment refunded", "payment failed", "payment none",
)  # fmt: skip
"""Walks that lack one of these prove too little, however green (invariants, section 6)."""


PAYING = (
    "tapped", "tapped in vain", "given the bank's page", "approved on the page",
    "refused on the page", "died in a tap", "lost before", "lost after", "saved failure", "busy",
    "cancelled by therapist", "cancelled late", "payment paid", "payment refunded",
    "payment failed", "payment needs_approval",
)  # fmt: skip
"""The same where fees are unpaid and their clients tap to pay them (M6)."""


def settings(examples: int, steps: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


@pytest.fixture
def on_sqlite(sqlite_template: Path) -> Iterator[Callable[[], Machine]]:
    """Makes machines, each on a store of its own."""
    with tempfile.TemporaryDirectory(dir=postgres.quick_folder()) as name:
        numbers = count(1)

        def machine() -> Machine:
            path = Path(name) / f"{next(numbers)}.db"
            shutil.copy(sqlite_template, path)
            path.chmod(0o600)
            return Machine(f"sqlite:///{path}")

        yield machine


@pytest.fixture
def on_postgresql(postgresql_store: postgres.Wiped) -> Callable[[], Machine]:
    """Makes machines, one after another on the same store."""

    def machine() -> Machine:
        postgresql_store.wipe()
        return Machine(postgresql_store.url)

    return machine


def test_the_machine_on_sqlite(on_sqlite: Callable[[], Machine]) -> None:
    run_state_machine_as_test(on_sqlite, settings=settings(25, 40))


def test_the_machine_on_postgresql(on_postgresql: Callable[[], Machine]) -> None:
    run_state_machine_as_test(on_postgresql, settings=settings(5, 25))


def test_everything_that_matters_has_happened(on_sqlite: Callable[[], Machine]) -> None:
    SEEN.clear()
    for seed in range(14):
        machine = on_sqlite()
        try:
            machine.walk(seed, 70)
        finally:
            machine.teardown()
    assert [thing for thing in MUST_HAVE_HAPPENED if not SEEN[thing]] == []


def test_everything_about_paying_has_happened(on_sqlite: Callable[[], Machine]) -> None:
    SEEN.clear()
    for seed in range(16):
        machine = on_sqlite()
        try:
            machine.falls_behind(("ask", "insufficient_funds")[seed % 2])
            machine.walk(seed, 40, OWING)
        finally:
            machine.teardown()
    assert [thing for thing in PAYING if not SEEN[thing]] == []
