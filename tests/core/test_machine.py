"""The state machine over the core, on both databases, with its duty to cover (B, M, N)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests import postgres
from tests.core.machine import SEEN, Machine

MUST_HAVE_HAPPENED = (
    "initial", "follow_up", "held", "fee 0", "inside 48 h", "last slot taken", "refused",
    "cancelled by therapist", "cancelled free", "completed", "reminded", "died in between",
    "lost before", "lost after", "saved failure", "busy", "payment paid", "payment none",
)  # fmt: skip
"""A run that lacks one of these proves too little, however green; `make soak` asks for more."""


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
def sqlite_stores(sqlite_template: Path) -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory(dir=postgres.quick_folder()) as name:
        yield sqlite_template, Path(name)


def test_the_machine_on_sqlite(sqlite_stores: tuple[Path, Path]) -> None:
    template, folder = sqlite_stores
    made = 0

    def machine() -> Machine:
        nonlocal made
        made += 1
        path = folder / f"{made}.db"
        shutil.copy(template, path)
        path.chmod(0o600)
        return Machine(f"sqlite:///{path}")

    SEEN.clear()
    run_state_machine_as_test(machine, settings=settings(30, 45))
    assert [thing for thing in MUST_HAVE_HAPPENED if not SEEN[thing]] == []


def test_the_machine_on_postgresql(postgresql_store: postgres.Wiped) -> None:
    def machine() -> Machine:
        postgresql_store.wipe()
        return Machine(postgresql_store.url)

    run_state_machine_as_test(machine, settings=settings(6, 25))
