"""Opens every screen in a real terminal and looks at it: a program that `test_fits.py` runs.

The scene lies beside the store in `scene.json`; what is wrong is written to `found.txt` there, a
line each, when the walk has come to its end.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Static

from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.vault import Vault
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.practice_ground import open_ground
from helpspace.tui.app import TherapistApp
from helpspace.tui.widgets.key_bar import KeyBar
from helpspace.tui.widgets.status_line import StatusLine
from tests import makers
from tests.frames import quicken
from tests.surfaces.test_names_terminal import Looked
from tests.tui.doors import DOORS, Door, go_in, go_out
from tests.tui.scenes import Scene, at, pay
from tests.tui.stage import Stage

PROGRAM = "from tests.tui.everywhere import main; main()"

LONG = {
    "client.name": "[@click=app.quit]Llanfair-Schmetterlingshausen\x1b]52;c;aGk=\x07 [/b] ap I",
    "therapist.name": "Gwenllian Ferch-Gruffudd von Hohenzollern-Schwarzwälderstein",
    "client.email": "a.very.long.address.of.somebody@llanfairpwllgwyngyll.example.org",
    "therapist.contact": "werktags erreichbar: Schmetterlingshausen 0161 496 0000",
}
"""What people write, as long as it may be, with what a terminal or a markup would obey (A3)."""

FEE = 1_234_567

FORMS = [(), ("1",), ("2",), ("3",), ("4",)]
"""The keys of what is no screen of its own: the four forms of the calendar."""


class Longer(Vault):
    """A vault in which everybody has a long name and address."""

    def open(self, sealed: bytes | memoryview, column: str) -> str:
        """Return what is sealed, or the long word for it."""
        text = super().open(sealed, column)
        return LONG.get(column, text)


def lengthened(practice: Practice, scene: Scene) -> Scene:
    """Let there be fees of five figures: paid, to come, and not paid."""
    made = [
        makers.follow_up(practice, scene.therapist, scene.sam, at(5, hour), fee_pence=FEE).id
        for hour in (9, 11, 15)
    ]
    pay(practice, made[0])
    pay(practice, made[2], "failed")
    return replace(scene, paid=made[0], to_come=made[1])


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


async def look(stage: Stage, scene: Scene, door: Door) -> list[str]:
    """Open a screen, look at it, and go back."""
    await go_in(stage, scene, door)
    Looked(stage).look(None)
    found = [f"{door.name}: {one}" for one in cut(stage)]
    if door.keys[:1] not in FORMS and len(stage.app.screen_stack) == 1:
        found.append(f"{door.name}: nothing has opened: {stage.said}")
    await go_out(stage)
    return found


def scene_in(text: str) -> Scene:
    """Read a scene that another process wrote with `json.dumps(asdict(scene))`."""
    fields = json.loads(text)
    return Scene(**{key: Actor(*it) if isinstance(it, list) else it for key, it in fields.items()})


def main() -> None:
    """Walk through everything; the store and the present come as words."""
    quicken()
    url, _, now, *_ = sys.argv[1:]
    folder = Path(url.removeprefix("sqlite:///")).parent
    scene = scene_in((folder / "scene.json").read_text())
    made = makers.practice_at(url, MovableClock(int(now)))
    practice = replace(made, vault=Longer(makers.KEY, made.ids))
    app = TherapistApp(practice, scene.therapist, ground=open_ground, debug=True)
    found: list[str] = []

    async def walk(pilot: Pilot[None]) -> None:
        stage = Stage(app, pilot, [])
        try:
            for door in DOORS:
                found.extend(await look(stage, scene, door))
        except Exception:  # noqa: BLE001 - it is told to the test
            found.append(traceback.format_exc())
        (folder / "found.txt").write_text("\n".join(found))
        app.exit()

    app.run(auto_pilot=walk)
