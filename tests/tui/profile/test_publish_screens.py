"""The checklist, the switch for holidays and the links, in the terminal (J1, P1, P3)."""

from __future__ import annotations

import pytest

from helpspace.core import links
from helpspace.core.joining import profile
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Therapist
from helpspace.tui import messages
from helpspace.tui.actions import ACTIONS
from helpspace.tui.profile.checklist import ChecklistModal
from helpspace.tui.profile.editor import ProfileEditor
from helpspace.tui.profile.holidays import HolidaysModal
from helpspace.tui.profile.links import LinksModal
from helpspace.tui.screens.slot import SlotModal
from tests import makers
from tests.tui.scenes import Scene, at
from tests.tui.screen_text import assert_golden, screen_text
from tests.tui.stage import LARGE, SMALL, Stage, play

SIZES = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])

SHUT = {
    "status": "applied", "charges_enabled": 0, "course_done_at": None, "proofs_until": None,
    "notice_s": None, "suspended_at": 1, "switched_off_at": 1,
}  # fmt: skip


@SIZES
def test_the_checklist_of_somebody_published(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("c")
        assert_golden(stage.app, f"checklist_{name}")
        assert "!" not in stage.flat

    play(week, scene.therapist, walk, size)


@SIZES
def test_the_checklist_says_how_to_mend_everything(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    makers.set_row(week, Therapist, scene.therapist.id, **SHUT)

    async def walk(stage: Stage) -> None:
        await stage.press("c")
        assert_golden(stage.app, f"checklist_shut_{name}")
        lines = screen_text(stage.app)
        assert any("Esc back" in line for line in lines)
        await stage.press("end")
        assert "Switch it on again when you are back." in stage.flat
        assert "Choose a minimum notice first." in stage.flat

    play(week, scene.therapist, walk, size)


def test_the_checklists_keys_lead_to_what_mends(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.go_to(at(5, 13))
        for key, kind in (("e", ProfileEditor), ("O", HolidaysModal), ("s", SlotModal)):
            await stage.press("c", key)
            await stage.pilot.pause()
            assert isinstance(stage.app.screen, kind), key
            await stage.press("escape")
        await stage.press("c", "escape")
        assert stage.app.screen.query("CalendarPane")

    play(week, scene.therapist, walk)


def test_the_checklist_follows_what_changes_elsewhere(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("c")
        screen = stage.app.screen
        assert isinstance(screen, ChecklistModal)
        makers.set_row(elsewhere, Therapist, scene.therapist.id, course_done_at=None)
        screen.look()
        await stage.pilot.pause()
        assert "Your profile is hidden: the course is not completed." in stage.flat
        assert "8 of 8 chapters are to be completed." in stage.flat

    play(week, scene.therapist, walk)


@SIZES
def test_holidays_say_first_what_they_mean(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("O")
        assert_golden(stage.app, f"holidays_{name}")
        assert "2 open slots stay in your calendar, but cannot be booked." in stage.flat
        await stage.press("n")
        assert stage.seen == []
        await stage.press("O", "y")
        assert stage.said.startswith("Your profile is switched off: nobody new can book.")
        assert "hidden: the profile is switched off" in " ".join(stage.text.split())
        await stage.press("O")
        assert "Clients find you again." in stage.flat
        await stage.press("y")
        assert stage.said == "Your profile is published: clients find you."
        assert [one.switched.off for one in stage.of(messages.ProfileSwitched)] == [True, False]

    play(week, scene.therapist, walk, size if size == LARGE else (100, 24))


def test_switching_on_alone_may_not_be_enough(week: Practice, scene: Scene) -> None:
    makers.set_row(week, Therapist, scene.therapist.id, switched_off_at=1, course_done_at=None)

    async def walk(stage: Stage) -> None:
        await stage.press("O")
        assert "your profile stays hidden. Still missing: the course" in stage.flat
        await stage.press("y")
        assert stage.said == (
            "Switched on. Your profile stays hidden: the course is not completed."
        )

    play(week, scene.therapist, walk)


def test_p3_closing_a_slot_of_a_hidden_profile_is_not_its_hiding(
    week: Practice, scene: Scene
) -> None:
    profile.switch_off(week, scene.therapist, scene.therapist.id)

    async def walk(stage: Stage) -> None:
        await stage.go(scene.open_slot)
        await stage.press("s", "y")
        assert stage.said == "Closed Fri 6 Mar 11:00–11:50."

    play(week, scene.therapist, walk)


# -- links ---------------------------------------------------------------------------------------


def test_the_links_are_shown_and_copied(
    week: Practice, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    links.remember_bot(week, "helpspace_bot")
    copied: list[str] = []
    link = "https://t.me/helpspace_bot?start=t_handle1"

    async def walk(stage: Stage) -> None:
        monkeypatch.setattr(stage.app, "copy_to_clipboard", copied.append)
        await stage.press("U")
        said = " ".join(stage.flat.replace("▀", "").split())
        assert link in said.replace(" ", "")
        assert "this practice has no public address" in said
        await stage.press("c")
        assert stage.said == "Your link is copied."
        await stage.press("f")
        assert "nothing to copy" in stage.said

    play(week, scene.therapist, walk)
    assert copied == [link]


@SIZES
def test_the_calendars_address_is_made_anew_after_a_question(
    lived: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    """N6: the old address is gone; nothing happens before the question is answered."""

    async def walk(stage: Stage) -> None:
        await stage.press("U")
        screen = stage.app.screen
        assert isinstance(screen, LinksModal)
        first = screen.feed
        assert first is not None
        assert first in stage.flat.replace("▀", "").replace(" ", "")
        assert screen.code.fits
        await stage.press("n", "n")
        assert screen.feed == first
        await stage.press("n", "y")
        assert stage.said == "Made. Put the new address into your other calendar app."
        assert screen.feed != first

    play(lived, scene.therapist, walk, size)


@pytest.fixture
def lived(week: Practice) -> Practice:
    """The scene's practice with a public address and a bot."""
    from dataclasses import replace

    links.remember_bot(week, "helpspace_bot")
    settings = replace(week.settings, public_url="https://helpspace.example.org")
    return replace(week, settings=settings)


def test_before_the_bot_has_run_there_is_no_link(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("U")
        assert "There is no link yet" in stage.flat
        await stage.press("c")
        assert "nothing to copy yet" in stage.said

    play(week, scene.therapist, walk)


def test_everything_is_in_the_palette() -> None:
    verbs = {one.verb for one in ACTIONS if one.palette}
    assert {"profile: edit", "profile: checklist", "profile: holidays", "profile: links"} <= verbs
