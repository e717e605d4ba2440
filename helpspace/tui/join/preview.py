"""A picture in half blocks: two pixels a cell, in the colours of the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

Pixels = Sequence[Sequence[tuple[int, int, int]]]
"""Rows of pixels, an even number of them."""

MOST = (64, 64)
"""Pixels of the largest preview: 64 columns by 32 lines."""


def pixels_of(content: bytes, ground: tuple[int, int, int] = (255, 255, 255)) -> Pixels:
    """Return a kept picture made small enough to be shown; slow, so it belongs in a thread."""
    from PIL import Image  # noqa: PLC0415 - slow to load

    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
        picture.draft("RGB", MOST)
        picture.thumbnail(MOST)
        whole = picture.convert("RGBA")
        base = Image.new("RGBA", whole.size, (*ground, 255))
        base.alpha_composite(whole)
        flat = base.convert("RGB")
        width, height = flat.size
        raw = flat.tobytes()
    rows = [[tuple(raw[3 * (y * width + x) :][:3]) for x in range(width)] for y in range(height)]
    return [*rows, *([[ground] * width] if height % 2 else [])]  # type: ignore[list-item]


def fitted(pixels: Pixels, width: int, lines: int) -> Pixels:
    """Return the picture in at most so many cells, by taking the nearest pixels."""
    if not pixels or width < 1 or lines < 1:
        return []
    share = min(1.0, width / len(pixels[0]), 2 * lines / len(pixels))
    columns = max(1, int(len(pixels[0]) * share))
    rows = max(2, int(len(pixels) * share) // 2 * 2)
    return [
        [
            pixels[y * len(pixels) // rows][x * len(pixels[0]) // columns]
            for x in range(columns)
        ]
        for y in range(rows)
    ]  # fmt: skip


def strips(pixels: Pixels) -> list[Strip]:
    """Return the lines of cells that show these pixels."""
    found = []
    for y in range(0, len(pixels) - 1, 2):
        segments = [
            Segment("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
            for above, below in zip(pixels[y], pixels[y + 1], strict=True)
        ]
        found.append(Strip(segments))
    return found


class Preview(Widget):
    """Shows a picture as large as its room allows; nothing before there is one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Preview { width: 1fr; height: 12; margin: 0 0 1 2; display: none; }
    Preview.-there { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._pixels: Pixels = []
        self._strips: list[Strip] = []

    @property
    def lines(self) -> int:
        """How many lines the picture takes now."""
        return len(self._strips)

    def show(self, pixels: Pixels) -> None:
        """Show another picture, or none."""
        self._pixels = pixels
        self.set_class(bool(pixels), "-there")
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self._strips = strips(fitted(self._pixels, self.size.width, self.size.height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        return self._strips[y].adjust_cell_length(self.size.width, self.rich_style)
