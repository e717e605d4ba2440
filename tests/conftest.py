"""Fixtures for every test: a clock that stands still, and a practice on each of the databases."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.store.init import make_ready
from helpspace.core.store.tables import TABLES
from helpspace.sandbox.clock import MovableClock
from tests import makers, postgres
from tests.frames import quicken
from tests.order import ordered

# Screens make and drop many small things; looking for cycles so often costs a tenth of the run.
gc.set_threshold(20_000, 20, 20)

quicken()

hypothesis.settings.register_profile(
    "test",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("soak", parent=hypothesis.settings.get_profile("test"))
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; the rest keeps the order that chance has given it."""
    kinds: dict[str, list[pytest.Item]] = {"waits": [], "long": [], "": []}
    for item in items:
        found = next((kind for kind in ("waits", "long") if item.get_closest_marker(kind)), "")
        kinds[found].append(item)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = ordered(kinds["waits"], kinds["long"], kinds[""], workers)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what `serve` sets up for its whole process: a log on this test's standard error."""
    root, ours = logging.getLogger(), logging.getLogger("helpspace")
    handlers, levels, hook = list(root.handlers), (root.level, ours.level), threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    threading.excepthook = hook


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is ready and empty, to be copied."""
    path = tmp_path_factory.mktemp("template") / "helpspace.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def databases() -> Iterator[postgres.Databases]:
    """A PostgreSQL server for this run, or this worker of it."""
    with postgres.server() as url:
        made = postgres.Databases(url)
        yield made
        made.close()


@pytest.fixture(scope="session")
def postgresql_store(databases: postgres.Databases) -> Iterator[postgres.Wiped]:
    """One ready store on PostgreSQL, wiped between the tests: that is 1 ms, a new one 200."""
    name = databases.make()
    _prepare(databases.url(name))
    store = postgres.Wiped(databases.url(name), [model._meta.table_name for model in TABLES])
    yield store
    store.close()
    databases.drop(name)


def _prepare(url: str) -> None:
    practice = makers.practice_at(url, MovableClock(makers.NOW))
    make_ready(practice)
    practice.store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database, so that a test runs on both."""
    return str(request.param)


@pytest.fixture
def store_folder() -> Iterator[Path]:
    """A folder for a SQLite store, in memory where there is room."""
    with tempfile.TemporaryDirectory(prefix="helpspace-", dir=postgres.quick_folder()) as name:
        yield Path(name)


@pytest.fixture
def empty_url(backend: str, store_folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without any table."""
    if backend == "sqlite":
        yield f"sqlite:///{store_folder / 'helpspace.db'}"
        return
    databases: postgres.Databases = request.getfixturevalue("databases")
    name = databases.make()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
def store_url(backend: str, store_folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a store that is ready and empty."""
    if backend == "sqlite":
        path = store_folder / "helpspace.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        yield f"sqlite:///{path}"
        return
    store: postgres.Wiped = request.getfixturevalue("postgresql_store")
    store.wipe()
    yield store.url


@pytest.fixture
def clock() -> MovableClock:
    """A clock at Monday 2 March 2026, 09:00, that only the test moves."""
    return MovableClock(makers.NOW)


@pytest.fixture
def practice(store_url: str, clock: MovableClock) -> Iterator[Practice]:
    """A practice with nobody in it."""
    made = makers.practice_at(store_url, clock)
    yield made
    made.store.close()


@pytest.fixture
def other(practice: Practice) -> Iterator[Practice]:
    """A second practice on the same store, as another process would have it."""
    made = makers.beside(practice)
    yield made
    made.store.close()


@pytest.fixture
def team() -> Actor:
    """Somebody of the team."""
    return makers.TEAM


@pytest.fixture
def therapist(practice: Practice) -> Actor:
    """A therapist who is ready to publish."""
    return makers.add_therapist(practice)


@pytest.fixture
def client(practice: Practice) -> Actor:
    """A client with a name, an address and a card."""
    return makers.add_client(practice)
