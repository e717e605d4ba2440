"""A practice in the middle of its week, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.tui import scenes
from tests.tui.scenes import Scene


@pytest.fixture(scope="session")
def lived_in(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene]:
    """A store with the scene in it, and the scene."""
    path = tmp_path_factory.mktemp("scene") / "helpspace.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    clock = MovableClock(makers.NOW)
    practice = makers.practice_at(f"sqlite:///{path}", clock)
    scene = scenes.play(practice, clock)
    practice.store.close()
    return path, scene


@pytest.fixture
def scene(lived_in: tuple[Path, Scene]) -> Scene:
    """The people and sessions of the scene."""
    return lived_in[1]


@pytest.fixture
def week_clock() -> MovableClock:
    """A clock at Wednesday 4 March 2026, 11:12."""
    return MovableClock(scenes.WEDNESDAY)


@pytest.fixture
def week(
    lived_in: tuple[Path, Scene], tmp_path: Path, week_clock: MovableClock
) -> Iterator[Practice]:
    """A practice of its own with the scene in it."""
    path = tmp_path / "week.db"
    shutil.copy(lived_in[0], path)
    path.chmod(0o600)
    made = makers.practice_at(f"sqlite:///{path}", week_clock, seed=5)
    yield made
    made.store.close()


@pytest.fixture
def elsewhere(week: Practice) -> Iterator[Practice]:
    """A second practice on the same store, as another process would have it."""
    made = makers.beside(week, seed=6)
    yield made
    made.store.close()
