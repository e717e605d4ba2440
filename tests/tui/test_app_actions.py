"""The table of actions: everything that has keys, words or help is made from it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpspace.tui.actions import ACTIONS, Place, Under, bar, bindings, keys_page, of
from helpspace.tui.clients.inviting import InvitationsScreen
from helpspace.tui.clients.page import ClientScreen
from helpspace.tui.clients.screen import ClientsScreen
from helpspace.tui.join.doors import CalendarScreen
from helpspace.tui.join.files import DocumentRow, FilesPart
from helpspace.tui.join.home import HomeScreen
from helpspace.tui.join.page import PageScreen
from helpspace.tui.join.payments import PaymentsScreen
from helpspace.tui.join.picker import PickerModal
from helpspace.tui.join.start import StartScreen
from helpspace.tui.join.toggles import Toggles
from helpspace.tui.learn.chapter import ChapterScreen
from helpspace.tui.learn.exercising import ExerciseScreen
from helpspace.tui.learn.screen import LearnScreen
from helpspace.tui.lock.screen import LockScreen
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.money.payouts import PayoutsScreen
from helpspace.tui.money.screen import MoneyScreen
from helpspace.tui.opened.code import CodeModal
from helpspace.tui.profile.checklist import ChecklistModal
from helpspace.tui.profile.editor import ProfileEditor
from helpspace.tui.profile.links import LinksModal
from helpspace.tui.profile.picture import PictureModal
from helpspace.tui.profile.proofs import ProofsModal
from helpspace.tui.screens.ask import AskModal
from helpspace.tui.screens.date import DateModal
from helpspace.tui.screens.form import FormPanel
from helpspace.tui.screens.help import HelpModal
from helpspace.tui.screens.session import OpenedModal
from helpspace.tui.settings.choose import ChooseModal
from helpspace.tui.settings.editor import KeysScreen
from helpspace.tui.settings.press import PressModal
from helpspace.tui.settings.screen import SettingsScreen
from helpspace.tui.today.screen import TodayScreen
from helpspace.tui.tour.panel import TourPanel
from helpspace.tui.widgets.calendar_pane import CalendarPane
from helpspace.tui.widgets.week_grid import WeekGrid

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"
OWNERS = {
    Place.CALENDAR: CalendarPane,
    Place.MOVING: WeekGrid,
    Place.SESSION: OpenedModal,
    Place.FORM: FormPanel,
    Place.ASKING: AskModal,
    Place.DATE: DateModal,
    Place.HELP: HelpModal,
    Place.TOUR: TourPanel,
    Place.LOCKED: LockScreen,
    Place.PROFILE: ProfileEditor,
    Place.CHECKLIST: ChecklistModal,
    Place.LINKS: LinksModal,
    Place.PROOFS: ProofsModal,
    Place.PICTURE: PictureModal,
    Place.TODAY: TodayScreen,
    Place.MONEY: MoneyScreen,
    Place.PAYOUTS: PayoutsScreen,
    Place.CLIENTS: ClientsScreen,
    Place.CLIENT: ClientScreen,
    Place.INVITATIONS: InvitationsScreen,
    Place.CODE: CodeModal,
    Place.SETTINGS: SettingsScreen,
    Place.CHOOSING: ChooseModal,
    Place.KEYS: KeysScreen,
    Place.PRESSING: PressModal,
    Place.COURSE: LearnScreen,
    Place.CHAPTER: ChapterScreen,
    Place.EXERCISE: ExerciseScreen,
    Place.JOINING: HomeScreen,
    Place.BEGINNING: StartScreen,
    Place.APPLICATION: PageScreen,
    Place.CHOICES: Toggles,
    Place.FILE: FilesPart,
    Place.DOCUMENT: DocumentRow,
    Place.FOLDER: PickerModal,
    Place.PAYMENTS: PaymentsScreen,
    Place.AWAY: CalendarScreen,
    Place.EVERYWHERE: HelpspaceApp,
}


def test_ids_are_unique_and_words_are_whole() -> None:
    assert len({one.id for one in ACTIONS}) == len(ACTIONS)
    for one in ACTIONS:
        area, _, verb = one.verb.partition(": ")
        assert area
        assert verb
        assert one.help.endswith(".")
        assert one.keys or one.palette


@pytest.mark.parametrize("place", list(Place))
def test_no_key_has_two_meanings_in_one_place(place: Place) -> None:
    keys = [key for one in of(place) for key in one.keys.split(",") if key]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("place", list(Place))
def test_every_action_can_be_run_where_its_keys_are(place: Place) -> None:
    owner = OWNERS[place]
    assert bindings(place) == owner.BINDINGS
    for one in of(place):
        name, _, _ = one.run.removeprefix("app.").partition("(")
        home = HelpspaceApp if one.run.startswith("app.") else owner
        assert hasattr(home, f"action_{name}"), one.id


@pytest.mark.parametrize("under", list(Under))
def test_help_and_quit_are_always_in_sight(under: Under) -> None:
    shown = {one.id for one, _ in bar([Place.CALENDAR, Place.EVERYWHERE], under)}
    assert {"help.keys", "app.quit", "calendar.today"} <= shown


def test_the_docs_page_is_the_table() -> None:
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(keys_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == keys_page()
    for one in ACTIONS:
        assert one.help in keys_page()
