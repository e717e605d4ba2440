"""The therapist's boundaries: set on one screen, said gently in every form, refusing nothing."""

from __future__ import annotations

import pytest

from helpspace.core import boundaries, moments, profiles
from helpspace.core.boundaries import Boundaries
from helpspace.core.joining import profile
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.core.practice import Practice
from helpspace.tui.messages import FollowUpBooked, SlotsOpened
from helpspace.tui.profile.boundaries import BoundariesModal
from helpspace.tui.screens.paint import PaintModal
from tests import makers
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])
TOMORROW = WEDNESDAY - 11 * HOUR - 12 * 60 + DAY


@BOTH
def test_the_boundaries_are_one_screen(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    own = scene.therapist

    async def walk(stage: Stage) -> None:
        await stage.press("B")
        assert isinstance(stage.app.screen, BoundariesModal)
        await stage.fill("cap", "2")
        await stage.fill("rest", "15")
        await stage.fill("notice", "3 days")
        assert_golden(stage.app, f"boundaries_{name}")
        await stage.press("enter")
        assert stage.said.startswith("Kept:")
        assert boundaries.boundaries_of(week, own) == Boundaries(2, 15)
        assert profiles.therapist(week, own, own.id).notice_s == 3 * DAY

    play(week, own, walk, size)


def test_what_means_nothing_is_refused_and_kept_on_the_screen(week: Practice, scene: Scene) -> None:
    async def walk(stage: Stage) -> None:
        await stage.press("B")
        for name, text, said in (
            ("cap", "many", "is no number of sessions"),
            ("cap", "99", "A cap is 1 to 24"),
            ("rest", "500", "A break has at most 240"),
            ("notice", "soon", "is no length of time"),
        ):
            was = stage.app.screen.query_one(f"#{name} Input").value  # type: ignore[attr-defined]
            await stage.fill(name, text)
            await stage.press("enter")
            assert said in stage.said
            assert isinstance(stage.app.screen, BoundariesModal)
            await stage.fill(name, was)
        await stage.press("escape")
        assert boundaries.boundaries_of(week, scene.therapist) == Boundaries()

    play(week, scene.therapist, walk)


def test_a_profile_that_was_changed_elsewhere_is_not_overwritten(
    week: Practice, elsewhere: Practice, scene: Scene
) -> None:
    own = scene.therapist

    async def walk(stage: Stage) -> None:
        await stage.press("B")
        draft = profile.profile_draft(elsewhere, own, own.id)
        profile.change_profile(elsewhere, own, own.id, {"notice": "5h"}, version=draft.version)
        await stage.fill("cap", "3")
        await stage.fill("notice", "3 days")
        await stage.press("enter")
        assert stage.said.startswith("Your profile was changed elsewhere")
        assert profiles.therapist(week, own, own.id).notice_s == 5 * HOUR
        assert boundaries.boundaries_of(week, own) == Boundaries()

    play(week, own, walk)


@BOTH
def test_every_form_says_so_and_none_refuses(
    week: Practice, scene: Scene, name: str, size: tuple[int, int]
) -> None:
    own = scene.therapist
    makers.set_limits(week, own, Boundaries(1, 240))

    async def walk(stage: Stage) -> None:
        await stage.go_to(TOMORROW + 20 * HOUR)
        await stage.press("s")
        assert "your cap is 1" in stage.flat
        assert_golden(stage.app, f"boundaries_slot_{name}")
        await stage.press("enter")
        assert stage.of(SlotsOpened)
        await stage.go_to(TOMORROW + 21 * HOUR)
        await stage.press("f")
        await stage.fill("client", "sam")
        assert "your cap is 1; break" in stage.flat
        assert "Both of you get an e-mail." in stage.flat
        assert_golden(stage.app, f"boundaries_follow_up_{name}")
        await stage.press("enter")
        assert stage.of(FollowUpBooked)

    play(week, own, walk, size)


def test_the_painting_lists_it_before_anything_is_opened(week: Practice, scene: Scene) -> None:
    own = scene.therapist
    makers.set_limits(week, own, Boundaries(1, 0))

    async def walk(stage: Stage) -> None:
        await stage.go_to(TOMORROW + 7 * DAY + 9 * HOUR)
        await stage.press(*["shift+down"] * 5, "shift+right", "s")
        assert isinstance(stage.app.screen, PaintModal)
        assert "that day, your cap is 1 (and on 1 more day)." in stage.flat
        await stage.press("enter")
        assert stage.of(SlotsOpened)

    play(week, own, walk, LARGE)


def test_a_series_in_one_line_is_warned_of_as_a_whole(week: Practice, scene: Scene) -> None:
    """The first date is free of strain here; a later one is not, also beside a clash."""
    own = scene.therapist
    makers.open_slot(week, own, TOMORROW + 14 * DAY + 9 * HOUR)
    makers.set_limits(week, own, Boundaries(1, 0))
    first = moments.local_date(TOMORROW + 7 * DAY, LONDON).isoformat()

    async def walk(stage: Stage) -> None:
        await stage.press("a", *f"{first} 18:00 anna x3")
        assert "3 weeks" in stage.flat
        assert "2 that day, your cap is 1" in stage.flat
        later = moments.show_day(moments.local_date(TOMORROW + 14 * DAY, LONDON))
        assert f"{later}: 2 that day" in stage.flat
        await stage.press("escape")
        makers.follow_up(week, own, scene.sam, TOMORROW + 21 * DAY + 18 * HOUR)
        await stage.press("a", *f"{first} 18:00 anna x3")
        assert "2 of 3 weeks are booked" in stage.flat
        assert f"{later}: 2 that day" in stage.flat

    play(week, own, walk)
