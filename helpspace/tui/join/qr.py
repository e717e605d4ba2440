"""An address as a QR code in half blocks, where the extra `qr` is installed."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from helpspace.tui.join.preview import Pixels, strips

_DARK, _LIGHT = (0, 0, 0), (255, 255, 255)
_BORDER = 2
"""Modules of light around; phones read it so, and 24 lines hold it."""


def pixels_of(address: str) -> Pixels:
    """Return the modules of a code, dark on light in every theme; none without the extra."""
    try:
        import segno  # noqa: PLC0415 - an extra
    except ImportError:
        return []
    code = segno.make(address, error="l", micro=False, boost_error=False)
    rows = [
        [_DARK if module else _LIGHT for module in row]
        for row in code.matrix_iter(border=_BORDER)
    ]  # fmt: skip
    return [*rows, *([[_LIGHT] * len(rows[0])] if len(rows) % 2 else [])]


class Code(Widget):
    """Shows a code, if all of it finds room; half a code is none."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Code { width: 0; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []

    @property
    def size_needed(self) -> tuple[int, int]:
        """The cells that the code takes: columns and lines."""
        return (self._strips[0].cell_length if self._strips else 0, len(self._strips))

    def show(self, address: str) -> None:
        """Show the code of an address, or none for an empty one."""
        self._strips = strips(pixels_of(address)) if address else []
        self.styles.width = self.size_needed[0]
        self.refresh(layout=True)

    @property
    def fits(self) -> bool:
        """Whether the code can be seen as a whole."""
        columns, lines = self.size_needed
        return 0 < columns <= self.size.width and lines <= self.size.height

    def render_line(self, y: int) -> Strip:
        if not self.fits or y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y].adjust_cell_length(self.size.width, self.rich_style)
