"""A practice that has lived, made once and copied, and a backup of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpspace.core.keeping import backup, erased
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.core.keeping import kept
from tests.core.test_privacy import live
from tests.makers import TEAM


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, or what a test names by indirect parametrisation."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for backups and restored stores."""
    with kept.folder() as made:
        yield made


@pytest.fixture(scope="session")
def template(sqlite_template: Path) -> Iterator[Path]:
    """A folder with a lived-in store, its files, and a backup of it."""
    with kept.folder() as made:
        shutil.copy(sqlite_template, made / "x.db")
        (made / "x.db").chmod(0o600)
        clock = MovableClock(makers.NOW)
        practice = live(makers.practice_at(f"sqlite:///{made / 'x.db'}", clock), made / "files")
        kept.earn(practice, clock)
        backup.backup(practice, TEAM, made / "kept")
        practice.store.close()
        yield made


@pytest.fixture
def lived_in(template: Path, clock: MovableClock, folder: Path) -> Iterator[Practice]:
    """A practice in which people with telling names have done everything, money included.

    Its backups lie in the folder of the test.
    """
    clock.advance(4 * makers.DAY)
    with kept.folder() as made:
        shutil.copytree(template, made, dirs_exist_ok=True)
        practice = makers.practice_at(f"sqlite:///{made / 'x.db'}", clock, seed=3)
        with practice.change() as tx:
            tx.set_fact(erased.FOLDERS, json.dumps([str(folder)]))
        yield replace(practice, settings=replace(practice.settings, files=made / "files"))
        practice.store.close()


@pytest.fixture
def lived_in_anywhere(practice: Practice, clock: MovableClock, folder: Path) -> Practice:
    """The same on the database that the test names."""
    made = live(practice, folder / "its files")
    kept.earn(made, clock)
    return made


@pytest.fixture
def saved(template: Path, folder: Path) -> Path:
    """A backup of the practice that has lived, with its list."""
    for path in template.iterdir():
        if path.is_file() and not path.name.startswith("x.db"):
            shutil.copy(path, folder / path.name)
    return folder / "kept"


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty place on either database."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'new' / 'x.db'}"
        return
    databases = request.getfixturevalue("databases")
    name = databases.make()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
def empty_urls(
    backend: str, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], str]]:
    """Makes one empty place after another on the database that the test names."""
    made: list[str] = []

    def make() -> str:
        if backend == "sqlite":
            made.append("")
            return f"sqlite:///{folder / f'place{len(made)}' / 'x.db'}"
        databases = request.getfixturevalue("databases")
        made.append(databases.make())
        return str(databases.url(made[-1]))

    yield make
    for name in filter(None, made):
        request.getfixturevalue("databases").drop(name)
