"""One person sends ten thousand updates: the others hardly notice, and memory stays bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot import flood
from tests.bot.conftest import scene_at
from tests.soak.telling import telling

FLOOD = 10_000
MOST_MEMORY = 60_000_000
"""Bytes that may be in use at the worst moment; the stand-in's own record of calls is in it."""


@pytest.mark.timeout(900)
def test_a_flood_of_one_does_not_slow_the_others(
    sqlite_template: Path, store_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calm, loud = (scene_at(sqlite_template, store_folder / f"{at}.db") for at in range(2))
    with telling(capsys, f"{FLOOD} updates of one person beside {flood.OTHERS} others") as told:
        came = flood.measure(calm, loud, FLOOD, turns=12)
        told.came_to = came.words()
    for scene in (calm, loud):
        scene.practice.store.close()
    assert came.left > 0
    assert came.times < 2
    assert came.grown < MOST_MEMORY
