"""What the screens of the joining app share: a title, a body, one line of news, their keys."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, cast

from textual import work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from helpspace.core.errors import HelpspaceError
from helpspace.tui.action import Action
from helpspace.tui.messages import ActRefused
from helpspace.tui.widgets.head import Head
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from helpspace.tui.join.app import JoinApp
    from helpspace.tui.join.desk import JoinDesk
    from helpspace.tui.join.draft import Place


class JoinScreen(Screen[None], inherit_bindings=False):
    """One screen of the joining app; an act at a time, refusals in one line."""

    DEFAULT_CSS = """
    JoinScreen { background: $grid-ground; color: $grid-text; layout: vertical; }
    """
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.head = Head()
        self.status = StatusLine()
        self.keys = KeyBar()
        self.acting = False
        """Whether an act is on its way; a second one waits for nobody."""
        self._failed: Callable[[HelpspaceError], object] = self.refuse

    @property
    def joining(self) -> JoinApp:
        """The app around, which the screens of this room know."""
        return cast("JoinApp", self.app)

    @property
    def desk(self) -> JoinDesk:
        """What all screens work at."""
        return self.joining.desk

    def compose(self) -> ComposeResult:
        if self.desk.practice.settings.stripe_is_test:
            self.head.mark_test()
        yield self.head
        yield from self.body()
        yield self.status
        yield self.keys

    def body(self) -> Iterable[Widget]:
        """Return the widgets between title and news."""
        return ()

    def on_mount(self) -> None:
        self.look()

    def focus_first(self) -> None:
        """Let the first field have the keys at once: a key typed ahead belongs to it.

        Not what takes something away by a key of its own.
        """
        safe = (one for one in self.focus_chain if not one.has_class("-takes-away"))
        self.set_focus(next(safe, None))

    def on_screen_resume(self) -> None:
        """Something may have changed under another screen."""
        if self.is_mounted:
            self.look()

    def look(self) -> None:
        """Show how everything stands now."""

    def met(self, changed: set[Place]) -> None:
        """Show what another process or thread changed; `changed` are fields of the application."""
        del changed
        self.look()

    def kept(self) -> None:
        """Show whether everything typed is kept."""

    def bar(self, items: list[tuple[Action, str]]) -> None:
        """Show these keys."""
        self.keys.show(items)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what the clicked word says."""
        event.stop()
        await self.run_action(event.action.run)

    # -- acting ----------------------------------------------------------------------------------

    def act(
        self,
        call: Callable[[], Coroutine[Any, Any, object]],
        done: Callable[[], object],
        failed: Callable[[HelpspaceError], object] | None = None,
    ) -> None:
        """Run an act; then `done`, or show why it was refused."""
        if not self.acting:
            self.acting = True
            self._failed = failed or self.refuse
            self._run(call, done, self._failed)

    @work(group="act", exit_on_error=False)
    async def _run(
        self,
        call: Callable[[], Coroutine[Any, Any, object]],
        done: Callable[[], object],
        failed: Callable[[HelpspaceError], object],
    ) -> None:
        try:
            with self.status.patience():
                await call()
        except HelpspaceError as error:
            self._end()
            failed(error)
        else:
            self._end()
            done()
        finally:
            self._end()

    def _end(self) -> None:
        if self.acting:
            self.acting = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A fault of our own is told calmly; its details belong in no screen."""
        if event.worker.group == "act" and event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self._failed(HelpspaceError())

    def refuse(self, error: HelpspaceError) -> None:
        """Show why something was not done."""
        self.status.refuse(error)
        self.post_message(ActRefused(error))
