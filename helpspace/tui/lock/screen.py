"""What a locked terminal shows: one field, and nothing of the practice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from helpspace.core.errors import HelpspaceError
from helpspace.tui.actions import Place, Under, action, bar, bindings
from helpspace.tui.widgets.field import Field
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine

_FORGOTTEN = "Forgotten? Your Helpspace team takes the lock off; nothing is lost."


class LockScreen(Screen[None], inherit_bindings=False):
    """Covers everything until the passphrase opens it; what lies under it goes on and stays."""

    BINDINGS = bindings(Place.LOCKED)
    DEFAULT_CSS = """
    LockScreen { align: center middle; background: $background; }
    LockScreen > .panel {
        width: 76; max-width: 100%; height: auto; padding: 1 3;
        background: $panel; border: round $grid-line;
    }
    LockScreen .heading { height: 1; margin-bottom: 1; text-style: bold; color: $grid-text; }
    LockScreen .quiet { height: auto; color: $grid-quiet; }
    LockScreen Field { margin-bottom: 1; }
    LockScreen Field > .label { width: 12; }
    LockScreen Field > Input { width: 1fr; }
    LockScreen Field > .understood { width: 0; padding: 0; }
    LockScreen StatusLine { background: transparent; padding: 0; margin-top: 1; }
    """

    def __init__(self, opens: Callable[[str], Awaitable[None]]) -> None:
        """`opens` tries a passphrase, off the event loop; it refuses those that do not fit."""
        super().__init__()
        self._opens = opens
        self.field = Field("Passphrase", "", id="passphrase", secret=True, longest=200)
        self.status = StatusLine()
        self._trying = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(Content("This terminal is locked"), classes="heading")
            yield self.field
            yield Static(Content(_FORGOTTEN), classes="quiet")
            yield self.status
            keys = [*bar([Place.LOCKED], Under.FREE), (action("app.leave"), "quit")]
            yield KeyBar(keys, plain=True)

    def on_mount(self) -> None:
        self.field.input.focus()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    def action_show(self) -> None:
        """Show what is typed, or dots."""
        self.field.input.password = not self.field.input.password

    def action_open(self) -> None:
        """Try what was typed before Enter, also where the keys came faster than the screen."""
        self.field.input.call_later(self._try_once)

    def _try_once(self) -> None:
        if not self._trying:
            self._trying = True
            self._try(self.field.value)

    @work(group="act", exit_on_error=False)
    async def _try(self, passphrase: str) -> None:
        try:
            with self.status.patience():
                await self._opens(passphrase)
        except HelpspaceError as error:
            self.field.input.value = ""
            self.status.refuse(error)
        else:
            self.dismiss(None)
        finally:
            self._trying = False
