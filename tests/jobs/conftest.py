"""The outside for the jobs: real SDKs on sandboxes in this process, usually on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.world import World


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, or what a test names by indirect parametrisation."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def world(store_url: str, clock: MovableClock) -> Iterator[World]:
    """A practice whose gateways end in sandboxes."""
    made = World(store_url, clock)
    yield made
    made.close()


@pytest.fixture
def practice(world: World) -> makers.Practice:
    """The world's practice."""
    return world.practice
