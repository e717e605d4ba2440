"""What every Helpspace app in a terminal shares: themes, keys, and a calm end when it breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import BindingType

from helpspace.tui import theme
from helpspace.tui.actions import Place, bindings

if TYPE_CHECKING:
    from textual.command import Provider


def _actions() -> type[Provider]:
    """The palette's provider, loaded when the palette is first opened."""
    from helpspace.tui.commands import ActionProvider  # noqa: PLC0415

    return ActionProvider


class HelpspaceApp(App[None], inherit_bindings=False):
    """Knows our themes; its palette holds only our own actions."""

    TITLE = "Helpspace"
    CSS_PATH = Path(__file__).with_name("helpspace.tcss")
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.EVERYWHERE)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_actions}

    def __init__(self, *, debug: bool = False) -> None:
        super().__init__()
        self._tells_all = debug
        theme.register(self)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our widgets their colours under themes that are not ours, too."""
        return theme.variable_defaults(dark=self.current_theme.dark)

    def action_put_on(self, name: str) -> None:
        """Change the theme."""
        self.theme = name

    def action_how_to_leave(self) -> None:
        """Answer the key that ends most programs: here it might end a form by mistake."""
        self.notify("q leaves Helpspace, Ctrl+Q does from anywhere.", markup=False, timeout=4)

    def _fatal_error(self) -> None:
        """End calmly after a fault of our own: Textual's traceback shows values, and so names."""
        if self._tells_all:
            super()._fatal_error()
            return
        self.panic(
            Text(
                "Helpspace has stopped because of a fault of its own. What was answered is saved.\n"
                "Start it again; with --debug it shows what went wrong."
            )
        )
