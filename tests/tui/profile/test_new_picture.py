"""A new picture handed in by keys from the profile's editor; it waits, then clients see it (J4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpspace.core.actors import Actor
from helpspace.core.joining import pictures, renewal
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from helpspace.tui.app import TherapistApp
from helpspace.tui.profile.editor import ProfileEditor
from helpspace.tui.profile.picture import PictureModal
from tests import makers
from tests.core import applicants
from tests.core.applicants import TEAM
from tests.tui.join.conftest import approved, beside, filled, papers, room
from tests.tui.scenes import Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

__all__ = ["approved", "beside", "filled", "papers", "room"]

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x40"])


def modal(stage: Stage) -> PictureModal:
    screen = stage.app.screen
    assert isinstance(screen, PictureModal)
    return screen


async def until_drawn(stage: Stage) -> None:
    """Wait until an act and the drawing that follows it are done."""
    for _ in range(3):
        await stage.settle()


@SIZES
def test_j4_by_keys_it_comes_back_and_is_accepted(
    room: Practice,
    beside: Practice,
    approved: str,
    papers: Path,
    size: tuple[int, int],
    clock: MovableClock,
) -> None:
    """Both pictures are in sight; what was typed in the editor is still there afterwards."""
    face = papers / "Zoë's face.png"

    async def walk(stage: Stage) -> None:
        await stage.press("e")
        editor = stage.app.screen
        assert isinstance(editor, ProfileEditor)
        await stage.press(*"more")
        typed = editor.changes
        await stage.press("f3")
        await until_drawn(stage)
        assert modal(stage).now.preview.lines
        assert not modal(stage).new.display
        assert "once the team has accepted it" in stage.flat
        before = pictures.picture_of(beside, approved)
        for reason in ("Your face is not in it", ""):
            modal(stage).path.value = f'"{face}"'
            await stage.press("enter")
            await until_drawn(stage)
            assert "Handed in. The team looks at it" in stage.flat
            assert "waiting for the team, handed in" in stage.flat
            assert modal(stage).new.preview.lines
            assert pictures.picture_of(beside, approved) == before
            if reason:
                assert_golden(stage.app, f"picture_{size[0]}x{size[1]}")
            (one,) = renewal.renewals(beside, TEAM)
            assert one.file == face.name
            clock.advance(60)
            renewal.judge(beside, TEAM, one.id, accepted=not reason, reason=reason)
            modal(stage).look()
            await until_drawn(stage)
            assert (f"came back: {reason}" if reason else "✓ accepted") in stage.flat
            assert not modal(stage).new.display
        assert pictures.picture_of(beside, approved) != before
        await stage.press("escape")
        assert stage.app.screen is editor
        assert editor.changes == typed

    play(room, Actor.therapist(approved), walk, size)


def test_j3_a_bad_picture_gets_one_line_and_stays_typed(
    room: Practice, approved: str, papers: Path
) -> None:
    before = makers.snapshot(room)

    async def walk(stage: Stage) -> None:
        await stage.press("e", "f3")
        await stage.press("ctrl+s")
        assert "There is no path yet" in stage.flat
        modal(stage).path.value = str(papers / "diploma.pdf")
        await stage.press("enter")
        await until_drawn(stage)
        assert "That is no PNG or JPEG picture" in stage.flat
        assert modal(stage).path.value.endswith("diploma.pdf")

    play(room, Actor.therapist(approved), walk)
    assert makers.snapshot(room) == before


def test_j4_the_picture_from_the_list(room: Practice, approved: str, papers: Path) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e", "f3")
        modal(stage).folder = papers
        await stage.press("ctrl+o")
        await stage.settle()
        assert "diploma.pdf" not in stage.text, "only pictures can be chosen"
        await stage.press("down", "enter")
        await stage.settle()
        assert modal(stage).path.value.endswith("face.png")
        await stage.press("ctrl+s")
        await until_drawn(stage)
        assert [one.proof for one in renewal.renewals(room, TEAM)] == ["picture"]

    play(room, Actor.therapist(approved), walk)


def test_a2_where_the_machine_is_shared_no_path_is_taken(room: Practice, approved: str) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e", "f3")
        await until_drawn(stage)
        assert not modal(stage).query("PathInput")
        assert "ssh HOST upload picture < picture.jpg" in stage.text
        await stage.press("ctrl+o", "ctrl+s")
        modal(stage).action_hand_in()
        modal(stage).action_choose()
        await stage.settle()
        assert modal(stage)
        own = Actor.therapist(approved)
        renewal.renew_picture(room, own, approved, "", applicants.picture())
        modal(stage).look()
        await until_drawn(stage)
        assert "waiting for the team" in stage.flat
        assert modal(stage).new.preview.lines

    who = Actor.therapist(approved)
    play(room, who, walk, app=TherapistApp(room, who, hosted=True, debug=True))


def test_who_was_entered_by_the_team_is_told_where_to_send_it(told: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("e", "f3")
        assert isinstance(stage.app.screen, ProfileEditor)
        assert "you have no application. Send the picture to" in stage.flat

    play(told, scene.therapist, walk)


def test_the_palette_leads_to_new_proofs_and_to_the_picture(room: Practice, approved: str) -> None:
    async def walk(stage: Stage) -> None:
        for words, shown in (("new proof", "Hand in a new proof"), ("new picture", "Your picture")):
            await stage.press("ctrl+p")
            await stage.press(*["space" if one == " " else one for one in words])
            await stage.press("enter")
            await until_drawn(stage)
            assert shown in stage.text
            await stage.press("escape")

    play(room, Actor.therapist(approved), walk)
