"""The small month: what it shows, and how a day is chosen by key and by mouse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from helpspace.tui import theme
from helpspace.tui.widgets.mini_month import MiniMonth
from tests.tui.screen_text import screen_text

TODAY = date(2026, 11, 24)


class Months(App[None]):
    """A month alone, and what it said."""

    def __init__(self) -> None:
        super().__init__()
        for each in theme.themes():
            self.register_theme(each)
        theme.put_on(self, theme.DEFAULT_THEME)
        self.month = MiniMonth(TODAY)
        self.chosen: list[date] = []
        self.turned: list[date] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variable_defaults(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield self.month

    def on_mount(self) -> None:
        self.month.show(
            TODAY,
            today=TODAY,
            entries={date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1)},
            shown=(date(2026, 11, 23), 7),
        )
        self.month.focus()

    def keep(self, message: Message) -> None:
        if isinstance(message, MiniMonth.MonthChanged) and message.first not in self.turned:
            self.turned.append(message.first)

    def on_mini_month_day_chosen(self, event: MiniMonth.DayChosen) -> None:
        self.chosen.append(event.day)


def run(walk: Callable[[Pilot[None], Months], Awaitable[None]]) -> None:
    async def play() -> None:
        app = Months()
        async with app.run_test(size=(30, 10), message_hook=app.keep) as pilot:
            await pilot.pause()
            await walk(pilot, app)

    asyncio.run(play())


def test_a_month_shows_weeks_and_entries() -> None:
    async def walk(_: Pilot[None], app: Months) -> None:
        assert screen_text(app)[:8] == [
            "‹    November 2026    ›",
            "  Mo Tu We Th Fr Sa Su",
            "  26 27 28 29 30 31  1",
            "   2  3  4  5  6  7  8",
            "   9 10 11 12 13 14 15",
            "  16 17 18 19 20 21 22",
            "▸ 23 24·25 26·27 28 29",
            "  30  1· 2  3  4  5  6",
        ]
        assert app.month.span == (date(2026, 10, 26), date(2026, 12, 6))

    run(walk)


def test_keys_move_and_enter_chooses() -> None:
    async def walk(pilot: Pilot[None], app: Months) -> None:
        await pilot.press("right", "down", "enter")
        assert app.chosen == [date(2026, 12, 2)]
        assert app.turned == [date(2026, 12, 1)]
        app.month.show(date(2026, 12, 31), today=TODAY, entries=(), shown=(date(2026, 11, 23), 7))
        await pilot.press("pageup", "enter", "pagedown", "pagedown", "t", "enter")
        assert app.chosen[1:] == [date(2026, 11, 30), TODAY]
        assert app.turned == [date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1)]

    run(walk)


def test_a_click_chooses_a_day_or_turns_the_month() -> None:
    async def walk(pilot: Pilot[None], app: Months) -> None:
        await pilot.click(MiniMonth, offset=(12, 6))
        assert app.chosen == [date(2026, 11, 26)]
        await pilot.click(MiniMonth, offset=(22, 0))
        assert app.month.cursor == date(2026, 12, 26)
        await pilot.click(MiniMonth, offset=(0, 0))
        await pilot.click(MiniMonth, offset=(0, 4))  # the margin
        assert app.month.cursor == date(2026, 11, 26)
        assert app.chosen == [date(2026, 11, 26)]

    run(walk)
