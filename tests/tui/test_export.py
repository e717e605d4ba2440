"""The calendar as a file: for its owner only, never over another, nothing in it that tells (N6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from icalendar import Calendar

from helpspace.core import appointments, booking, feeds
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.practice import Practice
from helpspace.tui.screens.export import ExportModal, save
from tests import makers
from tests.tui.scenes import Scene
from tests.tui.screen_text import assert_golden
from tests.tui.stage import LARGE, SMALL, Stage, play

BOTH = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])


@BOTH
def test_it_is_saved_where_it_was_asked_for(
    week: Practice,
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    size: tuple[int, int],
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    live = appointments.appointments(week, scene.therapist, live_only=True)

    async def walk(stage: Stage) -> None:
        await stage.press("E")
        assert isinstance(stage.app.screen, ExportModal)
        assert f"{len(live)} appointments, Mon 2 Mar 10:00 to Mon 9 Mar 09:00" in stage.flat
        await stage.fill("path", "/nowhere/at/all.ics")
        assert_golden(stage.app, f"export_{name}")
        await stage.fill("path", "appointments.ics")
        await stage.press("enter")
        assert f"{len(live)} appointments saved in {folder}"[:40] in stage.said
        await stage.press("E")
        assert "There is a file of that name already" in stage.flat
        await stage.press("enter")
        assert isinstance(stage.app.screen, ExportModal)
        await stage.fill("path", f'"{tmp_path}/my week.ics"')
        await stage.press("enter")
        assert len(stage.app.screen_stack) == 1

    play(week, scene.therapist, walk, size)
    path = folder / "appointments.ics"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "my week.ics").read_bytes() == path.read_bytes()
    entries = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert len(entries) == len(live)
    text = path.read_text().lower()
    for word in ("counsel", "therap", "psych", "mental", "taylor", "karenina", "example.org>", "£"):
        assert word not in text
    assert {str(entry["summary"])[:11] for entry in entries} == {"Appointment"}


def test_what_is_no_place_for_a_file_is_said_in_one_line(
    week: Practice, scene: Scene, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.ics"
    taken.write_text("mine")

    async def walk(stage: Stage) -> None:
        await stage.press("E")
        for typed, words in (
            ("", "There is no path yet"),
            (str(taken), "There is a file of that name already"),
            (str(tmp_path / "no" / "where.ics"), "The file was not written: no such file"),
        ):
            await stage.fill("path", typed)
            await stage.press("enter")
            assert words in stage.said
            assert isinstance(stage.app.screen, ExportModal)
        await stage.press("escape")

    play(week, scene.therapist, walk)
    assert taken.read_text() == "mine"
    assert sorted(tmp_path.glob("*.ics")) == [taken]


def test_a_file_that_came_in_between_is_not_overwritten(
    week: Practice, scene: Scene, tmp_path: Path
) -> None:
    """Also no link is followed; what is the same already is no fault."""
    found = feeds.own_feed(week, scene.therapist, scene.therapist.id)
    path = tmp_path / "a.ics"
    assert save(path, found) == save(path, found) == len(found.entries)
    path.write_text("mine")
    with pytest.raises(Invalid):
        save(path, found)
    aim = tmp_path / "aim"
    link = tmp_path / "link.ics"
    link.symlink_to(aim)
    with pytest.raises(Invalid):
        save(link, found)
    assert not aim.exists()


def test_a_shared_host_writes_no_file(week: Practice, scene: Scene, tmp_path: Path) -> None:
    async def walk(stage: Stage) -> None:
        stage.app.is_hosted = True
        await stage.press("E")
        assert stage.said.startswith("This host writes no files. U shows")
        assert len(stage.app.screen_stack) == 1

    play(week, scene.therapist, walk)
    assert list(tmp_path.glob("*.ics")) == []


def test_a1_a_calendar_is_its_therapists_own(week: Practice, scene: Scene) -> None:
    """The team reads it on their behalf, naming why; a cancelled session is not in it."""
    me = scene.therapist
    before = feeds.own_feed(week, me, me.id)
    booking.cancel(week, scene.anna, scene.paid)
    after = feeds.own_feed(week, me, me.id)
    span = feeds.own_span(week, me, me.id)
    starts = [one.start for one in after.entries]
    assert (span.count, span.first, span.last) == (len(starts), min(starts), max(starts))
    assert len(after.entries) == len(before.entries) - 1
    team = makers.TEAM.on_behalf_of("therapist", me.id, "they asked for it")
    assert feeds.own_feed(week, team, me.id) == after
    for actor in (makers.TEAM, scene.anna, makers.add_therapist(week, "Other"), Actor.job("x")):
        with pytest.raises(NotFound):
            feeds.own_feed(week, actor, me.id)
        with pytest.raises(NotFound):
            feeds.own_span(week, actor, me.id)
