"""Every screen of the terminal is whole at both sizes, and harmless whatever people are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.content import Content
from textual.widgets import Input, Static

from helpspace.core.practice import Practice
from helpspace.core.vault import Vault
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine
from tests import makers
from tests.surfaces.test_names_terminal import Looked
from tests.tui.doors import DOORS, Door, go_in, go_out, prepare
from tests.tui.scenes import Scene, at, pay
from tests.tui.stage import SMALL, Stage, play

LONG = {
    "client.name": "[@click=app.quit]Llanfair-Schmetterlingshausen\x1b]52;c;aGk=\x07 [/b] ap I",
    "therapist.name": "Gwenllian Ferch-Gruffudd von Hohenzollern-Schwarzwälderstein",
    "client.email": "a.very.long.address.of.somebody@llanfairpwllgwyngyll.example.org",
    "therapist.contact": "werktags erreichbar: Schmetterlingshausen 0161 496 0000",
}
"""What people write, as long as it may be, with what a terminal or a markup would obey (A3)."""

FEE = 1_234_567


class Longer(Vault):
    """A vault in which everybody has a long name and address."""

    def open(self, sealed: bytes | memoryview, column: str) -> str:
        """Return what is sealed, or the long word for it."""
        text = super().open(sealed, column)
        return LONG.get(column, text)


def lengthened(practice: Practice, scene: Scene) -> tuple[Practice, Scene]:
    """Let there be long names and fees of five figures: paid, to come, and not paid."""
    made = [
        makers.follow_up(practice, scene.therapist, scene.sam, at(5, hour), fee_pence=FEE).id
        for hour in (9, 11, 15)
    ]
    pay(practice, made[0])
    pay(practice, made[2], "failed")
    whole = replace(practice, vault=Longer(makers.KEY, practice.ids))
    return whole, replace(scene, paid=made[0], to_come=made[1])


def cut(stage: Stage) -> Iterator[str]:
    """Say what of the topmost screen is not whole."""
    screen = stage.app.screen
    width, height = stage.app.size
    for panel in screen.query(".panel"):
        region = panel.region
        if region.x < 0 or region.y < 0 or region.right > width or region.bottom > height:
            yield f"the panel is at {region}"
    for bar in screen.query(KeyBar):
        if bar.display:
            yield from _cut_bar(bar)
    for text in screen.query("Static, StatusLine"):
        if text.display and text.content_size.width and isinstance(text, Static | StatusLine):
            yield from _cut_text(text)
    for field in screen.query(Input):
        if field.display and field.size.width and not 0 <= field.region.x < field.region.right:
            yield f"the field {field.parent} has no room"
        if field.region.right > width:
            yield f"the field {field.parent} ends beyond the screen"


def _cut_bar(bar: KeyBar) -> Iterator[str]:
    """A bar shows whole words; what it leaves out is in the help, whose key it then shows."""
    missing = {one.id for one, _ in bar._items} - set(bar.shown)
    if missing and not any(one.endswith(".help") or one == "help.keys" for one in bar.shown):
        yield f"no room for the keys {missing}"
    if any(right > bar.size.width for _, right, _ in bar._spans):
        yield f"a word of the bar ends beyond it: {bar._spans[-1]}"


def _cut_text(text: Static | StatusLine) -> Iterator[str]:
    shown = text.render()
    if not isinstance(shown, Content):
        return
    lines = shown.wrap(text.content_size.width)
    if len(lines) > text.content_size.height:
        yield f"{text.content_size} is too small for {shown.plain!r}"


FORMS = [(), ("1",), ("2",), ("3",), ("4",)]
"""The keys of what is no screen of its own: the four forms of the calendar."""


async def look(stage: Stage, scene: Scene, door: Door) -> list[str]:
    """Open a screen, look at it, and go back."""
    await go_in(stage, scene, door)
    Looked(stage).look(None)
    found = [f"{door.name}: {one}" for one in cut(stage)]
    if door.keys[:1] not in FORMS and len(stage.app.screen_stack) == 1:
        found.append(f"{door.name}: nothing has opened: {stage.said}")
    await go_out(stage)
    return found


@pytest.mark.long
def test_nothing_is_cut_on_any_screen(
    week: Practice,
    scene: Scene,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The large terminal is looked at in the same way by `make soak`."""
    monkeypatch.chdir(tmp_path_factory.mktemp("s"))  # a path of a length that people have
    walk_everywhere(week, scene, SMALL)


def walk_everywhere(week: Practice, scene: Scene, size: tuple[int, int]) -> None:
    prepare(week, scene)
    practice, longer = lengthened(week, scene)
    found: list[str] = []

    async def walk(stage: Stage) -> None:
        for door in DOORS:
            found.extend(await look(stage, longer, door))

    play(practice, scene.therapist, walk, size)
    assert found == []


def test_a_long_refusal_is_read_to_its_end(week: Practice, scene: Scene) -> None:
    """What is said takes the lines it needs, and gives them back to the calendar afterwards."""
    from helpspace.core.errors import HelpspaceError

    words = "Somebody has changed this session from another place", "Look at it anew. " * 6

    async def walk(stage: Stage) -> None:
        status = stage.pane.status
        await stage.go(scene.friday)
        cursor, tall = stage.pane.grid.cursor, stage.pane.grid.size.height
        status.refuse(HelpspaceError(words[0], words[1].strip()))
        await stage.settle()
        assert status.size.height == 3
        assert " ".join(stage.text.split()).count("Look at it anew.") == 6
        assert stage.pane.grid.cursor == cursor
        status.clear()
        await stage.settle()
        assert (status.size.height, stage.pane.grid.size.height) == (1, tall)

    play(week, scene.therapist, walk, SMALL)
