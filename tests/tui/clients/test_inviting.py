"""Inviting somebody who is a client already: asked first, shown once, taken back (B2)."""

from __future__ import annotations

import sys

import pytest

from helpspace.core import invitations, links
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice, StoreFact
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.clients.inviting import InvitationsScreen, InviteModal, TakeBackModal
from helpspace.tui.clients.page import ClientScreen
from helpspace.tui.clients.screen import ClientsScreen
from helpspace.tui.opened.code import NO_EXTRA, CodeModal
from helpspace.tui.screens.follow_up import FollowUpModal
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


@pytest.fixture(autouse=True)
def _a_bot(week: Practice) -> None:
    links.remember_bot(week, "practice_bot")


def token_of(link: str) -> str:
    return link.rpartition(invitations.PREFIX)[2]


@BOTH
def test_an_invitation_is_made_shown_and_accepted(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """No money, no message; from its acceptance on the therapist may book (B2, B4)."""
    notices = len(makers.all_rows(week, Notice))

    async def walk(stage: Stage) -> None:
        await stage.press("C", "i")
        assert isinstance(stage.app.screen, InviteModal)
        assert_golden(stage.app, f"invite_{name}")
        await stage.press("n")
        assert invitations.history(week, scene.therapist) == []
        await stage.press("i", "y")
        modal = stage.app.screen
        assert isinstance(modal, CodeModal)
        assert modal.code.fits
        assert modal.link.startswith("https://t.me/practice_bot?start=i_")
        await stage.press("c")
        assert stage.app.clipboard == modal.link
        await stage.press("escape")
        assert isinstance(stage.app.screen, ClientsScreen)
        assert len(makers.all_rows(week, Notice)) == notices
        new = makers.add_client(week, "Ida Invited", card=False)
        invitations.accept(week, new, token_of(modal.link))
        stage.app.screen.look()
        await stage.settle()
        assert "Ida Invited" in stage.text
        assert "invited" in stage.text
        await stage.press("slash", *"ida", "enter", "f")
        assert isinstance(stage.app.screen, FollowUpModal)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ClientScreen)
        assert "Both of you get an e-mail" in stage.said

    play(week, scene.therapist, walk, size)


@BOTH
def test_what_became_of_each_and_taking_one_back(
    week: Practice,
    week_clock: MovableClock,
    scene: Scene,
    name: str,
    size: tuple[int, int],
) -> None:
    me = scene.therapist
    invitations.invite(week, me)
    week_clock.move_to(WEDNESDAY + 31 * DAY)
    accepted = invitations.invite(week, me)
    invitations.accept(week, scene.anna, token_of(accepted.link or ""))
    invitations.revoke(week, me, invitations.invite(week, me).id)
    waits = invitations.invite(week, me)

    async def walk(stage: Stage) -> None:
        await stage.press("C", "I")
        assert isinstance(stage.app.screen, InvitationsScreen)
        assert_golden(stage.app, f"invitations_{name}")
        for words in (
            "waits until",
            "taken back",
            "ran out",
            "accepted Sat 4 Apr 12:12 by Anna Karenina",
        ):
            assert words in stage.text
        await stage.press("x")
        assert isinstance(stage.app.screen, TakeBackModal)
        await stage.press("n")
        await stage.press("x", "y")
        assert stage.said == "Taken back: its link no longer works."
        with pytest.raises(NotFound):
            invitations.inviter(week, scene.sam, token_of(waits.link or ""))
        await stage.press("x")
        assert stage.said.startswith("That invitation no longer waits")
        await stage.press("i", "y")
        assert isinstance(stage.app.screen, CodeModal)
        await stage.press("escape")
        assert "1 invitation waits" in stage.text

    play(week, me, walk, size)


def test_taken_back_elsewhere_is_refused_and_shown(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    me = scene.therapist
    made = invitations.invite(week, me)

    async def walk(stage: Stage) -> None:
        await stage.press("C", "I", "x")
        invitations.revoke(elsewhere, me, made.id)
        await stage.press("y")
        assert isinstance(stage.app.screen, TakeBackModal)
        assert stage.said
        await stage.press("n")
        assert "taken back" in stage.text

    play(week, me, walk)


def test_from_the_calendar_by_the_palette_without_code_or_bot(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)

    async def walk(stage: Stage) -> None:
        await stage.pane.run_action("invite")
        await stage.press("y")
        assert isinstance(stage.app.screen, CodeModal)
        assert NO_EXTRA in " ".join(stage.text.split())
        await stage.press("escape")
        with week.change() as tx:
            tx.run(StoreFact.delete().where(StoreFact.key == links.BOT))
        await stage.pane.run_action("invite")
        await stage.press("y")
        assert "The bot has no name yet. Start helpspace serve once" in stage.said

    play(week, scene.therapist, walk)
