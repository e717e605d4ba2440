"""What went to the therapist's bank, with the sessions in it: asked of Stripe on a key (M7)."""

from __future__ import annotations

from threading import Thread

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from helpspace.core.errors import HelpspaceError, OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.moments import DAY, LONDON, local_date, pounds, show, show_day
from helpspace.core.offload import Offload
from helpspace.core.payments import payouts as core
from helpspace.core.payments.payouts import PayoutView
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.desk import Desk
from helpspace.tui.widgets.grid_text import clean, fit
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine

BACK = 60 * DAY
"""How far back payouts are asked for."""


class PayoutsScreen(Screen[None], inherit_bindings=False):
    """Asks Stripe when it is opened, on a thread of its own, and says how long that takes."""

    PLACE = Place.PAYOUTS
    BINDINGS = bindings(Place.PAYOUTS)
    DEFAULT_CSS = """
    PayoutsScreen { background: $grid-ground; color: $grid-text; layout: vertical; }
    PayoutsScreen > VerticalScroll {
        height: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1;
    }
    PayoutsScreen .list { height: auto; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.head = Head(test=desk.practice.settings.stripe_is_test)
        self.shown = Static(Content(""), classes="list")
        self.page = VerticalScroll(self.shown, can_focus=False)
        self.status = StatusLine()
        self.keys = KeyBar()
        self._stripe: StripeGateway | None = None
        self._offload: Offload | None = None
        self._asking = False
        self._seconds = 0

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.page
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        self.head.show("Payouts to your bank", "the last 60 days")
        self.keys.show(bar([Place.PAYOUTS], Under.FREE))
        self.set_interval(1.0, self._count)
        self.ask()

    def on_unmount(self) -> None:
        if self._offload is not None:
            # It waits for an answer that may be on its way, which nobody here has to.
            Thread(target=self._offload.close, daemon=True).start()

    # -- asking ----------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask Stripe, unless that is under way."""
        if not self._asking:
            self._asking, self._seconds = True, 0
            self.status.hint("Asking Stripe …")
            self._ask()

    def _count(self) -> None:
        """Say how long it has taken; after half a minute Stripe's silence ends by itself."""
        if self._asking:
            self._seconds += 1
            self.status.hint(f"Asking Stripe … {self._seconds} s; Esc goes back at any time.")

    def _read(self) -> list[PayoutView]:
        desk = self.desk
        if self._stripe is None:
            make = getattr(self.app, "open_stripe", None)
            self._stripe = None if make is None else make()
        if self._stripe is None:
            raise OutsideFault("Stripe is not set up here", "Ask the team about it.")
        since = desk.practice.now() - BACK
        return core.payouts(desk.practice, self._stripe, desk.actor, since=since)

    @work(group="payouts", exit_on_error=False)
    async def _ask(self) -> None:
        if self._offload is None:
            self._offload = Offload(self.desk.practice, 1)
        try:
            found = await self._offload(self._read)
        except HelpspaceError as error:
            self.status.refuse(error)
        else:
            width = min(self.app.size.width - 6, 100)
            now = self.desk.now()
            self.shown.update(Content("\n").join(page(found, self.desk.zone, now, width)))
            self.status.done("This is how it stands at Stripe now.")
        finally:
            self._asking = False

    # -- keys ------------------------------------------------------------------------------------

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    def action_again(self) -> None:
        self.ask()

    def action_up(self) -> None:
        self.page.scroll_relative(y=-3, animate=False)

    def action_down(self) -> None:
        self.page.scroll_relative(y=3, animate=False)

    def action_back(self) -> None:
        self.dismiss(None)


def page(found: list[PayoutView], zone: str, now: int, width: int) -> list[Content]:
    """Return payouts as lines, each with what is in it."""
    if not found:
        return [Content("There was no payout in the last 60 days. Stripe pays out by itself.")]
    lines: list[Content] = []
    for one in found:
        lines += [*_payout(one, zone, now, width), Content("")]
    return lines


def _payout(one: PayoutView, zone: str, now: int, width: int) -> list[Content]:
    day = show_day(local_date(one.arrives_at, LONDON))
    style = "$warning" if one.state in ("failed", "canceled") else "$success"
    amount = pounds(one.amount_pence)
    lines = [
        Content.assemble(
            (fit(day, 12), "bold"), (fit(clean(one.state_words), width - 24), style),
            (amount.rjust(12), "bold"),
        )
    ]  # fmt: skip
    if one.note:
        lines.append(Content.styled(f"  {clean(one.note)}", "$warning"))
    for part in one.sessions:
        when = show(part.start, zone, reference=now)
        kept = f", less {pounds(part.fee_pence)} commission" if part.fee_pence > 0 else ""
        if part.fee_pence < 0:
            kept = f", with {pounds(-part.fee_pence)} commission back"
        words = f"  {part.what} for {when}{kept}"
        lines.append(_line(words, part.net_pence, width))
    lines += [_line(f"  {clean(other.words)}", other.net_pence, width) for other in one.others]
    return lines


def _line(words: str, pence: int, width: int) -> Content:
    return Content.assemble((fit(words, width - 12), "$grid-quiet"), pounds(pence).rjust(12))
