"""The floor of every Textual program: one Static and nothing else."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """Shows one line."""

    def compose(self) -> ComposeResult:
        yield Static("A bare Textual app.\n" * 20)


if __name__ == "__main__":
    BareApp().run()
