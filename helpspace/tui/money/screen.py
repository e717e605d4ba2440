"""The money: month and tax year, income by week, what is owed and what is about to be charged."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from rich.cells import cell_len
from textual import events, work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import booking, moments, periods
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.moments import LONDON, pounds
from helpspace.core.payments.income import income
from helpspace.tui.actions import Place, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, FeeWaived
from helpspace.tui.money import desk as room
from helpspace.tui.money.chart import WeekChart
from helpspace.tui.money.desk import Due, Money, Owed
from helpspace.tui.money.saving import elsewhere, save
from helpspace.tui.money.waiving import WaiveModal, waived_words
from helpspace.tui.screens.lines import LinesScreen
from helpspace.tui.widgets.grid_text import fit

_BESIDE = 45
"""Cells of a line that sign, name, time and a fee of usual length take."""


class MoneyScreen(LinesScreen[int | None, Owed | Due], inherit_bindings=False):
    """Shows what the core adds up; ends with the start of a session to go to, or None."""

    PLACE = Place.MONEY
    BINDINGS = bindings(Place.MONEY)
    DEFAULT_CSS = """
    MoneyScreen > .page { padding: 0 2; }
    MoneyScreen .figures { height: auto; margin-top: 1; }
    MoneyScreen WeekChart { height: 8; }
    MoneyScreen.-tall WeekChart { height: 13; margin: 1 0; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.figures = Static(Content(""), classes="figures")
        self.chart = WeekChart()
        self.money: Money | None = None
        self._month = periods.month_of(desk.now(), LONDON)

    def above(self) -> Iterable[Widget]:
        return (self.figures, self.chart)

    def begin(self) -> None:
        self.head.show("Money", self._month.name)
        self.look()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= 34, "-tall")

    # -- reading ---------------------------------------------------------------------------------

    async def fetch(self) -> None:
        """Have the month read; once more where it was turned meanwhile."""
        found, month = None, None
        while month != self._month:
            month = self._month
            found = await self.desk.act(partial(room.read, self.desk, month))
        self.money = found

    # -- showing ---------------------------------------------------------------------------------

    def tell(self) -> None:
        """Show what was read."""
        money = self.money
        if money is None:
            return
        self.head.show("Money", money.month.period.name)
        heads, *rows = room.table(money, self.app.size.width - 6)
        lines = [Content.styled(heads, "$grid-quiet"), *map(Content, rows)]
        disputed = money.year.sums.disputed_pence
        if disputed:
            words = f"The clients' banks hold back {pounds(disputed)} of it in disputes."
            lines.append(Content.styled(words, "$warning"))
        head = f"Yours by week, tax year {money.year.period.name}"
        self.figures.update(
            Content("\n").join([*lines, Content(""), Content.styled(head, "bold $primary")])
        )
        self.chart.show(money.bars())
        self._show(money)

    def _show(self, money: Money) -> None:
        """Show the lines to choose from."""
        desk, count = self.desk, len(money.owed)
        owed = f"Owed to you: {pounds(money.owed_pence)}" if count else "Nothing is owed to you."
        due = room.due_head(money, desk.zone)
        self.show_lines([owed, *money.owed, due, *money.coming])

    def key_of(self, one: Owed | Due) -> str:
        return one.view.id

    def row(self, one: Owed | Due, width: int) -> Content:
        desk, view = self.desk, one.view
        now = self.money.now if self.money else desk.now()
        when = moments.show(view.start, desk.zone, reference=now)
        if isinstance(one, Owed):
            amount, words, style = (
                one.fee.owed_pence,
                room.owed_words(one, desk.zone, now),
                "$warning",
            )
        else:
            amount = one.charge.fee_pence
            words, wrong = room.due_words(one, desk.zone)
            style = "$warning" if wrong else "$grid-quiet"
        figure = pounds(amount).rjust(7)
        room_left = width - _BESIDE - (cell_len(figure) - 7)
        # What has no room beside the fee stands below it, whole.
        gap = "  " if cell_len(words) <= room_left else "\n      "
        return Content.assemble(
            fit(desk.name(view.other_name) or "—", 16),
            ("  " + fit(when, 16), "$grid-quiet"),
            figure + gap,
            (words, style),
        )

    # -- acting ----------------------------------------------------------------------------------

    def enter(self) -> None:
        self.action_go()

    def action_go(self) -> None:
        """Go to the marked session in the calendar."""
        if self.chosen is not None:
            self.dismiss(self.chosen.view.start)

    def action_previous_month(self) -> None:
        self._turn(-1)

    def action_next_month(self) -> None:
        self._turn(1)

    def _turn(self, months: int) -> None:
        """Show another month, and its tax year."""
        try:
            month = room.turned(self._month, months)
            periods.tax_year_of(month.until - 1)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        self._month = month
        self.head.show("Money", month.name)
        self.look()

    def action_waive(self) -> None:
        """Ask before the marked fee is waived, with what it means."""
        one, desk = self.chosen, self.desk
        try:
            if one is None:
                raise Invalid("No fee is marked", "There is nothing to waive.")
            plan = booking.plan_waive(desk.practice, desk.actor, one.view.id)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            self.app.push_screen(WaiveModal(desk, one.view, plan), self._ended)

    def _ended(self, done: Done | None) -> None:
        if isinstance(done, FeeWaived):
            self.status.done(waived_words(done, self.desk))
        self.look()

    def action_payouts(self) -> None:
        """Ask Stripe for the payouts; nothing is asked before that."""
        from helpspace.tui.money.payouts import PayoutsScreen  # noqa: PLC0415 - when first wanted

        self.app.push_screen(PayoutsScreen(self.desk))

    def action_save(self) -> None:
        """Save the tax year as a file; on a shared host, say how it is had."""
        if self.money is None:
            return
        year = self.money.tax_year
        if bool(getattr(self.app, "is_hosted", False)):
            self.status.hint(elsewhere(year, self.desk.actor.id))
        else:
            self._save(year)

    @work(group="save", exit_on_error=False)
    async def _save(self, year: int) -> None:
        desk = self.desk
        try:
            with self.status.patience():
                report, path = await desk.act(lambda: save(income(desk.practice, desk.actor, year)))
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            yours = pounds(report.sums.net_pence)
            self.status.done(
                f"{yours} of {report.period.name} saved as {path.name} in {path.parent}"
            )

    def places(self) -> tuple[Place, ...]:
        return (Place.MONEY, Place.PAYOUTS, Place.ASKING, Place.HELP, Place.EVERYWHERE)
