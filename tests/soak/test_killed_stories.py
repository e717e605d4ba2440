"""Every story of money killed at each commit and each call, and gone on with (M3, M5, M9, D1)."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.races.killing import every_kill
from tests.races.stories import STORIES
from tests.soak.telling import telling


@pytest.mark.timeout(1800)
def test_m9_every_story_killed_at_each_moment_ends_the_same(
    sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, f"{len(STORIES)} stories of money, killed at each moment") as told:
        with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
            work = [pool.submit(every_kill, name, str(sqlite_template)) for name in STORIES]
            done = [one.result() for one in work]
        broken = [line for one in done for line in one.broken]
        assert not broken, "\n".join(broken[:10]) + f"\n{len(broken)} in all"
        kills, commits = (sum(one[i] for one in done) for i in (0, 1))
        calls = sum(len(one.calls) for one in done)
        assert kills == 2 * (commits + calls)
        told.came_to = (
            f"{kills} kills at {commits} commits and {calls} calls, each ended as without it"
        )
