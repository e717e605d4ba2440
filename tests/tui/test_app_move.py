"""Moving (M10), the same time next week (B2), a series cancelled (B8), and time off (C7)."""

from __future__ import annotations

import pytest

from helpspace.core import booking, time_off
from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.layout import Status
from helpspace.tui.screens.again import AgainModal
from helpspace.tui.screens.ask import CancelModal
from helpspace.tui.screens.move import MoveModal
from helpspace.tui.screens.off import LiftModal, OffModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = [("80x24", SMALL), ("140x40", LARGE)]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_m10_a_session_is_moved_by_the_cursor(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """Who asked is not guessed; the money is shown before Enter, and then done just so."""

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("m", "right", "right", "right", "enter")
        form = stage.app.screen
        assert isinstance(form, MoveModal)
        assert (form.day.value, form.clock.value) == ("Mon 9 Mar", "09:00")
        await stage.fill("day", "tue 10 mar")
        assert "Who asked for it?" in stage.flat
        await stage.press("enter")
        assert stage.app.screen is form
        await stage.fill("asked", "me")
        assert "refunded in full" in stage.flat
        await stage.fill("asked", "c")
        assert "moving opens no new free cancellation" in stage.flat
        assert_golden(stage.app, f"app_move_{name}")
        await stage.press("enter")
        moved = stage.of(messages.AppointmentMoved)[0].session
        assert (moved.id, moved.start) == (scene.friday, at(8, 9))
        assert stage.said.startswith("Moved to Tue 10 Mar 09:00–09:50: the fee stays paid")
        assert stage.pane.view.cursor == at(8, 9)

    play(week, scene.therapist, walk, size)


def test_m10_what_is_in_the_way_or_over_is_not_moved(week: Practice, scene: Scene) -> None:
    before = makers.snapshot(week)

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(0, 10))
        await stage.press("m")
        assert "can no longer be moved" in stage.said
        await stage.go(scene.open_slot)
        await stage.press("m")
        assert "There is no session here" in stage.said
        await stage.go(scene.friday)
        await stage.press("m", "escape")
        assert stage.said == "It stays where it is."
        await stage.press("m", "m")
        await stage.fill("asked", "me")
        assert "It is at that time already" in stage.flat
        await stage.fill("time", "9:50")
        await stage.press("enter")
        assert "booked already" in stage.said
        await stage.press("escape")
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_b2_the_same_time_next_week(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.paid)
        await stage.press("n")
        assert isinstance(stage.app.screen, AgainModal)
        assert "Thu 12 Mar 10:00–10:50" in stage.flat
        assert_golden(stage.app, f"app_again_{name}")
        await stage.press("n")
        assert not stage.of(messages.FollowUpBooked)
        await stage.press("n", "y")
        booked = stage.of(messages.FollowUpBooked)[0].session
        assert (booked.start, booked.client_id) == (at(10, 10), scene.anna.id)
        await stage.go_to(at(5, 9))
        await stage.press("n")
        assert "There is no session here" in stage.said

    play(week, scene.therapist, walk, size)


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_b8_this_one_or_this_and_later_ones(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    me, sam = scene.therapist, scene.sam
    series = booking.plan_series(week, me, me.id, sam.id, at(12, 10), 4)
    made = booking.book_series(week, me, me.id, sam.id, at(12, 10), 4, accept=series.free)

    async def walk(stage: Stage) -> None:
        await stage.go_to(made[1].start)
        await stage.press("x")
        assert isinstance(stage.app.screen, CancelModal)
        assert "l this and 2 later" in stage.flat
        assert_golden(stage.app, f"app_cancel_series_{name}")
        await stage.press("l")
        endings = stage.of(messages.SeriesCancelled)[0].endings
        assert [one.appointment_id for one in endings] == [one.id for one in made[1:]]
        assert stage.said.startswith("Cancelled 3 sessions, from Sat 21 Mar 10:00")
        await stage.go_to(made[0].start)
        await stage.press("x")
        assert "later" not in stage.flat
        await stage.press("l")
        assert isinstance(stage.app.screen, CancelModal)

    play(week, scene.therapist, walk, size)


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_c7_time_off_lists_what_it_hits_then_takes_it_and_lifts_it(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(4, 8))
        await stage.press("o")
        form = stage.app.screen
        assert isinstance(form, OffModal)
        assert "Cancel these sessions, or keep them?" in stage.flat
        await stage.press("enter")
        assert stage.app.screen is form
        await stage.fill("last", "sun 8 mar")
        await stage.fill("sessions", "cancel")
        assert "goes back in all" in stage.flat
        assert_golden(stage.app, f"app_time_off_{name}")
        await stage.press("down", "enter")
        taken = stage.of(messages.TimeOffTaken)[0].taken
        assert (len(taken.closed), len(taken.cancelled)) == (2, 3)
        assert (taken.time_off.start, taken.time_off.end) == (at(4, 0), at(7, 0))
        assert "3 sessions cancelled" in stage.said
        assert pane.view.chosen is not None
        assert pane.view.chosen.status is Status.TIME_OFF
        assert_golden(stage.app, f"app_in_time_off_{name}")
        await stage.press("3")
        assert "≈ time off" in stage.text
        await stage.press("o")
        assert isinstance(stage.app.screen, LiftModal)
        await stage.press("y")
        assert stage.said.startswith("Lifted")
        assert not time_off.listed(week, scene.therapist, scene.therapist.id)

    play(week, scene.therapist, walk, size)


def test_c7_hours_of_a_marked_range_and_sessions_that_stay(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(4, 8))
        await stage.press(*["J"] * 4, "o")
        form = stage.app.screen
        assert isinstance(form, OffModal)
        assert form.hours.value == "08:00-10:30"
        await stage.fill("sessions", "k")
        await stage.press("enter")
        taken = stage.of(messages.TimeOffTaken)[0].taken
        assert (taken.time_off.start, taken.time_off.end) == (at(4, 8), at(4, 10, 30))
        assert scene.friday in taken.kept

    play(week, scene.therapist, walk)
