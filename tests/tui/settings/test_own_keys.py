"""The list of keys, giving one, clashes; rubbish in the store, and another terminal."""

from __future__ import annotations

import pytest

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid
from helpspace.core.practice import Practice
from helpspace.tui.actions import ACTIONS, action
from helpspace.tui.app import TherapistApp
from helpspace.tui.own_keys import USUAL
from helpspace.tui.screens.slot import SlotModal
from helpspace.tui.settings import keymap
from helpspace.tui.settings.acts import change_keys
from helpspace.tui.settings.editor import KeysScreen
from helpspace.tui.settings.press import PressModal
from tests import makers
from tests.tui.scenes import Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

TALL = (120, 260)


async def edit(stage: Stage, action_id: str) -> None:
    """Open the list of keys with the mark on an action."""
    if not isinstance(stage.app.screen, KeysScreen):
        stage.pane.action_own_keys()
        await stage.settle()
    screen = stage.app.screen
    assert isinstance(screen, KeysScreen)
    ids = [getattr(one, "id", None) for one in screen._lines]
    screen.list.highlighted = ids.index(action_id)
    await stage.pilot.pause()


def kept(practice: Practice, actor: Actor) -> dict[str, str]:
    return dict(terminal.settings_of(practice, actor).keys)


# -- the list and the panel ----------------------------------------------------------------------


@pytest.mark.parametrize(("size", "name"), [(SMALL, "80x24"), (LARGE, "140x40")])
def test_the_keys_and_a_clash(
    week: Practice, scene: Scene, size: tuple[int, int], name: str
) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        assert_golden(stage.app, f"own_keys_{name}")
        await stage.press("enter", "f")
        assert_golden(stage.app, f"own_keys_clash_{name}")

    play(week, scene.therapist, walk, size)


def test_every_action_that_can_be_changed_is_listed(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        screen = stage.app.screen
        assert isinstance(screen, KeysScreen)
        listed = {one.id for one in screen._lines if not isinstance(one, str)}
        assert listed == {one.id for one in ACTIONS if keymap.can_change(one)}
        shown = stage.text
        for one in screen._lines:
            assert isinstance(one, str) or one.verb in shown
        await stage.press("slash", *"video next")
        assert [one.id for one in screen._lines if not isinstance(one, str)] == ["today.video_next"]
        await stage.press(*"xyz")
        assert "Esc leaves the search" in stage.text

    play(week, scene.therapist, walk, TALL)


def test_a_key_is_given_and_works_at_once(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        await stage.press("enter", "f12", "ctrl+o", "enter")
        assert "It works from now on" in stage.said
        assert "F12 Ctrl+O" in stage.text
        row = next(line for line in stage.text.splitlines() if "F12 Ctrl+O" in line)
        assert "slot: open or close" in row
        assert "usual: s" in row
        assert kept(week, scene.therapist) == {"slot.toggle": "f12,ctrl+o"}
        await stage.press("escape")
        assert "F12 open slot" in stage.text
        assert "F12 opens a slot here" in stage.pane.detail.facts.hint
        await stage.press("s")
        assert stage.app.screen is stage.app.screen_stack[0]
        await stage.press("ctrl+o")
        assert isinstance(stage.app.screen, SlotModal)
        await stage.press("escape")
        await edit(stage, "slot.toggle")
        await stage.press("u")
        assert kept(week, scene.therapist) == {}
        await stage.press("escape", "s")
        assert isinstance(stage.app.screen, SlotModal)

    play(week, scene.therapist, walk, LARGE)


def test_two_actions_are_swapped(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        await stage.press("enter", "f")
        assert "f is the key of “session: book a follow-up” (Calendar)" in stage.flat
        await stage.press("enter", "enter")
        assert kept(week, scene.therapist) == {"slot.toggle": "f", "session.follow_up": "s"}
        await stage.press("u")
        assert "f is the key of" not in stage.said
        assert "s is the key of “session: book a follow-up” now" in stage.said
        await stage.press("R")
        assert "2 actions have keys of your own" in stage.flat
        await stage.press("n")
        assert kept(week, scene.therapist)
        await stage.press("R", "y")
        assert kept(week, scene.therapist) == {}
        assert stage.app.own_keys.own == {}

    play(week, scene.therapist, walk, LARGE)


def test_a_key_is_taken_and_its_action_stays_in_the_palette(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        await stage.press("enter", "f", "tab", "enter")
        assert kept(week, scene.therapist) == {
            "slot.toggle": "f", "session.follow_up": "no_key",
        }  # fmt: skip
        await stage.press("escape")
        assert "f open slot  follow-up" in stage.text
        assert "Ctrl+P books a follow-up" in stage.pane.detail.facts.hint
        await stage.press("s")
        assert stage.app.screen is stage.app.screen_stack[0]

    play(week, scene.therapist, walk, LARGE)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("up", "↑ stays what it is"),
        ("ctrl+c", "Ctrl+C stays what it is"),
        ("ctrl+h", "Many terminals send Ctrl+H just as Backspace"),
        ("ctrl+j", "just as Enter"),
        ("J", "is the key of “calendar: mark later”"),
        ("q", "is the key of “everywhere: quit”"),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    key: str, words: str, week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        await stage.press("enter", key)
        assert words in stage.flat
        await stage.press("escape")
        if isinstance(stage.app.screen, PressModal):
            await stage.press("escape")
        assert kept(week, scene.therapist) == {}

    play(week, scene.therapist, walk, LARGE)


# -- the store and other terminals ---------------------------------------------------------------


def test_rubbish_from_the_store_is_said_once_and_the_rest_works(
    week: Practice, scene: Scene
) -> None:
    rubbish = {"slot.gone": "f9", "calendar.today": "enter", "look.blur": "f", "slot.toggle": "f12"}
    terminal.keep_keys(week, scene.therapist, rubbish)

    async def walk(stage: Stage) -> None:
        said = [one.message for one in stage.app._notifications]
        assert len(said) == 1
        assert "calendar: today, look: hide or show names and 1 more" in said[0]
        assert "S opens the settings" in said[0]
        assert dict(stage.app.own_keys.own) == {"slot.toggle": "f12"}
        await stage.press("f12")
        assert isinstance(stage.app.screen, SlotModal)

    play(week, scene.therapist, walk)


def test_another_terminal_takes_keys_up_when_it_starts(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    other = TherapistApp(elsewhere, scene.therapist)

    async def walk(stage: Stage) -> None:
        await edit(stage, "slot.toggle")
        await stage.press("enter", "f12", "enter")
        assert other.own_keys is USUAL
        again = TherapistApp(elsewhere, scene.therapist)
        assert dict(again.own_keys.own) == {"slot.toggle": "f12"}
        # What is shown here is not what is stored any more: nothing is overwritten unseen.
        await stage.press("enter", "f11")
        change_keys(
            elsewhere, scene.therapist, lambda now: keymap.give(now, action("slot.undo"), ("f10",))
        )
        await stage.press("enter")
        assert "Your keys have changed in another terminal" in stage.said
        assert kept(week, scene.therapist) == {"slot.toggle": "f12", "slot.undo": "f10"}

    play(week, scene.therapist, walk, LARGE)
    assert other.own_keys is USUAL


def test_only_ones_own_keys(week: Practice, scene: Scene) -> None:
    """A1."""
    change_keys(week, scene.therapist, lambda now: keymap.give(now, action("slot.undo"), ("f10",)))
    newcomer = makers.add_therapist(week, "Nora New")
    assert kept(week, newcomer) == {}
    with pytest.raises(Invalid):
        terminal.keep_keys(week, newcomer, {"slot.undo": "\x1b]52;c;\x07"})
