"""A few kills at random moments of everything; `make soak` has 200 (D1, D2)."""

from __future__ import annotations

from pathlib import Path

from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests.makers import ON_SQLITE
from tests.soak.core_run import Run


@ON_SQLITE
def test_d1_nothing_acknowledged_is_lost(
    practice: Practice, clock: MovableClock, tmp_path: Path
) -> None:
    run = Run(practice, clock, tmp_path, seed=1)
    run.play(10)
    run.come_to_rest()
    assert len(run.history.ok) > 100
