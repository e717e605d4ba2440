"""A small flood; `make soak` has the one of ten thousand, and looks at the clock (B1)."""

from __future__ import annotations

import time
from pathlib import Path

from helpspace.bot.lanes import CROWDED
from tests.bot import flood
from tests.bot.conftest import Scene, scene_at


def test_a_flood_leaves_the_others_their_answers_and_the_memory_bounded(
    scene: Scene, sqlite_template: Path, store_folder: Path
) -> None:
    """Everybody else is answered while the flood still waits; it lies in the store, not here."""
    calm = scene_at(sqlite_template, store_folder / "calm.db")
    began = time.monotonic()
    came = flood.measure(calm, scene, 600, turns=2)
    calm.practice.store.close()
    assert came.grown < 20_000_000
    assert came.left > 100, "the others should not have waited for the flood to end"
    # A tap before its turn is answered at once, but not four hundred of them.
    assert len(scene.sandbox.calls_of("answerCallbackQuery")) < 200
    # A crowd gets a turn a second: it takes nothing from the others.
    turns = (time.monotonic() - began) / CROWDED + 1
    assert len(scene.sandbox.calls_of("editMessageText")) <= turns
