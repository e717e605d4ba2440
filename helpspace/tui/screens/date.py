"""Going to a date: typed, or chosen in a small month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import show_day
from helpspace.tui.actions import Action, Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.reading import read_day
from helpspace.tui.screens.base import Panel
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.mini_month import MiniMonth


class DateMonth(MiniMonth, can_focus=False, inherit_bindings=False):
    """The month below the field; its keys are the panel's."""

    BINDINGS: ClassVar[list[BindingType]] = []


class DateModal(Panel[date | None]):
    """Ends with the date to go to, or None."""

    HEADING = "Go to a date"
    BINDINGS = bindings(Place.DATE)
    DEFAULT_CSS = """
    DateModal > .panel { width: 60; }
    DateModal DateMonth { margin-left: 10; background: $panel; }
    """

    def __init__(self, desk: Desk, day: date, shown: date) -> None:
        super().__init__()
        self._desk = desk
        self._shown = shown
        self._day = day
        self.field = Field("Date", "", id="date", placeholder="24 Nov, fri, 24/11 …")
        self.month = DateMonth(desk.today)

    def body(self) -> Iterable[Widget]:
        return (self.field, self.month)

    def bar(self) -> list[tuple[Action, str]]:
        return bar([Place.DATE], Under.FREE)

    def on_mount(self) -> None:
        super().on_mount()
        self._show(self._day)

    def _show(self, day: date) -> None:
        """Take a date, and mark the days that have entries in its month."""
        self._day = day
        month = self.month
        month.show(day, today=self._desk.today, entries=(), shown=(self._shown, 7))
        first, last = month.span
        try:
            entries = self._desk.days_with_entries(first, last)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        month.show(day, today=self._desk.today, entries=entries, shown=(self._shown, 7))
        self.field.understood(f"{show_day(day)} {day.year}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show in the month what is typed."""
        event.stop()
        self.status.clear()
        if not self.field.value.strip():
            return
        try:
            day = read_day(self.field.value, self._desk.today, ahead=False)
        except HelpspaceError:
            self.field.understood("…")
        else:
            self._show(day)

    def on_mini_month_day_chosen(self, event: MiniMonth.DayChosen) -> None:
        """A click goes there."""
        event.stop()
        self.dismiss(event.day)

    def on_mini_month_month_changed(self, event: MiniMonth.MonthChanged) -> None:
        """Another month came into sight by the mouse."""
        event.stop()
        self._show(self.month.cursor)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Left and right belong to the text while there is any."""
        return action != "move" or parameters[0] not in (-1, 1) or not self.field.value

    def action_move(self, days: int) -> None:
        """Choose another day."""
        self._choose(self._day + timedelta(days=days))

    def action_turn(self, months: int) -> None:
        """Choose the same day of another month, or its last."""
        year, month = divmod(self._day.year * 12 + self._day.month - 1 + months, 12)
        for day in range(self._day.day, 0, -1):
            try:
                self._choose(date(year, month + 1, day))
            except ValueError:
                continue
            return

    def _choose(self, day: date) -> None:
        if not 2000 <= day.year < 2200:
            return
        with self.prevent(Input.Changed):
            self.field.input.value = ""
        self._show(day)

    def action_go(self) -> None:
        """Go to the date, unless what is typed is none."""
        if self.field.value.strip():
            try:
                self._day = read_day(self.field.value, self._desk.today, ahead=False)
            except HelpspaceError as error:
                self.status.refuse(error)
                return
        self.dismiss(self._day)

    def action_leave(self) -> None:
        self.dismiss(None)
