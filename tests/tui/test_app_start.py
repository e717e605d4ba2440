"""Starting: whose calendar it is, and that nothing heavy is loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError
from helpspace.core.practice import Practice
from helpspace.tui.app import TherapistApp
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.widgets.calendar_pane import CalendarPane
from tests import makers
from tests.tui.scenes import Scene
from tests.tui.screen_text import screen_text
from tests.tui.stage import Stage, play

_LOADED = """
import sys
import helpspace.tui.app
heavy = {"stripe", "telegram", "apscheduler", "typer", "starlette", "jinja2", "cryptography"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
print([name for name in sys.modules if name.startswith("helpspace.tui.screens.")])
print([name for name in sys.modules if name.startswith(("helpspace.bot", "helpspace.jobs"))])
"""


def test_nothing_is_loaded_that_the_first_screen_does_not_need() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["[]", "[]", "[]"]


def test_only_ones_own_calendar_opens(week: Practice, scene: Scene) -> None:
    """A1: what is not one's own answers like what does not exist."""
    for actor in (Actor.therapist("nobody"), scene.sam, Actor.client(scene.therapist.id)):
        with pytest.raises(HelpspaceError):
            TherapistApp(week, actor)


def test_an_empty_practice_says_what_to_do(week: Practice, scene: Scene) -> None:
    newcomer = makers.add_therapist(week, "Nora New")

    async def walk(stage: Stage) -> None:
        assert "hidden: no open slot can be booked now" in " ".join(stage.text.split())
        assert "s opens a slot here" in stage.text
        await stage.press("f")
        assert "You have no clients yet" in stage.text

    play(week, newcomer, walk, (100, 30))


def test_a_key_shows_its_facts_in_the_same_frame(week: Practice, scene: Scene) -> None:
    """What comes by a message is painted a frame later, and a key would take two."""

    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.press("t")
        before = pane.detail.facts
        pane.grid.action_cursor_down()
        assert pane.detail.facts != before

    play(week, scene.therapist, walk)


def test_what_is_coming_up_is_read_once_there_is_room(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        assert not stage.pane.coming.display
        await stage.pilot.resize_terminal(140, 40)
        await stage.settle()
        _, heading, shown = stage.text.partition("Coming up")
        assert heading
        assert "No session" not in shown

    play(week, scene.therapist, walk, (80, 24))


def test_q_leaves_and_ctrl_c_only_says_how(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("ctrl+c")
        assert "q leaves Helpspace" in stage.text
        assert stage.app.is_running
        await stage.pilot.press("s", "q", "ctrl+q")
        assert stage.app._exit

    play(week, scene.therapist, walk)


class Beside(HelpspaceApp):
    """A calendar beside something else, as the demo has it."""

    CSS = "Horizontal > Label { width: 40; }"

    def __init__(self, practice: Practice, actor: Actor) -> None:
        super().__init__(debug=True)
        self.pane = CalendarPane(practice, actor)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.pane
            yield Label("the phone")


@pytest.mark.parametrize(("width", "wide"), [(140, False), (160, True)])
def test_the_pane_goes_by_its_own_width(
    week: Practice, scene: Scene, width: int, wide: bool
) -> None:
    app = Beside(week, scene.therapist)

    async def walk(stage: Stage) -> None:
        assert stage.pane.detail.has_class("-wide") is wide
        assert ("Coming up" in stage.text) is wide
        lines = screen_text(stage.app)
        assert "the phone" in lines[0]
        assert "q quit" in lines[-1]

    play(week, scene.therapist, walk, (width, 40), app=app)  # type: ignore[arg-type]
