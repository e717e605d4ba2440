"""What all panels over the calendar share: their look, one act at a time, refusals in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from helpspace.core.errors import HelpspaceError
from helpspace.tui.actions import Action
from helpspace.tui.desk import Desk
from helpspace.tui.messages import ActRefused, Done
from helpspace.tui.typed_ahead import Early
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine

T = TypeVar("T")
R = TypeVar("R")


class Panel(ModalScreen[R], Generic[R], inherit_bindings=False):
    """A panel in the middle of the screen: a heading, a body, one line for refusals, its keys."""

    DEFAULT_CSS = """
    Panel {
        align: center middle;
        background: $background 65%;
        & > .panel {
            width: 76;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            overflow-y: auto;
            scrollbar-size-vertical: 1;
            padding: 1 3;
            background: $panel;
            border: round $grid-line;
        }
        .heading { height: 1; margin-bottom: 1; text-style: bold; color: $grid-text; }
        .body { height: auto; }
        StatusLine { background: transparent; padding: 0; margin-top: 1; }
    }
    """
    HEADING: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusLine()
        self.keys = KeyBar(plain=True)
        self.early = Early()
        """The keys that come before its fields are there."""
        self._late: tuple[R | None] | None = None
        """What it ended with while something covered it."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield Static(Content(self.heading()), classes="heading")
            with Vertical(classes="body"):
                yield from self.body()
            yield self.status
            yield self.keys
            yield from self.foot()

    def heading(self) -> str:
        """Return what the panel is about; foreign text in it must be cleaned."""
        return self.HEADING

    def body(self) -> Iterable[Widget]:
        """Return the widgets between heading and keys."""
        return ()

    def foot(self) -> Iterable[Widget]:
        """Return the widgets below the keys."""
        return ()

    def on_mount(self) -> None:
        self.keys.show(self.bar())
        self.early.there(self.app)

    def bar(self) -> list[tuple[Action, str]]:
        """Return the keys to show, with their words."""
        return []

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """End, or as soon as nothing covers it any more: an act may end under the palette."""
        if self.app.screen is self:
            return super().dismiss(result)
        self._late = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """End now, if it was to end while something covered it."""
        if self._late is not None:
            self.dismiss(self._late[0])

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)


class ActingPanel(Panel[Done | None]):
    """A panel that can do something; it ends with the message of what was done, or with None."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.acting = False
        """Whether an act is on its way; a second one waits for nobody, and Esc too."""

    def act(self, call: Callable[[], T], done: Callable[[T], Done]) -> None:
        """Run an act off the event loop; end with its message, or show why it was refused."""
        if not self.acting:
            self.acting = True
            self._run(call, done)

    @work(group="act", exit_on_error=False)
    async def _run(self, call: Callable[[], T], done: Callable[[T], Done]) -> None:
        try:
            with self.status.patience():
                result = await self.desk.act(call)
        except HelpspaceError as error:
            self.refuse(error)
        else:
            self.dismiss(done(result))
        finally:
            self.acting = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of our own is told calmly; its details belong in no screen."""
        if event.worker.group == "act" and event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self.refuse(HelpspaceError())

    def refuse(self, error: HelpspaceError) -> None:
        """Show why something was not done."""
        self.status.refuse(error)
        self.post_message(ActRefused(error))

    def leave(self) -> None:
        """End without having done anything."""
        if not self.acting:
            self.dismiss(None)
