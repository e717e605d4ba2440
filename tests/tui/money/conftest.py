"""A practice that has earned for a year, lived through once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.tui.money.lived import Year, live, moment


@pytest.fixture(scope="session")
def year_lived(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Year]:
    """A store with the year in it."""
    path = tmp_path_factory.mktemp("year") / "helpspace.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    clock = MovableClock(moment(2025, 5, 1))
    practice = makers.practice_at(f"sqlite:///{path}", clock)
    year = live(practice, clock)
    practice.store.close()
    return path, year


@pytest.fixture
def year(year_lived: tuple[Path, Year]) -> Year:
    """The people of the year."""
    return year_lived[1]


@pytest.fixture
def earned(
    year_lived: tuple[Path, Year], tmp_path: Path, week_clock: MovableClock
) -> Iterator[Practice]:
    """A practice of its own with the year in it, at Wednesday 4 March 2026, 11:12."""
    path = tmp_path / "year.db"
    shutil.copy(year_lived[0], path)
    path.chmod(0o600)
    made = makers.practice_at(f"sqlite:///{path}", week_clock, seed=5)
    yield made
    made.store.close()


@pytest.fixture
def elsewhere(earned: Practice) -> Iterator[Practice]:
    """A second practice on the same store, as another process would have it."""
    made = makers.beside(earned, seed=6)
    yield made
    made.store.close()
