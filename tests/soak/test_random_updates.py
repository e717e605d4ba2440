"""A hundred thousand random updates: nothing breaks, nobody is stuck, nobody hears of another."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from tests import makers
from tests.bot import noise
from tests.bot.conftest import Scene
from tests.soak.telling import SEED, telling

LIVES, EACH = 50, 2000


@pytest.mark.timeout(3600)
def test_p1_a_hundred_thousand_random_updates(
    sqlite_template: Path, store_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P1, A1, A4a: fifty practices, each with its own chance."""
    met: Counter[str] = Counter()
    with telling(capsys, f"{LIVES * EACH} random updates") as told:
        for life in range(LIVES):
            path = store_folder / f"{life}.db"
            shutil.copy(sqlite_template, path)
            path.chmod(0o600)
            clock = MovableClock(makers.NOW)
            practice = makers.practice_at(f"sqlite:///{path}", clock, TELEGRAM_TOKEN=SANDBOX_KEY)
            scene = Scene(practice, clock, TelegramSandbox(clock, pace=None))
            met += noise.play(scene, SEED * 1000 + life, EACH).met
            practice.store.close()
            path.unlink()
        told.came_to = f"of {len(met)} kinds"
    assert sum(met.values()) == LIVES * EACH
