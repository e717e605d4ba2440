"""Stores to measure on: SQLite files and databases of a PostgreSQL server, both with fsync on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from helpspace.core.clock import Clock
from helpspace.core.practice import Practice
from helpspace.core.store.init import make_ready
from helpspace.sandbox.clock import MovableClock
from tests import postgres
from tests.makers import NOW, practice_at

KINDS = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Stores:
    """Makes stores in one temporary folder and on one server, which starts when first needed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._server: str | None = None
        self._made = 0

    def new(self, kind: str) -> str:
        """Return the URL of a store that is ready and empty."""
        url = f"sqlite:///{self._path()}" if kind == "sqlite" else self._database()
        practice = practice_at(url, MovableClock(NOW))
        make_ready(practice)
        practice.store.close()
        return url

    def copy(self, url: str) -> str:
        """Return the URL of a copy of a store that nobody has open."""
        if url.startswith("sqlite"):
            path = self._path()
            shutil.copy(url.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        name = url.partition("?")[0].rpartition("/")[2]
        return self._database(name)

    @contextmanager
    def practice(
        self, url: str, *, seed: int = 0, clock: Clock | None = None, **settings: str
    ) -> Iterator[Practice]:
        """Open a practice on a store, at the instant of the tests."""
        practice = practice_at(url, clock or MovableClock(NOW), seed=seed, **settings)
        try:
            yield practice
        finally:
            practice.store.close()

    def _path(self) -> Path:
        self._made += 1
        return self.folder / f"store{self._made}.db"

    def _database(self, template: str = "template1") -> str:
        if self._server is None:
            self._server = self._stack.enter_context(postgres.server(fsync=True))
        self._made += 1
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE bench{self._made} TEMPLATE {template}")
        return postgres.database_url(self._server, f"bench{self._made}")


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Give a maker of stores; all of them are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="helpspace-bench-") as folder, ExitStack() as stack:
        yield Stores(Path(folder), stack)
