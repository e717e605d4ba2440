"""What a key costs in the calendar: the lines it draws anew, what it reads, and nothing besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from textual.filter import ANSIToTruecolor
from textual.strip import Strip
from textual.widget import Widget

from helpspace.core import appointments
from helpspace.core.practice import Practice
from helpspace.tui import theme
from helpspace.tui.actions import Under
from helpspace.tui.widgets.grid_messages import GridMessage
from tests.tui.scenes import Scene, at
from tests.tui.stage import LARGE, SMALL, Stage, play


class Drawn:
    """Counts the lines that each widget of the calendar is asked to draw."""

    def __init__(self, stage: Stage) -> None:
        pane = stage.pane
        self.lines: Counter[str] = Counter()
        self._stage = stage
        for widget in (
            pane, pane.title, pane.grid, pane.detail, pane.coming, pane.status, pane.keys,
        ):  # fmt: skip
            self._count(widget)

    def _count(self, widget: Widget) -> None:
        name, draw = type(widget).__name__, widget.render_line

        def counted(y: int) -> Strip:
            self.lines[name] += 1
            return draw(y)

        widget.render_line = counted  # type: ignore[method-assign]

    async def after(self, *keys: str) -> dict[str, int]:
        """Press keys and return how many lines of what were drawn for them."""
        await self._stage.pilot.pause()
        self.lines.clear()
        await self._stage.press(*keys)
        return dict(self.lines)


def test_a_key_draws_the_cursors_cells_and_the_words_that_differ(
    week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(5, 12))
        drawn = Drawn(stage)

        # Both are free time: two lines for each half hour, and the time in the facts.
        assert await drawn.after("down") == {"WeekGrid": 4, "DetailPane": 1}
        # The days' heads and the two lines of the half hour; when it is, and how far ahead.
        assert await drawn.after("right") == {"WeekGrid": 3, "DetailPane": 2}
        assert await drawn.after("left", "right") == {"WeekGrid": 6, "DetailPane": 4}
        assert pane.under is Under.FREE

    play(week, scene.therapist, walk, LARGE)


def test_a_session_draws_its_block_its_facts_and_the_keys(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 12))
        drawn = Drawn(stage)
        drawn.lines.clear()
        await stage.go(scene.paid)
        block = stage.pane.grid._layout.of(scene.paid)[0]  # type: ignore[union-attr]
        assert drawn.lines["WeekGrid"] <= 1 + 2 + len(block.lines)
        assert drawn.lines["KeyBar"] == 1
        assert drawn.lines["DetailPane"] <= len(stage.pane.detail._lines)
        assert not {"TitleBar", "ComingUp", "StatusLine", "CalendarPane"} & set(drawn.lines)

    play(week, scene.therapist, walk, LARGE)


def test_a_key_sends_no_message_through_the_calendar(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 12))
        followed = []
        stage.pane.followed = lambda: followed.append(stage.pane.grid.cursor)
        sent: list[Any] = []
        post = stage.pane.grid.post_message
        stage.pane.grid.post_message = (  # type: ignore[method-assign]
            lambda message: (sent.append(message), post(message))[1]
        )
        await stage.press("down")
        assert followed == [at(5, 12, 30)]
        assert "Key" in {type(message).__name__ for message in sent}
        assert not [message for message in sent if isinstance(message, GridMessage)]

    play(week, scene.therapist, walk, LARGE)


def test_a_session_is_read_once_until_the_days_are_read_again(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, found = [], appointments.appointment

    def counted(practice: Practice, actor: Any, session: str) -> Any:
        read.append(session)
        return found(practice, actor, session)

    async def walk(stage: Stage) -> None:
        monkeypatch.setattr(appointments, "appointment", counted)
        for _ in range(3):
            await stage.go(scene.paid)
            await stage.go_to(at(5, 12))
        assert read == [scene.paid]
        stage.pane.reload()
        await stage.go(scene.paid)
        assert read == [scene.paid] * 2

    play(week, scene.therapist, walk)


def test_lines_that_are_kept_are_those_that_would_be_drawn(week: Practice, scene: Scene) -> None:
    keys = (
        "down", "right", "full_stop", "full_stop", "down", "shift+down", "shift+right", "left",
        "plus", "pagedown", "pageup", "minus", "minus", "asterisk", "full_stop", "asterisk", "2",
        "right_square_bracket", "left_square_bracket", "1", "comma", "2", "home", "end",
    )  # fmt: skip

    async def walk(stage: Stage) -> None:
        grid = stage.pane.grid
        for key in keys:
            await stage.press(key)
            shown = [grid.render_line(y) for y in range(grid.size.height)]
            assert grid._painter is not None
            grid._painter._kept.clear()
            assert shown == [grid.render_line(y) for y in range(grid.size.height)], key

    play(week, scene.therapist, walk, SMALL)


def _widgets(stage: Stage) -> Iterator[Widget]:
    pane = stage.pane
    yield from (pane.title, pane.coming, pane.status, pane.keys)


def test_widgets_that_stand_still_follow_the_theme_and_the_size(
    week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        for change in ("dark", "light", "narrow"):
            if change == "narrow":
                await stage.pilot.resize_terminal(120, 30)
            else:
                theme.put_on(stage.app, f"helpspace-{change}")
            await stage.pilot.pause()
            for widget in _widgets(stage):
                given = widget.render_lines(widget.size.region)
                widget.refresh()
                assert given == widget.render_lines(widget.size.region), (change, widget)

    play(week, scene.therapist, walk, LARGE)


def test_the_grids_colours_are_true_without_looking_at_each(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        for name in ("dark", "light", "high-contrast", "colour-blind"):
            theme.put_on(stage.app, f"helpspace-{name}")
            await stage.pilot.pause()
            for widget in (stage.pane.grid, stage.pane.detail):
                kinds = {type(one) for one in widget.get_line_filters()}
                assert ANSIToTruecolor not in kinds
                for y in range(widget.size.height):
                    for _, style, _ in widget.render_line(y):
                        assert style is not None
                        assert not style.dim
                        for color in (style.color, style.bgcolor):
                            assert color is not None
                            assert color.triplet is not None

    play(week, scene.therapist, walk, LARGE)
