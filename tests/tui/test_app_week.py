"""The therapist's week: what is on the screen, what follows the cursor, what keys and mouse do."""

from __future__ import annotations

from datetime import date

import pytest
from textual.events import MouseDown, MouseUp

from helpspace.core import appointments
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.tui import messages
from helpspace.tui.actions import ACTIONS, Place, Under
from helpspace.tui.clients.screen import ClientsScreen
from helpspace.tui.learn.screen import LearnScreen
from helpspace.tui.money.screen import MoneyScreen
from helpspace.tui.profile.boundaries import BoundariesModal
from helpspace.tui.profile.checklist import ChecklistModal
from helpspace.tui.profile.editor import ProfileEditor
from helpspace.tui.profile.holidays import HolidaysModal
from helpspace.tui.profile.links import LinksModal
from helpspace.tui.screens.again import AgainModal
from helpspace.tui.screens.ask import CancelModal
from helpspace.tui.screens.date import DateModal
from helpspace.tui.screens.export import ExportModal
from helpspace.tui.screens.find import FindModal
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.help import WEEK, HelpModal
from helpspace.tui.screens.off import OffModal
from helpspace.tui.screens.quick_add import QuickAddModal
from helpspace.tui.screens.session import OpenedModal
from helpspace.tui.screens.slot import SlotModal
from helpspace.tui.settings.screen import SettingsScreen
from helpspace.tui.today.screen import TodayScreen
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, clicked, flat, play

SCREENS = {
    "open": OpenedModal,
    "follow_up": FollowUpModal,
    "quick_add": QuickAddModal,
    "cancel": CancelModal,
    "date": DateModal,
    "find": FindModal,
    "again": AgainModal,
    "time_off": OffModal,
    "money": MoneyScreen,
    "clients": ClientsScreen,
    "settings": SettingsScreen,
    "export": ExportModal,
    "day_page": TodayScreen,
    "help": HelpModal,
    "app.learn": LearnScreen,
    "profile_edit": ProfileEditor,
    "profile_checklist": ChecklistModal,
    "profile_boundaries": BoundariesModal,
    "profile_holidays": HolidaysModal,
    "profile_links": LinksModal,
}
"""What opens from a session's block."""


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_the_week(week: Practice, scene: Scene, name: str, size: tuple[int, int]) -> None:
    async def walk(stage: Stage) -> None:
        assert stage.pane.under is Under.FREE
        await stage.go(scene.friday)
        assert_golden(stage.app, f"app_week_{name}")

    play(week, scene.therapist, walk, size)


def test_what_is_said_of_each_thing(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go(scene.paid)
        assert pane.under is Under.SESSION
        assert pane.detail.facts.there == "05:00 New York time"
        assert pane.detail.facts.money == ("£60 paid",)
        await stage.go(scene.open_slot)
        assert pane.under is Under.OPEN
        assert pane.detail.facts.state == "Clients can book it until Thu 5 Mar 11:00"
        await stage.go_to(at(2, 17))
        assert "Inside your notice of 24 h" in pane.detail.facts.warning
        await stage.go_to(at(3, 14))
        assert pane.under is Under.HELD
        await stage.go_to(at(3, 16))
        assert "No card on record" in pane.detail.facts.warning
        await stage.go_to(at(2, 15))
        assert pane.detail.facts.money[0] == "£60 not paid"
        await stage.go_to(at(0, 10))
        assert pane.under is Under.OVER
        await stage.go_to(at(1, 9))
        assert pane.under is Under.PAST

    play(week, scene.therapist, walk)


def test_names_can_be_hidden(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("asterisk")
        for name in ("Sam", "Taylor", "Anna", "محمد", "client1@", "video.example"):
            assert name not in stage.text
        assert "••• ••••••" in stage.text
        assert "Names are hidden" in stage.said
        assert_golden(stage.app, "app_blurred_140x40")
        await stage.press("f")
        assert "Sam" not in stage.text
        await stage.press("escape", "enter")
        assert "Sam" not in stage.text
        await stage.press("escape", "asterisk")
        assert "Sam Taylor" in stage.text

    play(week, scene.therapist, walk, LARGE)


def test_a_hidden_profile_says_why(week: Practice, scene: Scene) -> None:
    makers.set_row(week, Therapist, scene.therapist.id, switched_off_at=1)

    async def walk(stage: Stage) -> None:
        assert "hidden: the profile is switched off" in stage.text
        makers.set_row(week, Therapist, scene.therapist.id, charges_enabled=0)
        stage.pane.reload()
        await stage.settle()
        assert "hidden: payments are not enabled at Stripe (+1)" in stage.text
        await stage.go_to(at(4, 18))
        assert stage.pane.detail.facts.warning == (
            "Clients do not see you: payments are not enabled at Stripe; "
            "the profile is switched off."
        )

    play(week, scene.therapist, walk, LARGE)


def test_every_key_of_the_calendar_does_something(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each key changes what is shown: a screen, the week, the scale, the cursor, a sentence."""
    opened: list[str] = []

    async def walk(stage: Stage) -> None:
        pane, grid = stage.pane, stage.pane.grid
        monkeypatch.setattr(stage.app, "open_url", lambda url, **_: opened.append(url))

        def state() -> tuple[object, ...]:
            screens = len(stage.app.screen_stack)
            shown = (pane.view.name, pane.title._week, grid.zoom, pane.view.cursor)
            return screens, grid.week and grid.week.first, *shown, pane.status.text

        for one in ACTIONS:
            if one.place not in (Place.CALENDAR, Place.MOVING):
                continue
            if one.run in ("clear_range", "put_down"):
                continue
            for key in filter(None, one.keys.split(",")):
                grid.zoom = 2
                pane.show_view("day" if one.run == "view('week')" else "week")
                grid.move_cursor_to(at(4, 12) if one.run == "previous_block" else at(4, 9))
                pane.status.clear()
                if grid.week is None or grid.week.first != date(2026, 3, 2):
                    await stage.pilot.pause()
                before = state()
                await stage.pilot.press(key)
                if one.run == "video":
                    await stage.settle()
                assert state() != before or grid.selection, one.id
                if len(stage.app.screen_stack) > 1:
                    assert isinstance(stage.app.screen, SCREENS[one.run]), one.id
                    await stage.app.pop_screen()
                    assert stage.app.focused is grid
                grid.clear_range()
                pane.carried = None

    play(week, scene.therapist, walk)


def test_keys_that_do_not_fit_say_so(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        before = makers.snapshot(week)
        await stage.go_to(at(4, 18))
        for key in ("x", "v"):
            await stage.press(key)
            assert "no session here" in stage.said
        await stage.go(scene.friday)
        await stage.press("s")
        assert "A session is booked here" in stage.said
        await stage.go_to(at(3, 14))
        await stage.press("s")
        assert "Somebody is booking that slot" in stage.said
        await stage.go_to(at(0, 10))
        await stage.press("x")
        assert "has started" in stage.said
        await stage.go_to(at(0, 8))
        await stage.press("s")
        assert "has passed" in stage.said
        await stage.go_to(at(2, 11))  # it has begun twelve minutes ago
        await stage.press("s")
        form = stage.app.screen
        assert isinstance(form, SlotModal)
        assert form.clock.value == "11:30"
        await stage.press("escape")
        assert len(stage.of(messages.ActRefused)) == 6
        assert makers.snapshot(week) == before

    play(week, scene.therapist, walk)


def test_the_mouse_does_what_the_keys_do(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane, pilot, app = stage.pane, stage.pilot, stage.app
        await stage.go(scene.friday)
        bar, where = clicked(stage, "session.follow_up")
        await pilot.click(bar, offset=where)
        assert isinstance(app.screen, FollowUpModal)
        bar, where = clicked(stage, "form.leave")
        await pilot.click(bar, offset=where)
        assert app.screen is app.screen_stack[0]
        await pilot.click(pane.title, offset=(pane.title._arrows[1], 0))
        assert pane.grid.week is not None
        assert pane.grid.week.first == date(2026, 3, 9)
        await pilot.click(pane.title, offset=(pane.title._arrows[0], 0))
        assert pane.grid.week.first == date(2026, 3, 2)
        await pilot.click(pane.coming, offset=(4, 2))
        assert pane.grid.chosen is not None
        assert pane.grid.chosen.id == scene.paid
        x, y = spot_of(stage, at(4, 11))
        await pilot.click(pane.grid, offset=(x, y), times=2)
        await pilot.pause()
        assert isinstance(app.screen, OpenedModal)

    play(week, scene.therapist, walk, LARGE)


def spot_of(stage: Stage, instant: int) -> tuple[int, int]:
    """Where in the grid an instant is shown."""
    grid = stage.pane.grid
    layout, shown = grid._layout, grid._week
    assert layout is not None
    assert shown is not None
    spot = shown.spot(instant)
    assert spot is not None
    x, line = layout.point(spot) or (0, 0)
    return x + 3, line + 2 - grid.scroll_offset.y


def test_a_drag_opens_the_form_with_its_range(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        grid, pilot, app = stage.pane.grid, stage.pilot, stage.app
        grid.scroll_to(y=grid._layout.line(12 * 60) if grid._layout else 0, animate=False)
        await pilot.pause()
        await pilot._post_mouse_events(
            [MouseDown], grid, offset=spot_of(stage, at(5, 13)), button=1
        )
        await pilot.hover(grid, offset=spot_of(stage, at(5, 14)))
        await pilot._post_mouse_events([MouseUp], grid, offset=spot_of(stage, at(5, 14)), button=1)
        await pilot.pause()
        assert isinstance(app.screen, SlotModal)
        assert app.screen.clock.value == "13:00"
        assert app.screen.minutes.value == "90"
        await pilot.press("escape")
        assert grid.selection is None

    play(week, scene.therapist, walk, LARGE)


def test_a_date_is_typed_or_chosen(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        pane = stage.pane
        await stage.go_to(at(4, 9))
        await stage.press("g")
        assert_golden(stage.app, "app_date_80x24")
        await stage.fill("date", "nonsense")
        await stage.press("enter")
        assert "is no date" in stage.said
        await stage.fill("date", "25 oct")
        assert "Sun 25 Oct 2026" in stage.text
        await stage.press("enter")
        assert pane.grid.week is not None
        assert pane.grid.week.local(pane.grid.cursor).isoformat()[:16] == "2026-10-25T09:00"
        await stage.press(
            "g", "right", "right", "down", "pagedown", "left", "up", "pageup", "enter"
        )
        assert pane.grid.week.local(pane.grid.cursor).isoformat()[:16] == "2026-10-25T09:00"

    play(week, scene.therapist, walk)


@pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
def test_help_shows_every_key(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("question_mark")
        assert_golden(stage.app, f"app_help_{name}")
        page = str(stage.app.screen.query_one("VerticalScroll Static").render())
        joined = " ".join(page.split())
        for one in ACTIONS:
            if one.keys and one.place in WEEK:
                assert one.help in joined
                assert one.shown_keys in page

    play(week, scene.therapist, walk, size)


def test_the_palette_offers_what_works_and_nothing_else(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        from textual.command import CommandList

        await stage.go(scene.friday)
        await stage.press("ctrl+p")
        offered = stage.app.screen.query_one(CommandList)
        await stage.pilot.pause()
        shown = [
            str(offered.get_option_at_index(n).prompt).splitlines()[0]
            for n in range(offered.option_count)
        ]
        here = (Place.CALENDAR, Place.EVERYWHERE)
        assert set(shown) == {one.verb for one in ACTIONS if one.palette and one.place in here}
        for character in "follow":
            await stage.pilot.press(character)
        await stage.settle()
        await stage.pilot.press("enter")
        await stage.pilot.pause()
        assert isinstance(stage.app.screen, FollowUpModal)

    play(week, scene.therapist, walk)


def test_themes_are_actions(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        before = stage.text
        for name in ("light", "high-contrast", "colour-blind", "dark"):
            await stage.pane.run_action(f"app.put_on('helpspace-{name}')")
            await stage.settle()
            assert stage.app.theme == f"helpspace-{name}"
            assert stage.text == before

    play(week, scene.therapist, walk)


def test_a_video_room_is_opened_or_its_link_copied(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    async def walk(stage: Stage) -> None:
        app = stage.app
        monkeypatch.setattr(app, "open_url", lambda url, **_: opened.append(url))
        await stage.go(scene.friday)
        monkeypatch.setattr("helpspace.tui.video._has_window", lambda: True)
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
        await stage.press("v")
        assert opened
        assert opened[0].startswith("https://video.example.org/")
        assert stage.said == "The video room opens in your browser."
        monkeypatch.setenv("SSH_CONNECTION", "somewhere")
        await stage.press("v")
        assert (len(opened), app.clipboard) == (1, opened[0])
        assert "copied" in stage.said
        await stage.press("enter", "v", "c")
        assert "copied" in stage.said
        assert len(stage.of(messages.VideoOpened)) >= 3

    play(week, scene.therapist, walk)


def test_the_calendar_does_not_show_the_key_to_a_room(week: Practice, scene: Scene) -> None:
    """Whoever has a room's name can come in; it is on the opened session and nowhere before."""

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        link = appointments.appointment(week, scene.therapist, scene.friday).video_url or ""
        room = link.rpartition("/")[2][:12]
        assert room
        assert "video.example.org" in stage.text
        assert room not in stage.text
        await stage.press("enter")
        assert room in flat(stage.text)

    play(week, scene.therapist, walk, SMALL)


def test_without_a_video_service_the_next_step_is_said(week: Practice, scene: Scene) -> None:
    from dataclasses import replace

    bare = replace(week, settings=replace(week.settings, video=None))

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("v")
        assert "HELPSPACE_VIDEO" in stage.said

    play(bare, scene.therapist, walk)


@pytest.mark.parametrize(("key", "marked"), [("sk_test_x", True), ("sk_live_x", False)])
def test_a5_a_test_key_is_marked_in_the_title(
    week: Practice, scene: Scene, key: str, *, marked: bool
) -> None:
    object.__setattr__(week.settings, "stripe_key", key)

    async def walk(stage: Stage) -> None:
        assert stage.text.splitlines()[0].lstrip().startswith("TEST ") is marked

    play(week, scene.therapist, walk, SMALL)
