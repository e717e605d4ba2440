"""The calendar grid as a person meets it: what is on the screen, what keys and mouse do."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from helpspace.tui import theme
from helpspace.tui.layout import Block, Status
from helpspace.tui.widgets.grid_messages import GridMessage
from helpspace.tui.widgets.grid_text import blurred, clean, fit
from helpspace.tui.widgets.week_grid import WeekGrid
from tests.tui.grid_keys import GRID_BINDINGS
from tests.tui.screen_text import assert_golden, screen_text

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)
SPRING = date(2026, 3, 23)
AUTUMN = date(2026, 10, 19)
SMALL, LARGE = (80, 24), (140, 40)


def at(day: date, hour: int, minute: int = 0, *, fold: int = 0) -> int:
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON, fold=fold)
    return int(local.timestamp())


def sample(monday: date) -> list[Block]:
    """A week with one of everything."""
    rows: list[tuple[int, int, int, int, Status, str, str]] = [
        (0, 9, 0, 50, Status.COMPLETED, "Anna Karenina", "£60 paid"),
        (0, 10, 0, 50, Status.NO_SHOW, "Ben Okafor", "£60 paid"),
        (0, 11, 0, 50, Status.COMPLETED, "Zoë O'Brien", "£45 paid"),
        (0, 14, 0, 50, Status.CANCELLED, "Dev Patel", "free"),
        (0, 14, 0, 50, Status.COMPLETED, "李小龙", "£60 paid"),
        (1, 10, 0, 50, Status.BOOKED, "Tom Hughes", "£60"),
        (1, 10, 50, 50, Status.BOOKED, "Maria Silva", "£60"),
        (1, 11, 40, 50, Status.UNPAID, "Jon Snow", "declined"),
        (2, 9, 30, 50, Status.HELD, "Someone new", "until 14:52"),
        (2, 10, 30, 50, Status.OPEN, "", ""),
        (2, 12, 0, 90, Status.BOOKED, "محمد", "£80"),
        (3, 9, 20, 50, Status.OPEN, "", ""),
        (3, 10, 10, 50, Status.OPEN, "", ""),
        (3, 13, 0, 25, Status.OPEN, "", ""),
        (3, 13, 25, 25, Status.BOOKED, "Kim", "£30"),
        (3, 23, 30, 60, Status.BOOKED, "Night Owl", "£60"),
        (4, 11, 0, 50, Status.BOOKED, "Grace Hopper", "£60"),
    ]
    blocks = []
    for n, (day, hour, minute, minutes, status, title, detail) in enumerate(rows):
        start = at(monday + timedelta(days=day), hour, minute)
        blocks.append(Block(f"b{n}", start, start + minutes * 60, status, title, detail))
    friday = monday + timedelta(days=4)
    saturday = friday + timedelta(days=1)
    blocks.append(Block("off", at(friday, 0), at(saturday, 0), Status.TIME_OFF, "Training day"))
    return blocks


class CountingGrid(WeekGrid, inherit_bindings=False):
    """A grid with keys of its own that remembers which of its lines it was asked for."""

    BINDINGS = GRID_BINDINGS

    drawn: list[int]

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class Calendar(App[None]):
    """The smallest app around a grid: it shows what is turned to, and keeps what it is told."""

    def __init__(
        self,
        first: date = MONDAY,
        blocks: list[Block] | None = None,
        *,
        now: int | None = None,
        zoom: int = 2,
        days: int = 7,
    ) -> None:
        super().__init__()
        for each in theme.themes():
            self.register_theme(each)
        theme.put_on(self, theme.DEFAULT_THEME)
        self.first = first
        self.blocks = sample(first) if blocks is None else blocks
        self.now = at(first + timedelta(days=1), 11, 12) if now is None else now
        self.grid = CountingGrid(zoom=zoom)
        self.grid.drawn = []
        self.grid.look, self.grid.turn = self.looked, self.turned
        self.looks: list[tuple[int, str | None]] = []
        self.turns: list[date] = []
        self.days = days
        self.seen: list[GridMessage] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variable_defaults(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        available = [
            (at(self.first + timedelta(days=day), 9), at(self.first + timedelta(days=day), 17))
            for day in range(4)
        ]
        self.grid.show(self.first, self.blocks, self.now, days=self.days, available=available)
        self.grid.focus()

    def looked(self) -> None:
        self.looks.append((self.grid.cursor, self.grid.chosen.id if self.grid.chosen else None))

    def turned(self, first: date) -> None:
        self.turns.append(first)
        self.grid.show(first, self.blocks, self.now)

    def keep(self, message: Message) -> None:
        if isinstance(message, GridMessage) and message not in self.seen:
            self.seen.append(message)

    def of(self, kind: type[GridMessage]) -> list[Any]:
        return [message for message in self.seen if isinstance(message, kind)]


Walk = Callable[[Pilot[None], Calendar], Awaitable[None]]


def run(app: Calendar, walk: Walk, size: tuple[int, int] = SMALL) -> None:
    """Play a walk in an app of a size, with everything it says kept in `app.seen`."""

    async def play() -> None:
        async with app.run_test(size=size, message_hook=app.keep, tooltips=True) as pilot:
            await pilot.pause()
            app.seen.clear()
            await walk(pilot, app)

    asyncio.run(play())


def cell(app: Calendar, instant: int, dx: int = 3) -> tuple[int, int]:
    """Where on the screen an instant is shown."""
    grid = app.grid
    layout, week = grid._layout, grid._week
    assert layout is not None
    assert week is not None
    spot = week.spot(instant)
    assert spot is not None
    x, line = layout.point(spot) or (0, 0)
    return x + dx, line + 2 - grid.scroll_offset.y


# -- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "size"), [("week_80x24", SMALL), ("week_140x40", LARGE)])
def test_a_week(name: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.press("down", "down", "down")
        assert_golden(app, name)

    run(Calendar(), walk, size)


@pytest.mark.parametrize("zoom", [1, 4])
def test_zoom(zoom: int) -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        before = cell(app, app.grid.cursor)[1]
        await pilot.press("minus" if zoom == 1 else "plus")
        assert app.grid.zoom == zoom
        assert cell(app, app.grid.cursor)[1] == before
        assert_golden(app, f"zoom_{zoom}_140x40")

    run(Calendar(), walk, LARGE)


def autumn() -> list[Block]:
    sunday = AUTUMN + timedelta(days=6)
    first, second = at(sunday, 1, 30), at(sunday, 1, 30, fold=1)
    saturday = sunday - timedelta(days=1)
    return [
        Block("bst", first, first + 50 * 60, Status.BOOKED, "First Pass"),
        Block("gmt", second, second + 50 * 60, Status.OPEN, ""),
        Block("sat", at(saturday, 0, 30), at(saturday, 2, 30), Status.BOOKED, "Through"),
        Block("fri", at(saturday, 23, 30), at(sunday, 0, 20), Status.BOOKED, "Night Owl"),
    ]


@pytest.mark.parametrize(("name", "size"), [("autumn_80x24", SMALL), ("autumn_140x40", LARGE)])
def test_the_autumn_change(name: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.select("bst")
        await pilot.press("home", "down", "down", "down", "down")
        assert app.grid.cursor == at(AUTUMN + timedelta(days=6), 1, 0, fold=1)
        assert_golden(app, name)

    run(Calendar(AUTUMN, autumn()), walk, size)


@pytest.mark.parametrize(("name", "size"), [("spring_80x24", SMALL), ("spring_140x40", LARGE)])
def test_the_spring_change(name: str, size: tuple[int, int]) -> None:
    sunday = SPRING + timedelta(days=6)
    block = Block("a", at(sunday, 0, 30), at(sunday, 2, 30), Status.BOOKED, "Early Bird")

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.select("a")
        await pilot.press("home", "down", "down")
        assert app.grid.cursor == at(sunday, 2)
        assert_golden(app, name)

    run(Calendar(SPRING, [block]), walk, size)


def test_a_day() -> None:
    async def walk(_: Pilot[None], app: Calendar) -> None:
        assert_golden(app, "day_80x24")

    run(Calendar(MONDAY + timedelta(days=1), sample(MONDAY), days=1), walk)


def test_names_are_blurred_and_come_back() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.blur_names = True
        await pilot.hover(WeekGrid, cell(app, at(MONDAY, 9)))
        await pilot.pause()
        assert_golden(app, "blurred_140x40")
        assert "Karenina" not in "\n".join(screen_text(app))
        assert "Karenina" not in str(app.grid.tooltip)
        app.grid.blur_names = False
        await pilot.pause()
        assert "Karenina" in "\n".join(screen_text(app))
        assert app.grid.tooltip is None

    run(Calendar(), walk, LARGE)


HOSTILE = [
    "[/b]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;ZXZpbA==\x07gone",
    "\x9b31mred\r\nline",
    "a\u202edcba",
    "=1+1<b>&amp;",
    "محمد الأحمد",
    "李小龙李小龙李小龙李",
    "👩‍👩‍👧 Rivera",
    "e\u0301\u0301Zoë",
]


def test_hostile_names_are_only_text() -> None:
    start = at(MONDAY, 8)
    blocks = [
        Block(
            f"h{n}", start + n * 3600, start + n * 3600 + 3000, Status.BOOKED, name, name, "initial"
        )
        for n, name in enumerate(HOSTILE)
    ]

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        for _ in HOSTILE:
            await pilot.press("comma")
        for y in range(app.size.height):
            for segment in app.grid.render_line(y):
                assert not segment.control
                assert not (segment.style and segment.style.meta)
                for character in segment.text:
                    assert unicodedata.category(character)[0] != "C" or character == "\u200d"
        await pilot.hover(WeekGrid, cell(app, start + 3600 * 2))
        assert "52;c" in str(app.grid.tooltip)
        assert "\x1b" not in str(app.grid.tooltip)
        assert app.is_running
        assert_golden(app, "hostile_140x46")

    run(Calendar(blocks=blocks, zoom=2), walk, (140, 46))


def test_every_line_is_as_wide_as_the_grid() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        for size in (LARGE, SMALL, (40, 10), (23, 6), (8, 3), (5, 2), (1, 1), SMALL):
            await pilot.resize_terminal(*size)
            app.grid.action_cursor_down()
            await pilot.pause()
            width = app.grid.scrollable_content_region.width
            for y in range(size[1]):
                strip = app.grid.render_line(y)
                assert strip.cell_length == width
                assert sum(segment.cell_length for segment in strip) == width
            assert app.is_running

    run(Calendar(), walk)


# -- keys ----------------------------------------------------------------------------------------


def test_keys_move_the_cursor_and_say_where() -> None:
    tuesday = MONDAY + timedelta(days=1)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        assert app.grid.cursor == at(tuesday, 11)
        for key, instant, block in [
            ("down", at(tuesday, 11, 30), "b6"),
            ("j", at(tuesday, 12), "b7"),
            ("k", at(tuesday, 11, 30), "b6"),
            ("right", at(tuesday + timedelta(days=1), 11, 30), None),
            ("h", at(tuesday, 11, 30), "b6"),
            ("home", at(tuesday, 0), None),
            ("up", at(tuesday, 0), None),
            ("end", at(tuesday, 23, 30), None),
            ("down", at(tuesday, 23, 30), None),
            ("t", at(tuesday, 11), "b6"),
            ("full_stop", at(tuesday, 11, 40), "b7"),
            ("full_stop", at(tuesday + timedelta(days=1), 9, 30), "b8"),
            ("comma", at(tuesday, 11, 40), "b7"),
        ]:
            await pilot.press(key)
            assert (app.grid.cursor, getattr(app.grid.chosen, "id", None)) == (instant, block), key
        assert app.looks[-1] == (at(tuesday, 11, 40), "b7")

    run(Calendar(), walk)


def test_after_a_block_the_cursor_returns_to_its_steps() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.select("b7")  # 11:40
        await pilot.press("down")
        assert app.grid.week is not None
        assert app.grid.week.clock(app.grid.cursor) == "12:00"
        app.grid.select("b7")
        await pilot.press("up")
        assert app.grid.week.clock(app.grid.cursor) == "11:30"
        app.grid.step = 15
        await pilot.press("down")
        assert app.grid.week.clock(app.grid.cursor) == "11:45"

    run(Calendar(), walk)


def test_every_block_is_reached() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.move_cursor_to(at(MONDAY, 0))
        reached = []
        for _ in app.blocks:
            app.grid.action_next_block()
            reached.append(app.grid.chosen.id if app.grid.chosen else "")
        assert sorted(reached) == sorted(block.id for block in app.blocks)

    run(Calendar(), walk)


def test_weeks_turn_when_the_app_shows_them() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.press("right_square_bracket")
        assert app.turns == [MONDAY + timedelta(days=7)]
        assert app.grid.cursor == at(MONDAY + timedelta(days=8), 11)
        assert "Tue 1 Dec" in screen_text(app)[0]
        await pilot.press("left_square_bracket", "left", "left")
        assert app.grid.week is not None
        assert app.grid.week.first == MONDAY - timedelta(days=7)
        assert app.grid.cursor == at(MONDAY - timedelta(days=1), 11)
        await pilot.press("t")
        assert app.grid.week.first == MONDAY
        assert app.grid.cursor == at(MONDAY + timedelta(days=1), 11)

    run(Calendar(), walk)


def test_a_flood_of_weeks_asks_for_the_last() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        for _ in range(5):
            app.grid.action_next_week()
        await pilot.pause()
        assert app.grid.week is not None
        assert app.grid.week.first == MONDAY + timedelta(days=35)
        assert app.grid.cursor == at(MONDAY + timedelta(days=36), 11)

    run(Calendar(), walk)


def test_a_week_that_cannot_be_read_leaves_the_cursor_where_it_is() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        sunday = at(MONDAY + timedelta(days=6), 9)
        app.grid.move_cursor_to(sunday)
        app.grid.turn = lambda _: None
        await pilot.press("right", "right_square_bracket")
        app.grid.show(app.first, app.blocks[:3], app.now)
        assert app.grid.cursor == sunday
        app.grid.turn = app.turned
        await pilot.press("right_square_bracket")
        assert app.grid.cursor == sunday + 7 * 86400

    run(Calendar(), walk)


def test_a_far_instant_brings_its_week() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        far = at(date(2027, 6, 17), 15, 45)
        app.grid.move_cursor_to(far)
        await pilot.pause()
        assert app.grid.cursor == far
        assert app.grid.week is not None
        assert app.grid.week.first == date(2027, 6, 14)
        app.grid.move_cursor_to_day(date(2026, 11, 27))
        await pilot.pause()
        assert app.grid.cursor == at(date(2026, 11, 27), 15, 45)
        assert app.grid.week.first == MONDAY

    run(Calendar(), walk)


def test_enter_opens_what_is_there() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.press("enter", "end", "enter")
        assert [m.block_id for m in app.of(WeekGrid.BlockOpened)] == ["b6"]
        midnight = at(MONDAY + timedelta(days=1), 23, 30)
        assert [m.instant for m in app.of(WeekGrid.CellOpened)] == [midnight]

    run(Calendar(), walk)


def test_shift_marks_a_range_over_midnight_and_escape_forgets_it() -> None:
    tuesday = MONDAY + timedelta(days=1)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        assert not app.grid.check_action("clear_range", ())
        await pilot.press("end", "shift+down", "shift+down")
        marked = (at(tuesday, 23, 30), at(tuesday, 23, 30) + 90 * 60)
        assert app.grid.selection == marked
        assert_golden(app, "range_80x24")
        await pilot.press("enter")
        assert [(m.start, m.end) for m in app.of(WeekGrid.RangeSelected)] == [marked]
        await pilot.press("escape")
        assert app.grid.selection is None
        await pilot.press("shift+up", "shift+up", "shift+down")
        assert app.grid.selection == (at(tuesday, 23) + 3600, at(tuesday, 23) + 7200)

    run(Calendar(), walk)


# -- mouse ---------------------------------------------------------------------------------------


def test_a_click_moves_the_cursor_and_chooses() -> None:
    wednesday = MONDAY + timedelta(days=2)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.click(WeekGrid, offset=cell(app, at(wednesday, 11, 45)))
        assert (app.grid.cursor, app.grid.chosen) == (at(wednesday, 11, 30), None)
        await pilot.click(WeekGrid, offset=cell(app, at(wednesday, 12, 45)))
        assert app.grid.cursor == at(wednesday, 12, 30)
        assert app.grid.chosen is not None
        assert app.grid.chosen.id == "b10"
        assert app.grid.selection is None

    run(Calendar(), walk)


def test_a_click_chooses_between_neighbours_in_one_slot() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        for dx, block in [(2, "b3"), (12, "b4")]:
            await pilot.click(WeekGrid, offset=cell(app, at(MONDAY, 14), dx))
            assert app.grid.chosen is not None
            assert app.grid.chosen.id == block

    run(Calendar(), walk, LARGE)


def test_dragging_marks_a_range_and_says_so_at_the_end() -> None:
    wednesday = MONDAY + timedelta(days=2)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        start, end = cell(app, at(wednesday, 8)), cell(app, at(wednesday, 8, 45))
        await pilot.mouse_down(WeekGrid, offset=start)
        await pilot.hover(WeekGrid, offset=(end[0] + 30, end[1]))  # strays into another day
        assert app.grid.selection == (at(wednesday, 8), at(wednesday, 9))
        assert not app.of(WeekGrid.RangeSelected)
        await pilot.mouse_up(WeekGrid, offset=end)
        marked = [(m.start, m.end) for m in app.of(WeekGrid.RangeSelected)]
        assert marked == [(at(wednesday, 8), at(wednesday, 9))]
        assert not app.screen.selections
        await pilot.click(WeekGrid, offset=start)
        assert app.grid.selection is None

    run(Calendar(), walk)


def test_dragging_upwards_marks_the_same() -> None:
    wednesday = MONDAY + timedelta(days=2)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.mouse_down(WeekGrid, offset=cell(app, at(wednesday, 9)))
        await pilot.hover(WeekGrid, offset=cell(app, at(wednesday, 8)))
        await pilot.mouse_up(WeekGrid, offset=cell(app, at(wednesday, 8)))
        assert app.grid.selection == (at(wednesday, 8), at(wednesday, 9, 30))

    run(Calendar(), walk)


def test_a_double_click_opens() -> None:
    wednesday = MONDAY + timedelta(days=2)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.click(WeekGrid, offset=cell(app, at(wednesday, 8)), times=2)
        assert [m.instant for m in app.of(WeekGrid.CellOpened)] == [at(wednesday, 8)]
        await pilot.click(WeekGrid, offset=cell(app, at(wednesday, 10, 45)), times=2)
        assert [m.block_id for m in app.of(WeekGrid.BlockOpened)] == ["b9"]
        await pilot.click(WeekGrid, offset=(2, 5), times=2)  # the gutter
        await pilot.click(WeekGrid, offset=(20, 0), times=2)  # a date
        assert len(app.of(WeekGrid.CellOpened)) == 1
        assert app.grid.cursor == at(MONDAY + timedelta(days=1), 10, 30)

    run(Calendar(), walk)


def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        before, top = app.grid.cursor, app.grid.scroll_offset.y
        await pilot._post_mouse_events([MouseScrollDown], WeekGrid, offset=(20, 10))
        await pilot.pause()
        assert app.grid.scroll_offset.y > top
        assert app.grid.cursor == before

    run(Calendar(), walk)


def test_the_tooltip_holds_the_whole_text() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.hover(WeekGrid, offset=cell(app, at(MONDAY, 9, 15)))
        assert str(app.grid.tooltip) == (
            "Mon 23 Nov  09:00–09:50\n✓ completed\nAnna Karenina\n£60 paid"
        )
        await pilot.hover(WeekGrid, offset=cell(app, at(MONDAY, 8)))
        assert app.grid.tooltip is None

    run(Calendar(), walk)


# -- what changes beside it ----------------------------------------------------------------------


def test_news_leave_cursor_range_scroll_and_focus_alone() -> None:
    wednesday = MONDAY + timedelta(days=2)

    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        await pilot.press("right", "shift+down", "shift+down")
        before = (app.grid.cursor, app.grid.selection, app.grid.scroll_offset, app.focused)
        news = Block("new", at(wednesday, 15), at(wednesday, 15, 50), Status.BOOKED, "From the bot")
        app.grid.show(app.first, [*app.blocks, news], app.now + 5)
        await pilot.pause()
        assert (
            app.grid.cursor,
            app.grid.selection,
            app.grid.scroll_offset,
            app.focused,
        ) == before
        assert app.grid.select("new")
        assert not app.grid.select("unknown")
        await pilot.pause()
        assert "From the" in "\n".join(screen_text(app))

    run(Calendar(), walk)


def test_a_block_that_went_away_is_no_longer_chosen() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        assert app.grid.chosen is not None
        app.grid.show(app.first, [], app.now)
        await pilot.pause()
        assert app.grid.chosen is None
        assert app.looks[-1][1] is None

    run(Calendar(), walk)


def lines_drawn(app: Calendar) -> set[int]:
    drawn = set(app.grid.drawn)
    app.grid.drawn.clear()
    return drawn


def test_only_touched_lines_are_drawn_again() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.move_cursor_to(at(MONDAY + timedelta(days=5), 10))
        await pilot.pause()
        lines_drawn(app)
        await pilot.press("down")
        assert lines_drawn(app) == {10, 11, 12, 13}
        await pilot.press("right")
        assert lines_drawn(app) == {0, 12, 13}
        await pilot.press("shift+down")
        assert lines_drawn(app) == {12, 13, 14, 15}
        await pilot.press("escape")
        lines_drawn(app)
        app.grid.set_now(app.now + 120)  # 11:14, on the same line
        await pilot.pause()
        assert lines_drawn(app) == {14}
        app.grid.set_now(app.now + 3600)  # 12:12, four lines below
        await pilot.pause()
        assert lines_drawn(app) == {14, 15, 16, 17, 18}
        app.grid.show(app.first, app.blocks, app.now + 3600, available=app.grid._free)
        await pilot.pause()
        assert lines_drawn(app) == {18}

    run(Calendar(), walk)


def test_a_week_is_drawn_once() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        app.grid.drawn.clear()
        await pilot.press("right_square_bracket")
        assert sorted(app.grid.drawn) == list(range(app.size.height))

    run(Calendar(), walk)


def test_midnight_moves_today() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        header = app.grid.render_line(0)
        today = next(s for s in header if "Tue 24" in s.text)
        app.grid.set_now(at(MONDAY + timedelta(days=2), 0))
        await pilot.pause()
        after = next(s for s in app.grid.render_line(0) if "Wed 25" in s.text)
        assert after.style == today.style

    run(Calendar(), walk)


def test_every_theme_can_be_worn() -> None:
    async def walk(pilot: Pilot[None], app: Calendar) -> None:
        seen = set()
        for name in (*(each.name for each in theme.themes()), "textual-light", "nord"):
            app.theme = name
            await pilot.pause()
            style = app.grid.render_line(8).text, app.grid.render_line(0)._segments[0].style
            seen.add(style)
        assert len({text for text, _ in seen}) == 1  # what is said never depends on the theme

    run(Calendar(), walk)


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("Anna", 6, "Anna  "),
        ("Anna Karenina", 6, "Anna …"),
        ("李小龙李", 6, "李小 …"),
        ("李小龙", 6, "李小龙"),
        ("x", 0, ""),
        ("", 2, "  "),
    ],
)
def test_fit_counts_cells(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected


def test_clean_keeps_names_and_drops_orders() -> None:
    for name in ("Zoë", "O'Brien", "محمد", "李", "a\u200cb", "👩‍👧"):
        assert clean(name) == name
    assert clean("a\x1b]52;c;x\x07\x9b1m\u202e\ue000b\n\tc\u2028d") == "a]52;c;x1mb c d"
    assert blurred("Zoë O'Brien") == "••• •••••••"
