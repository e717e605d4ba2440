"""The two weeks in which the clocks change, with clients elsewhere, at night and back to back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpspace.core import accounts, moments
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR, LONDON, read_moment
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = [("80x24", SMALL), ("140x40", LARGE)]
ZONES = {"Ada York": "America/New_York", "Ravi Sen": "Asia/Kolkata"}
BACK_TO_BACK = {"Ben Ash": "T09:00", "Cleo Bay": "T09:50", "Dan Coe": "T10:40"}
"""Three of 50 minutes on the Friday, one after the other."""


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(makers.NOW)


@pytest.fixture
def practice(sqlite_template: Path, clock: MovableClock, tmp_path: Path) -> Iterator[Practice]:
    path = tmp_path / "helpspace.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    made = makers.practice_at(f"sqlite:///{path}", clock)
    yield made
    made.store.close()


def fill(
    practice: Practice, clock: MovableClock, sunday: str, night: dict[str, str]
) -> tuple[Actor, dict[str, int]]:
    """Fill the week that ends on a Sunday; return the therapist and when each session starts.

    `night` adds sessions on the Sunday, given as wall time, with an offset where it comes twice.
    """
    last = read_moment(f"{sunday}T12:00", LONDON)
    days = {n: moments.local_date(last - n * DAY, LONDON).isoformat() for n in range(7)}
    clock.move_to(read_moment(f"{days[6]}T08:20", LONDON) - 7 * DAY)
    therapist = makers.add_therapist(practice, notice_s=0)
    walls = {
        "Ada York": f"{days[5]}T15:00",
        "Ravi Sen": f"{days[4]}T09:30",
        "Eve Day": f"{days[3]}T23:30",
        "Finn Orr": f"{days[1]}T23:30",
        **{name: f"{days[2]}{time}" for name, time in BACK_TO_BACK.items()},
        **{name: f"{sunday}{time}" for name, time in night.items()},
    }
    starts = {name: read_moment(wall, LONDON) for name, wall in walls.items()}
    for name, start in starts.items():
        client = makers.add_client(practice, name)
        makers.acquaint(practice, therapist, client)
        if name in ZONES:
            accounts.set_zone(practice, client, ZONES[name])
        makers.follow_up(practice, therapist, client, start)
    clock.move_to(read_moment(f"{days[6]}T08:20", LONDON))
    return therapist, starts


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_c5_the_week_in_which_the_clocks_go_forward(
    practice: Practice, clock: MovableClock, name: str, size: tuple[int, int]
) -> None:
    """00:30 to 02:20 on the wall is 50 minutes; New York is four hours behind in that week."""
    night = {"Gil Ray": "T00:30", "Hana Lo": "T08:00"}
    therapist, starts = fill(practice, clock, "2026-03-29", night)

    async def walk(stage: Stage) -> None:
        await stage.go_to(starts["Gil Ray"])
        assert "Sun 29 Mar 00:30–02:20" in stage.flat
        assert "50 min" in stage.flat
        assert_golden(stage.app, f"forward_night_{name}")
        await stage.go_to(starts["Finn Orr"])
        assert "Sat 28 Mar 23:30–00:20" in stage.flat
        await stage.go_to(starts["Ada York"])
        assert "11:00 New York time" in stage.flat
        assert_golden(stage.app, f"forward_{name}")
        await stage.go_to(starts["Ravi Sen"])
        assert "15:00 Kolkata time" in stage.flat

    play(practice, therapist, walk, size)


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_c5_the_week_in_which_the_clocks_go_back(
    practice: Practice, clock: MovableClock, name: str, size: tuple[int, int]
) -> None:
    """Half past one comes twice and each has its session; New York is still at five hours."""
    night = {"Gil Ray": "T01:30+01:00", "Hana Lo": "T01:30+00:00"}
    therapist, starts = fill(practice, clock, "2026-10-25", night)
    assert starts["Hana Lo"] - starts["Gil Ray"] == HOUR

    async def walk(stage: Stage) -> None:
        await stage.go_to(starts["Gil Ray"])
        assert_golden(stage.app, f"back_night_{name}")
        await stage.go_to(starts["Hana Lo"])
        await stage.go_to(starts["Cleo Bay"])
        assert_golden(stage.app, f"back_{name}")
        await stage.go_to(starts["Ada York"])
        assert "10:00 New York time" in stage.flat
        await stage.go_to(starts["Ravi Sen"])
        assert "14:00 Kolkata time" in stage.flat

    play(practice, therapist, walk, size)
