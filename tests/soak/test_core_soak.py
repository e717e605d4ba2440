"""The long figures of the core: kills at random moments, many races, many steps (`make soak`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests.core.machine import Machine
from tests.core.test_machine import on_postgresql, on_sqlite, settings
from tests.core.test_machine_moves import lives
from tests.makers import ON_POSTGRESQL, ON_SQLITE
from tests.races import rounds
from tests.races.rival import rivals
from tests.soak.core_run import Run
from tests.soak.telling import SEED, telling

__all__ = ["on_postgresql", "on_sqlite"]


@ON_SQLITE
@pytest.mark.timeout(1500)
def test_d1_200_kills_on_sqlite(
    practice: Practice,
    clock: MovableClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with telling(capsys, "200 kills of the core on SQLite") as told:
        run = Run(practice, clock, tmp_path, seed=SEED)
        run.play(200)
        run.come_to_rest()
        told.came_to = run.came_to()
    killed_in = {act for act, _ in run.history.unknown}
    assert {"books", "cancels", "settles", "delivers"} <= killed_in


@ON_POSTGRESQL
@pytest.mark.timeout(900)
def test_d1_50_kills_on_postgresql(
    practice: Practice,
    clock: MovableClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with telling(capsys, "50 kills of the core on PostgreSQL") as told:
        run = Run(practice, clock, tmp_path, seed=SEED + 1)
        run.play(50)
        run.come_to_rest()
        told.came_to = run.came_to()


@pytest.mark.timeout(900)
def test_c4_20_races_of_50_for_one_slot(
    practice: Practice, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, f"20 races of 50 for one slot and 40 others on {backend}") as told:
        clients = rounds.crowd(practice, card=True)
        with rivals(practice, rounds.PROCESSES) as eight:
            for day in range(20):
                rounds.fifty_for_one_slot(practice, eight, clients, day)
            for day in range(20, 30):
                rounds.one_client_for_many_slots(practice, eight, day)
                rounds.therapist_against_client(practice, eight, day + 40)
                rounds.two_follow_ups_at_one_time(practice, eight, day)
                rounds.both_cancel(practice, eight, day)
        rounds.always(practice)
        told.came_to = "20 winners, 0 doubles, 0 overlaps"


@pytest.mark.timeout(1800)
def test_the_machine_for_many_steps_on_sqlite(
    on_sqlite: Callable[[], Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, "300 lives of up to 80 acts on SQLite") as told:
        run_state_machine_as_test(on_sqlite, settings=settings(300, 80))
        told.came_to = "every invariant held after each act"


@pytest.mark.timeout(1800)
def test_the_machine_for_many_steps_on_postgresql(
    on_postgresql: Callable[[], Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, "40 lives of up to 60 acts on PostgreSQL") as told:
        run_state_machine_as_test(on_postgresql, settings=settings(40, 60))
        told.came_to = "every invariant held after each act"


@pytest.mark.timeout(1800)
def test_sessions_are_moved_missed_and_waived_in_many_lives(
    on_sqlite: Callable[[], Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, "100 lives of 120 acts on sessions that are booked") as told:
        for seed in range(1000, 1100):
            lives(on_sqlite(), seed, 120)
        told.came_to = "every invariant held after each act"
