"""Stores to measure on: SQLite files and databases of a PostgreSQL server, both with fsync on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

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
        self._databases: postgres.Databases | None = None
        self._made = 0

    def new(self, kind: str) -> str:
        """Return the URL of a store that is ready and empty."""
        if kind == "sqlite":
            url = f"sqlite:///{self._path()}"
        else:
            url = self._server.url(self._server.make())
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
        return self._server.url(self._server.make(template=name))

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

    @property
    def _server(self) -> postgres.Databases:
        if self._databases is None:
            url = self._stack.enter_context(postgres.server(fsync=True))
            self._databases = postgres.Databases(url)
            self._stack.callback(self._databases.close)
        return self._databases


@contextmanager
def open_stores() -> Iterator[Stores]:
    """Give a maker of stores; all of them are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="helpspace-bench-") as folder, ExitStack() as stack:
        yield Stores(Path(folder), stack)
