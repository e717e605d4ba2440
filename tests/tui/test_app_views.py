"""Day, week, month, agenda: one cursor, the same keys, the same panels, and what others change."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest

from helpspace.core import calendar, moments, terminal
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.tui import messages
from helpspace.tui.actions import Under
from helpspace.tui.screens.ask import CancelModal
from helpspace.tui.screens.date import DateModal
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.quick_add import QuickAddModal
from helpspace.tui.screens.session import OpenedModal
from helpspace.tui.screens.slot import SlotModal
from helpspace.tui.widgets.agenda_view import AgendaView
from helpspace.tui.widgets.month_view import MonthView
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = [("80x24", SMALL), ("140x40", LARGE)]
KEYS = {"day": "1", "week": "2", "month": "3", "agenda": "4"}


@pytest.mark.parametrize(("name", "size"), SIZES)
@pytest.mark.parametrize("form", ["day", "month", "agenda"])
def test_each_view(
    week: Practice, scene: Scene, form: str, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press(KEYS[form])
        assert stage.pane.view.chosen is not None
        assert stage.pane.view.chosen.id == scene.friday
        assert_golden(stage.app, f"view_{form}_{name}")

    play(week, scene.therapist, walk, size)


def test_the_cursor_keeps_its_instant_and_focus_follows(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        for instant in (at(4, 9, 50), at(5, 13, 30), at(40, 8)):
            await stage.press("2")
            await stage.go_to(instant)
            for key in "314213241":
                await stage.press(key)
                assert pane.view.cursor == instant, key
                assert stage.app.focused is pane.view
                assert moments.local_date(instant, "Europe/London").year == 2026
                assert pane.view.span[0] <= instant < pane.view.span[1]

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("form", list(KEYS))
def test_the_keys_mean_the_same_everywhere(week: Practice, scene: Scene, form: str) -> None:
    """Only Enter in a month does something else: it opens the day."""

    async def walk(stage: Stage) -> None:
        pane, app = stage.pane, stage.app
        await stage.go(scene.to_come)
        await stage.press(KEYS[form])
        panels = {"f": FollowUpModal, "a": QuickAddModal, "x": CancelModal, "g": DateModal}
        for key, kind in panels.items():
            await stage.press(key)
            assert isinstance(app.screen, kind), key
            await stage.press("escape")
            assert app.focused is pane.view
        await stage.press("left_square_bracket")
        assert pane.view.cursor == at(-3, 14)
        await stage.press("right_square_bracket", "right_square_bracket")
        assert pane.view.cursor == at(11, 14)
        await stage.press("s")
        assert isinstance(app.screen, SlotModal)
        assert app.screen.day.value == "Fri 13 Mar"
        await stage.press("escape", "g", *"25 oct", "enter")
        assert moments.show(pane.view.cursor, "Europe/London") == "Sun 25 Oct 14:00"
        await stage.press("t")
        assert pane.view.cursor == at(2, 11)
        pane.view.move_cursor_to(at(4, 14))
        await stage.settle()
        assert pane.under is Under.SESSION
        await stage.press("enter")
        if form == "month":
            assert pane.view is pane.grid
            assert pane.title._week == "Friday 6 March 2026"
            assert pane.view.cursor == at(4, 14)
        else:
            assert isinstance(app.screen, OpenedModal)

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("form", ["month", "agenda"])
def test_what_others_do_is_seen_and_the_cursor_stays(
    week: Practice, elsewhere: Practice, scene: Scene, form: str
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press(KEYS[form])
        makers.open_slot(elsewhere, scene.therapist, at(5, 18))
        stage.pane.check_store()
        await stage.settle()
        assert stage.of(messages.CalendarReloaded)
        assert "18:00" in stage.text
        assert stage.pane.view.chosen is not None
        assert stage.pane.view.chosen.id == scene.friday
        assert stage.app.focused is stage.pane.view

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize("form", list(KEYS))
def test_names_are_dots_in_every_view(week: Practice, scene: Scene, form: str) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("asterisk", KEYS[form])
        for name in ("Sam", "Anna", "Karenina", "Newman", "李"):
            assert name not in stage.text
        assert "•••" in stage.text
        await stage.press("asterisk")
        assert "Sam" in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_the_view_is_remembered_for_each_therapist(week: Practice, scene: Scene) -> None:
    other = makers.add_therapist(week, "Bob")

    async def month(stage: Stage) -> None:
        assert stage.pane.view is stage.pane.grid
        await stage.press("3")

    async def still(stage: Stage) -> None:
        assert isinstance(stage.pane.view, MonthView)
        assert stage.app.focused is stage.pane.view
        assert "March 2026" in stage.text
        await stage.press("2")
        assert stage.pane.grid.week is not None
        assert stage.pane.grid.week.first == date(2026, 3, 2)

    async def usual(stage: Stage) -> None:
        assert stage.pane.view is stage.pane.grid

    play(week, scene.therapist, month)
    assert terminal.settings_of(week, scene.therapist).view == "month"
    play(week, other, usual)
    play(week, scene.therapist, still)
    play(week, scene.therapist, usual)
    with pytest.raises(Invalid):
        terminal.keep_view(week, scene.therapist, "fortnight")
    with pytest.raises(NotFound):
        terminal.keep_view(week, Actor.client(scene.sam.id), "day")


def test_the_agenda_reads_on_at_both_ends(week: Practice, scene: Scene) -> None:
    far, past = at(7 * 30 + 1, 10) - HOUR, at(-7 * 14, 0)

    async def walk(stage: Stage) -> None:
        makers.open_slot(week, scene.therapist, far)
        await stage.press("4")
        view = stage.pane.view
        assert isinstance(view, AgendaView)
        for _ in range(30):
            await stage.press("down")
            if view.cursor == far:
                break
        assert view.cursor == far
        assert "nothing" in stage.text
        assert view.days <= 7 * 40
        await stage.press("t")
        for _ in range(12):
            await stage.press("up")
        assert view.span[0] < past
        await stage.press("pagedown", "end", "home", "pageup")
        assert view.span[0] <= view.cursor < view.span[1]

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("form", ["day", "month", "agenda"])
def test_c5_the_days_of_the_clock_changes(week: Practice, scene: Scene, form: str) -> None:
    """The spring change has no 01:30, the autumn change two; the same wall time a week on."""

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        london = "Europe/London"
        await stage.go_to(moments.read_moment("2026-03-22T09:00", london))
        await stage.press(KEYS[form], "right_square_bracket")
        assert moments.show(pane.view.cursor, london) == "Sun 29 Mar 09:00"
        assert {"day": "forward 1 h", "month": "−1 h", "agenda": "forward 1 h"}[form] in stage.text
        pane.view.move_cursor_to(moments.read_moment("2026-03-22T01:30", london))
        await stage.settle()
        await stage.press("right_square_bracket")
        assert moments.show(pane.view.cursor, london) == "Sun 29 Mar 02:00"
        pane.view.move_cursor_to(moments.read_moment("2026-10-25T01:30Z", london))
        await stage.settle()
        assert {"day": "back 1 h", "month": "+1 h", "agenda": "back 1 h"}[form] in stage.text
        assert "01:30 GMT" in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_a_month_turns_by_pages_and_keeps_to_its_days(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(29, 9) - HOUR)  # Tue 31 March, BST
        await stage.press("3", "pagedown")
        assert "April 2026" in stage.text
        assert moments.show(pane.view.cursor, "Europe/London") == "Thu 30 Apr 09:00"
        await stage.press("pageup", "home", "up", "left")
        assert moments.show(pane.view.cursor, "Europe/London") == "Sun 22 Mar 09:00"
        await stage.press("end", "down", "down")
        assert "April 2026" in stage.text
        await stage.pilot.click(pane.title, offset=(pane.title._arrows[0], 0))
        assert "March 2026" in stage.text
        await stage.pilot.click(pane.view, offset=(45, 3), times=2)
        await stage.settle()
        assert pane.view is pane.grid
        assert pane.grid.week is not None
        assert pane.grid.week.days == 1

    play(week, scene.therapist, walk)


def test_a_full_day_counts_what_it_cannot_show(week: Practice, scene: Scene) -> None:
    calendar.open_slots(week, scene.therapist, scene.therapist.id, at(5, 8), minutes=50, weeks=1)
    for hour in range(9, 17):
        makers.open_slot(week, scene.therapist, at(5, hour))

    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 8))
        await stage.press("3")
        assert "○9" in stage.text
        assert "+8 more" in stage.text
        await stage.press("full_stop")
        assert stage.pane.view.cursor == at(5, 9)
        assert "09:00○" in stage.text

    play(week, scene.therapist, walk)


_LOADED = """
import sys
import helpspace.tui.app
print([name for name in sys.modules if name.endswith(("month_view", "agenda_view", ".face"))])
"""


def test_the_week_loads_no_other_view() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_days_are_as_long_as_they_are() -> None:
    """The spans of the views are days, also where one has 23 hours."""
    month = MonthView("Europe/London")
    month.place(0, None)
    month.show(month.first_of(date(2026, 3, 29)), [], 0)
    assert month.heading == "March 2026"
    assert month.span[1] - month.span[0] == 42 * DAY - HOUR


def test_the_agenda_shows_the_day_of_what_is_at_its_top(week: Practice, scene: Scene) -> None:
    """Also when the cursor came from below, and where the day began above what is in sight."""

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("4", *["end"] * 2, *["up"] * 30)
        for _ in range(12):
            day = stage.pane.view.day
            assert f"{day:%A} {day.day} {day:%B}" in stage.text
            await stage.press("down")
        view = stage.pane.view
        assert isinstance(view, AgendaView)
        for rows in range(1, 6):
            view._scroll(rows)
            await stage.settle()
            first = stage.text.splitlines()[1]
            assert re.match(r" (\w+day \d+ March|\w{3} \d+ \w{3} – )", first), first

    play(week, scene.therapist, walk, SMALL)
