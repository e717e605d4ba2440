"""The clients: who comes when, what they owe, one's own page, and what can be done from there."""

from __future__ import annotations

import pytest

from helpspace.core import appointments, booking
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Payment
from helpspace.tui.actions import ACTIONS, Place
from helpspace.tui.clients.base import ListScreen
from helpspace.tui.clients.page import ClientScreen
from helpspace.tui.clients.screen import ClientsScreen
from helpspace.tui.money.waiving import WaiveModal
from helpspace.tui.screens.follow_up import FollowUpModal
from helpspace.tui.screens.help import HelpModal
from helpspace.tui.screens.session import OpenedModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, clicked, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


def names(stage: Stage) -> list[str]:
    """Return the names in the list, in its order."""
    screen = stage.app.screen
    assert isinstance(screen, ClientsScreen)
    return [one.name for one in screen._lines if not isinstance(one, str)]


async def mark(stage: Stage, name: str) -> None:
    """Put the mark on somebody by the keys."""
    screen = stage.app.screen
    assert isinstance(screen, ClientsScreen)
    for _ in range(12):
        if screen.chosen is not None and screen.chosen.name == name:
            return
        await stage.press("down")
    raise AssertionError(name)


@pytest.fixture
def varied(week: Practice, scene: Scene) -> Practice:
    """The scene with somebody who ended the work, one who was invited, one without a session."""
    gone, free = (makers.add_client(week, name) for name in ("Gone Away", "Free Again"))
    makers.acquaint(week, scene.therapist, makers.add_client(week, "Ida Invited", card=False))
    one = makers.session(week, scene.therapist, gone, at(6, 10))
    booking.end_relationship(week, gone, scene.therapist.id)
    other = makers.session(week, scene.therapist, free, at(6, 12))
    booking.cancel(week, free, other.id)
    assert one.state == "booked"
    return week


@BOTH
def test_the_list_says_who_comes_when_and_what_they_owe(
    varied: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        assert_golden(stage.app, f"clients_{name}")
        for words in ("10 clients", "owes £60", "ended the work", "invited", "no session left"):
            assert words in stage.text
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpModal)
        await stage.press("escape", "escape")
        assert len(stage.app.screen_stack) == 1

    play(varied, scene.therapist, walk, size)


def test_a_part_of_a_name_finds_somebody(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C", "slash", *"an")
        assert names(stage) == ["Anna Karenina", "Jo Newman"]
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, ClientScreen)
        assert "Jo Newman" in stage.text.splitlines()[0]
        await stage.press("escape", "slash", *"xyz")
        assert "Nobody's name fits that" in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, ClientsScreen)
        await stage.press("escape")
        assert len(names(stage)) == 7
        await stage.press("escape")
        assert len(stage.app.screen_stack) == 1

    play(week, scene.therapist, walk)


@BOTH
def test_a_page_holds_contact_money_card_and_sessions(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Anna Karenina")
        await stage.press("enter")
        assert_golden(stage.app, f"client_{name}")
        for words in ("client2@example.org", "06:12 New York time for them now", "£60 paid"):
            assert words in stage.text
        await stage.press("c")
        assert stage.app.clipboard == "client2@example.org"

    play(week, scene.therapist, walk, size)


def test_m8_the_money_is_that_of_the_sessions(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Zoë O'Brien")
        await stage.press("enter")
        found = appointments.appointments(week, scene.therapist)
        paid = sum(one.paid_pence for one in found if one.other_name == "Zoë O'Brien")
        assert paid == 10500
        assert "£105 paid, nothing owed" in stage.text

    play(week, scene.therapist, walk)


def test_b2_a_follow_up_is_booked_from_the_list_and_from_the_page(
    week: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "李小龙")
        await stage.press("f")
        assert isinstance(stage.app.screen, FollowUpModal)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ClientsScreen)
        assert stage.said == (
            "Booked Fri 13 Mar 14:00–14:50 for 李小龙. Both of you get an e-mail."
        )
        await stage.press("enter", "f", "enter")
        assert isinstance(stage.app.screen, ClientScreen)
        assert "Fri 13 Mar 14:00" in stage.text
        ahead = appointments.appointments(week, scene.therapist, ahead=True)
        starts = [one.start for one in ahead if one.other_name == "李小龙"]
        assert starts == [at(4, 14), at(11, 14), at(18, 14)]

    play(week, scene.therapist, walk)


def test_b2_nothing_new_is_booked_for_those_who_ended_the_work(
    varied: Practice, scene: Scene
) -> None:
    """Their sessions stand, their fees stay owed; the page says all of it."""

    async def walk(stage: Stage) -> None:
        before = makers.snapshot(varied)
        await stage.press("C")
        for name in ("Gone Away", "Free Again"):
            await mark(stage, name)
            await stage.press("f")
            assert isinstance(stage.app.screen, ClientsScreen)
            assert stage.said.startswith("You cannot book this person")
        assert makers.snapshot(varied) == before

    play(varied, scene.therapist, walk)

    async def look(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Gone Away")
        await stage.press("enter")
        assert "They ended the work with you on Wed 4 Mar" in stage.text
        assert "f follow-up" not in stage.text
        assert "Sun 8 Mar 10:00" in stage.text
        await stage.press("escape")
        await mark(stage, "Ida Invited")
        await stage.press("enter")
        assert "shown from the first booking on" in stage.text
        assert "example.org" not in stage.text
        await stage.press("c")
        assert stage.said.startswith("There is no address to copy")
        await stage.press("f")
        assert isinstance(stage.app.screen, FollowUpModal)

    play(varied, scene.therapist, look)


def test_m9_a_fee_is_waived_from_the_page(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Tom Hughes")
        await stage.press("enter", "w")
        assert isinstance(stage.app.screen, WaiveModal)
        await stage.press("y")
        assert stage.said == "Waived Wed 4 Mar 15:00: nothing is charged."
        assert "nothing owed" in stage.text
        rows = makers.all_rows(week, Payment)
        assert sum(row["waived_at"] is not None for row in rows) == 1

    play(week, scene.therapist, walk)


def test_a_session_opens_with_all_that_can_be_done(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Sam Taylor")
        await stage.press("enter", "enter")
        assert isinstance(stage.app.screen, OpenedModal)
        await stage.press("x", "y")
        assert isinstance(stage.app.screen, ClientScreen)
        assert stage.said.startswith("Cancelled Fri 6 Mar 09:00: £60 goes back")
        assert "cancelled by you" in stage.text
        screen = stage.app.screen
        for _ in range(5):
            if screen.chosen is not None and screen.chosen.id == scene.friday:
                break
            await stage.press("down")
        await stage.press("g")
        assert stage.said.startswith("That session is not in the calendar")
        await stage.press("enter")
        assert "Cancelled by you on Wed 4 Mar 11:12" in stage.flat
        await stage.press("escape", "up", "up", "g")
        assert len(stage.app.screen_stack) == 1

    play(week, scene.therapist, walk)


def test_what_others_do_is_shown_and_the_mark_stays(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("C")
        await mark(stage, "Sam Taylor")
        screen = stage.app.screen
        assert isinstance(screen, ListScreen)
        tom = next(one.id for one in screen._lines if one.name == "Tom Hughes")
        where = names(stage).index("Sam Taylor")
        ada = makers.add_client(elsewhere, "Ada")
        makers.acquaint(elsewhere, scene.therapist, ada)
        makers.follow_up(elsewhere, scene.therapist, ada, at(2, 20))
        screen._follow()
        await stage.settle()
        assert "Ada" in stage.text
        assert screen.chosen is not None
        assert screen.chosen.name == "Sam Taylor"
        assert names(stage).index("Sam Taylor") == where + 1
        await stage.app.push_screen(ClientScreen(stage.pane.desk, tom))
        await stage.settle()
        page = stage.app.screen
        assert isinstance(page, ClientScreen)
        booking.end_relationship(elsewhere, scene.sam.client(tom), scene.therapist.id)
        page._follow()
        await stage.settle()
        assert "They ended the work with you" in stage.text

    play(week, scene.therapist, walk)


def test_names_and_contact_are_dots_where_they_are_hidden(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("asterisk", "C")
        for word in ("Taylor", "Hughes", "Newman"):
            assert word not in stage.text
        await stage.press("enter")
        assert "hidden" in stage.text
        assert "@example.org" not in stage.text
        assert "Hughes" not in stage.text

    play(week, scene.therapist, walk)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_mouse_and_the_palette_do_what_the_keys_do(
    week: Practice, scene: Scene, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        from textual.command import CommandList

        await stage.press("C")
        screen = stage.app.screen
        assert isinstance(screen, ClientsScreen)
        await stage.pilot.click(screen.list, offset=(5, 2))
        await stage.settle()
        assert isinstance(stage.app.screen, ClientScreen)
        bar, where = clicked(stage, "client.back")
        await stage.pilot.click(bar, offset=where)
        await stage.settle()
        assert isinstance(stage.app.screen, ClientsScreen)
        await stage.press("ctrl+p")
        offered = stage.app.screen.query_one(CommandList)
        await stage.pilot.pause()
        shown = {
            str(offered.get_option_at_index(n).prompt).splitlines()[0]
            for n in range(offered.option_count)
        }
        assert shown == {
            one.verb
            for one in ACTIONS
            if one.palette and (one.place is Place.CLIENTS or one.run.startswith("app."))
        }
        for character in "book a":
            await stage.pilot.press("space" if character == " " else character)
        await stage.settle()
        await stage.press("enter")
        assert isinstance(stage.app.screen, FollowUpModal)

    play(week, scene.therapist, walk, size)
