"""Booking with one line in the calendar: shown before it counts, refused rather than guessed."""

from __future__ import annotations

import pytest

from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment
from helpspace.tui import messages
from helpspace.tui.screens.quick_add import QuickAddModal
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_b2_a_follow_up_is_booked_with_one_line(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("a")
        assert isinstance(stage.app.screen, QuickAddModal)
        await stage.press(*"tue 10:00 anna")
        await stage.fill("line", "tue 10:00 anna £70")
        assert "● Tue 10 Mar 10:00–10:50 Anna Karenina £70" in " ".join(stage.flat.split())
        assert "06:00 New York" in stage.flat
        assert_golden(stage.app, f"app_quick_add_{name}")
        await stage.press("enter")
        booked = stage.of(messages.FollowUpBooked)[0].session
        assert (booked.start, booked.fee_pence, booked.kind) == (at(8, 10), 7000, "follow_up")
        assert stage.said.startswith("Booked Tue 10 Mar 10:00–10:50 for Anna Karenina.")
        assert stage.pane.grid.cursor == at(8, 10)

    play(week, scene.therapist, walk, size)


def test_b8_a_series_is_booked_after_its_clashes_were_listed(week: Practice, scene: Scene) -> None:
    """The second week is taken; the clocks go forward before the fourth (C5)."""

    async def walk(stage: Stage) -> None:
        await stage.press("a", *"slot mon 16 mar 9", "enter")
        await stage.press("a", *"zoe mon 9 mar 9-9:50 x5")
        assert "None of your clients fits “zoe”" in stage.flat
        await stage.fill("line", "zoë 9 mar 10:00 x5")
        await stage.pilot.pause()
        assert "5 weeks, the last on Mon 6 Apr 10:00" in stage.flat
        await stage.fill("line", "anna mon 9 mar 9:30 x2 £60")
        text = stage.flat
        assert "1 of 2 weeks are booked, the last on Mon 16 Mar 09:30" in text
        assert "Not Mon 9 Mar:" in text
        await stage.fill("line", "zoë 9 mar 10:00 x5")
        await stage.press("enter")
        sessions = stage.of(messages.SeriesBooked)[0].sessions
        walls = [at(7, 10), at(14, 10), at(21, 10), at(28, 9), at(35, 9)]
        assert [one.start for one in sessions] == walls
        assert stage.said.startswith("Booked 5 sessions for Zoë O'Brien, from Mon 9 Mar")
        with week.reading() as view:
            rows = view.rows(Appointment.select().where(Appointment.start_at.in_(walls)))
        assert len(rows) == 5
        assert len({row.series for row in rows}) == 1

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("tue 10 t", "More than one client fits"),
        ("anna", "Which day?"),
        ("fri 9:10 sam", "Fri 6 Mar 09:00–09:50 is booked already"),
        ("mon 2 mar 2026 9:00 sam", "That time has passed"),
        ("tue 10 sam 5m", "A session has"),
        ("tue 10 sam x99", "A repeat has 1 to"),
        ("tue 10 sam £0.10", "A fee is £0, or from 30p"),
        ("[/b] \x1b]52;c;x tue 10", "None of your clients fits"),
    ],
)
def test_nothing_unclear_is_booked(week: Practice, scene: Scene, line: str, refusal: str) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("a")
        await stage.fill("line", line)
        await stage.press("enter")
        assert isinstance(stage.app.screen, QuickAddModal)
        assert refusal in stage.flat, stage.flat
        await stage.press("escape")

    assert not [
        one
        for one in play(week, scene.therapist, walk, SMALL)
        if isinstance(one, messages.FollowUpBooked | messages.SeriesBooked)
    ]
