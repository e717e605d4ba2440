"""Finding anything: a part of a name, a date, what is unpaid; Enter goes there in the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from helpspace.core import moments
from helpspace.core.calendar import Entry
from helpspace.core.caseload import OwnClient, clients_of
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.moments import pounds
from helpspace.tui.action import Action
from helpspace.tui.blocks import status_of
from helpspace.tui.desk import Desk
from helpspace.tui.finding import AHEAD, BACK, Hit, find
from helpspace.tui.messages import Found
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.grid_text import fit

_HELP = "A part of a name, a date like “24 nov”, or unpaid, open, held, done."


class FoundList(OptionList, can_focus=False):
    """What was found; the marked one is gone to."""

    DEFAULT_CSS = """
    FoundList {
        height: 9; padding: 0; border: none; background: transparent;
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        & > .option-list--option { padding: 0 1; color: $grid-text; }
        & > .option-list--option-highlighted {
            background: $primary; color: $grid-ground; text-style: bold;
        }
    }
    """


class FindModal(FormPanel):
    """One line, and below it everything that fits; ends with where to go."""

    HEADING = "Find"
    DO = "go there"
    DEFAULT_CSS = """
    FindModal Field > Input { width: 1fr; }
    FindModal Field > .understood { width: auto; }
    FindModal .preview { height: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.line = Field("Find", "", id="find", placeholder="anna · 24 nov · unpaid")
        self.list = FoundList()
        self._entries: list[Entry] | None = None
        self._clients: list[OwnClient] = []
        self._hits: list[Hit] = []

    def bar(self) -> list[tuple[Action, str]]:
        # There is no other field to go to.
        return [shown for shown in super().bar() if shown[0].id != "form.next"]

    def body(self) -> Iterable[Widget]:
        return (self.line, self.list, self.preview_line)

    def on_mount(self) -> None:
        super().on_mount()
        self._look_through()

    @work(group="find", exit_on_error=False)
    async def _look_through(self) -> None:
        """Read what can be found, off the event loop: years of sessions take their time."""
        desk = self.desk
        first, days = desk.today - BACK, (BACK + AHEAD).days
        try:
            self._clients = await desk.act(
                partial(clients_of, desk.practice, desk.actor, desk.actor.id)
            )
            self._entries = await desk.act(partial(desk.entries, first, days))
        except HelpspaceError as error:
            self.refuse(error)
        self.look()

    def preview(self) -> Lines:
        """List what fits; one line says how many there are."""
        desk, text = self.desk, self.line.value
        if self._entries is None:
            return [("One moment …", "$grid-quiet")]
        hits = find(
            text, self._entries, self._clients, today=desk.today, zone=desk.zone, now=desk.now()
        )
        if hits != self._hits:
            self._hits = hits
            self.list.clear_options()
            self.list.add_options([Option(self._line(hit)) for hit in hits])
            self.list.highlighted = 0 if hits else None
        if not text.strip():
            return [(_HELP, "$grid-quiet")]
        if not hits:
            return [("Nothing fits that.", "$warning")]
        return [(f"{len(hits)} found; ↑ ↓ choose.", "$grid-quiet")]

    def _line(self, hit: Hit) -> Content:
        desk = self.desk
        zone, now = desk.zone, desk.now()
        if hit.client is not None:
            last = f"last seen {moments.show(hit.start, zone, reference=now)}"
            return Content.assemble(fit(desk.name(hit.client.name), 24), f" {last}")
        if hit.entry is None:
            day = moments.local_date(hit.start, zone)
            return Content(f"{day:%A} {day.day} {day:%B %Y}")
        entry, status = hit.entry, status_of(hit.entry)
        name = desk.name(entry.client_name) or "slot"
        when = moments.show(entry.start, zone, reference=now)
        money = pounds(entry.fee_pence) if entry.kind != "slot" else ""
        return Content.assemble(
            fit(when, 20), f" {status.glyph} {status.word:<9} ", fit(name, 24), f" {money}"
        )

    def _step(self, by: int) -> None:
        at = self.list.highlighted
        if self._hits and at is not None:
            self.list.highlighted = min(max(at + by, 0), len(self._hits) - 1)

    def action_later(self) -> None:
        self._step(1)

    def action_earlier(self) -> None:
        self._step(-1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click goes there."""
        event.stop()
        self.start()

    def start(self) -> None:
        at = self.list.highlighted
        if at is None or not self._hits:
            raise Invalid("Nothing fits that", _HELP)
        hit = self._hits[at]
        self.dismiss(Found(hit.start, hit.entry.id if hit.entry else None))
