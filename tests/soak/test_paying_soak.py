"""The long figures of paying by tap: each pair of faults, many lives of unpaid fees (M5, M6)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from helpspace.core.moments import HOUR
from helpspace.core.store.tables import Attempt, Ledger
from helpspace.sandbox.clock import MovableClock
from tests.core.machine import OWING, Machine
from tests.core.test_machine import on_sqlite
from tests.jobs.owing import FAULTS, Owing
from tests.makers import NOW
from tests.postgres import quick_folder
from tests.soak.telling import SEED, telling

__all__ = ["on_sqlite"]

CALLS = {"look": ("GET", r"payment_intents/pi_\w+$"), "confirm": ("POST", "confirm$")}


@pytest.mark.timeout(1800)
def test_m5_every_pair_of_faults_of_the_approval(
    sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weather = list(product(product(CALLS, FAULTS), repeat=2))
    with telling(capsys, f"{len(weather)} pairs of faults of the approval") as told:
        for number, pair in enumerate(weather):
            with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
                path = Path(folder) / f"{number}.db"
                shutil.copy(sqlite_template, path)
                path.chmod(0o600)
                _live(f"sqlite:///{path}", pair)
        told.came_to = "each paid once"


def _live(url: str, pair: Any) -> None:
    world = Owing(url, MovableClock(NOW))
    try:
        world.sweep("stripe-events")
        world.begin()
        for call, effect in pair:
            method, path = CALLS[call]
            world.bank.faults.add(effect, method, path, times=3, seconds=25)
        world.tap_until_the_bank_asks()
        world.hear()
        world.settle(HOUR)
        assert world.word() == "paid", pair
        assert world.money() == (6000, 0), pair
        assert [row["kind"] for row in world.rows(Ledger)] == ["charge"], pair
        assert "unknown" not in {row["outcome"] for row in world.rows(Attempt)}, pair
    finally:
        world.close()


@pytest.mark.timeout(1800)
def test_m6_many_lives_of_unpaid_fees(
    on_sqlite: Callable[[], Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, "300 lives of unpaid fees of 60 acts on SQLite") as told:
        for number in range(300):
            machine = on_sqlite()
            try:
                machine.falls_behind(("ask", "insufficient_funds", "lost_card")[number % 3])
                machine.walk(SEED * 1000 + number, 60, OWING)
            finally:
                machine.teardown()
        told.came_to = "every invariant held after each act"
