"""Every pair of faults at the calls of the flows of money, then settled (M1–M10, M5)."""

from __future__ import annotations

import os
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.jobs.flows import FLOWS, Fault, Ground
from tests.jobs.weather import FAULTS, LOST, MORE_FAULTS, Call
from tests.postgres import quick_folder
from tests.soak.telling import telling

PROVOKED = ("^/v1/payment_intents$", "^/v1/customers$")
"""What only bad weather looks for: whether it was made, where the making was not answered."""

WORKERS = min(2, os.cpu_count() or 1)


def pairs(ground: Ground) -> list[tuple[Fault, Fault]]:
    """Two faults at two calls, or one after the other at the same."""
    made = {one.path for one in ground.calls if one.method == "POST"}
    points = [*ground.calls, *(Call("GET", path) for path in PROVOKED if path in made)]
    each = [(call, effect, LOST) for call in points for effect in FAULTS]
    return [
        (first, second)
        for first, second in product(each, each)
        if first[0] == second[0] or points.index(first[0]) < points.index(second[0])
    ]


def singles(ground: Ground) -> list[tuple[Fault]]:
    """Each fault alone, as often as the gateway repeats by itself, and much longer."""
    every = product(ground.calls, MORE_FAULTS, (1, 7))
    return [(fault,) for fault in every]


def live_through(name: str, template: Path, part: int) -> tuple[int, int, list[str]]:
    """Go through this worker's part of a flow's weathers: how many, how many struck, what broke."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        ground = Ground(name, template, Path(folder))
        every = [*singles(ground), *pairs(ground)]
        lived = struck = 0
        broken: list[str] = []
        for faults in every[part::WORKERS]:
            said = [f"{effect}×{times} at {call}" for call, effect, times in faults]
            try:
                found = ground.live(*faults)
            except AssertionError:
                broken.append(f"{name}: {said}: {traceback.format_exc(limit=-3)}")
                continue
            lived += 1
            struck += all(found.fired)
            if found.ended != ground.fair:
                broken.append(f"{name}: {said}: it ended {found.ended}")
        return lived, struck, broken


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FLOWS)
def test_m5_every_pair_of_faults(
    name: str, sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with telling(capsys, f"faults of “{name}”, alone and in pairs") as told:
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("forkserver")) as pool:
            work = [pool.submit(live_through, name, sqlite_template, i) for i in range(WORKERS)]
            done = [one.result() for one in work]
        broken = [line for _, _, lines in done for line in lines]
        assert not broken, "\n".join(broken[:20]) + f"\n{len(broken)} in all"
        lived, struck = (sum(one[i] for one in done) for i in (0, 1))
        told.came_to = f"{lived} weathers, {struck} of them with each fault met, all ended the same"
