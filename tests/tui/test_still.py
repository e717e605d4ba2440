"""Widgets that keep their lines: they look as Textual itself would draw them, and draw less."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from helpspace.tui.widgets.still import Still


class Plain(Widget):
    """Three lines with a ground and room around them, one of them short."""

    DEFAULT_CSS = """
    Plain { width: 20; height: 6; padding: 1 2 2 3; background: #102030; color: #d0d0d0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = ["one", "two", "a line that is too long for it"]
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return Strip([Segment(self.words[y], Style(color="red"))])


class Kept(Still, Plain):
    """The same, kept."""


class Both(App[None]):
    """Textual's own above, ours below."""

    def compose(self) -> ComposeResult:
        yield Plain()
        yield Kept()


def played(walk: Callable[[Kept, Plain, Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Both()
        async with app.run_test(size=(30, 14)) as pilot:
            kept = app.query_one(Kept)
            await walk(kept, next(iter(app.query(Plain))), pilot)

    asyncio.run(run())


def cells(widget: Widget, crop: Region) -> list[list[tuple[object, ...]]]:
    """Every cell that a widget draws, with the colours that can be seen in it."""
    return [
        [
            (sign, part.style.bgcolor, sign != " " and part.style.color)
            for part in line
            for sign in part.text
            if part.style
        ]
        for line in widget.render_lines(crop)
    ]


def test_it_looks_as_textual_draws_it() -> None:
    async def walk(kept: Kept, plain: Plain, pilot: Pilot[None]) -> None:
        del pilot
        for crop in (Region(0, 0, 20, 6), Region(0, 2, 20, 3), Region(4, 1, 9, 3)):
            assert cells(kept, crop) == cells(plain, crop)

    played(walk)


def test_only_what_is_refreshed_is_drawn_again() -> None:
    async def walk(kept: Kept, _: Plain, pilot: Pilot[None]) -> None:
        await pilot.pause()
        kept.drawn.clear()
        kept.words[1] = "2"
        kept.refresh(Region(0, 1, 3, 1))
        await pilot.pause()
        assert kept.drawn == [1]
        line = kept.render_lines(Region(0, 2, 20, 1))[0]
        assert line.text == "   2".ljust(20)
        kept.refresh()
        await pilot.pause()
        assert kept.drawn == [1, 0, 1, 2]

    played(walk)


def test_another_size_or_look_draws_all_of_it() -> None:
    async def walk(kept: Kept, plain: Plain, pilot: Pilot[None]) -> None:
        await pilot.pause()
        for change in ("width", "background"):
            kept.drawn.clear()
            for widget in (kept, plain):
                widget.styles.width = 24
                if change == "background":
                    widget.styles.background = "#304050"
            await pilot.pause()
            assert sorted(kept.drawn) == [0, 1, 2], change
            crop = Region(0, 0, 24, 6)
            assert cells(kept, crop) == cells(plain, crop), change

    played(walk)
