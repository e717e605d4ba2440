"""An opened session: its pages, what answers a request to move, and what others change."""

from __future__ import annotations

import sys

import pytest

from helpspace.core import booking, invitations, links
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.sandbox.clock import MovableClock
from helpspace.tui import messages
from helpspace.tui.clients.page import ClientScreen
from helpspace.tui.opened.code import NO_EXTRA, NO_ROOM, CodeModal
from helpspace.tui.opened.refusing import RefuseMoveModal
from helpspace.tui.screens.help import HelpModal
from helpspace.tui.screens.move import MoveModal
from helpspace.tui.screens.session import OpenedModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


def page(stage: Stage) -> str:
    """Return which page is open."""
    screen = stage.app.screen
    assert isinstance(screen, OpenedModal)
    return screen.pages.open_page


async def turn_to(stage: Stage, name: str) -> None:
    for _ in range(5):
        if page(stage) == name:
            return
        await stage.press("tab")
    raise AssertionError(name)


@BOTH
def test_every_page_is_whole(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """What happened, the money's story, and what to say in a first meeting."""

    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter")
        for which, golden, words in (
            ("What happened", "life", "The client booked it"),
            ("Money", "money", "Nothing has been taken yet"),
            ("First session", "first", "Samaritans 116 123, Shout 85258."),
        ):
            await turn_to(stage, which)
            assert words in stage.flat
            assert_golden(stage.app, f"opened_{golden}_{name}")
        await stage.press("left")
        assert page(stage) == "Money"
        await stage.press("question_mark")
        assert isinstance(stage.app.screen, HelpModal)
        assert "Move the session; asks who wishes it" in stage.flat

    play(week, scene.therapist, walk, size)


def test_the_first_meeting_says_this_sessions_own_moments(week: Practice, scene: Scene) -> None:
    """M1, B2, K1: nothing that is not so for this very session."""
    object.__setattr__(week.settings, "support_email", "help@example.org")

    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter")
        await turn_to(stage, "First session")
        for words in (
            "You book all further sessions", "free until 48 hours before the start",
            "For this session: Wed 4 Mar 14:00.", "(this one Wed 4 Mar 14:01)",
            "They cancel in the chat or by the link in their e-mail", "support: help@example.org.",
        ):  # fmt: skip
            assert words in stage.flat, words
        await stage.press("escape")
        await stage.go(scene.friday)
        await stage.press("enter", "tab", "tab", "tab")
        assert page(stage) == "Session", "a follow-up is no first meeting"

    play(week, scene.therapist, walk)


def test_a_click_turns_to_a_page(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter")
        await stage.pilot.click("Names", offset=(30, 0))
        await stage.pilot.pause()
        assert page(stage) == "Money"

    play(week, scene.therapist, walk)


@BOTH
def test_b2_a_request_to_move_is_refused_after_what_it_means(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    booking.ask_to_move(week, scene.sam, scene.friday)

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter")
        assert "They asked on Wed 4 Mar 11:12 for another" in stage.flat
        await stage.press("r")
        assert isinstance(stage.app.screen, RefuseMoveModal)
        assert_golden(stage.app, f"opened_refuse_{name}")
        await stage.press("n")
        found = booking.move_request(week, scene.therapist, scene.friday)
        assert found is not None
        assert found.state == "asked"
        await stage.press("r", "y")
        found = booking.move_request(week, scene.therapist, scene.friday)
        assert found is not None
        assert found.state == "refused"
        assert stage.said == "The session on Fri 6 Mar 09:00 stays. The client is told."
        assert len(stage.app.screen_stack) == 1
        await stage.press("enter", "r")
        assert stage.said == "That request is answered already. Nothing was changed."
        assert "r it stays" not in stage.text

    play(week, scene.therapist, walk, size)


def test_b2_m10_a_request_is_granted_by_moving_at_the_clients_wish(
    week: Practice, scene: Scene
) -> None:
    booking.ask_to_move(week, scene.sam, scene.friday)

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter", "m")
        screen = stage.app.screen
        assert isinstance(screen, MoveModal)
        assert screen.asker.value == "client"
        await stage.fill("day", "mon 9 mar")
        await stage.fill("time", "15:00")
        assert "£60" in stage.flat
        await stage.press("enter")
        assert stage.of(messages.AppointmentMoved)[0].session.start == at(7, 15)
        found = booking.move_request(week, scene.therapist, scene.friday)
        assert found is not None
        assert found.state == "moved"

    play(week, scene.therapist, walk)


def test_without_a_request_the_asker_is_never_guessed(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter", "r")
        assert stage.said.startswith("The client has not asked for another time")
        await stage.press("m")
        screen = stage.app.screen
        assert isinstance(screen, MoveModal)
        assert screen.asker.value == ""
        await stage.press("escape", "escape")
        await stage.go_to(at(1, 14))
        await stage.press("enter", "m")
        assert stage.said.startswith("This session has started or ended")

    play(week, scene.therapist, walk)


def test_what_others_do_is_shown_and_the_page_stays(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.to_come)
        await stage.press("enter")
        await turn_to(stage, "What happened")
        screen = stage.app.screen
        assert isinstance(screen, OpenedModal)
        lee = makers.appointment_of(week, scene.to_come)["client_id"]
        booking.cancel(elsewhere, scene.anna.client(lee), scene.to_come)
        screen._follow()
        await stage.settle()
        assert "The client cancelled it" in stage.text
        assert page(stage) == "What happened"
        assert stage.said == "This has changed: here is how it stands now."
        assert "x cancel" not in stage.text
        assert "w waive" not in stage.text, "nothing was taken, and nothing is owed"
        await stage.press("x")
        assert "cancelled already" in stage.said
        before = stage.text
        with elsewhere.change() as tx:
            tx.set(Therapist, "id = ?", scene.therapist.id, switched_off_at=tx.now)
        screen._follow()
        await stage.settle()
        assert stage.text == before, "what does not concern it changes nothing"

    play(week, scene.therapist, walk)


def test_a_slot_that_is_booked_meanwhile_is_told(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.open_slot)
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, OpenedModal)
        screen._follow()
        assert stage.said == ""
        someone = makers.add_client(elsewhere, "Somebody")
        makers.book_initial(elsewhere, someone, scene.open_slot)
        screen._follow()
        assert stage.said == "This has changed: go back, and the calendar shows it."

    play(week, scene.therapist, walk)


def test_from_a_session_to_its_client_and_to_another_session(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter", "p")
        assert isinstance(stage.app.screen, ClientScreen)
        await stage.press("enter")
        assert isinstance(stage.app.screen, OpenedModal)
        await stage.press("p")
        assert isinstance(stage.app.screen, ClientScreen), "back to the page, not a second one"
        await stage.press("down", "g")
        assert len(stage.app.screen_stack) == 1
        assert stage.pane.view.cursor == at(7, 9)

    play(week, scene.therapist, walk)


@BOTH
def test_the_video_link_is_a_code_too(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter", "Q")
        screen = stage.app.screen
        assert isinstance(screen, CodeModal)
        assert screen.code.fits
        assert_golden(stage.app, f"opened_code_{name}")
        await stage.press("c")
        assert stage.app.clipboard == screen.link
        assert screen.link.startswith("https://video.example.org/")
        await stage.press("escape")
        assert isinstance(stage.app.screen, OpenedModal)

    play(week, scene.therapist, walk, size)


def test_without_the_extra_or_the_room_a_calm_line_stands_in_its_place(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("enter", "Q")
        assert NO_ROOM in " ".join(stage.text.split())
        await stage.press("escape")
        monkeypatch.setitem(sys.modules, "segno", None)
        await stage.press("Q")
        assert NO_EXTRA in " ".join(stage.text.split())
        assert "https://video.example.org/" in stage.text

    play(week, scene.therapist, walk, (80, 18))


def test_names_and_contact_are_hidden_on_every_page(
    week: Practice, scene: Scene, week_clock: MovableClock
) -> None:
    del week_clock

    async def walk(stage: Stage) -> None:
        await stage.go(scene.friday)
        await stage.press("asterisk", "enter")
        for _ in range(3):
            assert "Taylor" not in stage.text
            assert "client1@example.org" not in stage.text
            await stage.press("tab")

    play(week, scene.therapist, walk)


def test_a_long_link_still_finds_room(week: Practice, scene: Scene) -> None:
    """The invitation's link with the longest name that a bot can have (32 characters)."""
    links.remember_bot(week, "b" * 32)
    made = invitations.invite(week, scene.therapist)
    assert made.expires_at == week.now() + 30 * DAY
    assert made.link is not None

    async def walk(stage: Stage) -> None:
        modal = CodeModal("Your invitation", made.link or "", ["For one person, once."])
        await stage.app.push_screen(modal)
        await stage.settle()
        assert modal.code.fits
        assert "c copy link" in stage.text

    play(week, scene.therapist, walk, SMALL)
