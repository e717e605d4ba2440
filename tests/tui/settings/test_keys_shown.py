"""Keys of one's own work, the usual ones do not, and every line shows what works."""

from __future__ import annotations

import pytest
from textual.command import CommandList
from textual.widgets import Input

from helpspace.core import terminal
from helpspace.core.practice import Practice
from helpspace.tui.actions import action
from helpspace.tui.clients.screen import ClientsScreen
from helpspace.tui.screens.find import FindModal
from helpspace.tui.screens.help import HelpModal
from helpspace.tui.settings import keymap
from tests import makers
from tests.tui.scenes import Scene
from tests.tui.stage import LARGE, Stage, play

REPRESENTATIVE = [
    # the action, how its screen is reached, the words of its bar
    ("slot.toggle", (), "open slot"),
    ("app.quit", (), "quit"),
    ("today.video", ("T",), "video"),
    ("clients.invitations", ("C",), "invitations"),
]


@pytest.mark.parametrize(("action_id", "way", "word"), REPRESENTATIVE, ids=str)
def test_another_key_works_and_every_line_shows_it(
    action_id: str, way: tuple[str, ...], word: str, week: Practice, scene: Scene
) -> None:
    one = action(action_id)
    terminal.keep_keys(week, scene.therapist, {action_id: "f12"})

    async def walk(stage: Stage) -> None:
        await stage.press(*way)
        app, screen = stage.app, stage.app.screen
        done: list[str] = []
        node = stage.pane if not way else screen
        home = app if one.run.startswith("app.") else node
        name = one.run.removeprefix("app.").partition("(")[0]
        setattr(home, f"action_{name}", lambda *_: done.append(action_id))
        assert f"F12 {word}" in stage.text
        for key in keymap.free_keys(one.keys):
            await stage.press(key)
        assert done == []
        await stage.press("f12")
        assert done == [action_id]
        app.push_screen(HelpModal((one.place,), signs=False))
        await stage.settle()
        beside = next(line for line in stage.text.splitlines() if "F12" in line)
        assert one.help[:20] in beside
        await stage.press("escape", "ctrl+p")
        await stage.pilot.press(*one.verb.replace(":", ""))
        await stage.settle()
        offered = app.screen.query_one(CommandList)
        assert "(F12)" in str(offered.get_option_at_index(0).prompt)

    play(week, scene.therapist, walk, LARGE)


def test_sentences_name_the_keys_that_work(week: Practice, scene: Scene) -> None:
    own = {
        "slot.toggle": "f9", "session.follow_up": "f10", "look.blur": "f11", "slot.undo": "f12",
        "profile.holidays": "f8", "app.quit": "f7", "session.move": "f6", "today.open": "f5",
        "today.video_next": "f4", "today.video": "f3", "clients.invite": "f2",
        "invitations.invite": "f1",
    }  # fmt: skip
    terminal.keep_keys(week, scene.therapist, own)

    async def walk(stage: Stage) -> None:
        assert stage.pane.detail.facts.hint == "F9 opens a slot here, F10 books a follow-up."
        await stage.press("f11")
        assert "F11 changes it back" in stage.said
        await stage.press("f12")
        assert "F12 follows F9, in this terminal" in stage.said
        await stage.go(scene.friday)
        await stage.press("f6")
        assert "F6 types it" in stage.said
        await stage.press("escape", "B")
        assert "F8 in the calendar turns the switch" in stage.flat
        await stage.press("escape", "ctrl+c")
        assert "F7 leaves Helpspace" in stage.flat
        await stage.press("f5")
        assert "F3 opens the video room" in stage.flat
        await stage.press("escape")
        stage.pane.status.clear()
        stage.pane.tell_day()
        await stage.settle()
        assert "(F5)" in stage.said
        assert "(F4: video)" in stage.said

    play(week, scene.therapist, walk, LARGE)


def test_an_empty_list_names_the_keys_that_work(week: Practice, scene: Scene) -> None:
    newcomer = makers.add_therapist(week, "Nora New")
    own = {"clients.invite": "f2", "invitations.invite": "f1", "profile.checklist": "f9"}
    terminal.keep_keys(week, newcomer, own)

    async def walk(stage: Stage) -> None:
        assert "F9 says what is missing" in stage.pane.detail.facts.hint
        await stage.press("C")
        assert isinstance(stage.app.screen, ClientsScreen)
        assert "invitation (F2)" in stage.flat
        await stage.press("I")
        assert "F1 makes one" in stage.flat

    play(week, newcomer, walk, LARGE)


def test_a_key_of_ones_own_is_a_letter_where_text_is_typed(week: Practice, scene: Scene) -> None:
    terminal.keep_keys(week, scene.therapist, {"calendar.find": "b", "clients.find": "z"})

    async def walk(stage: Stage) -> None:
        await stage.press("b", "b")
        assert isinstance(stage.app.screen, FindModal)
        assert stage.app.screen.query_one(Input).value == "b"
        await stage.press("escape", "C", "z", "z", "f", "i")
        assert stage.app.screen.query_one(Input).value == "zfi"

    play(week, scene.therapist, walk)
