"""One person sends ten thousand updates: the others hardly notice, and memory stays bounded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from tests import makers
from tests.bot import flood
from tests.bot.conftest import Scene
from tests.soak.telling import telling

FLOOD = 10_000
MOST_MEMORY = 60_000_000
"""Bytes that may be in use at the worst moment; the stand-in's own record of calls is in it."""


@pytest.mark.timeout(900)
def test_a_flood_of_one_does_not_slow_the_others(
    sqlite_template: Path, store_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store_folder / "helpspace.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    clock = MovableClock(makers.NOW)
    practice = makers.practice_at(f"sqlite:///{path}", clock, TELEGRAM_TOKEN=SANDBOX_KEY)
    with telling(capsys, f"{FLOOD} updates of one person beside {flood.OTHERS} others") as told:
        came = flood.measure(
            Scene(practice, clock, TelegramSandbox(clock, pace=None)), FLOOD, rounds=60
        )
        told.came_to = (
            f"the others' median went from {came.before * 1000:.0f} to {came.during * 1000:.0f} ms,"
            f" memory grew by {came.grown / 1e6:.0f} MB"
        )
    practice.store.close()
    assert came.left > 0
    assert came.during < 2 * came.before
    assert came.grown < MOST_MEMORY
