"""The worlds of the neighbouring rooms: a therapist's week, a chat, the jobs, the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from tests import makers
from tests.bot.conftest import Scene as Chat
from tests.cli.conftest import bare, cli, environment  # noqa: F401 - fixtures
from tests.jobs.world import World
from tests.tui.conftest import lived_in, scene, week, week_clock  # noqa: F401 - fixtures


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite, or what a test names by indirect parametrisation."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def chat(store_url: str, clock: MovableClock) -> Iterator[Chat]:
    """A practice with a chat."""
    practice = makers.practice_at(store_url, clock, TELEGRAM_TOKEN=SANDBOX_KEY)
    yield Chat(practice, clock, TelegramSandbox(clock, pace=None))
    practice.store.close()


@pytest.fixture
def world(store_url: str, clock: MovableClock) -> Iterator[World]:
    """A practice whose gateways end in sandboxes."""
    made = World(store_url, clock)
    yield made
    made.close()
