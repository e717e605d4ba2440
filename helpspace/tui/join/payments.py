"""Enabling payments: what Stripe still asks, the link to its form, and how it stands now (J5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from textual import events, work
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from helpspace.core import moments, profiles
from helpspace.core.errors import HelpspaceError, NotAllowed, OutsideFault
from helpspace.core.gateways import StripeGateway
from helpspace.core.joining import payments
from helpspace.core.joining.payments import PaymentsState
from helpspace.core.plain import plain
from helpspace.tui.actions import Place, Under, bar, bindings
from helpspace.tui.join.base import JoinScreen
from helpspace.tui.join.qr import Code

R = TypeVar("R")
_ONBOARDING = ("begin", "go_on", "begin_again")


class PaymentsScreen(JoinScreen):
    """How the counsellor stands with Stripe; a link is made when it is asked for, never kept."""

    BINDINGS = bindings(Place.PAYMENTS)
    READS = 4.0
    """Seconds between two looks at Stripe while the page is shown."""
    DEFAULT_CSS = """
    PaymentsScreen > .page { height: 1fr; width: 1fr; }
    PaymentsScreen VerticalScroll { height: 1fr; width: 1fr; padding: 1 2 0 2; }
    PaymentsScreen .words { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = Static(Content(""), classes="words")
        self.code = Code()
        self.state: PaymentsState | None = None
        self.link = ""
        self._to_dashboard = False
        self._trouble: HelpspaceError | None = None
        self._reading = False
        self._stripe: StripeGateway | None = None

    def body(self) -> Iterable[Widget]:
        column = VerticalScroll(self.words, can_focus=False)
        yield Horizontal(column, self.code, classes="page")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(self.READS, self.read)
        self.read()

    def on_resize(self, event: events.Resize) -> None:
        del event
        self.call_after_refresh(self._tell)

    # -- showing ---------------------------------------------------------------------------------

    def look(self) -> None:
        desk = self.desk
        try:
            self.state = payments.payments(desk.practice, desk.actor, desk.therapist_id)
        except HelpspaceError as error:
            self.status.refuse(error)
            return
        if self.link and not self._to_dashboard and self.state.step not in _ONBOARDING:
            # What the link was for is done.
            self.link = ""
            self.code.show("")
            if self.state.ready:
                self.status.done("Payments are enabled: this step is done.")
            else:
                self.status.clear()
        self._tell()

    def _tell(self) -> None:
        state = self.state
        if state is None:
            return
        words, style = ("enabled", "$success") if state.ready else ("not enabled yet", "$warning")
        self.head.show("Payments at Stripe", words, style)
        self.words.update(Content("\n").join(self._lines(state)))
        can_link = self._can_link(state)
        self.bar([
            (one, word)
            for one, word in bar([Place.PAYMENTS], Under.FREE)
            if one.id in ("payments.again", "payments.back")
            or (one.id == "payments.link" and can_link)
            or (one.id in ("payments.browser", "payments.copy") and self.link)
        ])  # fmt: skip

    def _lines(self, state: PaymentsState) -> list[Content]:
        mark = ("✓ ", "bold $success") if state.ready else ("! ", "bold $warning")
        head = state.words.partition(" Stripe asks for ")[0] if state.asks else state.words
        lines = [Content.assemble(mark, (head, "bold"))]
        if state.reason:
            lines.append(Content(f"{state.reason[:1].upper()}{state.reason[1:]}."))
        if state.asks:
            lines += [Content(""), Content("Stripe still asks for:")]
            lines += [Content.assemble(("· ", "$warning"), plain(one)) for one in state.asks]
        zone, now = self._zone_and_now()
        if state.due_at is not None:
            due = moments.show(state.due_at, zone, reference=now)
            lines.append(Content.styled(f"It is needed by {due}.", "$warning"))
        lines += [Content(""), *self._link_lines(state)]
        lines.append(Content(""))
        if self._trouble is not None:
            lines.append(Content.styled(f"{self._trouble.title}. It is tried again.", "$warning"))
        elif state.checked_at is not None:
            at = moments.show(state.checked_at, zone, reference=now)
            lines.append(Content.styled(f"As Stripe had it {at}.", "$grid-quiet"))
        return lines

    def _link_lines(self, state: PaymentsState) -> list[Content]:
        if not self.link:
            return [Content.styled(f"{self._next(state)}", "$grid-quiet")]
        whose = "your dashboard at Stripe" if self._to_dashboard else "Stripe's form"
        lines = [
            Content(f"The link to {whose}; it works once, for a few minutes:"),
            Content.styled(self.link, "$primary"),
            Content.styled("Come back here afterwards: this page looks by itself.", "$grid-quiet"),
        ]
        if self.code.size_needed[0] and not self.code.fits:
            lines.append(Content.styled("A larger window shows it as QR code.", "$grid-quiet"))
        return lines

    def _next(self, state: PaymentsState) -> str:
        if not self._can_link(state):
            return "There is nothing to do here just now."
        if state.step == "dashboard" and not state.asks:
            return "Enter gets a link to your dashboard: payouts, bank account, tax forms."
        return "Enter gets the link to Stripe's form. Have your bank details and an ID at hand."

    def _can_link(self, state: PaymentsState) -> bool:
        return state.step in _ONBOARDING or state.dashboard

    def _zone_and_now(self) -> tuple[str, int]:
        desk = self.desk
        therapist = profiles.therapist(desk.practice, desk.actor, desk.therapist_id)
        return therapist.zone, desk.practice.now()

    # -- Stripe ----------------------------------------------------------------------------------

    def gateway(self) -> StripeGateway:
        """Return the way to Stripe; made when it is first needed, on the acting thread."""
        if self._stripe is None:
            self._stripe = self.desk.open_stripe()
        if self._stripe is None:
            raise OutsideFault("Stripe is not set up here", "Ask the team about it.")
        return self._stripe

    def read(self) -> None:
        """Look at Stripe, unless a look or an act is on its way."""
        if not self._reading and not self.acting and self.app.screen is self:
            self._reading = True
            self._read()

    @work(group="read", exit_on_error=False)
    async def _read(self) -> None:
        desk = self.desk
        try:
            await desk.act(
                lambda: payments.look_again(
                    desk.practice, self.gateway(), desk.actor, desk.therapist_id
                )
            )
        except HelpspaceError as error:
            self._trouble = error
        else:
            self._trouble = None
        finally:
            self._reading = False
        self.look()

    def action_again(self) -> None:
        """Look at Stripe now."""
        desk = self.desk
        self.act(
            lambda: desk.act(
                lambda: payments.look_again(
                    desk.practice, self.gateway(), desk.actor, desk.therapist_id
                )
            ),
            self._looked,
        )

    def _looked(self) -> None:
        self._trouble = None
        self.look()
        self.status.done("This is how it stands at Stripe now.")

    def action_link(self) -> None:
        """Have a link made."""
        self._with_link(lambda: self.status.done("The link is ready: o opens it."))

    def action_browser(self) -> None:
        """Open the link, which is made first where there is none."""
        if self.link:
            self._launch()
        else:
            self._with_link(self._launch)

    def action_copy(self) -> None:
        """Copy the link."""
        if self.link:
            self.app.copy_to_clipboard(self.link)
            self.status.done("The link is copied.")
        else:
            self.refuse(NotAllowed("There is no link yet", "Enter gets one."))

    def _with_link(self, then: Callable[[], object]) -> None:
        desk, state = self.desk, self.state
        if state is None or not self._can_link(state):
            words = state.words if state else "Look again."
            self.refuse(NotAllowed("There is nothing to open at Stripe now", words))
            return
        self._to_dashboard = state.step == "dashboard" and not state.asks
        make = payments.dashboard_link if self._to_dashboard else payments.begin_onboarding
        made: list[str] = []

        async def call() -> None:
            made.append(
                await desk.act(
                    lambda: make(desk.practice, self.gateway(), desk.actor, desk.therapist_id)
                )
            )

        def done() -> None:
            self.link = plain(made[0], 2000)
            self.code.show(self.link)
            self.look()
            self.call_after_refresh(self._tell)
            self.read()
            then()

        self.act(call, done)

    def _launch(self) -> None:
        if self.desk.hosted:
            # The browser would open on the host; the link goes to the counsellor's own machine.
            self.action_copy()
        else:
            self._open(self.link)

    @work(thread=True, group="browser", exit_on_error=False)
    def _open(self, link: str) -> None:
        from helpspace.tui.video import launch  # noqa: PLC0415 - when first wanted

        opened = launch(self.app, link)
        words = "Opened in the browser." if opened else "The link is copied: open it in a browser."
        self.app.call_from_thread(self.status.done, words)

    def action_back(self) -> None:
        """Go back to the steps; a link that was made is forgotten."""
        self.app.pop_screen()
