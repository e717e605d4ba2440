"""The money: month and tax year, income by week, what is owed and what is about to be charged."""

from __future__ import annotations

from functools import partial

from textual import events, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from helpspace.core import booking, moments, periods
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.moments import LONDON, pounds
from helpspace.core.payments.income import income
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.messages import Done, FeeWaived
from helpspace.tui.money import desk as room
from helpspace.tui.money.chart import WeekChart
from helpspace.tui.money.desk import Due, Money, Owed
from helpspace.tui.money.saving import elsewhere, save
from helpspace.tui.money.waiving import WaiveModal, waived_words
from helpspace.tui.widgets.grid_text import fit
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.rows import Rows, cursor
from helpspace.tui.widgets.status_line import StatusLine

PLACES = (Place.MONEY, Place.PAYOUTS, Place.ASKING, Place.HELP, Place.EVERYWHERE)
"""What the help of the money tells about."""


class MoneyScreen(Screen[int | None], inherit_bindings=False):
    """Shows what the core adds up; ends with the start of a session to go to, or None."""

    PLACE = Place.MONEY
    BINDINGS = bindings(Place.MONEY)
    LOOKS = 1.0
    """Seconds between two looks for changes by others."""
    DEFAULT_CSS = """
    MoneyScreen { background: $grid-ground; color: $grid-text; layout: vertical; }
    MoneyScreen > .page { height: 1fr; padding: 0 2; }
    MoneyScreen .figures { height: auto; margin-top: 1; }
    MoneyScreen WeekChart { height: 8; }
    MoneyScreen.-tall WeekChart { height: 13; margin: 1 0; }
    MoneyScreen Rows { height: 1fr; max-height: 100%; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.head = Head(test=desk.practice.settings.stripe_is_test)
        self.figures = Static(Content(""), classes="figures")
        self.chart = WeekChart()
        self.list = Rows()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.money: Money | None = None
        self._month = periods.month_of(desk.now(), LONDON)
        self._lines: list[Owed | Due | None] = []
        """What each line of the list is about; None for headings."""
        self._version = -1
        self._reading = False

    def compose(self) -> ComposeResult:
        yield self.head
        yield Vertical(self.figures, self.chart, self.list, classes="page")
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        self.head.show("Money", self._month.name)
        self.keys.show(bar([Place.MONEY], Under.FREE))
        self.list.focus()
        self.look()
        self.set_interval(self.LOOKS, self._follow)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= 34, "-tall")
        self._tell()

    # -- reading ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Read again where another process or thread changed something."""
        try:
            changed = self.desk.practice.store.version() != self._version
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        if changed and self.app.screen is self:
            self.look()

    def look(self) -> None:
        """Read everything again, off the event loop."""
        if not self._reading:
            self._reading = True
            self._read()

    @work(group="read", exit_on_error=False)
    async def _read(self) -> None:
        desk = self.desk
        try:
            version = desk.practice.store.version()
            found, month = None, None
            while month != self._month:
                month = self._month
                found = await desk.act(partial(room.read, desk, month))
            self._version, self.money = version, found
        except HelpspaceError as error:
            self.status.refuse(error)
        finally:
            self._reading = False
        if self.is_attached:
            self._tell()

    def _tell(self) -> None:
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
        self._list(money)

    def _list(self, money: Money) -> None:
        """Show the lines to choose from; the mark stays on the session where it was."""
        chosen = self.chosen
        before = chosen.view.id if chosen else ""
        desk, count = self.desk, len(money.owed)
        owed = f"Owed to you: {pounds(money.owed_pence)}" if count else "Nothing is owed to you."
        due = f"Charged by itself until {room.last_day(money, desk.zone)}"
        sum_due = pounds(sum(one.charge.fee_pence for one in money.coming))
        due = f"{due}: {sum_due}" if money.coming else f"{due}: nothing"
        self._lines = [None, *money.owed, None, *money.coming]
        heads = iter((owed, due))
        options = [
            Option(Content.styled(next(heads), "bold $primary"), disabled=True)
            if one is None
            else Option("")
            for one in self._lines
        ]
        with self.prevent(OptionList.OptionHighlighted):
            self.list.set_options(options)
            places = [at for at, one in enumerate(self._lines) if one is not None]
            ids = [None if one is None else one.view.id for one in self._lines]
            same = [at for at in places if ids[at] == before]
            self.list.highlighted = next(iter(same or places), None)
        self._mark()

    def _mark(self) -> None:
        """Draw the lines, with the mark before the chosen one."""
        here = self.list.highlighted
        for at, one in enumerate(self._lines):
            if one is not None:
                self.list.replace_option_prompt_at_index(at, self._row(one, here=at == here))

    def _row(self, one: Owed | Due, *, here: bool) -> Content:
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
        return Content.assemble(
            (cursor(here=here), "$accent"),
            fit(desk.name(view.other_name) or "—", 16),
            ("  " + fit(when, 16), "$grid-quiet"),
            pounds(amount).rjust(7) + "  ",
            (fit(words, max(self.list.size.width - 47, 10)).rstrip(), style),
        )

    @property
    def chosen(self) -> Owed | Due | None:
        """What the marked line is about."""
        at = self.list.highlighted
        return self._lines[at] if at is not None and at < len(self._lines) else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._mark()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click goes to the session."""
        event.stop()
        self.action_go()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    # -- acting ----------------------------------------------------------------------------------

    def action_up(self) -> None:
        self.list.action_cursor_up()

    def action_down(self) -> None:
        self.list.action_cursor_down()

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
        from helpspace.tui.money.payouts import PayoutsScreen  # noqa: PLC0415

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
            report, path = await desk.act(lambda: save(income(desk.practice, desk.actor, year)))
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            yours = pounds(report.sums.net_pence)
            self.status.done(
                f"{yours} of {report.period.name} saved as {path.name} in {path.parent}"
            )

    def action_back(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        """Show the keys of the money."""
        from helpspace.tui.screens.help import HelpModal  # noqa: PLC0415

        self.app.push_screen(HelpModal(PLACES, signs=False))
