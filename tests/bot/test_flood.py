"""A small flood; `make soak` has the one of ten thousand, and looks at the clock (B1)."""

from __future__ import annotations

from tests.bot import flood
from tests.bot.conftest import Scene


def test_a_flood_leaves_the_others_their_answers_and_the_memory_bounded(scene: Scene) -> None:
    """Everybody else is answered while the flood still waits; it lies in the store, not here."""
    came = flood.measure(scene, 600, rounds=5)
    assert came.grown < 20_000_000
    assert came.left > 100, "the others should not have waited for the flood to end"
