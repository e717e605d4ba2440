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
from tests.makers import ON_POSTGRESQL, ON_SQLITE
from tests.races import rounds
from tests.races.rival import rivals
from tests.soak.core_run import Run

__all__ = ["on_postgresql", "on_sqlite"]


def play(practice: Practice, clock: MovableClock, folder: Path, kills: int) -> Run:
    run = Run(practice, clock, folder, seed=kills)
    run.play(kills)
    run.come_to_rest()
    return run


@ON_SQLITE
@pytest.mark.timeout(900)
def test_d1_200_kills_on_sqlite(
    practice: Practice,
    clock: MovableClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = play(practice, clock, tmp_path, 200)
    with capsys.disabled():
        print(f"\nSQLite: {run.told()}")
    killed_in = {act for act, _ in run.history.unknown}
    assert {"books", "cancels", "settles", "delivers"} <= killed_in


@ON_POSTGRESQL
@pytest.mark.timeout(600)
def test_d1_50_kills_on_postgresql(
    practice: Practice,
    clock: MovableClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = play(practice, clock, tmp_path, 50)
    with capsys.disabled():
        print(f"\nPostgreSQL: {run.told()}")


@pytest.mark.timeout(600)
def test_c4_20_races_of_50_for_one_slot(practice: Practice) -> None:
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


@pytest.mark.timeout(1800)
def test_the_machine_for_many_steps_on_sqlite(on_sqlite: Callable[[], Machine]) -> None:
    run_state_machine_as_test(on_sqlite, settings=settings(300, 80))


@pytest.mark.timeout(1800)
def test_the_machine_for_many_steps_on_postgresql(on_postgresql: Callable[[], Machine]) -> None:
    run_state_machine_as_test(on_postgresql, settings=settings(40, 60))
