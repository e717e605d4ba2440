"""kill -9 of the real service at random moments, over the wire, on both databases (D1, D2, M5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres
from tests.soak.telling import SEED, telling
from tests.soak.wire_run import Run
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


@pytest.mark.timeout(1500)
def test_200_kills_on_sqlite(capsys: pytest.CaptureFixture[str]) -> None:
    with telling(capsys, "200 kills of the service on SQLite") as told, open_world() as world:
        report = Run(world, seed=SEED).play(200)
        told.came_to = report.line()
    wanted = {"booking", "cancelling", "charging", "refunding", "delivering"}
    assert wanted <= set(report.busy), report.busy


@pytest.mark.timeout(900)
def test_40_kills_on_postgresql(postgresql_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        telling(capsys, "40 kills of the service on PostgreSQL") as told,
        open_world(postgresql_url) as world,
    ):
        told.came_to = Run(world, seed=SEED + 1).play(40).line()
