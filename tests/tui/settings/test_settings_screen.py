"""The settings of the terminal: what is chosen is kept, and holds at the next start."""

from __future__ import annotations

import pytest

from helpspace.core import terminal
from helpspace.core.practice import Practice
from helpspace.core.terminal import OPENS
from helpspace.tui.app import TherapistApp
from helpspace.tui.settings.choose import ChooseModal
from helpspace.tui.settings.editor import KeysScreen
from helpspace.tui.settings.screen import STARTS, THEMES, SettingsScreen
from helpspace.tui.theme import themes
from helpspace.tui.today.screen import TodayScreen
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play
from tests.tui.terminal import Terminal

SIZES = pytest.mark.parametrize(("size", "name"), [(SMALL, "80x24"), (LARGE, "140x40")])


@SIZES
def test_the_settings(week: Practice, scene: Scene, size: tuple[int, int], name: str) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("S")
        assert_golden(stage.app, f"settings_{name}")
        assert "…" not in stage.text
        await stage.press("down", "enter")
        assert_golden(stage.app, f"settings_opens_{name}")

    play(week, scene.therapist, walk, size)


def test_every_theme_and_start_has_its_words() -> None:
    assert set(THEMES) == {one.name for one in themes()}
    assert set(STARTS) == set(OPENS)


def test_a_theme_is_seen_while_it_is_marked(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        app = stage.app
        before = app.theme
        await stage.press("S", "enter", "down")
        assert app.theme == "helpspace-light"
        await stage.press("down")
        assert app.theme == "helpspace-high-contrast"
        await stage.press("escape")
        assert app.theme == before
        assert terminal.settings_of(week, scene.therapist).theme is None
        await stage.press("enter", "down", "enter")
        assert app.theme == "helpspace-light"
        assert terminal.settings_of(week, scene.therapist).theme == "helpspace-light"
        assert "light" in stage.text

    play(week, scene.therapist, walk)


def test_what_is_set_elsewhere_is_opened_from_here(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        for name, heading in (
            ("profile.boundaries", "Your boundaries"),
            ("profile.edit", "Your profile"),
            ("profile.holidays", "holiday"),
            ("lock.set", "lock"),
        ):
            await stage.press("S")
            screen = stage.app.screen
            assert isinstance(screen, SettingsScreen)
            lines = [getattr(one, "name", None) for one in screen._lines]
            screen.list.highlighted = lines.index(name)
            await stage.press("enter")
            assert not isinstance(stage.app.screen, SettingsScreen)
            assert heading.casefold() in stage.text.casefold(), name
            await stage.press("escape")
            assert stage.app.screen is stage.app.screen_stack[0], name

    play(week, scene.therapist, walk)


def test_it_is_done_with_the_mouse(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("S")
        lines = stage.text.splitlines()
        row = next(at for at, line in enumerate(lines) if "Names at the start" in line)
        await stage.pilot.click(offset=(10, row))
        await stage.settle()
        assert terminal.settings_of(week, scene.therapist).blurs
        assert "dots" in stage.text
        row = next(at for at, line in enumerate(lines) if "Opens with" in line)
        await stage.pilot.click(offset=(10, row))
        await stage.settle()
        assert isinstance(stage.app.screen, ChooseModal)
        lines = stage.text.splitlines()
        row = next(at for at, line in enumerate(lines) if "the month" in line)
        await stage.pilot.click(offset=(lines[row].index("the month"), row))
        await stage.settle()
        assert terminal.settings_of(week, scene.therapist).opens == "month"
        row = next(at for at, line in enumerate(lines) if line.startswith("     Keys"))
        await stage.pilot.click(offset=(10, row))
        await stage.settle()
        assert isinstance(stage.app.screen, KeysScreen)

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("opens", OPENS)
def test_it_opens_as_it_was_set(opens: str, week: Practice, scene: Scene) -> None:
    terminal.keep_view(week, scene.therapist, "agenda")
    terminal.keep_start(week, scene.therapist, opens=opens, blurs=True)

    async def walk(stage: Stage) -> None:
        app, pane = stage.app, stage.pane
        assert isinstance(app.screen, TodayScreen) is (opens == "today")
        form = opens if opens in terminal.VIEWS else "agenda"
        assert pane._form == form
        assert pane.view.name == form or pane.view is pane.grid
        for name in ("Sam T", "Anna", "Jo N"):
            assert name not in stage.text
        await stage.press("escape")
        assert "••" in stage.text
        await stage.press("asterisk")
        assert "••" not in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_today_is_read_before_it_is_shown(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first frame is the one that stays: nothing is read off the event loop after it."""
    terminal.keep_start(week, scene.therapist, opens="today", blurs=False)
    monkeypatch.setattr(TodayScreen, "look", lambda _: pytest.fail("it was read twice"))

    async def walk(stage: Stage) -> None:
        assert isinstance(stage.app.screen, TodayScreen)
        assert "Wed 4 Mar 15:00" in stage.text
        await stage.press("down")
        await stage.press("q")
        assert stage.app.screen is stage.app.screen_stack[0]

    play(week, scene.therapist, walk, LARGE)


def test_a_start_without_settings_loads_none_of_their_rooms(week: Practice, scene: Scene) -> None:
    app = TherapistApp(week, scene.therapist)
    assert app.own_keys.own == {}
    assert app._keymap == {}


def test_in_a_real_terminal(week: Practice, scene: Scene) -> None:
    """The first frame is Today's, without a name and without the calendar under it (A3)."""
    therapist = scene.therapist
    terminal.keep_start(week, therapist, opens="today", blurs=True)
    terminal.keep_keys(week, therapist, {"slot.toggle": "f12", "slot.gone": "f11"})
    terminal.end_tour(week, therapist)
    with Terminal(week.settings.database, therapist.id, WEDNESDAY, SMALL) as line:
        line.until("3 things for you")
        assert "┊".encode() not in line.raw
        line.press("escape")
        line.until("F12 open slot")
        assert "F12 opens a slot here" in line.text
        assert b"Sam Taylor" not in line.raw
        line.press("S")
        line.until("1 of your own")
        line.press("escape")
        line.until_gone("of this terminal")
        line.press("\x1b[24~")
        line.until("Open a slot")
        line.press("\x11")
        assert line.wait() == 0
