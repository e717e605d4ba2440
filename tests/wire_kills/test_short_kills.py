"""The short form of `tests/soak/test_wire_kills.py`: six kills of the real service (D1, M5)."""

from __future__ import annotations

import pytest

from tests.soak.wire_run import Run
from tests.soak.wire_world import open_world


@pytest.mark.waits
@pytest.mark.timeout(300)
def test_six_kills_lose_nothing_and_take_nothing_twice() -> None:
    with open_world(therapists=2) as world:
        report = Run(world, seed=3, people=3).play(6)
    assert report.kills == 6
