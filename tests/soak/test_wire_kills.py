"""kill -9 of the real service at random moments, over the wire, on both databases (D1, D2, M5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.soak.wire_run import Report, Run
from tests.soak.wire_world import open_world


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty database of a PostgreSQL server of its own."""
    with postgres.server() as maintenance:
        databases = postgres.Databases(maintenance)
        name = databases.make()
        yield databases.url(name)
        databases.drop(name)
        databases.close()


def _tell(report: Report, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{report.line(name)}\n{report.details()}")


@pytest.mark.timeout(1200)
def test_200_kills_on_sqlite(capsys: pytest.CaptureFixture[str]) -> None:
    with open_world() as world:
        report = Run(world, seed=1).play(200)
    _tell(report, "SQLite", capsys)
    wanted = {"booking", "cancelling", "charging", "refunding", "delivering"}
    assert wanted <= set(report.busy), report.busy


@pytest.mark.timeout(600)
def test_40_kills_on_postgresql(postgresql_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with open_world(postgresql_url) as world:
        report = Run(world, seed=2).play(40)
    _tell(report, "PostgreSQL", capsys)
