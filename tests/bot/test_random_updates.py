"""Two thousand random updates (line 3 of what a trusted bot is; `make soak` has 100,000)."""

from __future__ import annotations

from tests.bot import noise
from tests.bot.conftest import Scene


def test_p1_random_updates_break_nothing_and_tell_nobody_of_another(scene: Scene) -> None:
    """P1, A1, A4a: no unhandled error, no stuck person, no foreign words in any reply."""
    met = noise.play(scene, 1, 2000).met
    assert sum(met.values()) == 2000
    # Each kind has happened, else the run says little.
    assert min(met[kind] for kind in ("tap", "press", "write", "send", "edit", "block", "group",
                                      "again", "raw", "card", "clear")) > 3  # fmt: skip
