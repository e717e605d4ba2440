"""The short form of `tests/soak/test_dialogue_kills.py`: the bot killed where it matters most."""

from __future__ import annotations

import pytest

from tests.soak.dialogue_run import Dialogues, some
from tests.soak.wire_world import open_world

DECISIVE = (
    "before commit book 1",
    "after commit book 1",
    "before commit cancel 1",
    "after commit cancel 1",
)


@pytest.mark.waits
def test_d1_killed_while_booking_or_cancelling_the_person_goes_on() -> None:
    """D1, A4a: nobody taps twice, what was shown is so, and nothing happens twice."""
    with open_world(therapists=1) as world:
        dialogues = Dialogues(world)
        points = dialogues.play().points
        assert set(DECISIVE) <= set(points)
        killed = [dialogues.play(point).killed for point in (*DECISIVE, *some(points, 2))]
    assert all(killed[: len(DECISIVE)])
    assert sum(killed) >= len(killed) - 1
